// Says what is wrong when the page cannot start. Plain old JavaScript without modules: it must run exactly where the
// program does not. The sentences, in both languages, are in index.html.
(function () {
  "use strict";

  function show(problem, reason) {
    var box = document.getElementById("boot");
    box.hidden = false;
    box.querySelector('[data-problem="' + problem + '"]').hidden = false;
    box.querySelector(".boot-reason").textContent = reason || "";
    document.getElementById("app").hidden = true;
    document.documentElement.setAttribute("data-unsupported", problem);
  }

  function started() {
    return !document.querySelector("#app > .boot");
  }

  if (typeof WebAssembly !== "object" || !("noModule" in document.createElement("script"))) {
    show("no-wasm");
  } else if (!document.createElement("canvas").getContext) {
    show("no-canvas");
  }

  // Once the program runs, its own mistakes are its own to report.
  window.mqscopeNotLoaded = function (problem) {
    if (!started()) show("not-loaded", String(problem));
  };

  // A script that does not arrive makes an event on its element, seen here because events are captured from the top.
  window.addEventListener(
    "error",
    function (event) {
      if (event.target && event.target.tagName === "SCRIPT") window.mqscopeNotLoaded(event.target.src);
    },
    true
  );
})();
