"""The contract is true to the routes: schemathesis drives every operation of /openapi.json."""
import os
import pathlib
import subprocess
import sys


def test_schemathesis_finds_no_failure(serve):
    # With a key from the start: the first one that the contract's own POST /keys issues would close an open server.
    server = serve(environment={"CAPROCK_API_KEY": "contract"})
    server.client.headers["x-api-key"] = "contract"
    server.ingest("The lighthouse of Landsort was built in 1689.", source="lighthouse.txt")
    st = pathlib.Path(sys.executable).with_name("st")
    run = subprocess.run(
        [st, "--config-file", pathlib.Path(__file__).with_name("schemathesis.toml"), "run", f"{server.url}/openapi.json", "--header", "x-api-key: contract", "--max-examples", os.environ.get("CAPROCK_CONTRACT_EXAMPLES", "20"),
         "--seed", "1", "--workers", "1", "--request-timeout", "20", "--continue-on-failure", "--no-color"],
        capture_output=True, text=True, timeout=600, cwd=server.data.parent)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    assert server.client.get("/health").status_code == 200
