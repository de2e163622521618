"""Two hundred damaged documents: the server lives, each ends INDEXED or FAILED with a reason, memory stays bounded."""
import collections
import concurrent.futures
import os
import random

import httpx

import mutants
from harness import DATA

SEED = int(os.environ.get("CAPROCK_MUTANT_SEED", "20261121"))
MEMORY_LIMIT = 400_000_000
SIDE_BY_SIDE = 8


def real_pdfs():
    """The smaller of the real reports, where they are."""
    found = sorted((DATA / "pdf" / "ntsb").glob("*.pdf"), key=lambda path: (path.stat().st_size, path.name))
    return [path.read_bytes() for path in found[:3]]


def peak_memory(process):
    with open(f"/proc/{process.pid}/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


def take_in(url, name, content):
    """The outcome in words: INDEXED, FAILED, or refused."""
    with httpx.Client(base_url=url, timeout=120) as client:
        answer = client.post("/documents/upload?wait=true", files={"file": (name, content)})
        entry = answer.json()["documents"][0]
        if "error" in entry:
            assert answer.status_code in (400, 413, 415), answer.text
            assert entry["error"]["message"], entry
            return "refused"
        document = entry["document"]
        assert document["status"] in ("INDEXED", "FAILED"), document
        if document["status"] == "FAILED":
            assert document["error"] and "internal" not in document["error"], document
            return "FAILED"
        text = client.get(f"/documents/{document['id']}/text").text
        chunks = client.get(f"/documents/{document['id']}/chunks", params={"limit": 1}).json()["chunks"]
        assert chunks[0]["content"] == text[chunks[0]["start_char"]:chunks[0]["end_char"]], name
        return "INDEXED"


def test_two_hundred_damaged_documents_do_no_harm(serve):
    print(f"CAPROCK_MUTANT_SEED={SEED}")
    server = serve(environment={"CAPROCK_EMBEDDINGS_MODEL": "none"})
    documents = list(mutants.mutants(SEED, real_pdfs()))
    assert len(documents) == 200
    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        outcomes = collections.Counter(pool.map(lambda d: take_in(server.url, *d), documents))
    print(dict(outcomes), f"{peak_memory(server.process) / 1e6:.0f} MB")
    assert outcomes["FAILED"] >= 20 and outcomes["INDEXED"] >= 20, "the damage is neither everywhere nor nowhere"
    assert peak_memory(server.process) <= MEMORY_LIMIT
    assert server.process.poll() is None

    # The same process goes on with what is whole.
    rng = random.Random(SEED)
    good = {"good.pdf": mutants.pdf(rng), "good.docx": mutants.packed(mutants.docx_parts(rng)),
            "good.xlsx": mutants.packed(mutants.xlsx_parts(rng)), "good.html": mutants.html(rng)}
    for name, content in good.items():
        assert take_in(server.url, name, content) == "INDEXED", name
    assert server.stop() == 0
