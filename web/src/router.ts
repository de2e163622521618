// The address bar is the state that can be shared: #/ask, #/ask/<conversation>, #/documents, #/document/<id>?start=&end=&page=
import { useEffect, useState } from "preact/hooks";

export interface Place {
  name: "ask" | "documents" | "document";
  id: string;
  query: URLSearchParams;
}

export function parsePlace(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [name = "", id = ""] = path.split("/");
  const known = name === "documents" || name === "document" ? name : "ask";
  return { name: known, id: decodeURIComponent(id), query: new URLSearchParams(query) };
}

export function usePlace(): Place {
  const [place, setPlace] = useState(() => parsePlace(location.hash));
  useEffect(() => {
    const changed = () => setPlace(parsePlace(location.hash));
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return place;
}

export function passageLink(documentId: string, span: { start: number; end: number }, page: number | null): string {
  const query = new URLSearchParams({ start: String(span.start), end: String(span.end) });
  if (page) query.set("page", String(page));
  return `#/document/${encodeURIComponent(documentId)}?${query}`;
}
