// The collections there are documents in, and the one that is asked.
import { useCallback, useEffect, useState } from "preact/hooks";
import { get } from "./api";
import type { Document } from "./types";

const KEY = "caprock.collection";
const DEFAULT = "default";

export interface Collections {
  names: string[];
  chosen: string;
  choose: (name: string) => void;
  refresh: () => void;
}

export function useCollections(ready: boolean): Collections {
  const [names, setNames] = useState<string[]>([DEFAULT]);
  const [chosen, setChosen] = useState(() => sessionStorage.getItem(KEY) ?? "");
  const refresh = useCallback(() => {
    get<{ documents: Document[] }>("/documents?limit=1000").then(
      ({ documents }) => setNames([...new Set([DEFAULT, ...documents.map((d) => d.collection)])].sort()),
      () => undefined,
    );
  }, []);
  useEffect(() => {
    if (ready) refresh();
  }, [ready, refresh]);
  const choose = (name: string) => {
    sessionStorage.setItem(KEY, name);
    setChosen(name);
  };
  return { names: chosen && !names.includes(chosen) ? [...names, chosen] : names, chosen: chosen || DEFAULT, choose, refresh };
}
