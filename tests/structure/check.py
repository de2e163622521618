#!/usr/bin/env python3
"""Checks that includes only point down, and that every folder has its README.

The order below is the architecture's (docs/architecture.md): a folder may include itself and those before it.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SRC = ROOT / "src"
ORDER = ["base", "llm", "net", "aws", "observability", "stores", "providers", "gateway", "rag", "agent", "server", "app"]
# rag/ is handed ChatModel and Embedder: it may not know who makes them.
FORBIDDEN = {("rag", "gateway"), ("rag", "providers"), ("gateway", "stores"), ("gateway", "providers")}
# Within a folder, an engine may not know its sibling engine.
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def room(path):
    return path.split("/")[0]


def main():
    problems, arrows = [], set()
    for file in sorted(SRC.rglob("*")):
        if file.suffix not in (".h", ".cc"):
            continue
        relative = file.relative_to(SRC).as_posix()
        own = room(relative)
        if own not in ORDER:
            problems.append(f"{relative}: the folder '{own}' is not in the architecture's order")
            continue
        for target in INCLUDE.findall(file.read_text(encoding="utf-8")):
            other = room(target)
            if "/" not in target or other not in ORDER:
                continue
            if not (SRC / target).exists():
                if not relative.startswith("app/web_assets"):
                    problems.append(f"{relative}: includes {target}, which does not exist")
                continue
            arrows.add((own, other))
            if ORDER.index(other) > ORDER.index(own):
                problems.append(f"{relative}: includes {target}, but '{own}' stands below '{other}'")
            elif (own, other) in FORBIDDEN and not file.name.endswith("_test.cc"):
                problems.append(f"{relative}: includes {target}, but '{own}' may not know '{other}'")
    for folder in sorted({f.parent for f in SRC.rglob("*.cc")}):
        if not (folder / "README.md").exists() and not any((p / "README.md").exists() for p in folder.parents if p != SRC and SRC in p.parents):
            problems.append(f"{folder.relative_to(ROOT)}: has no README.md")
    for problem in problems:
        print(problem)
    count = sum(1 for own, other in arrows if own != other)
    print(f"structure: {count} arrows between folders, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
