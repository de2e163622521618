import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { get, getBytes, getText } from "./api";
import { noticeFailure } from "./server";
import type { Box, Chunk, Document } from "./types";

const AROUND = 6000; // code points shown before and after the passage of a long text, until more is asked for

interface Passage {
  start: number;
  end: number;
  page: number;
}

export function DocumentView({ id, query }: { id: string; query: URLSearchParams }) {
  const [document, setDocument] = useState<Document | null>(null);
  const [text, setText] = useState("");
  const [error, setError] = useState("");
  const passage = useMemo<Passage>(
    () => ({ start: Number(query.get("start") ?? -1), end: Number(query.get("end") ?? -1), page: Number(query.get("page") ?? 0) }),
    [query],
  );
  const [asPages, setAsPages] = useState(true);

  useEffect(() => {
    const path = `/documents/${encodeURIComponent(id)}`;
    Promise.all([get<Document>(path).then(setDocument), getText(`${path}/text`).then(setText)]).catch((reason: Error) => {
      noticeFailure(reason);
      setError(reason.message);
    });
  }, [id]);

  const pdf = document?.content_type === "application/pdf";
  return (
    <article class="document">
      <p>
        <button type="button" class="quiet" onClick={() => history.back()}>
          ← Back
        </button>
      </p>
      <h1 dir="auto">{document ? document.title || document.source : "Document"}</h1>
      {error && (
        <p class="problem" role="alert">
          {error}
        </p>
      )}
      {!document && !error && <p class="working">Loading…</p>}
      {document && (
        <p class="faint" dir="auto">
          {document.source}
          {pdf && (
            <button type="button" class="quiet" aria-pressed={asPages} onClick={() => setAsPages(!asPages)}>
              {asPages ? "Show as text" : "Show as pages"}
            </button>
          )}
        </p>
      )}
      {pdf && asPages ? <PdfPages id={id} passage={passage} onProblem={() => setAsPages(false)} /> : text && <PlainText text={text} passage={passage} />}
    </article>
  );
}

function PlainText({ text, passage }: { text: string; passage: Passage }) {
  const points = useMemo(() => [...text], [text]);
  const [whole, setWhole] = useState(false);
  const mark = useRef<HTMLElement>(null);
  useEffect(() => mark.current?.scrollIntoView({ block: "center" }), [passage, text]);
  const marked = passage.start >= 0 && passage.end > passage.start && passage.end <= points.length;
  const from = whole ? 0 : Math.max(0, (marked ? passage.start : 0) - AROUND);
  const to = whole ? points.length : Math.min(points.length, (marked ? passage.end : 0) + AROUND);
  const slice = (a: number, b: number) => points.slice(a, b).join("");
  return (
    <>
      {from > 0 && <p class="faint">…</p>}
      <pre class="plain" dir="auto">
        {marked ? (
          <>
            {slice(from, passage.start)}
            <mark ref={mark} tabIndex={-1}>
              {slice(passage.start, passage.end)}
            </mark>
            {slice(passage.end, to)}
          </>
        ) : (
          slice(from, to)
        )}
      </pre>
      {(from > 0 || to < points.length) && (
        <button type="button" onClick={() => setWhole(true)}>
          Show the whole text
        </button>
      )}
    </>
  );
}

/** The lines of the passage, by page: chunks know where each of their lines stands. */
async function boxesOf(id: string, passage: Passage): Promise<Map<number, Box[]>> {
  const found = new Map<number, Box[]>();
  const seen = new Set<string>();
  for (let cursor = ""; passage.start >= 0; ) {
    const query = new URLSearchParams({ limit: "500", ...(cursor && { cursor }) });
    const page = await get<{ chunks: Chunk[]; next_cursor?: string }>(`/documents/${encodeURIComponent(id)}/chunks?${query}`);
    for (const chunk of page.chunks) {
      if (chunk.end_char <= passage.start || chunk.start_char >= passage.end) continue;
      for (const line of chunk.boxes) {
        const key = `${line.page}:${line.start}`;
        if (line.end <= passage.start || line.start >= passage.end || seen.has(key)) continue;
        seen.add(key);
        found.set(line.page, [...(found.get(line.page) ?? []), line]);
      }
    }
    cursor = page.next_cursor ?? "";
    if (!cursor) break;
  }
  return found;
}

function PdfPages({ id, passage, onProblem }: { id: string; passage: Passage; onProblem: () => void }) {
  const holder = useRef<HTMLDivElement>(null);
  const [state, setState] = useState("Loading the pages…");
  useEffect(() => {
    let gone = false;
    let close = () => {};
    const show = async () => {
      const path = "./pdf.js"; // its own bundle, loaded only when a PDF is opened
      const viewer = (await import(path)) as typeof import("./pdf");
      const [bytes, boxes] = await Promise.all([getBytes(`/documents/${encodeURIComponent(id)}/content`), boxesOf(id, passage).catch(() => new Map<number, Box[]>())]);
      if (gone || !holder.current) return;
      close = await viewer.showPages(holder.current, bytes, passage.page || 1, boxes);
      setState("");
    };
    show().catch((reason: unknown) => {
      noticeFailure(reason);
      if (!gone) onProblem();
    });
    return () => {
      gone = true;
      close();
    };
  }, [id, passage]);
  return (
    <>
      {state && <p class="working">{state}</p>}
      <div class="pages" ref={holder} />
    </>
  );
}

