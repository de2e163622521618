// Whether the server is there, wants a key, or has gone: asked at the start, and again every few seconds while it is not.
import { useCallback, useEffect, useState } from "preact/hooks";
import { Failure, get } from "./api";

export type ServerState = "unknown" | "ok" | "key" | "gone";
const AGAIN_MS = 3000;
const listeners = new Set<() => void>();

/** Tells the page that a call could not reach the server. */
export function noticeFailure(reason: unknown): void {
  if (reason instanceof Failure && (reason.status === 0 || reason.status === 401)) listeners.forEach((f) => f());
}

export function useServer(): { state: ServerState; check: () => void } {
  const [state, setState] = useState<ServerState>("unknown");
  const check = useCallback(() => {
    get("/documents?limit=1").then(
      () => setState("ok"),
      (reason: unknown) => setState(reason instanceof Failure && reason.status === 401 ? "key" : reason instanceof Failure && reason.status === 0 ? "gone" : "ok"),
    );
  }, []);
  useEffect(check, [check]);
  useEffect(() => {
    listeners.add(check);
    return () => listeners.delete(check);
  }, [check]);
  useEffect(() => {
    if (state !== "gone") return;
    const timer = setInterval(check, AGAIN_MS);
    return () => clearInterval(timer);
  }, [state, check]);
  return { state, check };
}
