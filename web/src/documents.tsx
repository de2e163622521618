import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Failure, get, post, remove, upload } from "./api";
import { noticeFailure } from "./server";
import type { Document } from "./types";

const POLL_MS = 700; // while something is still being taken in
const SIDE_BY_SIDE = 3; // uploads at once

interface Upload {
  id: number;
  name: string;
  size: number;
  sent: number;
  error: string;
}

let uploadCount = 0;

export function DocumentsView({ collection, onChange }: { collection: string; onChange: () => void }) {
  const [documents, setDocuments] = useState<Document[] | null>(null);
  const [error, setError] = useState("");
  const [uploads, setUploads] = useState<Upload[]>([]);

  const refresh = useCallback(() => {
    get<{ documents: Document[] }>(`/documents?limit=500&collection=${encodeURIComponent(collection)}`).then(
      (page) => (setDocuments(page.documents), setError("")),
      (reason: Error) => (noticeFailure(reason), setError(reason.message)),
    );
  }, [collection]);
  useEffect(refresh, [refresh]);

  const working = documents?.some((d) => d.status === "PENDING" || d.status === "PROCESSING") ?? false;
  useEffect(() => {
    if (!working) return;
    const timer = setInterval(refresh, POLL_MS);
    return () => clearInterval(timer);
  }, [working, refresh]);

  const change = (id: number, by: Partial<Upload>) => setUploads((all) => all.map((u) => (u.id === id ? { ...u, ...by } : u)));
  const sendOne = async (file: File, id: number) => {
    try {
      const answer = (await upload(file, collection, (sent) => change(id, { sent }))) as { documents?: { error?: { message: string } }[] };
      const problem = answer.documents?.[0]?.error;
      if (problem && typeof problem === "object") change(id, { error: problem.message });
      else setUploads((all) => all.filter((u) => u.id !== id));
    } catch (reason) {
      noticeFailure(reason);
      change(id, { error: problemOf(reason, file) });
    }
    refresh();
    onChange();
  };
  const send = async (files: File[]) => {
    const queue = files.map((file) => ({ file, id: ++uploadCount }));
    setUploads((all) => [...queue.map(({ file, id }) => ({ id, name: file.name, size: file.size, sent: 0, error: "" })), ...all]);
    const worker = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) await sendOne(next.file, next.id);
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  };

  return (
    <section class="documents" aria-labelledby="documents-title">
      <h1 id="documents-title">Documents in “{collection}”</h1>
      <DropZone onFiles={send} />
      <ul class="uploads" aria-label="Uploads">
        {uploads.map((u) => (
          <li key={u.id}>
            <span dir="auto">{u.name}</span>
            {u.error ? (
              <>
                <span class="problem" role="alert">
                  {u.error}
                </span>
                <button type="button" class="quiet" onClick={() => setUploads((all) => all.filter((x) => x.id !== u.id))}>
                  Dismiss<span class="hidden"> {u.name}</span>
                </button>
              </>
            ) : (
              <progress max={u.size || 1} value={u.sent} aria-label={`Uploading ${u.name}`} />
            )}
          </li>
        ))}
      </ul>
      {error && <p class="problem">{error}</p>}
      {documents?.length === 0 && <p class="empty">There are no documents here yet. PDF, DOCX, XLSX, HTML, Markdown, CSV, JSON lines and text are read.</p>}
      {documents && documents.length > 0 && <DocumentTable documents={documents} onChange={() => (refresh(), onChange())} />}
    </section>
  );
}

function problemOf(reason: unknown, file: File): string {
  if (!(reason instanceof Failure)) return String(reason);
  if (reason.status !== 413) return reason.message;
  const allowed = /(\d+) bytes/.exec(reason.message);
  return `This file is too large: it has ${size(file.size)}${allowed ? `, ${size(Number(allowed[1]))} are taken` : ""}.`;
}

function DropZone({ onFiles }: { onFiles: (files: File[]) => void }) {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const take = (list: FileList | null | undefined) => list?.length && onFiles([...list]);
  return (
    <div
      class={over ? "drop over" : "drop"}
      onDragOver={(e) => (e.preventDefault(), setOver(true))}
      onDragLeave={() => setOver(false)}
      onDrop={(e) => (e.preventDefault(), setOver(false), take(e.dataTransfer?.files))}
    >
      <p>Drop files here, or</p>
      <button type="button" onClick={() => input.current?.click()}>
        Choose files
      </button>
      <input ref={input} class="hidden" type="file" multiple tabIndex={-1} aria-label="Files to add" onChange={(e) => (take(e.currentTarget.files), (e.currentTarget.value = ""))} />
    </div>
  );
}

function DocumentTable({ documents, onChange }: { documents: Document[]; onChange: () => void }) {
  const [asking, setAsking] = useState("");
  const [error, setError] = useState("");
  const act = (call: Promise<unknown>) =>
    call.then(
      () => (setError(""), setAsking(""), onChange()),
      (reason: Error) => (noticeFailure(reason), setError(reason.message)),
    );
  return (
    <>
      {error && <p class="problem">{error}</p>}
      <table>
        <thead>
          <tr>
            <th scope="col">Document</th>
            <th scope="col">Status</th>
            <th scope="col" class="number">
              Passages
            </th>
            <th scope="col" class="number">
              Size
            </th>
            <th scope="col">
              <span class="hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {documents.map((d) => (
            <tr key={d.id}>
              <td>
                <a href={`#/document/${d.id}`} dir="auto">
                  {d.title || d.source}
                </a>
              </td>
              <td>
                <StatusOf document={d} />
              </td>
              <td class="number" data-unit={d.chunk_count ? (d.chunk_count === 1 ? "passage" : "passages") : undefined}>
                {d.chunk_count || ""}
              </td>
              <td class="number">{size(d.size_bytes)}</td>
              <td class="actions">
                {d.status === "FAILED" && (
                  <button type="button" class="quiet" onClick={() => act(post(`/documents/${d.id}/retry`))}>
                    Try again<span class="hidden"> with {d.title || d.source}</span>
                  </button>
                )}
                {(d.status === "PENDING" || d.status === "PROCESSING") && (
                  <button type="button" class="quiet" onClick={() => act(post(`/documents/${d.id}/cancel`))}>
                    Cancel<span class="hidden"> {d.title || d.source}</span>
                  </button>
                )}
                {asking === d.id ? (
                  <button type="button" class="danger" onClick={() => act(remove(`/documents/${d.id}`))} onBlur={() => setAsking("")}>
                    Really delete
                  </button>
                ) : (
                  <button type="button" class="quiet" onClick={() => setAsking(d.id)}>
                    Delete<span class="hidden"> {d.title || d.source}</span>
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function StatusOf({ document: d }: { document: Document }) {
  if (d.status === "FAILED") return <span class="problem">Failed: {d.error}</span>;
  if (d.status === "INDEXED") return <span class="good">Ready</span>;
  const { chunks_embedded: done, chunks_total: total } = d.progress;
  return total ? (
    <span>
      <progress max={total} value={done} aria-label="Passages embedded" /> {done} of {total} passages
    </span>
  ) : (
    <span>{d.status === "PENDING" ? "Waiting" : "Reading"}</span>
  );
}

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB"];
  let value = bytes;
  let unit = "B";
  for (const next of units) {
    if (value < 1000) break;
    value /= 1000;
    unit = next;
  }
  return `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
}
