// The events of an answer, as the server sends them.

import { call, Trouble, troubleOf } from "./api.js";

async function* events(reply) {
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const name = block.match(/^event: (.*)$/m)?.[1];
      const data = block.match(/^data: (.*)$/m)?.[1];
      if (name && data) yield [name, JSON.parse(data)];
      const ahead = block.match(/^: waiting, (\d+) ahead$/m)?.[1];
      if (ahead) yield ["waiting", Number(ahead)];
      const meaning = block.match(/^: understood as (.*)$/m)?.[1];
      if (meaning) yield ["understood", meaning];
    }
  }
}

// Ask, and hand each event to `view` as it comes; the whole answer comes back. Raises `Trouble` when there is none.
export async function ask(body, view, signal) {
  const reply = await call("POST", "/api/v1/answers", { body: { ...body, stream: true }, signal });
  let answer = null;
  for await (const [name, data] of events(reply)) {
    if (name === "waiting") view.waiting(data);
    if (name === "understood") view.understood(data);
    if (name === "sentence") view.sentence(data);
    if (name === "replace") view.replace();
    if (name === "error") throw troubleOf(data);
    if (name === "done") answer = data;
  }
  if (answer === null) throw new Trouble("network");
  return answer;
}
