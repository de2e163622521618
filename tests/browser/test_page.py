"""The page: every state that a person can meet, looked at in a browser."""
import pytest

from harness import needs_data

PUMP = """# Pump manual

## Maintenance

The impeller of the Aquila 300 is replaced after 2,000 hours of operation. Grease the shaft seal every six months.
"""
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
LOOKS = [pytest.param({"color_scheme": "light"}, id="light"), pytest.param({"color_scheme": "dark"}, id="dark"), pytest.param(PHONE, id="phone")]


@pytest.mark.parametrize("look", LOOKS)
def test_answer_with_a_citation_that_opens_its_passage(server, visit, look):
    server.ingest(PUMP, source="pump.md", title="Pump manual", content_type="text/markdown")
    visitor = visit(server, **look)
    page = visitor.open()
    visitor.shot("empty")
    visitor.accessible()
    turn = visitor.ask("When is the impeller of the Aquila 300 replaced?")
    assert "2,000 hours" in turn.locator(".text").inner_text()
    visitor.shot("answer")
    visitor.accessible()
    turn.locator("[data-citation]").first.hover()
    assert "2,000 hours" in page.get_by_role("tooltip").inner_text()
    visitor.shot("quote")
    turn.locator("[data-citation]").first.click()
    mark = page.locator("mark")
    mark.wait_for()
    assert "2,000 hours" in mark.inner_text()
    visitor.shot("passage")
    visitor.accessible()
    page.get_by_role("button", name="Back").click()
    assert "2,000 hours" in page.locator(".turn .text").first.inner_text()


def test_keyboard_alone_asks_and_opens_a_citation(server, visit):
    server.ingest(PUMP, source="pump.md", title="Pump manual", content_type="text/markdown")
    visitor = visit(server)
    page = visitor.open()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "question":
            break
    page.keyboard.type("How often is the shaft seal greased?")
    page.keyboard.press("Enter")
    page.wait_for_selector(".turn .answer[aria-busy=false]")
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.hasAttribute('data-citation')"):
            break
    assert "six months" in page.get_by_role("tooltip").inner_text()
    page.keyboard.press("Enter")
    page.locator("mark").wait_for()


def test_abstention_says_why_and_shows_the_nearest(server, visit):
    server.ingest(PUMP, source="pump.md", title="Pump manual", content_type="text/markdown")
    visitor = visit(server)
    visitor.open()
    turn = visitor.ask("Who won the football world cup of 1974?")
    assert "No answer was found" in turn.inner_text()
    visitor.shot("abstained")
    visitor.accessible()


def test_upload_list_and_delete(serve, visit, tmp_path):
    server = serve()
    visitor = visit(server)
    page = visitor.open("#/documents")
    page.get_by_text("There are no documents here yet").wait_for()
    visitor.shot("empty")
    files = []
    for number in range(10):
        files.append(tmp_path / f"good-{number}.txt")
        files[-1].write_text(f"Good file number {number} speaks of tides.")
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    page.locator("input[type=file]").set_input_files([*files, picture])
    page.locator(".uploads .problem").wait_for()
    page.locator(".good").nth(9).wait_for(timeout=30_000)
    visitor.shot("one-of-eleven-failed")
    visitor.accessible()
    row = page.get_by_role("row").filter(has_text="good-3.txt")
    row.get_by_role("button", name="Delete").click()
    row.get_by_role("button", name="Really delete").click()
    row.wait_for(state="detached")
    assert page.locator("tbody tr").count() == 9


def test_dropped_file_is_taken(serve, visit):
    server = serve()
    page = visit(server).open("#/documents")
    page.get_by_text("There are no documents here yet").wait_for()
    page.evaluate("""() => {
      const data = new DataTransfer();
      data.items.add(new File(["The dropped file speaks of herons."], "dropped.txt", { type: "text/plain" }));
      document.querySelector(".drop").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
    }""")
    page.locator(".good").wait_for(timeout=30_000)
    assert page.get_by_text("dropped.txt").count() >= 1


def test_title_with_html_and_right_to_left_text_are_text(serve, visit):
    server = serve()
    server.ingest("تُستبدل المروحة كل ألفي ساعة عمل. يُشحَّم الختم كل ستة أشهر.", source="rtl.txt", title="<img src=x onerror=alert(1)>")
    visitor = visit(server)
    page = visitor.open("#/documents")
    page.get_by_role("link", name="<img src=x onerror=alert(1)>").wait_for()
    assert page.locator("td img").count() == 0
    visitor.open("#/ask")
    visitor.ask("متى تُستبدل المروحة؟")
    visitor.shot("right-to-left")


def test_fifty_thousand_pasted_characters_are_refused_kindly(server, visit):
    visitor = visit(server)
    page = visitor.open()
    page.get_by_label("Your question").fill("x" * 50_000)
    assert "16,000" in page.locator("#question-help").inner_text()
    assert page.get_by_role("button", name="Ask").is_disabled()
    visitor.shot("too-long")
    visitor.accessible()


def test_server_that_stops_is_said_and_found_again(serve, visit):
    server = serve()
    server.ingest(PUMP, source="pump.md")
    visitor = visit(server)
    page = visitor.open()
    server.stop()
    page.get_by_label("Your question").fill("Is anybody there?")
    page.get_by_label("Your question").press("Enter")
    page.locator(".turn [role=alert]").wait_for()
    page.locator(".banner").wait_for()
    visitor.shot("gone")
    visitor.accessible()


def test_key_is_asked_for_and_kept_for_the_tab(serve, visit):
    server = serve(environment={"CAPROCK_API_KEY": "correct-horse"})
    visitor = visit(server)
    page = visitor.open()
    page.get_by_label("API key").wait_for()
    visitor.shot("key")
    visitor.accessible()
    page.get_by_label("API key").fill("correct-horse")
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Your question").wait_for()
    assert page.evaluate("sessionStorage.length") >= 1 and "correct-horse" not in page.evaluate("JSON.stringify(localStorage)")


def test_history_brings_a_conversation_back(serve, visit):
    server = serve()
    server.ingest(PUMP, source="pump.md", title="Pump manual", content_type="text/markdown")
    visitor = visit(server)
    page = visitor.open()
    visitor.ask("When is the impeller of the Aquila 300 replaced?")
    page.get_by_role("link", name="New question").click()
    page.locator(".empty").wait_for()
    page.locator(".history li a").first.click()
    page.locator(".turn .text").wait_for()
    assert "2,000 hours" in page.locator(".turn .text").inner_text()
    assert page.locator(".turn [data-citation]").count() >= 1


def test_pdf_page_is_shown_with_the_passage_marked(serve, visit):
    path = sorted(needs_data("pdf", "ntsb").glob("*.pdf"))[0]
    server = serve()
    with path.open("rb") as file:
        server.client.post("/documents/upload?wait=true", files={"file": (path.name, file, "application/pdf")})
    visitor = visit(server)
    page = visitor.open()
    turn = visitor.ask("What was the probable cause of the accident?")
    turn.locator(".citations a").first.click()
    page.locator(".page canvas").first.wait_for(timeout=30_000)
    page.locator(".page .box").first.wait_for()
    page.wait_for_timeout(500)  # pdf.js paints after the canvas is there; only the picture waits for it
    visitor.shot("pdf")


def test_too_large_and_broken_files_fail_alone_while_others_succeed(serve, visit, tmp_path):
    server = serve()
    visitor = visit(server)
    page = visitor.open("#/documents")
    files = []
    for number in range(10):
        files.append(tmp_path / f"good-{number}.txt")
        files[-1].write_text(f"Good file number {number} speaks of tides.")
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(101_000_000)
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nnothing that a reader could follow\n%%EOF\n")
    page.locator("input[type=file]").set_input_files([*files[:5], large, broken, *files[5:]])
    page.locator(".good").nth(9).wait_for(timeout=30_000)
    assert "too large: it has 101 MB, 100 MB are taken" in page.locator(".uploads li").filter(has_text="large.txt").locator(".problem").inner_text()
    row = page.get_by_role("row").filter(has_text="broken.pdf")
    row.locator(".problem").wait_for(timeout=30_000)
    assert "PDF" in row.locator(".problem").inner_text()
    assert page.locator(".banner").count() == 0, "the server is there all the time"
    visitor.shot("two-of-twelve-failed")
    visitor.accessible()
    page.get_by_role("button", name="Dismiss large.txt").click()
    assert page.locator(".uploads li").count() == 0
    row.get_by_role("button", name="Try again").wait_for()


HALF_AN_ANSWER = """id: 1
event: start
data: {"turn_id":"00000000-0000-4000-8000-000000000000","conversation_id":"00000000-0000-4000-8000-000000000001"}

id: 2
event: retrieval
data: {"sources":[]}

id: 3
event: token
data: {"text":"The impeller is replaced after"}

"""


def test_server_that_stops_in_the_middle_of_an_answer(serve, visit):
    server = serve()
    visitor = visit(server)
    page = visitor.open()
    page.wait_for_selector("text=Ask a question")

    def break_off(route):
        server.kill()
        route.fulfill(status=200, headers={"content-type": "text/event-stream"}, body=HALF_AN_ANSWER)

    page.route("**/chat/stream", break_off)
    turn = visitor.ask("When is the impeller replaced?")
    assert "The impeller is replaced after" in turn.locator(".text").inner_text(), "what came stays"
    assert "stopped in the middle" in turn.locator("[role=alert]").inner_text()
    page.locator(".banner").wait_for()
    visitor.shot("broken-off")
    visitor.accessible()
    server.start_again()
    page.locator(".banner").wait_for(state="detached", timeout=10_000)
    page.unroute("**/chat/stream")


def test_question_in_another_language_is_answered_or_declined_in_plain_words(server, visit):
    server.ingest(PUMP, source="pump.md", title="Pump manual", content_type="text/markdown")
    visitor = visit(server)
    visitor.open()
    turn = visitor.ask("Nach wie vielen Betriebsstunden wird das Laufrad ersetzt?")
    answered = turn.locator("[data-citation]").count() > 0
    assert answered or "No answer was found" in turn.inner_text()
    assert answered or turn.locator(".nearest li").count() > 0 or "language that the documents use" in turn.inner_text()
    visitor.shot("other-language")


def test_title_with_html_is_text_beside_an_answer_too(serve, visit):
    server = serve()
    server.ingest(PUMP, source="pump.md", title="<img src=x onerror=alert(1)><b>Pump</b>", content_type="text/markdown")
    visitor = visit(server)
    page = visitor.open()
    turn = visitor.ask("When is the impeller of the Aquila 300 replaced?")
    assert "<b>Pump</b>" in turn.locator(".citations cite").first.inner_text()
    turn.locator("[data-citation]").first.hover()
    assert "<b>Pump</b>" in page.get_by_role("tooltip").inner_text()
    assert page.locator("main img, main b").count() == 0
    visitor.shot("html-title")


def test_right_to_left_text_runs_from_the_right(serve, visit):
    server = serve()
    server.ingest("تُستبدل المروحة كل ألفي ساعة عمل. يُشحَّم الختم كل ستة أشهر.", source="دليل.txt", title="دليل المضخة")
    visitor = visit(server)
    page = visitor.open()
    turn = visitor.ask("متى تُستبدل المروحة؟")
    for place in (turn.locator(".question"), turn.locator(".nearest p, .text").first):
        assert place.evaluate("e => getComputedStyle(e).direction") == "rtl"
    page.goto("/#/documents")
    link = page.get_by_role("link", name="دليل المضخة")
    link.wait_for()
    assert link.evaluate("e => getComputedStyle(e).direction") == "rtl"


def test_phone_width_shows_every_view_without_sideways_scrolling(serve, visit, tmp_path):
    server = serve()
    server.ingest(PUMP, source="long.md", title="a-rather-long-name-without-any-space-" * 4, content_type="text/markdown")
    visitor = visit(server, **PHONE)
    page = visitor.open()

    def fits():
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url

    fits()
    visitor.ask("When is the impeller of the Aquila 300 replaced? " + "x" * 300)
    fits()
    turn = visitor.ask("When is the impeller of the Aquila 300 replaced?")
    fits()
    turn.locator(".citations a").first.click()
    page.locator("mark").wait_for()
    fits()
    visitor.open("#/documents")
    page.locator(".good").wait_for()
    fits()
    visitor.shot("documents")
    visitor.accessible()


def press_until(page, key, condition, most=60):
    for _ in range(most):
        if page.evaluate(condition):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{condition} was not reached by {key}")


def test_keyboard_alone_adds_and_deletes_a_document(serve, visit, tmp_path):
    server = serve()
    visitor = visit(server)
    page = visitor.open()
    note = tmp_path / "note.txt"
    note.write_text("The heron stands in the shallow water.")
    page.on("filechooser", lambda chooser: chooser.set_files(note))
    press_until(page, "Tab", "document.activeElement.textContent.trim() === 'Documents'")
    page.keyboard.press("Enter")
    page.get_by_text("There are no documents here yet").wait_for()
    press_until(page, "Tab", "document.activeElement.textContent.trim() === 'Choose files'")
    page.keyboard.press("Enter")
    page.locator(".good").wait_for(timeout=30_000)
    press_until(page, "Tab", "document.activeElement.textContent === 'Delete note.txt'")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Really delete").wait_for()
    visitor.shot("really")
    page.keyboard.press("Enter")
    page.get_by_text("There are no documents here yet").wait_for()
