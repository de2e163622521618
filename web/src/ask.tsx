import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Failure, get, remove, stream } from "./api";
import { AnswerText, Citations } from "./answer";
import { noticeFailure } from "./server";
import { turnsOf, type Turn } from "./turns";
import type { Citation, ConversationSummary, Source } from "./types";

const QUESTION_LIMIT = 16_000; // code points; the server's limit

interface Props {
  hidden: boolean;
  conversation: string;
  collection: string;
  onAsked: () => void;
}

export function AskView({ hidden, conversation, collection, onAsked }: Props) {
  const [turns, setTurns] = useState<Turn[]>([]);
  const [history, setHistory] = useState<ConversationSummary[]>([]);
  const [loadError, setLoadError] = useState("");
  const shown = useRef("");
  const running = useRef<AbortController | null>(null);
  const end = useRef<HTMLDivElement>(null);

  const refreshHistory = useCallback(() => {
    get<{ conversations: ConversationSummary[] }>("/conversations?limit=50").then(({ conversations }) => setHistory(conversations), noticeFailure);
  }, []);
  useEffect(refreshHistory, [refreshHistory]);

  useEffect(() => {
    if (hidden || conversation === shown.current) return;
    running.current?.abort();
    shown.current = conversation;
    setLoadError("");
    setTurns([]);
    if (!conversation) return;
    get<{ messages: unknown[] }>(`/conversations/${encodeURIComponent(conversation)}`).then(
      ({ messages }) => setTurns(turnsOf(messages)),
      (reason: Error) => (noticeFailure(reason), setLoadError(reason.message)),
    );
  }, [hidden, conversation]);

  useEffect(() => end.current?.scrollIntoView({ block: "end" }), [turns.length]);

  const change = (index: number, by: (turn: Turn) => Partial<Turn>) =>
    setTurns((all) => all.map((turn, i) => (i === index ? { ...turn, ...by(turn) } : turn)));

  const ask = async (question: string) => {
    const index = turns.length;
    const controller = new AbortController();
    running.current = controller;
    setTurns((all) => [...all, { question, state: "searching", text: "", citations: [], sources: [], abstained: false, reason: "", degraded: false, plain: true }]);
    const body = { message: question, collection, ...(shown.current && { conversation_id: shown.current }) };
    let ended = false;
    try {
      for await (const { event, data } of stream("/chat/stream", body, controller.signal)) {
        if (event === "start" && !shown.current) {
          shown.current = String(data["conversation_id"]);
          location.replace(`#/ask/${shown.current}`);
        } else if (event === "retrieval") change(index, () => ({ state: "writing", sources: (data["sources"] ?? []) as Source[] }));
        else if (event === "token") change(index, (turn) => ({ state: "writing", text: turn.text + String(data["text"] ?? "") }));
        else if (event === "citation") change(index, (turn) => ({ citations: [...turn.citations, data as unknown as Citation] }));
        else if (event === "done") (ended = true), change(index, () => finished(data));
        else if (event === "error") (ended = true), change(index, () => ({ state: "failed", reason: String((data["error"] as { message?: string })?.message ?? "The answer broke off.") }));
      }
      if (!ended) change(index, () => ({ state: "failed", reason: "The server stopped in the middle of the answer. What came before stands above." }));
    } catch (reason) {
      noticeFailure(reason);
      if (controller.signal.aborted) change(index, () => ({ state: "stopped" }));
      else change(index, () => ({ state: "failed", reason: reason instanceof Failure ? reason.message : "Something went wrong on this page." }));
    }
    running.current = null;
    refreshHistory();
    onAsked();
  };

  const forget = (id: string) =>
    remove(`/conversations/${encodeURIComponent(id)}`).then(() => {
      refreshHistory();
      if (id === shown.current) location.hash = "#/ask";
    }, noticeFailure);

  const busy = turns.some((turn) => turn.state === "searching" || turn.state === "writing");
  return (
    <div class="ask" hidden={hidden}>
      <History items={history} current={conversation} onForget={forget} />
      <section class="talk" aria-label="Questions and answers">
        <h1 class="hidden">Ask your documents</h1>
        {loadError && <p class="problem">{loadError}</p>}
        {turns.length === 0 && !loadError && <Empty collection={collection} />}
        <ol class="turns">
          {turns.map((turn, i) => (
            <TurnView key={i} turn={turn} />
          ))}
        </ol>
        <div ref={end} />
        <Composer busy={busy} onAsk={ask} onStop={() => running.current?.abort()} />
      </section>
    </div>
  );
}

function finished(data: Record<string, unknown>): Partial<Turn> {
  return {
    state: "done",
    ...(typeof data["message"] === "string" && { text: data["message"] }),
    ...(Array.isArray(data["citations"]) && { citations: data["citations"] as Citation[] }),
    ...(Array.isArray(data["sources"]) && { sources: data["sources"] as Source[] }),
    abstained: data["abstained"] === true,
    reason: String(data["reason"] ?? ""),
    degraded: data["degraded"] === true,
    plain: !data["model"] || String(data["model"]).startsWith("extractive"),
  };
}

function Empty({ collection }: { collection: string }) {
  return (
    <div class="empty">
      <p class="lead">Ask a question. The answer shows the sentence, document and page it came from.</p>
      <p>
        Questions go to the collection <strong>{collection}</strong>. <a href="#/documents">Add documents</a> by dropping files there.
      </p>
    </div>
  );
}

/** A reason of the server, which is a part of a sentence there, as one of its own. */
function sentence(reason: string): string {
  const whole = reason.charAt(0).toUpperCase() + reason.slice(1);
  return !whole || /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

function TurnView({ turn }: { turn: Turn }) {
  const [copied, setCopied] = useState(false);
  const copy = () => navigator.clipboard.writeText(turn.text).then(() => setCopied(true), () => undefined);
  const working = turn.state === "searching" || turn.state === "writing";
  return (
    <li class="turn">
      <h2 class="question" dir="auto">
        {turn.question}
      </h2>
      <div class="answer" aria-live="polite" aria-busy={working}>
        {turn.state === "searching" && <p class="working">Searching the documents…</p>}
        {turn.degraded && <p class="note">The model could not be reached, so this is not an answer from it. Your question is kept.</p>}
        {turn.abstained ? (
          <p class="note" dir="auto">
            <strong>No answer was found that the documents support.</strong> {sentence(turn.reason)}
            {turn.sources.length === 0 && " Try the words and the language that the documents use."}
          </p>
        ) : (
          turn.text && <AnswerText text={turn.text} citations={turn.citations} plain={turn.plain} />
        )}
        {turn.state === "stopped" && <p class="note">Stopped.</p>}
        {turn.state === "failed" && (
          <p class="problem" role="alert">
            {turn.reason}
          </p>
        )}
        {!turn.abstained && turn.citations.length > 0 && <Citations citations={turn.citations} />}
        <Nearest turn={turn} />
        {!working && turn.text && (
          <button type="button" class="quiet" onClick={copy}>
            {copied ? "Copied" : "Copy"}
          </button>
        )}
      </div>
    </li>
  );
}

function Nearest({ turn }: { turn: Turn }) {
  if (turn.sources.length === 0) return null;
  return (
    <details class="nearest" open={turn.abstained}>
      <summary>{turn.abstained ? "The nearest passages" : turn.sources.length === 1 ? "One passage was read" : `${turn.sources.length} passages were read`}</summary>
      <ul>
        {turn.sources.map((source) => (
          <li key={source.chunk_id}>
            <a href={`#/document/${source.document_id}?start=${source.span.start}&end=${source.span.end}${source.page ? `&page=${source.page}` : ""}`} dir="auto">
              {source.title || source.source}
              {source.page ? `, page ${source.page}` : ""}
            </a>
            <p dir="auto">{source.content}</p>
          </li>
        ))}
      </ul>
    </details>
  );
}

interface HistoryProps {
  items: ConversationSummary[];
  current: string;
  onForget: (id: string) => void;
}

function History({ items, current, onForget }: HistoryProps) {
  return (
    <nav class="history" aria-label="Conversations">
      <a class="button" href="#/ask">
        New question
      </a>
      {items.length === 0 && <p class="faint">Your conversations will be listed here.</p>}
      <ul>
        {items.map((item) => (
          <li key={item.id}>
            <a href={`#/ask/${item.id}`} aria-current={item.id === current ? "true" : undefined} dir="auto">
              {item.title || "Untitled"}
            </a>
            <button type="button" class="quiet" aria-label={`Delete the conversation “${item.title}”`} onClick={() => onForget(item.id)}>
              ×
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Composer({ busy, onAsk, onStop }: { busy: boolean; onAsk: (question: string) => void; onStop: () => void }) {
  const [text, setText] = useState("");
  const length = [...text].length;
  const tooLong = length > QUESTION_LIMIT;
  const submit = (event?: Event) => {
    event?.preventDefault();
    if (busy || !text.trim() || tooLong) return;
    onAsk(text.trim());
    setText("");
  };
  return (
    <form class="composer" onSubmit={submit}>
      <label class="hidden" for="question">
        Your question
      </label>
      <textarea
        id="question"
        rows={2}
        dir="auto"
        placeholder="Ask your documents"
        value={text}
        aria-invalid={tooLong}
        aria-describedby="question-help"
        onInput={(e) => setText(e.currentTarget.value)}
        onKeyDown={(e) => e.key === "Enter" && !e.shiftKey && !e.isComposing && submit(e)}
      />
      {busy ? (
        <button type="button" onClick={onStop}>
          Stop
        </button>
      ) : (
        <button type="submit" disabled={!text.trim() || tooLong}>
          Ask
        </button>
      )}
      <p id="question-help" class={tooLong ? "problem" : "faint"}>
        {tooLong
          ? `A question may have ${QUESTION_LIMIT.toLocaleString("en")} characters; this has ${length.toLocaleString("en")}. Long texts can be added as a document.`
          : "Enter asks, Shift+Enter makes a new line."}
      </p>
    </form>
  );
}
