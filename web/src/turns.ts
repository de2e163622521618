// A question and its answer as the page shows them, from stored messages.
import type { Citation, Source } from "./types";

export interface Turn {
  question: string;
  state: "searching" | "writing" | "done" | "stopped" | "failed";
  text: string;
  citations: Citation[];
  sources: Source[];
  abstained: boolean;
  reason: string;
  degraded: boolean;
  plain: boolean; // the text is the documents' own words, not Markdown
}

interface StoredMessage {
  role: string;
  content: string | { text?: string }[];
  message?: string;
  model?: string;
  citations?: Citation[];
  sources?: Source[];
  abstained?: boolean;
  reason?: string;
}

function textOf(message: StoredMessage): string {
  if (typeof message.message === "string") return message.message;
  if (typeof message.content === "string") return message.content;
  return message.content.map((block) => block.text ?? "").join("\n\n");
}

export function turnsOf(messages: unknown[]): Turn[] {
  const turns: Turn[] = [];
  for (const message of messages as StoredMessage[]) {
    if (message.role === "user") {
      turns.push({ question: textOf(message), state: "stopped", text: "", citations: [], sources: [], abstained: false, reason: "", degraded: false, plain: true });
      continue;
    }
    const turn = turns.at(-1);
    if (!turn) continue;
    turn.state = "done";
    turn.text = textOf(message);
    turn.citations = message.citations ?? [];
    turn.sources = message.sources ?? [];
    turn.abstained = message.abstained ?? false;
    turn.reason = message.reason ?? "";
    turn.plain = !message.model || message.model.startsWith("extractive");
  }
  return turns;
}
