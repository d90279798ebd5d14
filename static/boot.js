// Says what is wrong when the page cannot start. Plain old JavaScript without modules: it must run exactly where the
// program does not. The sentences, in both languages, are templates in index.html.
(function () {
  "use strict";

  var app = document.getElementById("app");

  function show(problem, reason) {
    document.documentElement.setAttribute("data-problem", problem);
    app.hidden = true;
    document.body.appendChild(document.getElementById(problem).content.cloneNode(true));
    document.querySelector(".boot-reason").textContent = reason || "";
  }

  if (typeof WebAssembly !== "object" || !("noModule" in document.createElement("script"))) {
    show("no-wasm");
  } else if (!document.createElement("canvas").getContext) {
    show("no-canvas");
  }

  // Once the program has put something of its own in place, its mistakes are its own to report.
  window.mqscopeNotLoaded = function (reason) {
    var waiting = app.querySelector(".boot") && !document.documentElement.hasAttribute("data-problem");
    if (waiting) show("not-loaded", String(reason));
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
