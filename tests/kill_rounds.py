"""Rounds of kill -9 while clients write: what was acknowledged is there, nothing is half there, a retry makes no duplicate.

Shared by tests/blackbox/test_kill.py (some rounds) and bench/kill (many). An AssertionError says what was lost."""
import sqlite3
import threading
import time
import uuid

import httpx

SOME = 5  # documents of a round that are read back before the server has settled
PAUSE = 0.01  # between two requests of a client, so that a round ends within seconds


class Client(threading.Thread):
    """Sends one request after the other until the server is gone; remembers which were acknowledged."""

    def __init__(self, url, name):
        super().__init__()
        self.url, self.name = url, name
        self.acknowledged = []  # (key, body, answer)
        self.unanswered = None  # the request that the kill cut off: (key, body)

    def run(self):
        with httpx.Client(base_url=self.url, timeout=30) as client:
            for i in range(10_000):
                if not self._send(client, self.body(i)):
                    return
                time.sleep(PAUSE)

    def _send(self, client, body):
        """False when the server is gone. Only a status of success is an acknowledgement."""
        key = str(uuid.uuid4())
        try:
            answer = client.post(self.path, json=body, headers={"idempotency-key": key})
        except httpx.HTTPError:
            self.unanswered = (key, body)
            return False
        if answer.status_code in (200, 202):
            self.acknowledged.append((key, body, answer.json()))
        return True


class Writer(Client):
    path = "/documents/ingest"

    def body(self, i):
        return {"content": f"Ledger entry {self.name}-{i}: the cooper of Visby delivered {i} barrels. " * 8,
                "source": f"ledger-{self.name}-{i}-{uuid.uuid4()}"}


class Talker(Client):
    path = "/chat"

    def body(self, i):
        conversation = {"conversation_id": self.acknowledged[0][2]["conversation_id"]} if self.acknowledged else {}
        return {"message": f"How many barrels in entry {self.name}-{i}?"} | conversation


class KillRounds:
    """A server that is killed and started again and again, and what it must still know."""

    def __init__(self, server, rng):
        self.server, self.rng = server, rng
        self.known = {}  # document id -> the body it was made from
        self.conversations = set()
        self.start_seconds = []
        self.turns = 0

    def round(self, number):
        writer = Writer(self.server.url, number)
        talkers = [Talker(self.server.url, f"{number}-{n}") for n in range(2)]
        for client in (writer, *talkers):
            client.start()
        time.sleep(self.rng.uniform(0.05, 0.8))
        self.server.kill()
        for client in (writer, *talkers):
            client.join()
        self.server.start()
        self.start_seconds.append(self.server.start_seconds)
        self._nothing_half_visible(writer)
        self._retry_documents(writer)
        for talker in talkers:
            self._retry_turns(talker)
        self.wait_until_settled()

    def _post(self, path, key, body):
        answer = self.server.client.post(path, json=body, headers={"idempotency-key": key})
        assert answer.status_code in (200, 202), f"{path}: {answer.text}"
        return answer.json()

    def _nothing_half_visible(self, writer):
        """A document is found whole or not at all, also before the work that the kill cut off is done again."""
        for _, body, made in self.rng.sample(writer.acknowledged, min(SOME, len(writer.acknowledged))):
            document = self.server.client.get(f"/documents/{made['id']}")
            assert document.status_code == 200, f"lost: {made['id']}: {document.text}"
            status = document.json()["status"]
            assert status in ("PENDING", "PROCESSING", "INDEXED"), document.text
            if status == "INDEXED":
                self._is_whole(document.json(), body)

    def _is_whole(self, document, body):
        text = self.server.client.get(f"/documents/{document['id']}/text").text
        assert text.strip() == body["content"].strip(), document
        chunks = self.server.client.get(f"/documents/{document['id']}/chunks", params={"limit": 100}).json()["chunks"]
        assert len(chunks) == document["chunk_count"] > 0, document
        assert all(text[c["start_char"]:c["end_char"]] == c["content"] for c in chunks), document

    def _retry_documents(self, writer):
        """Every acknowledged request again, and the one without an answer: the same effect, once."""
        for key, body, made in writer.acknowledged:
            self.known[made["id"]] = body
            assert self._post(writer.path, key, body)["id"] == made["id"], "a retry made another document"
        if writer.unanswered:
            self.known[self._post(writer.path, *writer.unanswered)["id"]] = writer.unanswered[1]

    def _retry_turns(self, talker):
        said = []
        for key, body, made in talker.acknowledged:
            again = self._post(talker.path, key, body)
            assert (again["conversation_id"], again["message"]) == (made["conversation_id"], made["message"]), "a retry was answered anew"
            said.append(made["conversation_id"])
        if talker.unanswered:
            said.append(self._post(talker.path, *talker.unanswered)["conversation_id"])
        assert len(set(said)) <= 1, "a retry made another conversation"
        for conversation in set(said):
            requests = [body for _, body, _ in talker.acknowledged] + ([talker.unanswered[1]] if talker.unanswered else [])
            messages = pages(self.server.client, f"/conversations/{conversation}", "messages")
            heard = [text_of(m) for m in messages if m["role"] == "user"]
            assert heard == [body["message"] for body in requests], f"a message is missing, there twice, or out of order: {len(heard)} of {len(requests)}"
            self.conversations.add(conversation)
            self.turns += len(heard)

    def wait_until_settled(self, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            left = sum(len(self.server.client.get("/documents", params={"status": s, "limit": 5}).json()["documents"])
                       for s in ("PENDING", "PROCESSING"))
            if not left:
                return
            time.sleep(0.05)
        raise AssertionError("documents are still pending")

    def finish(self):
        """Looks at everything once more, stops the server and checks its databases."""
        listed = {d["id"]: d for d in pages(self.server.client, "/documents", "documents")}
        assert set(listed) == set(self.known), "documents are lost, or there that nobody sent"
        sources = {d["source"] for d in listed.values()}
        assert len(sources) == len(listed), "a document is there twice"
        assert all(d["status"] == "INDEXED" for d in listed.values()), [d for d in listed.values() if d["status"] != "INDEXED"][:3]
        for document_id in self.rng.sample(sorted(self.known), min(50, len(self.known))):
            self._is_whole(listed[document_id], self.known[document_id])
        talks = {c["id"] for c in pages(self.server.client, "/conversations", "conversations")}
        assert talks == self.conversations, "conversations are lost, or there that nobody held"
        assert self.server.stop() == 0
        for database in self.server.data.rglob("*.db"):
            with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",), database


def text_of(message):
    content = message["content"]
    return content if isinstance(content, str) else "".join(block.get("text", "") for block in content)


def pages(client, path, name):
    cursor = ""
    while True:
        page = client.get(path, params={"limit": 500} | ({"cursor": cursor} if cursor else {})).json()
        yield from page[name]
        cursor = page.get("next_cursor")
        if not cursor:
            return
