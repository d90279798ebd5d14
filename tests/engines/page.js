// The page as a visitor has it, in a frame: what it says of a run, and whether time goes back in it.

/// Waits until something is there.
const until = async (what, find) => {
  const deadline = performance.now() + 120_000;
  for (;;) {
    const found = find();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`in vain: ${what}`);
    await new Promise((done) => setTimeout(done, 5));
  }
};

/// Does something with the page at an instant of a bundled scenario.
const visit = async (run, at, use) => {
  const frame = document.createElement("iframe");
  frame.width = 1200;
  frame.height = 800;
  frame.src = `./page/?scenario=${run}&at=${at}us&paused`;
  document.body.append(frame);
  const number = (name) => frame.contentDocument?.querySelector(`[data-number=${name}]`)?.dataset.value;
  await until(`${run} stands at ${at}`, () => number("now_us") === String(at) && number("fingerprint"));
  const result = await use(frame, number);
  frame.remove();
  return result;
};

/// What the page's tables say at an instant.
export const look = (run, at) =>
  visit(run, at, async (_frame, number) => ({
    run,
    way: "in the page",
    at_us: Number(number("now_us")),
    entries: Number(number("events")),
    fingerprint: number("fingerprint"),
  }));

/// One thing at a time forward and back, and forward again: the same numbers, and the same picture.
export const thereAndBack = (run, at) =>
  visit(run, at, async (frame, number) => {
    const press = (key) => {
      const { KeyboardEvent } = frame.contentWindow;
      frame.contentDocument.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    };
    const stand = () => ["now_us", "events", "fingerprint"].map(number).join(" ");
    const picture = () => frame.contentDocument.querySelector("canvas").toDataURL();
    const entries = () => Number(number("events"));
    const goes = async (key, there) => {
      for (let times = 0; times < 40; times += 1) press(key);
      await until(`${run} goes on with ${key}`, there);
      // Whatever is still to be painted: the same for ten frames.
      let [last, times] = ["", 0];
      while (times < 10) {
        await new Promise((painted) => frame.contentWindow.requestAnimationFrame(painted));
        const now = stand() + picture();
        times = now === last ? times + 1 : 0;
        last = now;
      }
    };
    const first = entries();
    await goes(".", () => entries() > first);
    const [there, seen, shown] = [entries(), stand(), picture()];
    await goes(",", () => entries() < there);
    await goes(".", () => stand() === seen);
    await until(`${run} shows the same picture again`, () => picture() === shown);
  });
