// OpenAI's own client for JavaScript: responses, whole and streamed, without anything stored.
import OpenAI from "openai";
import { newTurn, run, usage } from "./driver.mjs";

const client = new OpenAI({ maxRetries: 0 });

function requestOf(call) {
  const content = [{ type: "input_text", text: call.text }];
  if (call.image) content.push({ type: "input_image", image_url: `data:image/png;base64,${call.image}`, detail: "auto" });
  const request = { model: call.model, input: [{ role: "user", content }], max_output_tokens: call.max_tokens };
  if (call.system) {
    const part = { type: "input_text", text: call.system, ...(call.cache_system ? { cache_control: { type: "ephemeral" } } : {}) };
    request.input.unshift({ role: "developer", content: [part] });
  }
  if (call.tools) request.tools = call.tools.map((t) => ({ type: "function", name: t.name, description: t.description, parameters: t.schema }));
  if (call.thinking) Object.assign(request, { reasoning: { max_tokens: call.thinking }, include: ["reasoning.encrypted_content"] });
  return request;
}

async function streamed(request, call, turn) {
  const stream = await client.responses.create({ ...request, stream: true });
  for await (const event of stream) {
    if (event.type === "response.completed" || event.type === "response.incomplete") return event.response;
    if (event.type !== "response.output_text.delta") continue;
    turn.text += event.delta;
    if (++turn.deltas === call.leave_after) {
      stream.controller.abort();
      return null;
    }
  }
  throw new Error("the stream ended without its end");
}

async function ask(call, turns) {
  const request = requestOf(call);
  for (;;) {
    const turn = newTurn();
    turns.push(turn);
    const reply = call.stream ? await streamed(request, call, turn) : await client.responses.create(request);
    if (!reply) return;
    const { cached_tokens: read = 0, cache_write_tokens: written = 0 } = reply.usage.input_tokens_details;
    const calls = reply.output.filter((item) => item.type === "function_call");
    Object.assign(turn, {
      text: reply.output.filter((i) => i.type === "message").flatMap((i) => i.content).map((c) => c.text).join(""),
      reasoning: reply.output.filter((i) => i.type === "reasoning").flatMap((i) => i.summary).map((s) => s.text).join(""),
      stop: reply.status, calls: calls.map((c) => ({ name: c.name, input: JSON.parse(c.arguments) })),
      usage: usage(reply.usage.input_tokens - read - written, reply.usage.output_tokens, read, written),
    });
    if (!calls.length) return;
    const results = calls.map((c) => ({ type: "function_call_output", call_id: c.call_id, output: call.results[c.name] }));
    request.input = [...request.input, ...reply.output, ...results];
  }
}

await run(ask, (error) => ({ type: error.constructor.name, status: error.status ?? null }));
