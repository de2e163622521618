"""A disk that is full, or fails, under the real binary: an honest status, nothing lost, and it goes on afterwards.

What happens at every single write is tested in src/app/root/disk_fault_test.cc.
"""
import contextlib
import resource
import signal
import sqlite3
import subprocess
import time

import pytest

from harness import Server


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 24 MB. Its server must end before it does."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "caprock-test", str(folder)], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def small_server(small_disk, tmp_path):
    server = Server(tmp_path)
    server.data = small_disk / "data"
    server.arguments[server.arguments.index("--data") + 1] = str(server.data)
    yield server.start()
    if server.process.poll() is None:
        server.kill()


def ingest(server, number, size=2000, **headers):
    text = f"Ledger entry {number}: the cooper of Visby delivered {number} barrels of herring. "
    return server.client.post("/documents/ingest", headers=headers,
                              json={"source": f"ledger-{number}", "content": text * (size // len(text) + 1)})


def refusal(answer, status, kind):
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["type"] == kind and error["request_id"], error
    return error["message"]


def wait_for(condition, what, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def expect_whole(server, accepted):
    """Every accepted document becomes INDEXED with its text; nothing else is there."""
    for document_id, number in accepted.items():
        wait_for(lambda: server.client.get(f"/documents/{document_id}").json()["status"] == "INDEXED", f"document {number} is not indexed")
        assert server.client.get(f"/documents/{document_id}/text").text.startswith(f"Ledger entry {number}:")
    listed = server.client.get("/documents", params={"limit": 1000}).json()["documents"]
    assert {d["id"] for d in listed} == set(accepted)


def expect_integrity(server):
    for database in server.data.rglob("*.db"):
        with contextlib.closing(sqlite3.connect(database)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_full_disk_is_507_and_passes(small_disk, small_server):
    server = small_server
    accepted = {}
    for number in range(5):
        accepted[ingest(server, number).json()["id"]] = number
    expect_whole(server, accepted)
    assert server.client.get("/ready").json()["status"] == "degraded", "so little room is said before it is gone"

    with open(small_disk / "ballast", "wb", buffering=0) as ballast, contextlib.suppress(OSError):
        while True:
            ballast.write(b"x" * 100_000)
    refused = None
    for number in range(5, 200):  # what was reserved before may still take a few
        refused = ingest(server, number, size=90_000)
        if refused.status_code >= 300:
            break
        accepted[refused.json()["id"]] = number
    assert "free some space" in refusal(refused, 507, "out_of_space")
    upload = server.client.post("/documents/upload", files={"file": ("large.txt", b"Herring. " * 500_000)})
    refusal(upload, 507, "out_of_space")
    # Nobody is locked out meanwhile: searches and answers go on.
    found = server.client.post("/query", json={"query": "How many barrels of herring did the cooper deliver?", "retrieval_only": True})
    assert found.status_code == 200 and found.json()["sources"]
    assert server.client.get("/health").status_code == 200

    (small_disk / "ballast").unlink()
    again = ingest(server, number)
    assert again.status_code in (200, 202), again.text
    accepted[again.json()["id"]] = number
    expect_whole(server, accepted)
    turn = server.client.post("/chat", json={"message": "How many barrels were delivered?"})
    assert turn.status_code == 200, turn.text
    assert server.stop() == 0
    expect_integrity(server)


def test_failing_writes_are_503_and_pass(tmp_path, monkeypatch):
    # A limit of the file size fails writes with EFBIG, as a broken disk does with EIO: no root is needed for it.
    start = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: start(
        *a, **k, restore_signals=False, preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN)))
    server = Server(tmp_path).start()
    unlimited = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    accepted = {ingest(server, 0).json()["id"]: 0}
    expect_whole(server, accepted)

    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (4096, unlimited[1]))
    assert "cannot be" in refusal(ingest(server, 1, **{"idempotency-key": "one"}), 503, "unavailable")
    refusal(server.client.post("/documents/upload", files={"file": ("large.txt", b"Herring. " * 20_000)}), 503, "unavailable")
    refusal(server.client.post("/chat", json={"message": "How many?"}, headers={"idempotency-key": "turn"}), 503, "unavailable")
    (document_id,) = accepted
    refusal(server.client.delete(f"/documents/{document_id}"), 503, "unavailable")
    assert server.client.post("/query", json={"query": "herring", "retrieval_only": True}).json()["sources"]

    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, unlimited)
    again = ingest(server, 1, **{"idempotency-key": "one"})
    assert again.status_code in (200, 202), again.text
    accepted[again.json()["id"]] = 1
    expect_whole(server, accepted)
    turn = server.client.post("/chat", json={"message": "How many?"}, headers={"idempotency-key": "turn"})
    assert turn.status_code == 200, turn.text
    conversation = server.client.get(f"/conversations/{turn.json()['conversation_id']}").json()
    assert [m["role"] for m in conversation["messages"]] == ["user", "assistant"]
    assert server.stop() == 0
    expect_integrity(server)
