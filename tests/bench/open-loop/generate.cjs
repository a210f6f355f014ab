// Calls a webhook at a fixed rate, whatever the answers do: node generate.cjs '{"url": …, "rate": …}'
// Prints one JSON line: milliseconds from the moment a call was due to its answer, and the answers by status.
"use strict";
const path = require("node:path");
const autocannon = require(path.join(process.cwd(), "node_modules", "autocannon"));

const asked = JSON.parse(process.argv[2]);
let number = asked.first;

const run = autocannon({
  url: asked.url,
  method: "POST",
  overallRate: asked.rate,
  duration: asked.seconds,
  connections: asked.connections,
  timeout: 30,
  headers: { "content-type": "application/json", ...asked.headers },
  requests: [
    {
      setupRequest: (request) => {
        number += 1;
        const chat = 4000000000 + (number % asked.people);
        const person = { id: chat, is_bot: false, first_name: "Lan" };
        const message = { message_id: number, date: asked.date, chat: { id: chat, type: "private" }, from: person };
        return { ...request, body: JSON.stringify({ update_id: number, message: { ...message, text: "1" } }) };
      },
    },
  ],
});

run.on("done", (found) => {
  const { p50, p97_5, p99, max } = found.latency;
  const answers = { ok: found["2xx"], others: found.non2xx, errors: found.errors };
  console.log(JSON.stringify({ p50, p97_5, p99, max, sent: number - asked.first, seconds: found.duration, ...answers }));
});
