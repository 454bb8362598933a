"""The chat as a reader has it, in a real browser."""

from __future__ import annotations

import json
import os
import runpy
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from test_documents import LINES, pdf, word

from rag import Chatbot, Notice
from rag.generator import ExtractiveGenerator
from rag.notices import parse_notice
from rag.store import Index
from rag.web.desk import Desk, Line
from rag.web.words import WORDS

sync_api = pytest.importorskip("playwright.sync_api")

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# The browser itself may reach nothing but this machine, and asks nobody about that.
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
BOX = "#yj-box textarea"
CHINESE = {"locale": "zh-CN", "viewport": {"width": 1280, "height": 860}}
ENGLISH = {**CHINESE, "locale": "en-US"}
DARK = {**ENGLISH, "color_scheme": "dark"}
PHONE = {"locale": "zh-CN", "viewport": {"width": 360, "height": 740}, "has_touch": True}


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("needs Chromium: apt-get install chromium")
        pytest.skip("needs Chromium: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        yield browser
        browser.close()


@contextmanager
def opened(browser: sync_api.Browser, address: str, options: dict) -> Iterator[sync_api.Page]:
    """The chat, opened; fails the test for a request to outside or an error in the page."""
    context = browser.new_context(**options)
    page = context.new_page()
    outside: list[str] = []
    errors: list[str] = []

    def only_here(route: sync_api.Route) -> None:
        if urlsplit(route.request.url).hostname in ("127.0.0.1", None):
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    context.route("**/*", only_here)
    page.on("websocket", lambda s: outside.append(s.url) if "127.0.0.1" not in s.url else None)
    page.on("pageerror", lambda e: errors.append(str(e)))
    page.goto(address)
    page.wait_for_selector(f"{BOX} >> visible=true")
    page.wait_for_selector(".yj-welcome")
    yield page
    context.close()
    assert outside == []
    assert errors == []


@pytest.fixture
def page(
    browser: sync_api.Browser, chat_address: str, request: pytest.FixtureRequest
) -> Iterator[sync_api.Page]:
    with opened(browser, chat_address, getattr(request, "param", CHINESE)) as page:
        yield page


def ask(page: sync_api.Page, question: str) -> sync_api.Locator:
    """Ask and wait for the whole of what comes back."""
    turns = page.locator("#yj-talk .yj-turn")
    before = turns.count()
    page.fill(BOX, question)
    page.press(BOX, "Enter")
    turns.nth(before).wait_for()
    return turns.nth(before)


def marked(page: sync_api.Page) -> str:
    """The text that is highlighted in the notice."""
    return page.evaluate(
        "[...document.querySelectorAll('.yj-notice mark')].map(m => m.textContent).join('')"
    )


def marks(page: sync_api.Page, quote: str) -> None:
    """Wait until that is what is highlighted, in view."""
    page.wait_for_function(
        "q => [...document.querySelectorAll('.yj-notice mark')]"
        ".map(m => m.textContent).join('') === q",
        arg=quote,
    )
    sync_api.expect(page.locator(".yj-notice mark").first).to_be_in_viewport()


def serious(page: sync_api.Page) -> list[str]:
    """What axe-core finds wrong with the page as it stands, the serious and the critical."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{v['id']}: {v['nodes'][0]['html'][:200]}"
        for v in found
        if v["impact"] in ("serious", "critical")
    ]


def test_answer_citation_and_place(page: sync_api.Page, notice: Notice):
    assert page.locator(".yj-notice").text_content() == notice.text
    reply = ask(page, "技能人才的待遇要怎么提高？")
    markers = reply.locator(".yj-text .yj-marker")
    quotes = [m.get_attribute("data-quote") for m in markers.all()]
    assert len(quotes) >= 2 and all(q in notice.text for q in quotes)
    marks(page, quotes[0])  # the first at once
    for n in reversed(range(len(quotes))):
        markers.nth(n).click()
        marks(page, quotes[n])
    # Nothing of the notice was changed by highlighting.
    assert page.locator(".yj-notice").text_content() == notice.text
    assert page.input_value(BOX) == ""
    # Hovering a marker shows where it leads and what stands there.
    markers.nth(1).hover()
    tip = page.locator("#yj-tip")
    assert quotes[1] in tip.text_content()
    assert markers.nth(1).get_attribute("data-section") in tip.text_content()
    page.hover("h1")
    sync_api.expect(tip).to_have_count(0)


@pytest.mark.parametrize("page", [ENGLISH], indirect=True)
def test_in_english_a_follow_up_and_the_other_language(page: sync_api.Page, notice: Notice):
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator(".yj-title").inner_text() == notice.title
    shown = page.locator(".yj-welcome dd").all_inner_texts()
    assert shown == [notice.doc_no, notice.date, notice.issuer]
    assert page.locator(".yj-example").count() == 6
    page.click(".yj-example >> nth=0")
    first = page.locator("#yj-talk .yj-turn").first
    first.wait_for()
    assert "The document number is “人社部函〔2021〕49号”" in first.inner_text()
    assert "High confidence" in first.inner_text()
    follow_up = ask(page, "And the date?")
    assert notice.date in follow_up.locator(".yj-text").inner_text()
    page.click("[data-do=language]")
    page.get_by_role("button", name="新对话").wait_for()
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    assert "很有把握" in page.locator("#yj-talk").inner_text()
    assert page.locator(BOX).get_attribute("placeholder") == WORDS["zh"]["placeholder"]
    # The choice outlasts a reload, against the browser's own language.
    page.reload()
    page.get_by_role("button", name="新对话").wait_for()


def test_a_refusal_looks_different_and_points_on(page: sync_api.Page, notice: Notice):
    ask(page, "这份文件的文号是什么？")
    marks(page, notice.doc_no)
    reply = ask(page, "今天北京的天气怎么样？")
    refusal = reply.locator(".yj-refusal")
    assert refusal.locator(".yj-marker").count() == 0
    page.wait_for_function("!document.querySelector('.yj-notice mark')")
    colours = page.evaluate(
        """() => ['.yj-answer', '.yj-refusal'].map(
            s => getComputedStyle(document.querySelector(s)).backgroundColor)"""
    )
    assert colours[0] != colours[1]
    near = refusal.locator(".yj-near").first
    near.click()
    marks(page, near.get_attribute("data-quote"))
    page.click("[data-do=new]")
    page.wait_for_selector(".yj-welcome")
    assert page.locator(".yj-turn").count() == 0


def test_every_answer_leads_to_its_place_after_a_reload(page: sync_api.Page, notice: Notice):
    for question in ("这份文件的文号是什么？", "技能人才的待遇要怎么提高？", "成文日期是什么？"):
        ask(page, question)
    page.reload()
    page.locator("#yj-talk .yj-turn").nth(2).wait_for()
    markers = page.locator("#yj-talk .yj-text .yj-marker")
    assert markers.count() >= 4
    for n in (0, 1, markers.count() - 1):
        markers.nth(n).click()
        marks(page, markers.nth(n).get_attribute("data-quote"))
    assert marked(page) == notice.date
    # The conversation goes on from what was kept.
    assert notice.doc_no in ask(page, "那文号呢？").locator(".yj-text").inner_text()


def test_edit_and_ask_again(page: sync_api.Page):
    ask(page, "这份文件的文号是什么？")
    ask(page, "人才评价有哪几种方式？")
    page.locator(".yj-asked").first.hover()
    page.click("[data-do=edit] >> nth=0")
    page.wait_for_selector(".yj-editing")
    assert page.input_value(BOX) == "这份文件的文号是什么？"
    assert page.locator(".yj-dimmed").count() == 2
    page.click("[data-do=cancel]")
    page.wait_for_selector(".yj-editing", state="detached")
    page.click("[data-do=edit] >> nth=0", force=True)
    page.wait_for_selector(".yj-editing")
    page.fill(BOX, "这份文件发给谁？")
    page.press(BOX, "Enter")
    page.wait_for_function("document.querySelectorAll('#yj-talk .yj-turn').length === 1")
    assert "主送机关" in page.locator(".yj-text").inner_text()
    page.click("[data-do=retry]")
    page.wait_for_selector("#yj-talk .yj-turn")
    assert page.locator(".yj-question").inner_text() == "这份文件发给谁？"


def test_copy_export_and_thumbs(page: sync_api.Page, notice: Notice, served):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, "这份文件的文号是什么？")
    ask(page, "今天北京的天气怎么样？")
    page.click("[data-do=copy] >> nth=0")
    page.wait_for_selector(".yj-done")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == (
        f"### 这份文件的文号是什么？\n\n发文字号是“{notice.doc_no}”[1]。\n\n"
        f"> [1] {notice.doc_no} 发文字号\n>\n> {notice.doc_no}\n"
    )
    with page.expect_download() as download:
        page.click("[data-do=export-markdown]")
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert text.startswith(copied) and "### 今天北京的天气怎么样？" in text
    with page.expect_download() as download:
        page.click("[data-do=export-json]")
    turns = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    (cited,) = turns[0]["answer"]["citations"]
    assert notice.text[cited["start"] : cited["end"]] == cited["quote"] == notice.doc_no
    assert turns[1]["answer"]["refused"] is True
    thumb = page.locator("[data-do=up]").first
    assert str(served.feedback) in thumb.get_attribute("title")
    thumb.click()
    page.wait_for_selector("[data-do=up][aria-pressed=true]")
    row = json.loads(served.feedback.read_text(encoding="utf-8").splitlines()[-1])
    assert (row["verdict"], row["question"]) == ("up", "这份文件的文号是什么？")
    page.reload()
    page.wait_for_selector("[data-do=up][aria-pressed=true]")


def test_hostile_questions_are_text(page: sync_api.Page):
    hostile = '<img src=x onerror="window.ran=1"> ![a](http://a.example/b.png) ${window.ran=2}'
    hostile += " {{constructor}} <svg/onload=window.ran=3>"
    ask(page, hostile)
    page.reload()
    page.wait_for_selector(".yj-turn")
    assert page.locator(".yj-question").inner_text() == hostile
    assert page.locator(".yj-turn :is(img, svg[onload])").count() == 0
    too_long = "长" * 3000
    reply = ask(page, too_long)
    assert reply.locator(".yj-error").count() == 1
    assert page.input_value(BOX) == too_long
    assert page.evaluate("window.ran") is None


def test_own_document_is_read_asked_and_forgotten(page: sync_api.Page, tmp_path: Path):
    # A character beyond the basic plane before the quote: offsets count code points.
    lines = [*LINES[:3], "𠮷野家食堂亦同。", *LINES[3:]]
    (tmp_path / "伙食.pdf").write_bytes(pdf([LINES]))
    (tmp_path / "食堂.docx").write_bytes(word(lines))
    (tmp_path / "坏.pdf").write_bytes(b"no pdf")
    files = page.locator("#yj-panel input[type=file]")
    ask(page, "人才评价有哪几种方式？")
    for name in ("伙食.pdf", "食堂.docx"):
        files.set_input_files(tmp_path / name)
        page.wait_for_selector(f".yj-doc[data-notice={name.split('.')[0]}]")
        assert page.locator(".yj-status").inner_text().startswith(f"已打开《{LINES[0]}》")
        assert "一 落实责任" in page.locator(".yj-outline").text_content()
        reply = ask(page, "食品留样要保存多久？")
        quote = reply.locator(".yj-text .yj-marker").first.get_attribute("data-quote")
        assert "保存48小时以上" in quote
        marks(page, quote)
    # A marker of the other notice brings that back, and one of this brings this.
    first, final = page.locator(".yj-text .yj-marker").first, reply.locator(".yj-marker").first
    first.click()
    marks(page, first.get_attribute("data-quote"))
    assert page.locator(".yj-doc").get_attribute("data-notice") == "rsbh-2021-49"
    final.click()
    marks(page, quote)
    files.set_input_files(tmp_path / "坏.pdf")
    page.locator("#yj-status", has_text="坏.pdf 不是可以读取的 PDF 文件").wait_for()
    # A reload is another session: the document is gone, and its markers say so.
    page.reload()
    page.locator("#yj-talk .yj-turn").nth(2).wait_for()
    assert page.locator(".yj-doc").get_attribute("data-notice") == "rsbh-2021-49"
    page.locator("#yj-talk .yj-text .yj-marker").last.click()
    page.locator("#yj-status", has_text=WORDS["zh"]["gone"]).wait_for()


def test_own_document_is_closed(page: sync_api.Page, tmp_path: Path):
    (tmp_path / "own.txt").write_text("\n".join(LINES), encoding="utf-8")
    page.locator("#yj-panel input[type=file]").set_input_files(tmp_path / "own.txt")
    page.wait_for_selector(".yj-doc[data-notice=own]")
    page.click("[data-do=close]")
    page.wait_for_selector(".yj-doc[data-notice=rsbh-2021-49]")


def test_repaired_places_show_the_damage(page: sync_api.Page):
    assert page.locator(".yj-repair[tabindex]").count() == 0
    page.click("[data-do=repairs]")
    place = page.locator(".yj-repair[data-before*='(huì)']").first
    place.hover()
    assert place.get_attribute("data-before") in page.locator("#yj-tip").text_content()
    assert "會(huì)" in page.locator("#yj-tip").text_content()
    assert place.get_attribute("tabindex") == "0"


def test_by_keyboard_alone(page: sync_api.Page, notice: Notice):
    def active(test: str) -> bool:
        return page.evaluate(f"document.activeElement.matches('{test}')")

    def tab_to(test: str, key: str = "Tab") -> None:
        for _ in range(40):
            if active(test):
                return
            page.keyboard.press(key)
        raise AssertionError(f"{test} is not reached by {key}")

    tab_to(".yj-example", "Shift+Tab")
    page.keyboard.press("Enter")
    page.locator("#yj-talk .yj-turn").first.wait_for()
    page.locator(BOX).focus()
    page.keyboard.type("人才评价有哪几种方式？")
    page.keyboard.press("Enter")
    page.locator("#yj-talk .yj-turn").nth(1).wait_for()
    tab_to(".yj-text .yj-marker", "Shift+Tab")
    quote = page.evaluate("document.activeElement.dataset.quote")
    assert quote in page.locator("#yj-tip").text_content()  # focus shows what hovering shows
    page.keyboard.press("Enter")
    marks(page, quote)
    assert active(".yj-notice mark")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.quote") == quote


@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_on_a_phone(page: sync_api.Page):
    def fits() -> bool:
        return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    assert fits() and serious(page) == []
    panel = page.locator("#yj-panel")
    assert not panel.is_visible()
    reply = ask(page, "人才评价有哪几种方式？")
    ask(page, "今天北京的天气怎么样？")
    assert fits() and serious(page) == []
    marker = reply.locator(".yj-text .yj-marker").first
    marker.tap()
    marks(page, marker.get_attribute("data-quote"))
    assert fits() and not page.locator("#yj-chat").is_visible()
    assert serious(page) == []
    page.tap("[data-do=back]")
    assert marker.is_visible() and not panel.is_visible()
    page.tap("[data-pane=notice]")
    assert panel.is_visible()


@pytest.mark.parametrize("page", [CHINESE, DARK], indirect=True, ids=["light", "dark"])
def test_accessible(page: sync_api.Page, request: pytest.FixtureRequest):
    dark = "dark" in request.node.name
    assert page.evaluate("document.body.classList.contains('dark')") == dark
    assert serious(page) == []
    ask(page, "这份文件的文号是什么？")
    ask(page, "今天北京的天气怎么样？")
    ask(page, "长" * 3000)
    page.click("[data-do=repairs]")
    page.click("summary >> nth=0")
    assert serious(page) == []
    page.click("[data-do=theme]")
    assert page.evaluate("document.body.classList.contains('dark')") != dark
    page.reload()
    page.wait_for_selector(".yj-turn")
    assert page.evaluate("document.body.classList.contains('dark')") != dark


def test_nobody_was_talked_to(page: sync_api.Page, served):
    """Whatever the tests before this did with the program: it stayed on this machine."""
    page.goto(f"{served.address}/docs")
    page.get_by_text("/api/ask").wait_for()
    page.wait_for_load_state("networkidle")
    assert not served.contacts.exists()


# -- what the program at its defaults cannot show ------------------------------------------


@contextmanager
def serving(desk: Desk) -> Iterator[str]:
    program = runpy.run_path(str(ROOT / "app.py"), run_name="app")
    with program["listen"]("127.0.0.1", 0) as listening:
        app = program["build_app"](desk)
        with program["serving"](app, listening) as address:
            yield address


class Slow(Chatbot):
    """Writes one character after another, and slowly; how many is what ``written`` says."""

    written = 0

    def stream(self, question, history=()):  # noqa: ANN001, ANN201
        *_, answer = super().stream(question, history)
        for character in answer.text:
            time.sleep(0.05)
            Slow.written += 1
            yield character
        yield answer


def test_streaming_stop_and_busy(browser: sync_api.Browser, bot: Chatbot, monkeypatch):
    monkeypatch.setattr("rag.web.desk.Chatbot", Slow)
    line = Line.of(at_once=1, waiting=0)
    desk = Desk({"youju": bot.index}, {"a": ExtractiveGenerator(), "b": ExtractiveGenerator()})
    object.__setattr__(desk, "line", line)
    with serving(desk) as address:
        with opened(browser, address, CHINESE) as one, opened(browser, address, CHINESE) as two:
            one.fill(BOX, "人才评价有哪几种方式？")
            one.press(BOX, "Enter")
            one.wait_for_function(
                "document.querySelector('#yj-live .yj-text')?.textContent.length > 3"
            )
            busy = ask(two, "这份文件的文号是什么？")
            assert WORDS["zh"]["busy"] in busy.inner_text()
            assert two.input_value(BOX) == "这份文件的文号是什么？"
            one.click("#yj-box button:has-text('停止')")
            one.locator("#yj-talk .yj-turn").wait_for()
            said = one.locator("#yj-talk .yj-text").inner_text()
            assert 3 < len(said) < 60 and WORDS["zh"]["stopped"] in one.inner_text("#yj-talk")
            time.sleep(0.3)
            before = Slow.written
            time.sleep(0.5)
            assert Slow.written == before  # the generator was stopped, not only the page
            # The seat is free again, and each has their own conversation.
            two.press(BOX, "Enter")
            two.wait_for_selector("#yj-talk .yj-answer")
            reply = two.locator("#yj-talk .yj-turn")
            assert "人社部函〔2021〕49号" in reply.inner_text()
            assert two.locator("#yj-talk .yj-turn").count() == 1
            assert one.locator("#yj-talk .yj-turn").count() == 1
            # What answers can be chosen among those configured.
            two.click("#yj-generator input")
            kept = two.evaluate("localStorage['youju-choice']")
            two.click("[role=option]:has-text('b')")
            two.wait_for_function("kept => localStorage['youju-choice'] !== kept", arg=kept)
            two.reload()
            two.wait_for_selector(".yj-turn")
            assert two.input_value("#yj-generator input") == "b"
    assert line.places.acquire(blocking=False)


HOSTILE = '<script>window.ran=1</script><img src=x onerror="window.ran=2">${window.ran=3}{{x}}'


def test_a_hostile_notice_is_text(browser: sync_api.Browser, monkeypatch):
    from gradio.state_holder import StateHolder

    notice = parse_notice(
        f"某市关于{HOSTILE}的通知\n\n一、{HOSTILE}\n\n食品留样保存48小时。{HOSTILE}\n", id="evil"
    )
    other = parse_notice("另一份通知\n\n一、别的\n\n本条例自2020年起施行。\n", id='o"><b>')
    from rag.passages import passages

    index = Index.build([*passages(notice), *passages(other)], [notice, other])
    desk = Desk({"youju": index}, {"extractive": ExtractiveGenerator()})
    forgotten: list[str] = []
    delete = StateHolder.delete_state
    monkeypatch.setattr(
        StateHolder,
        "delete_state",
        lambda self, session, **more: forgotten.append(session) or delete(self, session, **more),
    )
    with serving(desk) as address:
        with opened(browser, address, CHINESE) as page:
            assert page.locator(".yj-notice").text_content() == notice.text
            reply = ask(page, "食品留样保存多久？")
            quote = reply.locator(".yj-text .yj-marker").first.get_attribute("data-quote")
            marks(page, quote)
            reply.locator(".yj-text .yj-marker").first.hover()
            assert page.locator("#yj-tip :is(img, script)").count() == 0
            # Choosing the other notice shows it.
            page.select_option(".yj-choice", other.id)
            page.wait_for_function(
                "document.querySelector('.yj-notice').textContent.startsWith('另')"
            )
            assert page.locator(".yj-notice").text_content() == other.text
            assert page.evaluate("window.ran") is None
            assert page.locator("#yj-talk img, #yj-notice img, #yj-talk script").count() == 0
        # The page is closed: what its session held is forgotten.
        waited = time.monotonic()
        while not forgotten and time.monotonic() - waited < 20:
            time.sleep(0.1)
        assert len(set(forgotten)) == 1  # by Gradio too, at times
