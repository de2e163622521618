// PDF pages by pdf.js, in a bundle of its own. Pages are drawn when they come into view.
import { GlobalWorkerOptions, getDocument, type PDFDocumentProxy } from "pdfjs-dist";
import type { Box } from "./types";

const WIDTH = 860; // CSS pixels of a page at most

GlobalWorkerOptions.workerSrc = "/pdf.worker.js";

/** Shows every page inside `holder`, scrolled to `first`, with `boxes` (by page) highlighted. Gives what takes it down. */
export async function showPages(holder: HTMLElement, bytes: ArrayBuffer, first: number, boxes: Map<number, Box[]>): Promise<() => void> {
  const task = getDocument({ data: bytes, enableXfa: false });
  const pdf = await task.promise;
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) draw(pdf, entry.target as HTMLElement).catch(() => undefined);
  }, { rootMargin: "600px" });
  for (let number = 1; number <= pdf.numPages; number++) {
    const frame = await makeFrame(pdf, number, boxes.get(number) ?? [], holder.clientWidth);
    holder.append(frame);
    observer.observe(frame);
  }
  const target = holder.querySelector(".box") ?? holder.children[Math.min(first, pdf.numPages) - 1];
  target?.scrollIntoView({ block: "center" });
  return () => {
    observer.disconnect();
    holder.replaceChildren();
    void task.destroy();
  };
}

async function makeFrame(pdf: PDFDocumentProxy, number: number, boxes: Box[], space: number): Promise<HTMLElement> {
  const page = await pdf.getPage(number);
  const natural = page.getViewport({ scale: 1 });
  const scale = Math.min(WIDTH, space || WIDTH) / natural.width;
  const frame = document.createElement("figure");
  frame.className = "page";
  frame.dataset["page"] = String(number);
  frame.dataset["scale"] = String(scale);
  frame.setAttribute("aria-label", `Page ${number}`);
  frame.style.width = `${natural.width * scale}px`;
  frame.style.height = `${natural.height * scale}px`;
  for (const box of boxes) {
    const mark = document.createElement("div");
    mark.className = "box";
    mark.style.left = `${box.x0 * scale}px`;
    mark.style.top = `${box.y0 * scale}px`;
    mark.style.width = `${(box.x1 - box.x0) * scale}px`;
    mark.style.height = `${(box.y1 - box.y0) * scale}px`;
    frame.append(mark);
  }
  return frame;
}

async function draw(pdf: PDFDocumentProxy, frame: HTMLElement): Promise<void> {
  if (frame.querySelector("canvas")) return;
  const canvas = document.createElement("canvas");
  frame.prepend(canvas);
  const page = await pdf.getPage(Number(frame.dataset["page"]));
  const viewport = page.getViewport({ scale: Number(frame.dataset["scale"]) * devicePixelRatio });
  canvas.width = viewport.width;
  canvas.height = viewport.height;
  await page.render({ canvas, viewport }).promise;
}
