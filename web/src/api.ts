// Calls to the server this page came from. The key, where one is needed, lives in sessionStorage; streams are read by
// fetch, because EventSource cannot send it.
import type { ApiError } from "./types";

const KEY = "caprock.key";

export class Failure extends Error {
  constructor(
    readonly status: number, // 0: the server could not be reached
    readonly detail: ApiError,
  ) {
    super(detail.message);
  }
}

export function storeKey(key: string): void {
  sessionStorage.setItem(KEY, key);
}

function headers(extra: Record<string, string> = {}): Record<string, string> {
  const key = sessionStorage.getItem(KEY);
  return key ? { ...extra, authorization: `Bearer ${key}` } : extra;
}

function unreachable(): Failure {
  return new Failure(0, {
    type: "unreachable",
    message: "The server cannot be reached. It may have been stopped.",
    request_id: "",
  });
}

async function failureOf(response: Response): Promise<Failure> {
  try {
    const body = (await response.json()) as { error: ApiError };
    return new Failure(response.status, body.error);
  } catch {
    return new Failure(response.status, {
      type: "unknown",
      message: `The server answered ${response.status}.`,
      request_id: response.headers.get("x-request-id") ?? "",
    });
  }
}

async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (reason) {
    if (reason instanceof DOMException && reason.name === "AbortError") throw reason;
    throw unreachable();
  }
  if (!response.ok) throw await failureOf(response);
  return response;
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await send(path, { headers: headers(), ...(signal && { signal }) });
  return (await response.json()) as T;
}

export async function getText(path: string): Promise<string> {
  return (await send(path, { headers: headers() })).text();
}

export async function getBytes(path: string): Promise<ArrayBuffer> {
  return (await send(path, { headers: headers() })).arrayBuffer();
}

export async function post<T>(path: string, body?: unknown): Promise<T> {
  const init = { method: "POST", headers: headers({ "content-type": "application/json" }), body: JSON.stringify(body ?? {}) };
  return (await (await send(path, init)).json()) as T;
}

export async function remove(path: string): Promise<void> {
  await send(path, { method: "DELETE", headers: headers() });
}

/** Sends one file; `onProgress` is told the bytes that have gone out. fetch cannot tell them, so this is XMLHttpRequest. */
export function upload(file: File, collection: string, onProgress: (sent: number) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/documents/upload");
    for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onerror = () => reject(unreachable());
    request.onload = () => {
      let body: unknown;
      try {
        body = JSON.parse(request.responseText);
      } catch {
        body = undefined;
      }
      if (request.status < 300) return resolve(body);
      const detail = (body as { error?: ApiError } | undefined)?.error;
      reject(new Failure(request.status, detail ?? { type: "unknown", message: `The server answered ${request.status}.`, request_id: "" }));
    };
    const form = new FormData();
    form.append("collection", collection);
    form.append("file", file, file.name);
    request.send(form);
  });
}

export interface StreamEvent {
  event: string;
  data: Record<string, unknown>;
}

/** The events of a turn as they come. Ends without an event "done" or "error" when the server went away. */
export async function* stream(path: string, body: unknown, signal: AbortSignal): AsyncGenerator<StreamEvent> {
  const init = { method: "POST", headers: headers({ "content-type": "application/json" }), body: JSON.stringify(body), signal };
  const response = await send(path, init);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  while (true) {
    let piece: ReadableStreamReadResult<string>;
    try {
      piece = await reader.read();
    } catch (reason) {
      if (signal.aborted) throw reason;
      throw unreachable();
    }
    if (piece.done) return;
    buffer += piece.value;
    for (let end = buffer.indexOf("\n\n"); end >= 0; end = buffer.indexOf("\n\n")) {
      const event = parseEvent(buffer.slice(0, end));
      buffer = buffer.slice(end + 2);
      if (event) yield event;
    }
  }
}

function parseEvent(block: string): StreamEvent | undefined {
  let event = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  }
  return data.length ? { event, data: JSON.parse(data.join("\n")) as Record<string, unknown> } : undefined;
}
