"""Fixtures of all tests from outside; what they are made of is in harness.py."""
import subprocess

import pytest

import mock_bedrock.running
import mock_openai.running
import scripted_upstream as scripting
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


@pytest.fixture(scope="module")
def bedrock_mock():
    """Amazon Bedrock on loopback, for all tests of a module."""
    running = mock_bedrock.running.RunningMock()
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def openai_mock():
    """A provider of OpenAI's protocol on loopback, for all tests of a module."""
    running = mock_openai.running.RunningMock()
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def scripted_upstream():
    """A provider of both protocols whose bytes the test scripts."""
    running = scripting.ScriptedUpstream()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def mock(request):
    """The mock of a module that works with one of them: its MOCK says which, by the fixture's name."""
    return request.getfixturevalue(request.module.MOCK)


@pytest.fixture(scope="module")
def served(tmp_path_factory, mock):
    """One server for all tests of a module, whose provider is the module's mock."""
    instance = Server(tmp_path_factory.mktemp("caprock"), environment=mock.environment).start()
    yield instance
    assert instance.stop() == 0, instance.log_text()


@pytest.fixture(scope="module")
def served_by_both(tmp_path_factory, bedrock_mock, openai_mock):
    """One server for all tests of a module that asks either mock, by the model's name."""
    instance = Server(tmp_path_factory.mktemp("caprock"), environment=bedrock_mock.environment | openai_mock.environment).start()
    yield instance
    assert instance.stop() == 0, instance.log_text()


@pytest.fixture
def caprock(tmp_path):
    """Runs one command in a home of the test's own."""

    def run(*arguments, stdin=None, timeout=120, environment=None):
        return subprocess.run([str(BINARY), *map(str, arguments)], input=stdin, capture_output=True, text=True,
                              timeout=timeout, env=clean_environment(tmp_path) | (environment or {}), cwd=tmp_path)

    return run
