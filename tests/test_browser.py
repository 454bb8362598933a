from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

sync_api = pytest.importorskip("playwright.sync_api")

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


@pytest.fixture
def page(
    browser: sync_api.Browser, chat_address: str, request: pytest.FixtureRequest
) -> Iterator[sync_api.Page]:
    """The chat, opened; fails the test for a request to outside or an error in the page."""
    context = browser.new_context(**getattr(request, "param", {}))
    page = context.new_page()
    hosts: set[str | None] = set()
    errors: list[str] = []
    page.on("request", lambda r: hosts.add(urlsplit(r.url).hostname))
    page.on("websocket", lambda s: hosts.add(urlsplit(s.url).hostname))
    page.on("pageerror", lambda e: errors.append(str(e)))
    page.goto(chat_address)
    page.wait_for_selector(BOX)
    yield page
    context.close()
    assert hosts <= {"127.0.0.1", None}  # None: data: and blob: addresses
    assert errors == []


def ask(page: sync_api.Page, question: str) -> sync_api.Locator:
    """Ask and wait for what comes back."""
    replies = page.locator(".yj-answer, .yj-refusal, .yj-error")
    before = replies.count()
    page.fill(BOX, question)
    page.press(BOX, "Enter")
    replies.nth(before).wait_for()
    return replies.nth(before)


def marked(page: sync_api.Page) -> dict[str, str]:
    return page.evaluate(
        """() => { const out = {};
        for (const m of document.querySelectorAll('.yj-notice mark'))
            out[m.dataset.quote] = (out[m.dataset.quote] || '') + m.textContent;
        return out; }"""
    )


def test_answer_citation_and_place(page: sync_api.Page, notice):
    reply = ask(page, "人才评价有哪几种方式？")
    assert "yj-answer" in reply.get_attribute("class")
    assert "[1]" in reply.locator(".yj-text").inner_text()
    quotes = [q.text_content() for q in reply.locator("blockquote").all()]
    assert quotes
    assert all(q in notice.text for q in quotes)
    # What is highlighted in the notice is what the citations quote, in the same order.
    highlighted = marked(page)
    assert [highlighted[f"cite-1-{n}"] for n in range(1, len(quotes) + 1)] == quotes
    assert page.locator(".yj-notice").text_content() == notice.text
    # The marker leads to the place, and brings it into view.
    reply.locator(".yj-text .yj-marker").first.click()
    page.wait_for_url(re.compile("#cite-1-1$"))
    sync_api.expect(page.locator("#cite-1-1")).to_be_in_viewport()
    assert page.input_value(BOX) == ""


def test_refusal_looks_different_and_a_new_conversation_begins(page: sync_api.Page):
    ask(page, "这份文件的文号是什么？")
    assert marked(page)
    reply = ask(page, "今天北京的天气怎么样？")
    assert "yj-refusal" in reply.get_attribute("class")
    assert reply.locator("blockquote, .yj-marker").count() == 0
    assert marked(page) == {}
    colours = page.evaluate(
        """() => ['.yj-answer', '.yj-refusal'].map(
            s => getComputedStyle(document.querySelector(s)).backgroundColor)"""
    )
    assert colours[0] != colours[1]
    page.click("#yj-chat button[title=Clear]")
    page.wait_for_selector(".yj-answer", state="detached")
    # The number of the turn is 1 again, so nothing of the old conversation is left.
    ask(page, "这份文件的文号是什么？")
    assert set(marked(page)) == {"cite-1-1"}


def test_an_example_is_asked_by_a_click(page: sync_api.Page):
    page.get_by_role("button", name="这份文件的文号是什么？").click()
    page.wait_for_selector(".yj-answer")
    assert "人社部函〔2021〕49号" in page.locator(".yj-answer").inner_text()


def test_hostile_question_is_text_and_is_kept(page: sync_api.Page):
    hostile = '<img src=x onerror="window.ran=1"> ![a](http://a.example/b.png) ${window.ran=2}'
    ask(page, hostile)
    assert page.locator(".yj-question").inner_text() == hostile
    assert page.locator("#yj-chat .yj-question img").count() == 0
    too_long = "长" * 3000
    reply = ask(page, too_long)
    assert "yj-error" in reply.get_attribute("class")
    assert page.input_value(BOX) == too_long
    assert page.evaluate("window.ran") is None


@pytest.mark.parametrize(
    "page",
    [
        pytest.param({"viewport": {"width": 360, "height": 740}, "color_scheme": "light"}),
        pytest.param({"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"}),
    ],
    indirect=True,
    ids=["phone", "dark"],
)
def test_legible_and_no_wider_than_the_screen(page: sync_api.Page):
    ask(page, "这份文件的文号是什么？")
    ask(page, "今天北京的天气怎么样？")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    low = page.evaluate(CONTRAST)
    assert low == []


# Text that stands out from what is behind it by less than 4.5 : 1, the least that WCAG 2 (1.4.3)
# asks for; relative luminance as defined there. Backgrounds of these elements are opaque or none.
CONTRAST = """() => {
    const rgb = c => c.match(/[0-9.]+/g).map(Number);
    const light = c => { const [r, g, b] = rgb(c).map(v => v / 255).map(
        v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const behind = e => { for (; e; e = e.parentElement) {
        const c = rgb(getComputedStyle(e).backgroundColor);
        if (c.length === 3 || c[3] === 1) return getComputedStyle(e).backgroundColor; }
        return 'rgb(255, 255, 255)'; };
    const low = [];
    const seen = '.yj-answer *, .yj-refusal *, .yj-question, .yj-card *, #yj-head *';
    for (const e of document.querySelectorAll(seen)) {
        if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
        const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
        if ((a + 0.05) / (b + 0.05) < 4.5) low.push([e.tagName, e.className, e.textContent]);
    }
    return low; }"""
