"""Fixtures of all tests from outside; what they are made of is in harness.py."""
import subprocess

import pytest

from harness import BINARY, Server, clean_environment


@pytest.fixture
def serve(tmp_path_factory):
    """A function that starts a server with arguments of the test's choice; all of them stop with the test."""
    running = []

    def start(*arguments, folder=None, environment=None):
        server = Server(folder or tmp_path_factory.mktemp("caprock"), *arguments, environment=environment)
        running.append(server)
        return server.start()

    yield start
    for server in running:
        if server.process and server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for all tests of a module."""
    instance = Server(tmp_path_factory.mktemp("caprock")).start()
    yield instance
    assert instance.stop() == 0, instance.log_text()


@pytest.fixture
def caprock(tmp_path):
    """Runs one command in a home of the test's own."""

    def run(*arguments, stdin=None, timeout=120, environment=None):
        return subprocess.run([str(BINARY), *map(str, arguments)], input=stdin, capture_output=True, text=True,
                              timeout=timeout, env=clean_environment(tmp_path) | (environment or {}), cwd=tmp_path)

    return run
