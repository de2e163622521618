#!/usr/bin/env python3
"""Makes the pictures of docs/answers.md: the real page, the real server, one small fixed document.

    .venv/bin/python docs/pictures/make.py        # needs build/release/caprock and Chromium
"""
import os
import pathlib
import shutil
import sys
import tempfile

from playwright.sync_api import sync_playwright

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests"))
from harness import Server  # noqa: E402

MOST_BYTES = 150_000
MANUAL = """# Handbook of the workshop

## Impeller

The impeller of the Aquila 300 is replaced after 2,000 hours of operation. Switch the pump off before you open it. A worn impeller shows as a pressure below 3 bar at full speed.

## Shaft seal

Grease the shaft seal every six months with lithium grease. A seal that drips more than ten times a minute is replaced.

## Storage

A pump that stands for longer than a winter is drained and kept dry, at five degrees or more.
"""


def take(page, name):
    path = HERE / f"{name}.png"
    page.screenshot(path=path)
    size = path.stat().st_size
    assert size <= MOST_BYTES, f"{path} has {size} bytes"
    print(f"{path.name}: {size} bytes")


def ask(page, question):
    page.get_by_label("Your question").fill(question)
    page.get_by_label("Your question").press("Enter")
    page.wait_for_selector(".turn:last-child .answer[aria-busy=false]", timeout=30_000)


def pictures(page, url):
    page.goto(f"{url}/#/ask")
    ask(page, "When is the impeller of the Aquila 300 replaced?")
    page.locator("[data-citation]").first.hover()
    page.get_by_role("tooltip").wait_for()
    take(page, "answer")
    page.locator("[data-citation]").first.click()
    page.locator("mark").wait_for()
    take(page, "passage")
    page.goto(f"{url}/#/ask")
    page.locator(".empty").wait_for()
    ask(page, "Who invented the centrifugal compressor?")
    page.get_by_text("No answer was found").wait_for()
    page.mouse.move(0, 0)
    take(page, "declined")


def main():
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(pathlib.Path(folder)).start()
        try:
            server.ingest(MANUAL, source="handbook.md", content_type="text/markdown")
            chromium = os.environ.get("CAPROCK_CHROMIUM") or shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=chromium, args=[] if os.geteuid() else ["--no-sandbox"])
            pictures(browser.new_page(viewport={"width": 960, "height": 560}), server.url)
            browser.close()
        finally:
            server.stop()


if __name__ == "__main__":
    main()
