// The page as a visitor has it, in a frame: which fingerprint it shows at an instant that its address names.
//
// It is there with the first thing that the program puts in place, so nothing is waited for but that: no clock, and no
// picture, which a browser that nobody sees may paint whenever it likes.

/// Resolves when something is found in a document, now or after a change of it; rejects when looking fails.
const found = (document, find) =>
  new Promise((resolve, reject) => {
    const look = () => {
      try {
        const result = find(document);
        if (result) resolve(result);
        return result;
      } catch (problem) {
        reject(problem);
        return true;
      }
    };
    if (look()) return;
    const observer = new MutationObserver(() => look() && observer.disconnect());
    observer.observe(document, { attributes: true, childList: true, subtree: true });
  });

/// What the page says at an instant of a bundled scenario.
export const look = async (run, at) => {
  const frame = document.createElement("iframe");
  frame.width = 1200;
  frame.height = 800;
  const loaded = new Promise((resolve) => frame.addEventListener("load", resolve));
  frame.src = `./page/?scenario=${run}&at=${at}us&paused`;
  document.body.append(frame);
  await loaded;
  const { fingerprint, shown, events } = await found(frame.contentDocument, (page) => {
    const problem = page.documentElement.dataset.problem;
    if (problem) throw new Error(`${run}: the page cannot start: ${problem}`);
    const number = (name) => page.querySelector(`[data-number=${name}]`);
    const { now_us: now, fingerprint, events } = Object.fromEntries(
      ["now_us", "fingerprint", "events"].map((name) => [name, number(name)]),
    );
    const isThere = now?.dataset.value === String(at) && fingerprint && events;
    return isThere && { fingerprint: fingerprint.dataset.value, shown: fingerprint.textContent, events };
  });
  // The eight characters by which people compare runs.
  if (shown.replace(" ", "") !== fingerprint.slice(0, 8)) throw new Error(`${run}: it shows ${shown} for ${fingerprint}`);
  const entries = Number(events.dataset.value);
  frame.remove();
  return { run, way: "in the page", at_us: at, entries, fingerprint };
};
