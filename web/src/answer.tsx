import DOMPurify from "dompurify";
import { Marked } from "marked";
import { useMemo, useState } from "preact/hooks";
import { passageLink } from "./router";
import type { Citation } from "./types";

// [n] in an answer, where n is one of its citations.
const MARK = /\[(\d{1,3})\]/g;
const marked = new Marked({ gfm: true, breaks: false });
const ALLOWED = { ALLOWED_TAGS: ["p", "br", "strong", "em", "code", "pre", "ul", "ol", "li", "blockquote", "table", "thead", "tbody", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "del", "a"], ALLOWED_ATTR: ["href", "data-citation"] };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]!);
}

/** The answer as safe HTML, its marks as links to the places they cite. */
export function answerHtml(text: string, citations: Citation[], plain: boolean): string {
  const html = plain
    ? escapeHtml(text).split(/\n{2,}/).map((p) => `<p>${p}</p>`).join("")
    : (marked.parse(text, { async: false }) as string);
  const linked = html.replace(MARK, (mark, digits: string) => {
    const citation = citations.find((c) => c.number === Number(digits));
    if (!citation) return mark;
    const link = escapeHtml(passageLink(citation.document_id, citation.span, citation.page));
    return `<a href="${link}" data-citation="${citation.number}">${citation.number}</a>`;
  });
  return DOMPurify.sanitize(linked, ALLOWED);
}

export function AnswerText({ text, citations, plain }: { text: string; citations: Citation[]; plain: boolean }) {
  const [shown, setShown] = useState<Citation | null>(null);
  const html = useMemo(() => answerHtml(text, citations, plain), [text, citations, plain]);
  const over = (event: Event) => {
    const number = (event.target as Element).closest<HTMLElement>("[data-citation]")?.dataset["citation"];
    setShown(citations.find((c) => String(c.number) === number) ?? null);
  };
  return (
    <div class="text" dir="auto" onMouseOver={over} onFocusIn={over} onMouseLeave={() => setShown(null)} onKeyDown={(e) => e.key === "Escape" && setShown(null)}>
      <div dangerouslySetInnerHTML={{ __html: html }} />
      {shown && (
        <div class="quote" role="tooltip">
          <q dir="auto">{shown.quote}</q>
          <cite>
            {shown.title || shown.source}
            {shown.page ? `, page ${shown.page}` : ""}
          </cite>
        </div>
      )}
    </div>
  );
}

export function Citations({ citations }: { citations: Citation[] }) {
  return (
    <ol class="citations" aria-label="Citations">
      {citations.map((citation) => (
        <li key={citation.number} value={citation.number}>
          <a href={passageLink(citation.document_id, citation.span, citation.page)}>
            <q dir="auto">{citation.quote}</q>
            <cite dir="auto">
              {citation.title || citation.source}
              {citation.page ? `, page ${citation.page}` : ""}
            </cite>
          </a>
        </li>
      ))}
    </ol>
  );
}
