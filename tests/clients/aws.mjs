// Runs calls with AWS's SDK for JavaScript and prints what came of each, in the terms of agreement.py.
//   node aws.mjs <job.json   where the job is {url, handler: "http2"|"http1"|"default", accessKeyId, secretAccessKey, bearer?, calls: […]}
// A call is {service, operation, input, header?, stop_after?}; bytes stand as {"$bytes": base64} in both directions.
import { readFileSync } from "node:fs";
import * as agent from "@aws-sdk/client-bedrock-agent-runtime";
import * as control from "@aws-sdk/client-bedrock";
import * as runtime from "@aws-sdk/client-bedrock-runtime";
import { NodeHttp2Handler, NodeHttpHandler } from "@smithy/node-http-handler";

const job = JSON.parse(readFileSync(0, "utf8"));
const services = {
  "bedrock-runtime": [runtime, runtime.BedrockRuntimeClient],
  bedrock: [control, control.BedrockClient],
  "bedrock-agent-runtime": [agent, agent.BedrockAgentRuntimeClient],
};

const revive = (_, v) => (v && typeof v === "object" && "$bytes" in v ? new Uint8Array(Buffer.from(v.$bytes, "base64")) : v);

function plain(value) {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  if (value instanceof Date) return value.toISOString().slice(0, 19) + "Z";
  if (Array.isArray(value)) return value.map(plain);
  if (value && typeof value === "object") {
    const kept = Object.entries(value).filter(([k, v]) => k !== "$metadata" && v !== undefined);
    return Object.fromEntries(kept.map(([k, v]) => [k, plain(v)]));
  }
  return value;
}

const clients = {};
function clientOf(service, header) {
  const key = `${service} ${header ?? ""}`;
  if (clients[key]) return clients[key];
  const handler = { http1: () => new NodeHttpHandler(), http2: () => new NodeHttp2Handler(), default: () => undefined }[job.handler]();
  const [, Client] = services[service];
  const client = new Client({
    region: "us-east-1",
    endpoint: job.url,
    maxAttempts: job.attempts ?? 1,
    ...(job.bearer ? { token: { token: job.bearer }, authSchemePreference: ["httpBearerAuth"] } : { credentials: { accessKeyId: job.accessKeyId, secretAccessKey: job.secretAccessKey } }),
    ...(handler ? { requestHandler: handler } : {}),
  });
  if (header) {
    client.middlewareStack.add((next) => (args) => { args.request.headers["x-mock-fault"] = header; return next(args); }, { step: "build" });
  }
  return (clients[key] = client);
}

async function run(call) {
  const [module] = services[call.service];
  const out = { events: [] };
  const abort = new AbortController();
  try {
    const command = new module[`${call.operation}Command`](JSON.parse(JSON.stringify(call.input), revive));
    const answer = await clientOf(call.service, call.header).send(command, { abortSignal: abort.signal });
    const stream = answer.stream ?? (call.operation === "InvokeModelWithResponseStream" ? answer.body : undefined);
    out.status = answer.$metadata.httpStatusCode;
    if (!stream) {
      if (answer.body instanceof Uint8Array) answer.body = JSON.parse(Buffer.from(answer.body).toString());
      out.answer = plain(answer);
      return out;
    }
    for await (const event of stream) {
      out.events.push(plain(event));
      if (call.stop_after === out.events.length) { abort.abort(); break; }
    }
  } catch (error) {
    out.error = { name: error.name, code: error.code ?? error.cause?.code, message: error.message };
    out.status = out.status ?? error.$metadata?.httpStatusCode;
  }
  return out;
}

const outcomes = [];
for (const call of job.calls) {
  if (job.verbose) console.error(call.operation, call.header ?? "");
  outcomes.push(await run(call));
}
process.stdout.write(JSON.stringify(outcomes), () => process.exit(0));
