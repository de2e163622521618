"""Bad input gets a clear error that names the field or the setting; the server goes on."""
import io
import socket
import zipfile

import pytest


def error(answer, status):
    assert answer.status_code == status, f"{answer.status_code}: {answer.text[:500]}"
    body = answer.json()["error"]
    assert body["type"] and body["message"] and body["request_id"]
    return body


def post_query(server, **body):
    return server.client.post("/query", json=body)


@pytest.mark.parametrize("body, field, words", [
    ({"query": ""}, "query", ["empty"]),
    ({"query": "   "}, "query", ["empty"]),
    ({"query": "x", "top_k": 0}, "top_k", ["1", "10000"]),
    ({"query": "x", "top_k": 10_001}, "top_k", ["1", "10000"]),
    ({"query": "x", "topk": 3}, "topk", ["top_k"]),
    ({"query": 7}, "query", ["string"]),
    ({"query": "x", "top_k": "5"}, "top_k", ["integer"]),
    ({"query": "x" * 16_001}, "query", ["16000"]),
    ({}, "query", []),
    ({"query": "x", "filter": {"year": {"like": 3}}}, "filter", ["like"]),
])
def test_query_names_the_field(server, body, field, words):
    found = error(post_query(server, **body), 400)
    assert field in found["field"]
    text = found["message"].replace(",", "")
    assert all(word in text for word in words), found


def test_two_megabytes_of_query_are_refused(server):
    found = error(post_query(server, query="x" * 2_000_000), 400)
    assert found["field"] == "query"


def test_body_above_the_limit_is_refused(server):
    found = error(server.client.post("/query", content=b'{"query":"' + b"x" * 26_000_000 + b'"}',
                                     headers={"content-type": "application/json"}), 413)
    assert "25000000" in found["message"].replace(",", "")


def test_invalid_utf8_is_refused(server):
    error(server.client.post("/query", content=b'{"query":"\xff\xfe"}', headers={"content-type": "application/json"}), 400)


def test_deep_json_is_refused(server):
    error(server.client.post("/query", content=b'{"query":"x","filter":' + b'{"and":[' * 200 + b"]}" * 200 + b"}",
                             headers={"content-type": "application/json"}), 400)


def test_broken_json_says_where(server):
    found = error(server.client.post("/query", content=b'{"query": "x",}', headers={"content-type": "application/json"}), 400)
    assert any(c.isdigit() for c in found["message"])


def test_unknown_document_is_not_found(server):
    error(server.client.get("/documents/018f0000-0000-7000-8000-000000000000"), 404)
    error(server.client.get("/documents/not-a-uuid"), 404)


def test_method_not_allowed_names_the_allowed(server):
    answer = server.client.put("/query", json={})
    error(answer, 405)
    assert "POST" in answer.headers["allow"]


def test_empty_document_is_refused(server):
    assert "empty" in error(server.client.post("/documents/ingest?wait=true", json={"content": ""}), 400)["message"]


def test_content_and_url_together_are_refused(server):
    error(server.client.post("/documents/ingest", json={"content": "x", "url": "http://example.org/"}), 400)


def test_url_of_a_private_address_is_refused(server):
    found = error(server.client.post("/documents/ingest?wait=true", json={"url": "http://169.254.169.254/latest/meta-data"}), 400)
    assert "url" in found["field"]


def upload(server, *files, **data):
    return server.client.post("/documents/upload?wait=true", files=[("file", f) for f in files], data=data)


def outcome(answer):
    """The one entry of an upload: its error text."""
    entry = answer.json()["documents"][0] if "documents" in answer.json() else answer.json()["results"][0]
    return entry.get("error") or entry


@pytest.mark.parametrize("name, content, kind, words", [
    ("photo.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "image/png", ["PNG", "image"]),
    ("lying.pdf", b"This is plainly not a PDF file at all.", "application/pdf", ["PDF"]),
    ("empty.txt", b"", "text/plain", ["empty"]),
    ("broken.pdf", b"%PDF-1.7\n" + b"garbage " * 50, "application/pdf", ["PDF"]),
])
def test_unreadable_file_says_why(server, name, content, kind, words):
    answer = upload(server, (name, content, kind))
    text = answer.text
    assert answer.status_code < 500, text
    assert any(word.lower() in text.lower() for word in words), text
    assert "error" in text.lower()


def encrypted_pdf():
    """The smallest PDF that names an encryption dictionary with a password nobody knows."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
               b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
               b"<</Filter/Standard/V 1/R 2/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">/P -4>>"]
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % o for o in offsets)
    return out + b"trailer<</Size 5/Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]>>\nstartxref\n%d\n%%%%EOF\n" % start


def test_password_protected_pdf_says_so(server):
    answer = upload(server, ("secret.pdf", encrypted_pdf(), "application/pdf"))
    assert "password" in answer.text.lower(), answer.text


def test_zip_bomb_fails_alone(server):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("[Content_Types].xml", '<Types><Override ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>')
        bomb.writestr("word/document.xml", b"<w>" + b"A" * 400_000_000)
    answer = upload(server, ("bomb.docx", buffer.getvalue(), "application/octet-stream"), ("good.txt", b"The good file stays good.", "text/plain"))
    assert "error" in answer.text.lower()
    assert server.client.get("/health").status_code == 200


def test_multipart_without_boundary_is_refused(server):
    found = error(server.client.post("/documents/upload", content=b"--x\r\n", headers={"content-type": "multipart/form-data"}), 400)
    assert "boundary" in found["message"]


def test_two_uploads_of_one_name_are_told_apart(server):
    answer = upload(server, ("same.txt", b"The first of two files.", "text/plain"), ("same.txt", b"The second of two files.", "text/plain"))
    assert "same.txt" in answer.text and answer.status_code < 500


def test_upload_above_the_limit_is_refused_while_it_streams(server):
    host, port = server.lock["address"].rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=20) as s:
        s.sendall(b"POST /documents/upload HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n"
                  b"content-type: multipart/form-data; boundary=b\r\n\r\n")
        head = b'--b\r\ncontent-disposition: form-data; name="file"; filename="big.txt"\r\n\r\n'
        sent = 0
        piece = b"x" * 1_000_000
        try:
            s.sendall(b"%x\r\n%s\r\n" % (len(head), head))
            while sent < 300_000_000:
                s.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
                sent += len(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert sent < 250_000_000, "the server took more than twice its limit"
        s.settimeout(20)
        try:
            answer = s.recv(65536)
        except ConnectionResetError:
            answer = b""
        assert not answer or b" 413 " in answer.split(b"\r\n")[0]
    assert server.client.get("/health").status_code == 200


def test_headers_above_the_limit_are_refused(server):
    assert server.client.get("/health", headers={"x-filler": "y" * 70_000}).status_code == 431


def test_idempotency_key_with_another_body_is_refused(server):
    first = server.client.post("/documents/ingest", json={"content": "One."}, headers={"idempotency-key": "k1"})
    assert first.status_code in (200, 202)
    same = server.client.post("/documents/ingest", json={"content": "One."}, headers={"idempotency-key": "k1"})
    assert same.json()["id"] == first.json()["id"]
    error(server.client.post("/documents/ingest", json={"content": "Two."}, headers={"idempotency-key": "k1"}), 422)


# Settings.

def test_unknown_key_names_file_line_and_neighbour(caprock, tmp_path):
    settings = tmp_path / "caprock.toml"
    settings.write_text("[server]\nlisten = \"127.0.0.1:0\"\nmax_hedaer = 3\n")
    run = caprock("config", "check", "--config", settings)
    assert run.returncode == 2
    assert "caprock.toml:3" in run.stderr and "max_hedaer" in run.stderr and "max_header" in run.stderr


def test_toml_typo_names_the_line(caprock, tmp_path):
    settings = tmp_path / "caprock.toml"
    settings.write_text("[server\nlisten = 1\n")
    run = caprock("config", "check", "--config", settings)
    assert run.returncode == 2 and "caprock.toml:1" in run.stderr


def test_wrong_type_says_what_is_allowed(caprock, tmp_path):
    settings = tmp_path / "caprock.toml"
    settings.write_text("[chunk]\nsize = \"large\"\n")
    run = caprock("config", "check", "--config", settings)
    assert run.returncode == 2 and ":2" in run.stderr and "size" in run.stderr


def test_secrets_are_hidden(caprock):
    run = caprock("config", "show", environment={"CAPROCK_API_KEY": "hunter2-hunter2"})
    assert run.returncode == 0 and "hunter2" not in run.stdout + run.stderr
    assert "CAPROCK_API_KEY" in run.stdout
