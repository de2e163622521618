// OpenAI's own client for JavaScript: chat completions, whole and streamed.
import OpenAI from "openai";
import { newTurn, run, usage } from "./driver.mjs";

const client = new OpenAI({ maxRetries: 0 });

function requestOf(call) {
  const content = call.image ? [{ type: "text", text: call.text }, { type: "image_url", image_url: { url: `data:image/png;base64,${call.image}` } }] : call.text;
  const request = { model: call.model, messages: [{ role: "user", content }], max_tokens: call.max_tokens };
  if (call.system) {
    const part = { type: "text", text: call.system, ...(call.cache_system ? { cache_control: { type: "ephemeral" } } : {}) };
    request.messages.unshift({ role: "system", content: [part] });
  }
  if (call.tools) request.tools = call.tools.map((t) => ({ type: "function", function: { name: t.name, description: t.description, parameters: t.schema } }));
  if (call.thinking) request.reasoning = { max_tokens: call.thinking };
  return request;
}

function usageOf(u) {
  const read = u.prompt_tokens_details?.cached_tokens ?? 0;
  const written = u.prompt_tokens_details?.cache_write_tokens ?? 0;
  return usage(u.prompt_tokens - read - written, u.completion_tokens, read, written);
}

async function whole(request, turn) {
  const answer = await client.chat.completions.create(request);
  const [{ message, finish_reason }] = answer.choices;
  Object.assign(turn, { text: message.content ?? "", stop: finish_reason, usage: usageOf(answer.usage) });
  return message;
}

/** Puts pieces with an index together. */
function join(pieces, deltas = []) {
  for (const { index = 0, ...delta } of deltas) {
    const known = (pieces[index] ??= {});
    if (delta.function) {
      const { name, arguments: more } = delta.function;
      known.function = { name: name ?? known.function?.name, arguments: (known.function?.arguments ?? "") + (more ?? "") };
      delete delta.function;
    }
    for (const [key, value] of Object.entries(delta)) known[key] = ["text", "signature", "data"].includes(key) ? (known[key] ?? "") + value : value;
  }
}

async function streamed(request, call, turn) {
  const stream = await client.chat.completions.create({ ...request, stream: true, stream_options: { include_usage: true } });
  const message = { role: "assistant", content: "", reasoning_content: "" };
  const calls = [];
  const thoughts = [];
  for await (const chunk of stream) {
    if (chunk.usage) turn.usage = usageOf(chunk.usage);
    for (const { delta, finish_reason } of chunk.choices) {
      turn.stop = finish_reason ?? turn.stop;
      message.content += delta.content ?? "";
      message.reasoning_content += delta.reasoning_content ?? "";
      turn.text += delta.content ?? "";
      turn.deltas += delta.content ? 1 : 0;
      join(calls, delta.tool_calls);
      join(thoughts, delta.reasoning_details);
    }
    if (turn.deltas === call.leave_after) {
      stream.controller.abort();
      return null;
    }
  }
  return { ...message, ...(calls.length ? { tool_calls: calls } : {}), ...(thoughts.length ? { reasoning_details: thoughts } : {}) };
}

async function ask(call, turns) {
  const request = requestOf(call);
  for (;;) {
    const turn = newTurn();
    turns.push(turn);
    const message = call.stream ? await streamed(request, call, turn) : await whole(request, turn);
    if (!message) return;
    const calls = message.tool_calls ?? [];
    turn.calls = calls.map((c) => ({ name: c.function.name, input: JSON.parse(c.function.arguments) }));
    turn.reasoning = message.reasoning_content ?? "";
    if (!calls.length) return;
    request.messages = [...request.messages, message, ...calls.map((c) => ({ role: "tool", tool_call_id: c.id, content: call.results[c.function.name] }))];
  }
}

await run(ask, (error) => ({ type: error.constructor.name, status: error.status ?? null }));
