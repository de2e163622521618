// Bundles the page into the folder named by the first argument: index.html, app.js, app.css, and for PDF pages, loaded
// only when one is opened, pdf.js and its worker. Fails when what a first visit loads is above its size.
import { build } from "esbuild";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "dist");
const FIRST_VISIT_LIMIT = 80_000; // bytes, gzipped

mkdirSync(out, { recursive: true });
await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.tsx", pdf: "src/pdf.ts", "pdf.worker": "pdfjs-dist/build/pdf.worker.min.mjs" },
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  outdir: out,
  external: ["./pdf.js"],
  logLevel: "warning",
});
copyFileSync(join(here, "src/index.html"), join(out, "index.html"));
copyFileSync(join(here, "src/icon.svg"), join(out, "icon.svg"));

const firstVisit = ["index.html", "app.js", "app.css", "icon.svg"]
  .map((name) => gzipSync(readFileSync(join(out, name)), { level: 9 }).length)
  .reduce((a, b) => a + b, 0);
if (firstVisit > FIRST_VISIT_LIMIT) {
  console.error(`A first visit loads ${firstVisit} bytes gzipped; the limit is ${FIRST_VISIT_LIMIT}.`);
  process.exit(1);
}
console.log(`first visit: ${firstVisit} bytes gzipped`);
