"""The main job: documents in, answers with checked citations out."""
import pytest

from harness import needs_data

MANUAL = """# Pump manual

## Safety

Disconnect the mains plug before the housing is opened. The capacitor keeps its charge for 45 seconds.

## Maintenance

The impeller of the Aquila 300 is replaced after 2,000 hours of operation. Grease the shaft seal every six months.
"""


def located(server, answer):
    """Every citation's quote stands in its document's text at its span."""
    for citation in answer["citations"]:
        text = server.client.get(f"/documents/{citation['document_id']}/text").text
        span = citation["span"]
        assert text[span["start"]:span["end"]] == citation["quote"], citation
    return answer["citations"]


def test_answer_cites_the_sentence_it_came_from(server):
    server.ingest(MANUAL, source="pump.md", title="Pump manual", content_type="text/markdown")
    answer = server.query("When is the impeller of the Aquila 300 replaced?")
    assert not answer["abstained"], answer
    assert "2,000 hours" in answer["answer"]
    citations = located(server, answer)
    assert citations and any("2,000 hours" in c["quote"] for c in citations)
    assert answer["sources"][0]["title"] == "Pump manual"


def test_question_without_an_answer_is_declined_with_the_reason(server):
    server.ingest(MANUAL, source="pump.md", title="Pump manual", content_type="text/markdown")
    answer = server.query("Who won the football world cup of 1974?")
    assert answer["abstained"] and answer["reason"]
    assert answer["citations"] == []


def test_offsets_count_code_points(server):
    server.ingest("Grüße aus Köln 😀. Die Brücke wurde im Jahre 1911 eröffnet und trägt drei Gleise.", source="köln.txt",
                  collection="offsets")
    answer = server.query("Wann wurde die Brücke eröffnet?", collection="offsets", retrieval_only=True)
    source = answer["sources"][0]
    text = server.client.get(f"/documents/{source['document_id']}/text").text
    assert text[source["span"]["start"]:source["span"]["end"]] == source["content"]
    chunks = server.client.get(f"/documents/{source['document_id']}/chunks").json()["chunks"]
    assert chunks and all(text[c["start_char"]:c["end_char"]] == c["content"] for c in chunks)


def test_replacing_shows_the_new_version_only(server):
    first = server.ingest("The harbour master is Ada Lindqvist.", source="harbour.txt", collection="replace")
    again = server.ingest("The harbour master is Bo Sandberg.", source="harbour.txt", collection="replace")
    assert first["id"] == again["id"]
    answer = server.query("Who is the harbour master?", collection="replace")
    assert "Bo Sandberg" in answer["answer"] and "Ada" not in answer["answer"]


def test_deleted_document_is_never_answered_from(server):
    document = server.ingest("The vault code is kept by Ingrid Falk in Uppsala.", source="vault.txt", collection="delete")
    assert server.client.delete(f"/documents/{document['id']}").status_code in (200, 204)
    assert server.client.get(f"/documents/{document['id']}").status_code == 404
    answer = server.query("Who keeps the vault code?", collection="delete")
    assert answer["abstained"] and answer["sources"] == []


def test_filter_is_applied_before_the_best_are_taken(server):
    for year in range(2000, 2030):
        server.ingest(f"The annual report of {year} says that turnover grew.", source=f"report-{year}.txt",
                      collection="filter", metadata={"year": year})
    answer = server.query("What does the annual report say about turnover?", collection="filter", retrieval_only=True,
                          top_k=3, filter={"year": {"eq": 2017}})
    assert [s["title"] for s in answer["sources"]] and all("2017" in s["content"] for s in answer["sources"])


def test_follow_up_question_keeps_its_subject(server):
    server.ingest(MANUAL, source="pump.md", title="Pump manual", content_type="text/markdown", collection="chat")
    first = server.client.post("/chat", json={"message": "When is the impeller of the Aquila 300 replaced?", "collection": "chat"}).json()
    assert "2,000 hours" in first["message"]
    second = server.client.post("/chat", json={"message": "And its shaft seal, how often is it greased?", "collection": "chat",
                                               "conversation_id": first["conversation_id"]}).json()
    assert "six months" in second["message"]
    conversation = server.client.get(f"/conversations/{first['conversation_id']}").json()
    assert len(conversation["messages"]) == 4


def test_chat_streams_in_the_documented_order(server):
    server.ingest(MANUAL, source="pump.md", title="Pump manual", content_type="text/markdown", collection="chat")
    events = []
    with server.client.stream("POST", "/chat/stream", json={"message": "How often is the shaft seal greased?", "collection": "chat"}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            if line.startswith("event:"):
                events.append(line.split(":", 1)[1].strip())
    assert events[0] == "start" and events[-1] == "done" and "retrieval" in events and "token" in events
    assert events.index("retrieval") < events.index("token")


def test_accident_report_answers_with_page(serve):
    reports = needs_data("pdf", "ntsb")
    server = serve()
    path = sorted(reports.glob("*.pdf"))[0]
    with path.open("rb") as file:
        entries = server.client.post("/documents/upload?wait=true", files={"file": (path.name, file, "application/pdf")})
    assert entries.status_code in (200, 202), entries.text
    answer = server.query("What was the probable cause of the accident?")
    assert not answer["abstained"], answer
    citations = located(server, answer)
    assert citations and all(c["page"] >= 1 for c in citations)


def test_every_report_is_indexed_or_says_why_not(serve):
    folder = needs_data("pdf")
    server = serve()
    paths = sorted(folder.rglob("*.pdf"))
    for path in paths:
        with path.open("rb") as file:
            answer = server.client.post("/documents/upload?wait=true", files={"file": (path.name, file, "application/pdf")})
        assert answer.status_code in (200, 202), answer.text
    documents = server.client.get("/documents", params={"limit": 100}).json()["documents"]
    assert len(documents) == len(paths)
    for document in documents:
        assert document["status"] == "INDEXED" or (document["status"] == "FAILED" and document["error"]), document


@pytest.mark.parametrize("question", ["What caused the loss of engine power?", "How many hours did the pilot have?"])
def test_reports_answer_with_located_citations(serve, question):
    folder = needs_data("pdf", "ntsb")
    server = serve()
    for path in sorted(folder.glob("*.pdf"))[:5]:
        with path.open("rb") as file:
            server.client.post("/documents/upload?wait=true", files={"file": (path.name, file, "application/pdf")})
    answer = server.query(question)
    assert answer["abstained"] or located(server, answer)
