import { useEffect, useState } from "preact/hooks";
import { storeKey } from "./api";
import { AskView } from "./ask";
import { DocumentView } from "./document";
import { DocumentsView } from "./documents";
import { usePlace } from "./router";
import { useCollections } from "./collections";
import { useServer } from "./server";
import { nextTheme, useTheme } from "./theme";

export function App() {
  const place = usePlace();
  const server = useServer();
  const [theme, setTheme] = useTheme();
  const collections = useCollections(server.state === "ok");
  useEffect(() => {
    document.title = { ask: "Ask · Caprock", documents: "Documents · Caprock", document: "Document · Caprock" }[place.name];
  }, [place.name]);

  return (
    <div class="app">
      <a class="skip" href="#main" onClick={(e) => (e.preventDefault(), document.getElementById("main")?.focus())}>
        Skip to content
      </a>
      <header class="bar">
        <a class="brand" href="#/ask">
          <img src="/icon.svg" alt="" width="24" height="24" /> Caprock
        </a>
        <nav aria-label="Main">
          <a href="#/ask" aria-current={place.name === "ask" ? "page" : undefined}>
            Ask
          </a>
          <a href="#/documents" aria-current={place.name === "ask" ? undefined : "page"}>
            Documents
          </a>
        </nav>
        <label class="collection">
          <span>Collection</span>
          <select value={collections.chosen} onChange={(e) => collections.choose(e.currentTarget.value)}>
            {collections.names.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <button type="button" class="quiet" onClick={() => setTheme(nextTheme(theme))}>
          {{ auto: "Auto", light: "Light", dark: "Dark" }[theme]}
          <span class="hidden"> colours, press to change</span>
        </button>
      </header>
      {server.state === "gone" && (
        <p class="banner" role="alert">
          The server does not answer. What you see stays here; the page tries again by itself.
        </p>
      )}
      {server.state === "key" ? (
        <KeyForm onKey={server.check} />
      ) : (
        <main id="main" tabIndex={-1}>
          <AskView hidden={place.name !== "ask"} conversation={place.id} collection={collections.chosen} onAsked={collections.refresh} />
          {place.name === "documents" && <DocumentsView collection={collections.chosen} onChange={collections.refresh} />}
          {place.name === "document" && <DocumentView key={place.id} id={place.id} query={place.query} />}
        </main>
      )}
    </div>
  );
}

function KeyForm({ onKey }: { onKey: () => void }) {
  const [key, setKey] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    storeKey(key);
    onKey();
  };
  return (
    <main id="main" class="centre" tabIndex={-1}>
      <form class="card" onSubmit={submit}>
        <h1>This server asks for a key</h1>
        <p>It is kept until this tab is closed, and sent to this server only.</p>
        <label>
          API key
          <input type="password" autocomplete="off" required value={key} onInput={(e) => setKey(e.currentTarget.value)} />
        </label>
        <button type="submit">Go on</button>
      </form>
    </main>
  );
}
