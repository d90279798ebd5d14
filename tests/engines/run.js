// Looks at some bundled scenarios in the page itself, and then plays every recording in the ways that examples/replay
// knows. What comes of it goes back to the server that this came from: one JSON object a line.
import { look } from "./page.js";

const say = async (where, text) => {
  const answer = await fetch(where, { method: "POST", body: text });
  if (!answer.ok) throw new Error(`nobody listens: ${answer.status}`);
};

/// A duration as scenario files have it.
const microseconds = (text) => {
  const [, number, unit] = text.match(/^(\d+)(us|ms|s|m|h)$/);
  return number * { us: 1, ms: 1e3, s: 1e6, m: 6e7, h: 3.6e9 }[unit];
};

const complaints = [];
console.error = (...words) => complaints.push(words.join(" "));

try {
  const recordings = (await (await fetch("./recordings.jsonl")).text()).trimEnd().split("\n");
  const started = performance.now();
  const all = recordings.map((recording) => JSON.parse(recording));
  const bundled = all.filter((recording) => !recording.id.startsWith("world-"));
  for (const { id, recorded } of bundled) {
    await say("./lines", `${JSON.stringify(await look(id, microseconds(recorded.at)))}\n`);
  }
  const program = await import("./replay/replay.js");
  await program.default({ module_or_path: new URL("./replay/replay_bg.wasm", import.meta.url) });
  for (let first = 0; first < recordings.length; first += 20) {
    const lines = recordings.slice(first, first + 20).map((recording) => globalThis.replay(recording));
    await say("./lines", lines.join(""));
  }
  await say("./ended", `${((performance.now() - started) / 1000).toFixed(1)} s`);
} catch (problem) {
  await say("./failed", [problem, problem.stack, ...complaints].join("\n"));
}
