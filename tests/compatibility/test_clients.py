"""Every stock client does every feature through the real binary; docs/compatibility.md says what is seen here."""
import os
import re

import pytest

from mock_bedrock.agreement import CLIENTS as NODE_FOLDER

from . import table
from .clients import CLIENTS
from .features import FEATURES
from .proof import Proof

CELLS = [(client, feature) for client in CLIENTS for feature in FEATURES if feature.name not in client.cannot]
passed = set()


@pytest.fixture(scope="module")
def proof(tmp_path_factory):
    assert (NODE_FOLDER / "node_modules").exists(), "scripts/node_env.sh has not installed tests/clients"
    running = Proof(tmp_path_factory.mktemp("clients"), CLIENTS)
    try:
        running.run()
        yield running
    finally:
        running.stop()


@pytest.mark.parametrize("client, feature", CELLS, ids=[f"{c.key}-{f.name.replace(' ', '_')}" for c, f in CELLS])
def test_client(proof, client, feature):
    outcomes = proof.outcomes[client.key]
    assert isinstance(outcomes, dict), outcomes
    feature.check(outcomes[feature.name], proof.records.get((client.key, feature.name), []), client)
    passed.add((client.key, feature.name))


def test_sdk_for_javascript_came_over_http2(proof):
    """No other client speaks it in the clear."""
    asked = sum(len(proof.outcomes["aws-js"][feature.name]) for feature in FEATURES)
    found = re.search(r'^caprock_http_protocol_requests_total\{protocol="HTTP/2"\} (\d+)', proof.metrics, re.M)
    assert found and int(found[1]) >= asked, proof.metrics[:2000]


def test_page_says_what_was_seen(request):
    wanted = {(client.key, feature.name) for client, feature in CELLS}
    if not wanted <= passed:
        pytest.skip("not every cell was filled by this run")
    page = table.render(passed)
    if os.environ.get("CAPROCK_WRITE_COMPATIBILITY"):
        table.PAGE.write_text(page)
    assert table.PAGE.exists() and table.PAGE.read_text() == page, f"docs/compatibility.md is out of date: {table.REWRITE}"
