// Anthropic's own client for JavaScript: messages, whole and streamed.
import Anthropic from "@anthropic-ai/sdk";
import { newTurn, run, usage } from "./driver.mjs";

const client = new Anthropic({ maxRetries: 0 });

function requestOf(call) {
  const content = [{ type: "text", text: call.text }];
  if (call.image) content.push({ type: "image", source: { type: "base64", media_type: "image/png", data: call.image } });
  const request = { model: call.model, max_tokens: call.max_tokens, messages: [{ role: "user", content }] };
  if (call.system) request.system = [{ type: "text", text: call.system, ...(call.cache_system ? { cache_control: { type: "ephemeral" } } : {}) }];
  if (call.tools) request.tools = call.tools.map((t) => ({ name: t.name, description: t.description, input_schema: t.schema }));
  if (call.thinking) request.thinking = { type: "enabled", budget_tokens: call.thinking };
  return request;
}

async function streamed(request, call, turn) {
  const stream = client.messages.stream(request);
  for await (const event of stream) {
    if (event.type === "message_delta") turn.stop = event.delta.stop_reason;
    if (event.type !== "content_block_delta" || event.delta.type !== "text_delta") continue;
    turn.text += event.delta.text;
    if (++turn.deltas === call.leave_after) {
      stream.abort();
      return null;
    }
  }
  return stream.finalMessage();
}

async function ask(call, turns) {
  const request = requestOf(call);
  for (;;) {
    const turn = newTurn();
    turns.push(turn);
    const message = call.stream ? await streamed(request, call, turn) : await client.messages.create(request);
    if (!message) return;
    const of = (type) => message.content.filter((b) => b.type === type);
    const { input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens } = message.usage;
    Object.assign(turn, {
      text: of("text").map((b) => b.text).join(""), reasoning: of("thinking").map((b) => b.thinking).join(""), stop: message.stop_reason,
      calls: of("tool_use").map(({ name, input }) => ({ name, input })),
      usage: usage(input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens),
    });
    const uses = of("tool_use");
    if (!uses.length) return;
    const results = uses.map((b) => ({ type: "tool_result", tool_use_id: b.id, content: call.results[b.name] }));
    request.messages = [...request.messages, { role: "assistant", content: message.content }, { role: "user", content: results }];
  }
}

await run(ask, (error) => ({ type: error.constructor.name, status: error.status ?? null }));
