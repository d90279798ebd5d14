// Starts the program. Which files it consists of stands on our own script element, written by xtask or by Trunk.
const files = document.querySelector("script[data-module]").dataset;
const address = (file) => new URL(file, document.baseURI);

// boot.js has said why, if this browser cannot run it.
if (!document.documentElement.hasAttribute("data-problem")) {
  try {
    const program = await import(address(files.module));
    await program.default({ module_or_path: address(files.wasm) });
  } catch (problem) {
    window.mqscopeNotLoaded(problem);
    throw problem;
  }
}
