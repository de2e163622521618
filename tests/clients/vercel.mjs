// Vercel's ai with @ai-sdk/amazon-bedrock: generateText and streamText, whose own loop calls the tools.
import { createAmazonBedrock } from "@ai-sdk/amazon-bedrock";
import { APICallError, generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";
import { newTurn, run, usage } from "./driver.mjs";

const bedrock = createAmazonBedrock({ baseURL: process.env.CAPROCK_URL });

function requestOf(call) {
  const content = [{ type: "text", text: call.text }];
  if (call.image) content.push({ type: "image", image: Buffer.from(call.image, "base64"), mediaType: "image/png" });
  const tools = (call.tools ?? []).map((t) => [t.name, tool({ description: t.description, inputSchema: jsonSchema(t.schema), execute: () => call.results[t.name] })]);
  const system = call.system ? { role: "system", content: call.system, ...(call.cache_system ? { providerOptions: { bedrock: { cachePoint: { type: "default" } } } } : {}) } : undefined;
  return {
    model: bedrock(call.model),
    messages: [{ role: "user", content }],
    ...(system ? { system } : {}),
    maxOutputTokens: call.max_tokens,
    maxRetries: 0,
    stopWhen: stepCountIs(5),
    ...(tools.length ? { tools: Object.fromEntries(tools) } : {}),
    ...(call.thinking ? { providerOptions: { bedrock: { reasoningConfig: { type: "enabled", budgetTokens: call.thinking } } } } : {}),
  };
}

function turnOf(step) {
  const { inputTokens, outputTokens, inputTokenDetails = {} } = step.usage;
  const { cacheReadTokens: read = 0, cacheWriteTokens: written = 0 } = inputTokenDetails;
  return newTurn({
    text: step.text, reasoning: step.reasoningText ?? "", stop: step.finishReason, calls: step.toolCalls.map((c) => ({ name: c.toolName, input: c.input })),
    usage: usage(inputTokens - (read ?? 0) - (written ?? 0), outputTokens, read, written),
  });
}

async function streamed(call, turns) {
  const abort = new AbortController();
  const answer = streamText({ ...requestOf(call), abortSignal: abort.signal, onError: () => {} });
  const seen = newTurn();
  turns.push(seen);
  for await (const part of answer.fullStream) {
    if (part.type === "error") throw part.error;
    if (part.type === "finish-step") seen.stop = part.finishReason;
    if (part.type !== "text-delta") continue;
    seen.text += part.text;
    if (++seen.deltas === call.leave_after) {
      abort.abort();
      return;
    }
  }
  const steps = await answer.steps;
  turns.splice(0, 1, ...steps.map(turnOf));
  turns.at(-1).deltas = seen.deltas;
}

async function ask(call, turns) {
  if (call.stream) return streamed(call, turns);
  const answer = await generateText(requestOf(call));
  turns.push(...answer.steps.map(turnOf));
}

await run(ask, (error) => ({ type: APICallError.isInstance(error) ? "APICallError" : error.name ?? typeof error, status: error.statusCode ?? null }));
