// The shapes of the REST API that the page uses; /openapi.json is the contract.

export interface Span {
  start: number; // code points of the document's text
  end: number;
}

export interface Box {
  x0: number;
  y0: number;
  x1: number;
  y1: number; // points of 1/72 inch, origin at the top left
}

/** A line of a page: which part of the text it holds, and where it stands. */
export interface LineBox extends Box, Span {
  page: number;
}

export interface Citation {
  number: number;
  answer_span: Span;
  document_id: string;
  chunk_id: string;
  quote: string;
  span: Span;
  title: string;
  source: string;
  page: number | null;
  boxes: LineBox[];
}

export interface Source {
  document_id: string;
  chunk_id: string;
  score: number;
  content: string;
  title: string;
  source: string;
  page: number | null;
  section: string | null;
  span: Span;
}

export type Status = "PENDING" | "PROCESSING" | "INDEXED" | "FAILED";

export interface Document {
  id: string;
  title: string;
  source: string;
  collection: string;
  content_type: string;
  status: Status;
  error: string | null;
  chunk_count: number;
  size_bytes: number;
  created_at: string;
  progress: { bytes_parsed: number; chunks_embedded: number; chunks_total: number };
}

export interface Chunk {
  chunk_id: string;
  chunk_index: number;
  start_char: number;
  end_char: number;
  content: string;
  section: string | null;
  page: number | null;
  boxes: LineBox[];
}

export interface ConversationSummary {
  id: string;
  title: string;
  updated_at: string;
}

export interface ApiError {
  type: string;
  message: string;
  field?: string;
  request_id: string;
  retry_after?: number;
}
