"""A browser for all tests, a page for each, and pictures of what they saw."""
import os
import pathlib
import shutil

import pytest
from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHOTS = ROOT / "build" / "screenshots"
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def browser():
    chromium = os.environ.get("CAPROCK_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        pytest.fail("no Chromium: apt-get install chromium, or set CAPROCK_CHROMIUM")
    with sync_playwright() as playwright:
        sandbox = [] if os.geteuid() else ["--no-sandbox"]
        instance = playwright.chromium.launch(executable_path=chromium, args=QUIET + sandbox)
        yield instance
        instance.close()


class Visitor:
    """A page with what tests do on it. Requests to other hosts and errors on the console fail the test."""

    def __init__(self, browser, server, name, **options):
        self.server, self.name = server, name
        self.context = browser.new_context(base_url=server.url, **options)
        self.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.url)
        self.page = self.context.new_page()
        self.foreign, self.complaints = [], []
        self.page.on("request", lambda r: r.url.startswith((server.url, "data:", "blob:")) or self.foreign.append(r.url))
        self.page.on("console", lambda m: m.type == "error" and "Failed to load resource" not in m.text and self.complaints.append(m.text))
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))

    def open(self, place="#/ask"):
        self.page.goto(f"/{place}")
        self.page.wait_for_selector("main")
        return self.page

    def ask(self, question):
        self.page.get_by_label("Your question").fill(question)
        self.page.get_by_label("Your question").press("Enter")
        self.page.wait_for_selector(".turn:last-child .answer[aria-busy=false]", timeout=30_000)
        return self.page.locator(".turn").last

    def shot(self, state):
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{self.name}-{state}.png", full_page=False)

    def accessible(self):
        """No violation that axe-core knows of."""
        # Evaluated over the debugger's protocol: the page's own policy would refuse an injected script.
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate("async () => (await axe.run()).violations.map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' | '))")
        assert found == []

    def close(self):
        self.context.close()
        assert self.foreign == [], "the page spoke to another host"
        assert self.complaints == [], self.complaints


@pytest.fixture
def visit(browser, request):
    """visit(server, **context options) → Visitor; closed and checked at the end of the test."""
    visitors = []

    def start(server, **options):
        visitors.append(Visitor(browser, server, request.node.name.replace("test_", "").replace("[", "-").replace("]", ""), **options))
        return visitors[-1]

    yield start
    for visitor in visitors:
        visitor.close()
