// What the OpenAI client for JavaScript has besides conversations, and its helpers: embeddings, models, parsed JSON, tools run.
//   node openai_rest.mjs <job.json   where the job is {url, model, embedding}; prints one object.
import { readFileSync } from "node:fs";
import OpenAI from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";

const job = JSON.parse(readFileSync(0, "utf8"));
const client = new OpenAI({ apiKey: "unused", baseURL: job.url, maxRetries: 0 });
const Number_ = z.object({ n: z.number().int() });
const messages = [{ role: "user", content: "A number" }];

async function refused(asked) {
  try {
    await asked();
    return null;
  } catch (error) {
    return { kind: error.constructor.name, status: error.status, param: error.param, code: error.code };
  }
}

const models = [];
for await (const model of client.models.list()) models.push(model.id);
const vectors = await client.embeddings.create({ model: job.embedding, input: ["a pump", "a valve"] });
const chat = await client.chat.completions.parse({ model: job.model, messages, response_format: zodResponseFormat(Number_, "number") });
const response = await client.responses.parse({ model: job.model, input: "A number", text: { format: zodTextFormat(Number_, "number") } });
const final = await client.chat.completions.stream({ model: job.model, messages: [{ role: "user", content: "Hello" }] }).finalChatCompletion();

const out = {
  models,
  owner: (await client.models.retrieve(job.model)).owned_by,
  dimensions: vectors.data.map((d) => d.embedding.length),
  tokens: vectors.usage.prompt_tokens,
  chat: chat.choices[0].message.parsed,
  response: response.output_parsed,
  streamed: final.choices[0].message.content,
  unknown_model: await refused(() => client.models.retrieve("openai/nobody")),
  stored: await refused(() => client.responses.create({ model: job.model, input: "x", store: true })),
  earlier: await refused(() => client.responses.retrieve("resp_1")),
  field: await refused(() => client.embeddings.create({ model: job.embedding, input: [] })),
};
process.stdout.write(JSON.stringify(out), () => process.exit(0));
