// Calls a webhook at a fixed rate, whatever the answers do: node generate.mjs '{"url": …, "rate": …}'
// Prints one JSON line: milliseconds from the moment a call was due to the end of its answer, and the answers by status.
import { createRequire } from "node:module";
import http from "node:http";
import path from "node:path";
import { pathToFileURL } from "node:url";

const modules = createRequire(path.join(process.cwd(), "package.json"));
const { loadTest } = await import(pathToFileURL(modules.resolve("loadtest")));
const asked = JSON.parse(process.argv[2]);

const agent = new http.Agent({ keepAlive: true, maxSockets: asked.connections });
const took = [];
let number = asked.first, ok = 0, others = 0, errors = 0, done = 0, begun = 0, lastWord = null;

const body = () => {
  const chat = 4000000000 + (number % asked.people);
  const person = { id: chat, is_bot: false, first_name: "Lan" };
  const message = { message_id: number, date: asked.date, chat: { id: chat, type: "private" }, from: person };
  return JSON.stringify({ update_id: number, message: { ...message, text: "1" } });
};

const finished = (due, status) => {
  took.push(performance.now() - due);
  if (status === 0) errors += 1;
  else if (status >= 200 && status < 300) ok += 1;
  else others += 1;
  done += 1;
  lastWord?.();
};

// The library's clock says when a call is due, and catches up where it was held up itself; all the rest is counted here.
const start = performance.now();
await loadTest({
  url: asked.url,
  method: "POST",
  concurrency: 1,
  requestsPerSecond: asked.rate,
  maxSeconds: asked.seconds,
  quiet: true,
  requestGenerator: (_options, params, request, answered) => {
    const due = start + (begun++ * 1000) / asked.rate;
    number += 1;
    const words = body();
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(words), ...asked.headers };
    const call = request({ ...params, agent, headers }, (answer) => {
      answer.on("end", () => finished(due, answer.statusCode));
      answered(answer);
    });
    call.on("error", () => finished(due, 0));
    call.write(words);
    return call;
  },
});
const seconds = (performance.now() - start) / 1000;
if (done < begun) {
  await new Promise((resolve) => {
    const patience = setTimeout(resolve, 30000);
    lastWord = () => done >= begun && (clearTimeout(patience), resolve());
  });
}
took.sort((a, b) => a - b);
const at = (share) => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
const figures = { p50: at(0.5), p97_5: at(0.975), p99: at(0.99), max: at(1), sent: begun, seconds, ok, others, errors };
console.log(JSON.stringify(figures));
process.exit(0);
