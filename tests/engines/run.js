// Plays every recording in this browser, in every way that examples/replay knows, and then looks at the bundled ones in
// the page itself. What comes of it goes back to the server that this came from: one JSON object a line.
import { look, thereAndBack } from "./page.js";

const say = async (where, text) => {
  const answer = await fetch(where, { method: "POST", body: text });
  if (!answer.ok) throw new Error(`nobody listens: ${answer.status}`);
};

const complaints = [];
console.error = (...words) => complaints.push(words.join(" "));

try {
  const started = performance.now();
  const program = await import("./replay/replay.js");
  await program.default({ module_or_path: new URL("./replay/replay_bg.wasm", import.meta.url) });
  const recordings = (await (await fetch("./recordings.jsonl")).text()).trimEnd().split("\n");
  const bundled = [];
  for (let first = 0; first < recordings.length; first += 20) {
    const lines = recordings.slice(first, first + 20).map((recording) => globalThis.replay(recording));
    await say("./lines", lines.join(""));
    const ends = lines.map((line) => JSON.parse(line.slice(0, line.indexOf("\n"))));
    bundled.push(...ends.filter((end) => !end.run.startsWith("world-")));
  }
  const played = performance.now();
  for (const [nth, end] of bundled.entries()) {
    await say("./lines", `${JSON.stringify(await look(end.run, end.at_us))}\n`);
    if (nth % 6 === 0) await thereAndBack(end.run, Math.round(end.at_us / 3));
  }
  const seconds = (from, to) => `${((to - from) / 1000).toFixed(1)} s`;
  await say("./ended", `${seconds(started, played)} for recordings, ${seconds(played, performance.now())} in the page`);
} catch (problem) {
  await say("./failed", [problem, problem.stack, ...complaints].join("\n"));
}
