"""The command line, alone on a data folder and beside a running server."""
import json
import subprocess

from harness import BINARY, clean_environment


def write(folder, **files):
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def test_help_is_the_programs_help(caprock):
    run = caprock("--help")
    assert run.returncode == 0
    for command in ("serve", "ask", "ingest", "documents", "chat", "config", "doctor", "version"):
        assert command in run.stdout


def test_unknown_command_is_a_usage_error(caprock):
    assert caprock("aks", "x").returncode == 2


def test_ingest_then_ask_without_a_server(caprock, tmp_path):
    reports = tmp_path / "reports"
    reports.mkdir()
    write(reports, crash__txt="The left engine lost power because the fuel filter was blocked by ice. The pilot landed on a meadow.",
          notes__md="# Weather\n\nThe wind came from the north at 12 knots.")
    run = caprock("ingest", reports)
    assert run.returncode == 0, run.stderr
    run = caprock("ask", "What caused the loss of engine power?")
    assert run.returncode == 0, run.stderr
    assert "fuel filter" in run.stdout and "crash.txt" in run.stdout
    run = caprock("ask", "--json", "Where did the wind come from?")
    answer = json.loads(run.stdout)
    assert "north" in answer["answer"] and answer["citations"]


def test_documents_are_listed_shown_and_deleted(caprock, tmp_path):
    (tmp_path / "a.txt").write_text("Alpha is the first letter.")
    caprock("ingest", tmp_path / "a.txt")
    listed = json.loads(caprock("documents", "list", "--json").stdout)
    document = listed["documents"][0]
    assert document["id"] in caprock("documents", "show", document["id"]).stdout
    assert caprock("documents", "delete", document["id"]).returncode == 0
    assert json.loads(caprock("documents", "list", "--json").stdout)["documents"] == []


def test_commands_go_to_the_running_server(serve, tmp_path):
    server = serve()
    (tmp_path / "b.txt").write_text("Beta was built by Anna Holm in Lund.")

    def run(*arguments):
        return subprocess.run([BINARY, *arguments, "--data", server.data], capture_output=True, text=True,
                              env=clean_environment(tmp_path), timeout=60)

    assert run("ingest", tmp_path / "b.txt").returncode == 0
    assert len(server.client.get("/documents").json()["documents"]) == 1
    answer = run("ask", "Who built Beta?")
    assert answer.returncode == 0 and "Anna Holm" in answer.stdout, answer.stderr


def test_abstention_has_an_exit_code_of_its_own(caprock, tmp_path):
    (tmp_path / "c.txt").write_text("Gamma is a letter.")
    caprock("ingest", tmp_path / "c.txt")
    run = caprock("ask", "Who won the football world cup of 1974?")
    assert run.returncode == 3, (run.stdout, run.stderr)


def test_records_are_one_document_a_line(caprock, tmp_path):
    lines = [{"_id": str(i), "title": f"Paper {i}", "text": f"Paper number {i} studies enzyme E{i}."} for i in range(20)]
    (tmp_path / "papers.jsonl").write_text("\n".join(map(json.dumps, lines)))
    run = caprock("ingest", "--records", tmp_path / "papers.jsonl")
    assert run.returncode == 0, run.stderr
    assert len(json.loads(caprock("documents", "list", "--json").stdout)["documents"]) == 20


def test_missing_file_is_named(caprock, tmp_path):
    run = caprock("ingest", tmp_path / "nowhere.pdf")
    assert run.returncode != 0 and "nowhere.pdf" in run.stderr


def test_doctor_says_what_is_there(caprock):
    run = caprock("doctor")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "data folder" in run.stdout.lower()


def test_completion_is_shell(caprock):
    for shell in ("bash", "zsh", "fish"):
        assert "caprock" in caprock("completion", shell).stdout
