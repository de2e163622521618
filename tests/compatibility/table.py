"""docs/compatibility.md, made of what the tests saw."""
import json

from harness import ROOT

from .clients import CLIENTS
from .features import FEATURES

PAGE = ROOT / "docs/compatibility.md"
REWRITE = "CAPROCK_WRITE_COMPATIBILITY=1 .venv/bin/python -m pytest -q tests/compatibility"
_HEAD = """# Compatibility

This page is written by the tests (`{rewrite}`): a ✓ stands where the stock client, unchanged and of the version below, did it
through the real binary and what arrived at the model and at the client was checked. – : the client itself has no words for it.

## What to change

`{{url}}` is where Caprock listens, such as `http://127.0.0.1:8080`; `caprock keys create --name NAME` issues the API key and the pair.

| client | change |
|---|---|
"""
_MEANING = """
- **plain**, **streaming**: text with its stop and usage; of a stream every piece by itself.
- **tools**: two calls in one turn, answered by their ids, whole and streamed, until the model's last word.
- **image**: the bytes that the model sees. **reasoning**: thoughts with a signature, sent back with the results of tools and verified there.
- **cache points**: written by the first request, read by the second, and counted so. **long prompt**: {long} kB arrive whole.
- **errors**: throttling, overload, failure, denial, unknown model, invalid request, prompt too long, a stream that breaks off with and
  without a word: each is the exception that the client has for it, and none an end of the answer.
- **disconnect**: a reader that leaves ends the call to the model.
"""


def versions():
    """package → version, as pinned."""
    pinned = dict(line.split("==") for line in (ROOT / "tests/requirements.txt").read_text().split() if "==" in line)
    npm = json.loads((ROOT / "tests/clients/package.json").read_text())["dependencies"]
    return {"Python": {name: pinned[name] for name in ("boto3", "openai", "anthropic", "langchain-aws", "strands-agents") if name in pinned},
            "JavaScript": {name: npm[name] for name in ("@aws-sdk/client-bedrock-runtime", "openai", "@anthropic-ai/sdk", "ai", "@ai-sdk/amazon-bedrock") if name in npm}}


def render(passed):
    """`passed`: the (client, feature) pairs whose test ran and held."""
    from .features import LONG
    notes, rows = [], []
    for client in CLIENTS:
        cells = []
        for feature in FEATURES:
            if why := client.cannot.get(feature.name):
                if why not in notes:
                    notes.append(why)
                cells.append(f"– ({notes.index(why) + 1})")
            else:
                cells.append("✓" if (client.key, feature.name) in passed else "")
        rows.append(f"| {client.title} | " + " | ".join(cells) + " |")
    changes = "".join(f"| {c.title} | {c.point} |\n" for c in CLIENTS)
    table = f"| client | {' | '.join(f.name for f in FEATURES)} |\n|---|{'---|' * len(FEATURES)}\n" + "\n".join(rows) + "\n"
    footnotes = "".join(f"\n({i}) {why}\n" for i, why in enumerate(notes, 1))
    names = "".join(f"- {language}: {', '.join(f'`{n}` {v}' for n, v in packages.items())}\n" for language, packages in versions().items())
    return (_HEAD.format(rewrite=REWRITE) + changes + "\n## Client × feature\n\n" + table + footnotes
            + _MEANING.format(long=len(LONG.encode()) // 1000) + "\n## Versions\n\n" + names)
