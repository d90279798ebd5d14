// Asks the server whether there is a newer build, and reloads when there is. Only `cargo xtask serve` adds it.
(async () => {
  for (;;) {
    try {
      const answer = await fetch("/_xtask/newer-than/VERSION");
      if ((await answer.text()) !== "VERSION") return location.reload();
    } catch {
      await new Promise((later) => setTimeout(later, 1000));
    }
  }
})();
