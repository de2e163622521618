// AWS's SDK for JavaScript: ConverseCommand and ConverseStreamCommand. `http1` as an argument: over HTTP/1.1, else its default.
import { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { newTurn, run, usage } from "./driver.mjs";

const client = new BedrockRuntimeClient(process.argv[2] === "http1" ? { requestHandler: new NodeHttpHandler() } : {});

function requestOf(call) {
  const content = [{ text: call.text }];
  if (call.image) content.push({ image: { format: "png", source: { bytes: Buffer.from(call.image, "base64") } } });
  const request = { modelId: call.model, messages: [{ role: "user", content }], inferenceConfig: { maxTokens: call.max_tokens } };
  if (call.system) request.system = [{ text: call.system }, ...(call.cache_system ? [{ cachePoint: { type: "default" } }] : [])];
  if (call.tools) request.toolConfig = { tools: call.tools.map((t) => ({ toolSpec: { name: t.name, description: t.description, inputSchema: { json: t.schema } } })) };
  if (call.thinking) request.additionalModelRequestFields = { thinking: { type: "enabled", budget_tokens: call.thinking } };
  return request;
}

const usageOf = (u) => usage(u.inputTokens, u.outputTokens, u.cacheReadInputTokens, u.cacheWriteInputTokens);

function add(block, delta) {
  if (delta.text !== undefined) block.text = (block.text ?? "") + delta.text;
  else if (delta.toolUse) block.toolUse.input += delta.toolUse.input;
  else {
    const text = ((block.reasoningContent ??= {}).reasoningText ??= {});
    for (const name of ["text", "signature"]) if (delta.reasoningContent[name] !== undefined) text[name] = (text[name] ?? "") + delta.reasoningContent[name];
  }
}

async function streamed(request, call, turn) {
  const abort = new AbortController();
  const answer = await client.send(new ConverseStreamCommand(request), { abortSignal: abort.signal });
  const blocks = [];
  for await (const { contentBlockStart, contentBlockDelta, messageStop, metadata } of answer.stream) {
    if (contentBlockStart) blocks[contentBlockStart.contentBlockIndex] = { toolUse: { ...contentBlockStart.start.toolUse, input: "" } };
    if (contentBlockDelta) {
      add((blocks[contentBlockDelta.contentBlockIndex] ??= {}), contentBlockDelta.delta);
      turn.text += contentBlockDelta.delta.text ?? "";
      if (contentBlockDelta.delta.text !== undefined && ++turn.deltas === call.leave_after) {
        abort.abort();
        return null;
      }
    }
    if (messageStop) turn.stop = messageStop.stopReason;
    if (metadata) turn.usage = usageOf(metadata.usage);
  }
  for (const block of blocks) if (block.toolUse) block.toolUse.input = JSON.parse(block.toolUse.input);
  return { role: "assistant", content: blocks };
}

async function whole(request, turn) {
  const answer = await client.send(new ConverseCommand(request));
  turn.stop = answer.stopReason;
  turn.usage = usageOf(answer.usage);
  turn.text = answer.output.message.content.map((b) => b.text ?? "").join("");
  return answer.output.message;
}

async function ask(call, turns) {
  const request = requestOf(call);
  for (;;) {
    const turn = newTurn();
    turns.push(turn);
    const message = call.stream ? await streamed(request, call, turn) : await whole(request, turn);
    if (!message) return;
    const calls = message.content.filter((b) => b.toolUse).map((b) => b.toolUse);
    turn.calls = calls.map((c) => ({ name: c.name, input: c.input }));
    turn.reasoning = message.content.map((b) => b.reasoningContent?.reasoningText?.text ?? "").join("");
    if (!calls.length) return;
    const content = calls.map((c) => ({ toolResult: { toolUseId: c.toolUseId, content: [{ text: call.results[c.name] }] } }));
    request.messages = [...request.messages, message, { role: "user", content }];
  }
}

await run(ask, (error) => ({ type: error.name, status: error.$metadata?.httpStatusCode ?? null }));
