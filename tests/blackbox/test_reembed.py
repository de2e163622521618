"""Another embedding model than the stored vectors were made with: they are made anew while questions are answered."""
import random
import sqlite3
import time

import pytest

from harness import BINARY, Server

MODELS = BINARY.parent / "share/caprock/models"
pytestmark = pytest.mark.skipif(not (MODELS / "e5").exists() or not (MODELS / "minilm").exists(),
                                reason="needs both embedded models, which sanitizer builds do not have")

# Short passages: the models take their time by the word.
SHORT = ("--set=chunk.size=120", "--set=chunk.overlap=0")
MINILM, E5 = ("--set=embeddings.model=minilm", *SHORT), ("--set=embeddings.model=e5", *SHORT)
TOWNS = ["Visby", "Bergen", "Riga", "Novgorod", "Danzig", "Stralsund", "Wismar", "Reval", "Deventer", "Kampen"]
GOODS = ["herring", "beeswax", "furs", "timber", "salt", "amber", "linen", "copper", "barley", "whale oil"]


def ledger(number):
    """A document of a hundred short passages about its own town and year."""
    town, year = TOWNS[number % len(TOWNS)], 1300 + number
    return "\n\n".join(f"In week {week} of {year} {town} shipped {week * 7 + number} barrels of "
                       f"{GOODS[(number + week) % len(GOODS)]} and paid {week} marks." for week in range(1, 101))


FLUTE = "The old craftsman carves flutes from pear wood and oils every bore."


def vectors_of(server):
    """What /ready tells of the vectors."""
    return next(d for d in server.client.get("/ready").json()["dependencies"] if d["name"] == "vectors")


def wait_until_complete(server, seconds=120):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if vectors_of(server)["status"] == "ok" and stored(server).keys() <= {"multilingual-e5-small-q4"}:
            return
        time.sleep(0.1)
    raise AssertionError(f"not complete after {seconds} s: {vectors_of(server)}")


def stored(server):
    """Vectors of each model in the data folder."""
    with sqlite3.connect(f"file:{server.data / 'caprock.db'}?mode=ro", uri=True) as connection:
        rows = connection.execute(
            "SELECT s.fingerprint, COUNT(v.sequence) FROM vector_spaces AS s LEFT JOIN vector_documents AS d "
            "ON d.space = s.space LEFT JOIN vectors AS v ON v.document_no = d.no GROUP BY s.fingerprint").fetchall()
    connection.close()
    return {fingerprint.split("/")[0]: count for fingerprint, count in rows}


def passages(server):
    return sum(d["chunk_count"] for d in server.client.get("/documents", params={"limit": 500}).json()["documents"])


def finds_flute_by_meaning(server):
    """No word of the question stands in the passage: only vectors can have found it."""
    answer = server.query("Who builds wind instruments?", retrieval_only=True, top_k=3)
    best = answer["sources"][0]
    assert "flutes" in best["content"], answer
    assert best["vector_rank"] == 1, best
    assert answer["degraded"] is None, answer
    return best


def filled(folder, count):
    """A data folder with vectors of minilm."""
    server = Server(folder, *MINILM).start()
    server.ingest(FLUTE, source="flutes.txt")
    for number in range(count):
        server.ingest(ledger(number), source=f"ledger-{number}.txt")
    finds_flute_by_meaning(server)
    assert server.stop() == 0
    return server.data


def test_changed_model_serves_by_the_old_vectors_until_the_new_are_complete(serve, caprock, tmp_path):
    filled(tmp_path, 10)
    server = serve(*E5, folder=tmp_path)
    assert set(stored(server)) == {"all-MiniLM-L6-v2"}
    total = passages(server)
    at_once = vectors_of(server)
    assert at_once["status"] == "degraded" and f"of {total} passages" in at_once["detail"], at_once
    assert "all-MiniLM-L6-v2" in at_once["detail"]
    warning = next(line for line in server.log_lines() if line["level"] == "warn" and "configured" in line)
    assert "all-MiniLM-L6-v2" in warning["stored"] and "e5" in warning["configured"]
    assert "vectors" in caprock("doctor", "--data", server.data).stdout

    meanwhile, seen = 0, set()
    while vectors_of(server)["status"] != "ok":
        if len(stored(server)) == 2:
            meanwhile += 1
            seen.add(stored(server).get("multilingual-e5-small-q4"))
        finds_flute_by_meaning(server)
    assert meanwhile > 3 and len(seen) > 1, "it was over before a question could be asked"

    wait_until_complete(server)
    assert stored(server) == {"multilingual-e5-small-q4": total}
    finds_flute_by_meaning(server)
    answer = server.query("Who builds wind instruments?")
    assert answer["sources"], answer
    assert "caprock_chunks_to_embed 0" in server.client.get("/metrics").text
    assert server.stop() == 0


def test_documents_deleted_replaced_and_added_meanwhile_are_right(serve, tmp_path):
    filled(tmp_path, 16)
    server = serve(*E5, folder=tmp_path)
    while len(stored(server)) < 2:
        time.sleep(0.02)
    documents = {d["source"]: d["id"] for d in server.client.get("/documents", params={"limit": 500}).json()["documents"]}
    added = server.ingest("A lighthouse keeper breeds carrier pigeons on the skerry.", source="pigeons.txt")
    question = "Who raises birds that bring letters?"
    birds = server.query(question, retrieval_only=True)["sources"][0]
    assert birds["document_id"] == added["id"] and birds["vector_rank"] == 1, birds
    for number in range(0, 3):
        assert server.client.delete(f"/documents/{documents[f'ledger-{number}.txt']}").status_code in (200, 204)
    for number in range(3, 6):
        server.ingest(f"The clerk of volume {number} burned this ledger.", source=f"ledger-{number}.txt")
    assert len(stored(server)) == 2, "it was over before the documents were changed"

    wait_until_complete(server)
    deadline = time.monotonic() + 20
    while stored(server) != {"multilingual-e5-small-q4": passages(server)} and time.monotonic() < deadline:
        time.sleep(0.1)  # old versions are swept
    assert stored(server) == {"multilingual-e5-small-q4": passages(server)}
    birds = server.query(question, retrieval_only=True)["sources"][0]
    assert birds["document_id"] == added["id"] and birds["vector_rank"] == 1, birds
    assert server.stop() == 0


def test_kill_in_the_middle_goes_on_and_loses_nothing(serve, tmp_path):
    filled(tmp_path, 10)
    rng = random.Random(7)
    made = 0
    for _ in range(3):
        server = serve(*E5, folder=tmp_path)
        finds_flute_by_meaning(server)
        now = stored(server).get("multilingual-e5-small-q4", 0)
        assert now >= made, "what was made before the kill is there"
        made = now
        while vectors_of(server)["status"] != "ok" and stored(server).get("multilingual-e5-small-q4", 0) <= made:
            time.sleep(0.02)
        time.sleep(rng.uniform(0, 0.5))
        server.kill()
    server = serve(*E5, folder=tmp_path)
    wait_until_complete(server)
    assert stored(server) == {"multilingual-e5-small-q4": passages(server)}
    finds_flute_by_meaning(server)
    assert server.stop() == 0
    with sqlite3.connect(f"file:{server.data / 'caprock.db'}?mode=ro", uri=True) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_documents_taken_in_without_the_model_get_their_vectors(serve, tmp_path):
    server = serve("--set=embeddings.model=minilm", "--set=embeddings.models_dir=/nowhere", *SHORT, folder=tmp_path)
    server.ingest(FLUTE, source="flutes.txt")
    server.ingest(ledger(1), source="ledger.md")
    assert stored(server) == {}
    told = vectors_of(server)
    deadline = time.monotonic() + 20
    while told["status"] == "ok" and time.monotonic() < deadline:
        time.sleep(0.1)
        told = vectors_of(server)
    assert told["status"] == "degraded" and "by their words alone" in told["detail"], told
    assert server.stop() == 0

    server = serve(*MINILM, folder=tmp_path)
    total = passages(server)
    deadline = time.monotonic() + 60
    while stored(server).get("all-MiniLM-L6-v2") != total and time.monotonic() < deadline:
        time.sleep(0.1)
    assert stored(server) == {"all-MiniLM-L6-v2": total}
    while vectors_of(server)["status"] != "ok" and time.monotonic() < deadline:
        time.sleep(0.1)
    finds_flute_by_meaning(server)
    assert server.stop() == 0


def test_without_a_model_nothing_is_started_and_the_vectors_stay(serve, tmp_path):
    filled(tmp_path, 1)
    server = serve("--set=embeddings.model=none", folder=tmp_path)
    assert [d["name"] for d in server.client.get("/ready").json()["dependencies"]] == ["data folder", "embedding model", "callers", "prices", "usage ledger"]
    assert server.query("barrels of herring", retrieval_only=True)["sources"]
    assert server.stop() == 0
    assert set(stored(server)) == {"all-MiniLM-L6-v2"}


def test_fusion_of_one_collection(serve, caprock, tmp_path):
    server = serve("--set=retrieve.fusion_of_collections=ranks=rrf")
    for collection in ("ranks", "scores"):
        server.ingest("Beeswax candles burn slowly.", source="a", collection=collection)
        server.ingest("Copper kettles are hammered cold.", source="b", collection=collection)
    first = {c: server.query("copper kettles", collection=c, retrieval_only=True)["sources"] for c in ("ranks", "scores")}
    assert [s["content"] for s in first["ranks"]][0] == [s["content"] for s in first["scores"]][0]
    assert abs(first["ranks"][0]["score"] - 1) < 1e-9, "first by words and by vectors"
    assert first["ranks"][1]["score"] != first["scores"][1]["score"]
    wrong = caprock("config", "check", environment={"CAPROCK_RETRIEVE_FUSION_OF_COLLECTIONS": "ranks=best"})
    assert wrong.returncode == 2 and "ranks=best" in wrong.stderr + wrong.stdout
