from __future__ import annotations

import re
import runpy
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.notices import parse_notice
from rag.types import Answer, Citation, Notice, Passage, Section
from rag.web import answer_html, error_html, example_questions, panel_html, question_html

ROOT = Path(__file__).resolve().parent.parent


def tree(html: str) -> Element:
    """The HTML as a tree; what is not balanced or not escaped fails to parse."""
    return fromstring(f"<body>{html}</body>")


def words(element: Element | None) -> str:
    assert element is not None
    return "".join(element.itertext())


def marked(root: Element) -> dict[str, str]:
    """Id of a citation -> the highlighted text of all its pieces, joined."""
    out: dict[str, str] = {}
    for mark in root.iter("mark"):
        key = mark.attrib["data-quote"]
        out[key] = out.get(key, "") + words(mark)
    return out


def cite(notice: Notice, start: int, end: int, number: int) -> Citation:
    at = next((s for s in notice.sections if s.start <= start < s.end), None)
    return Citation(
        marker=f"[{number}]",
        section=at.label if at else "",
        heading=at.heading if at else "",
        quote=notice.text[start:end],
        start=start,
        end=end,
        notice_id=notice.id,
        title=notice.title,
        doc_no=notice.doc_no,
    )


def answered(*citations: Citation, text: str = "", **more: object) -> Answer:
    text = text or "".join(f"“{c.quote}”{c.marker}" for c in citations)
    answer = Answer("问", "问", text, refused=False, confidence=0.9, citations=citations)
    return replace(answer, **more)


def quoting(notice: Notice, *quotes: str) -> Answer:
    spans = [(notice.text.index(q), notice.text.index(q) + len(q)) for q in quotes]
    return answered(*(cite(notice, a, b, n) for n, (a, b) in enumerate(spans, start=1)))


SMALL = parse_notice(
    "某市人民政府关于修路的通知\n\n某政发〔2020〕3号\n\n各区：\n\n现通知如下。\n\n"
    "一、加强管理\n\n甲乙丙丁戊己。\n\n二、检查\n\n（一）安全检查。要查到底。\n\n"
    "某市人民政府\n\n2020年1月2日",
    id="small",
)


class TestPanel:
    def test_text_is_complete_and_in_order(self, notice: Notice):
        root = tree(panel_html({notice.id: notice}))
        assert words(root.find(".//*[@class='yj-notice']")) == notice.text

    def test_particulars_and_outline(self):
        root = tree(panel_html({"small": SMALL}))
        assert words(root.find(".//h2")) == "某市人民政府关于修路的通知"
        # Sections in the text's order; each entry leads to the element that holds its text.
        entries = [(words(a), a.attrib["href"][1:]) for a in root.iterfind(".//ol//a")]
        assert [text for text, _ in entries] == [
            "标题 ",
            "发文字号 ",
            "主送机关 ",
            "导语 ",
            "一 加强管理",
            "二 检查",
            "二（一） 安全检查",
            "发文机关署名 ",
            "成文日期 ",
        ]
        held = {s.attrib["id"]: words(s) for s in root.iter("section")}
        assert [held[place].strip() for _, place in entries][4:7] == [
            "一、加强管理\n\n甲乙丙丁戊己。",
            "二、检查",
            "（一）安全检查。要查到底。",
        ]
        assert [words(d) for d in root.iter("dd")] == [
            "某政发〔2020〕3号",
            "某市人民政府",
            "2020年1月2日",
        ]

    def test_nested_overlapping_and_equal_quotes(self):
        # 甲乙丙丁戊己: [1] holds [2], [3] overlaps [1] and [2], [4] equals [3].
        answer = quoting(SMALL, "甲乙丙丁", "乙丙丁", "丁戊", "丁戊")
        root = tree(panel_html({"small": SMALL}, [answer]))
        assert marked(root) == {
            "cite-1-1": "甲乙丙丁",
            "cite-1-2": "乙丙丁",
            "cite-1-3": "丁戊",
            "cite-1-4": "丁戊",
        }
        assert words(root.find(".//*[@class='yj-notice']")) == SMALL.text

    @given(st.data())
    def test_any_quotes_are_highlighted_exactly(self, data: st.DataObject):
        size = len(SMALL.text)
        spans = data.draw(
            st.lists(
                st.tuples(st.integers(0, size - 1), st.integers(1, size)).map(
                    lambda s: (s[0], min(size, s[0] + s[1]))
                ),
                max_size=6,
            )
        )
        # Two turns: the first one's quotes are places only, the last one's are highlighted.
        cut = len(spans) // 2
        turns = [
            answered(*(cite(SMALL, a, b, n) for n, (a, b) in enumerate(part, start=1)), text="答")
            for part in (spans[:cut], spans[cut:])
        ]
        root = tree(panel_html({"small": SMALL}, turns))
        assert words(root.find(".//*[@class='yj-notice']")) == SMALL.text
        assert marked(root) == {
            f"cite-2-{n}": SMALL.text[a:b] for n, (a, b) in enumerate(spans[cut:], start=1)
        }
        ids = [e.attrib["id"] for e in root.iter() if "id" in e.attrib]
        assert len(ids) == len(set(ids))
        for turn, answer in enumerate(turns, start=1):
            assert {f"cite-{turn}-{c.marker[1:-1]}" for c in answer.citations} <= set(ids)

    def test_an_error_leaves_the_latest_answer_highlighted(self):
        root = tree(panel_html({"small": SMALL}, [quoting(SMALL, "甲乙"), None]))
        assert marked(root) == {"cite-1-1": "甲乙"}

    def test_shows_the_notice_that_was_cited(self):
        other = replace(SMALL, id="other", title="另一份")
        both = {"small": SMALL, "other": other}
        assert [words(h) for h in tree(panel_html(both)).iter("h2")] == [SMALL.title]
        shown = tree(panel_html(both, [quoting(SMALL, "甲"), quoting(other, "乙")]))
        assert [words(h) for h in shown.iter("h2")] == ["另一份", SMALL.title]

    def test_without_notices_or_sections(self):
        assert "索引中没有完整的文件" in panel_html({})
        bare = Notice(id="bare", text="只有一行")
        assert words(tree(panel_html({"bare": bare})).find(".//section")) == "只有一行"


HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">&amp;\' ![x](http://a.example/)'


class TestEscaping:
    def test_hostile_notice(self):
        text = f"{HOSTILE}\n</section></mark>正文"
        place = Section(HOSTILE, HOSTILE, 0, len(text), 1)
        notice = Notice("evil", text, HOSTILE, HOSTILE, HOSTILE, HOSTILE, "", (place,))
        answer = answered(cite(notice, 0, len(text), 1))
        passage = Passage("p", text, "evil", HOSTILE, HOSTILE)
        refusal = replace(answer, refused=True, citations=(), closest=(passage,))
        root = tree(
            panel_html({"evil": notice}, [answer])
            + answer_html(answer, 1, {"evil": notice})
            + answer_html(refusal, 2, {"evil": notice})
        )
        assert not {"script", "img"} & {e.tag for e in root.iter()}
        assert not [name for e in root.iter() for name in e.attrib if name.startswith("on")]
        assert marked(root) == {"cite-1-1": text}
        assert all(a.attrib["href"].startswith("#") for a in root.iter("a"))

    @given(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=60)
    )
    def test_any_words_come_out_as_they_went_in(self, said: str):
        # White space around a question is not shown; an empty one is named as such.
        shown = " ".join(said.split()) or "（空 empty）"
        assert " ".join(words(tree(question_html(said))).split()) == shown
        assert words(tree(error_html(said))).endswith(" " + "".join(said.splitlines()))

    def test_one_line_whatever_is_said(self):
        answer = answered(text="一\n\n二\r\n# 三", standalone_question="a\n\nb", notes=("x\n\ny",))
        assert "\n" not in question_html("a\n\n\nb") + error_html("a\n\nb")
        assert "\n" not in answer_html(answer, 1, {})

    def test_a_long_question_is_cut_short(self):
        assert words(tree(question_html("长" * 5000))) == "长" * 600 + "…"


class TestAnswer:
    def test_markers_lead_to_the_places_in_the_notice(self):
        answer = quoting(SMALL, "甲乙丙丁戊己。", "要查到底。")
        root = tree(answer_html(answer, 3, {"small": SMALL}))
        text = root.find(".//*[@class='yj-text']")
        assert words(text) == "“甲乙丙丁戊己。”[1]“要查到底。”[2]"
        assert [a.attrib["href"] for a in text.iter("a")] == ["#cite-3-1", "#cite-3-2"]
        cited = [words(li) for li in root.iter("li")]
        assert cited == [
            "[1] 一 加强管理 某政发〔2020〕3号甲乙丙丁戊己。",
            "[2] 二（一） 安全检查 某政发〔2020〕3号要查到底。",
        ]
        places = tree(panel_html({"small": SMALL}, [None, None, answer]))
        ids = {e.attrib.get("id") for e in places.iter()}
        assert {"cite-3-1", "cite-3-2"} <= ids

    def test_brackets_inside_a_quote_are_no_marker(self):
        notice = Notice("n", "见注[1]。")
        root = tree(answer_html(answered(cite(notice, 0, 6, 1)), 1, {"n": notice}))
        text = root.find(".//*[@class='yj-text']")
        assert words(text) == "“见注[1]。”[1]"
        assert words(text.find("q")) == "见注[1]。"
        assert len(list(text.iter("a"))) == 1

    @pytest.mark.parametrize(
        ("language", "confidence", "said"),
        [
            ("zh-Hans", 0.85, "很有把握"),
            ("zh-Hans", 0.6, "较有把握"),
            ("zh-Hant", 0.59, "把握不大，請核對原文"),
            ("en", 0.9, "High confidence"),
            ("fr", 0.1, "Low confidence: check the text"),
        ],
    )
    def test_confidence_in_words(self, language: str, confidence: float, said: str):
        answer = replace(quoting(SMALL, "甲"), language=language, confidence=confidence)
        root = tree(answer_html(answer, 1, {}))
        assert words(root.find(".//*[@class='yj-small yj-confidence']")) == said
        assert root[0].attrib["lang"] == language

    def test_a_follow_up_says_how_it_was_read(self):
        answer = replace(quoting(SMALL, "甲"), standalone_question="修路的工资呢？")
        assert "理解为：修路的工资呢？" in words(tree(answer_html(answer, 1, {})))
        assert "理解为" not in words(tree(answer_html(quoting(SMALL, "甲"), 1, {})))

    def test_a_refusal_is_a_note_that_points_on(self):
        section = SMALL.sections[6]
        near = Passage("p", "要查到底。", "small", section.label, "检查 / 安全检查")
        refusal = Answer("问", "问", "通知没有写明这一点。", True, 0.1, closest=(near,))
        root = tree(answer_html(refusal, 1, {"small": SMALL}))
        assert (root[0].attrib["class"], root[0].attrib["role"]) == ("yj-refusal", "note")
        link = root.find(".//a")
        assert words(link) == "二（一） 安全检查"
        target = tree(panel_html({"small": SMALL}, [refusal])).find(
            f".//*[@id='{link.attrib['href'][1:]}']"
        )
        assert words(target).startswith("（一）安全检查。")
        assert "把握" not in words(root)
        assert root.find(".//li") is None


class TestExamples:
    def test_from_what_a_notice_has(self):
        assert example_questions([SMALL]) == [
            "这份文件的文号是什么？",
            "第二部分讲什么？",
            "“安全检查”有哪些内容？",
            "怎样加强管理？",
            "What is the date of the notice?",
            "How many parts does the notice have?",
        ]
        assert example_questions([parse_notice("没有编号的一段话。")]) == []
        assert example_questions([]) == []

    def test_of_several_only_what_tells_them_apart(self):
        assert example_questions([SMALL, SMALL]) == ["“安全检查”有哪些内容？"] * 2

    def test_each_is_answered(self, bot, notice: Notice):
        questions = example_questions([notice])
        assert len(questions) == 6
        assert [q for q in questions if bot.ask(q).refused] == []


class TestProgram:
    """The program itself, as a user starts it."""

    def start(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "app.py"), *arguments]
        return subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=60
        )

    def test_unknown_index(self, tmp_path: Path):
        done = self.start("--index", str(tmp_path / "none"), "--port", "0")
        assert (done.returncode, done.stdout) == (2, "")
        assert re.fullmatch(r"Error: [^\n]*none[^\n]*\n", done.stderr)

    def test_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            done = self.start("--port", port)
        assert (done.returncode, done.stdout) == (2, "")
        assert re.fullmatch(rf"Error: Cannot listen on 127.0.0.1 port {port} .*\n", done.stderr)

    @pytest.mark.parametrize("given", [("--port", "70000"), ("--refuse-below", "2")])
    def test_numbers_out_of_range(self, given: tuple[str, str]):
        done = self.start(*given)
        assert done.returncode == 2
        assert f"'{given[1]}' is not" in done.stderr

    def test_whatever_goes_wrong_is_said_in_words(self, caplog: pytest.LogCaptureFixture):
        class Broken:
            def ask(self, question: str, history: list[dict[str, str]]) -> Answer:
                raise ZeroDivisionError("division by zero")

        program = runpy.run_path(str(ROOT / "app.py"), run_name="app")
        turn = program["ask"](Broken(), "问", [])
        assert turn.error == "Something went wrong here; ask again or in other words."
        assert (turn.question, turn.answer) == ("问", None)
        assert [r.getMessage() for r in caplog.records] == ["ZeroDivisionError: division by zero"]

    def test_history_is_what_was_answered(self):
        class Recorder:
            def ask(self, question: str, history: list[dict[str, str]]) -> Answer:
                self.history = history
                return answered(text=f"答{question}")

        bot = Recorder()
        program = runpy.run_path(str(ROOT / "app.py"), run_name="app")
        failed = program["Turn"]("坏", error="no")
        program["ask"](bot, "三", [program["ask"](bot, "一", []), failed])
        assert bot.history == [
            {"role": "user", "content": "一"},
            {"role": "assistant", "content": "答一"},
        ]

    def test_only_the_program_loads_gradio(self):
        code = "import sys, rag, rag.web; sys.exit('gradio' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0

    def test_question_follow_up_and_error(self, chat_address: str):
        from gradio_client import Client

        client = Client(chat_address, verbose=False, analytics_enabled=False)
        left, messages, panel = client.predict("这份文件的文号是什么？", api_name="/ask")
        assert left == ""
        assert [m["role"] for m in messages] == ["user", "assistant"]
        assert "人社部函〔2021〕49号" in said(messages[-1])
        assert set(marked(tree(panel))) == {"cite-1-1"}
        # A question that cannot be asked stays in its box, and the conversation goes on.
        left, messages, panel = client.predict("？" * 3000, api_name="/ask")
        assert left == "？" * 3000
        assert "yj-error" in said(messages[-1])
        assert "Traceback" not in said(messages[-1])
        assert set(marked(tree(panel))) == {"cite-1-1"}
        left, messages, panel = client.predict("那成文日期呢？", api_name="/ask")
        assert left == ""
        assert len(messages) == 6
        assert "2021年4月30日" in marked(tree(panel))["cite-3-1"]


def said(message: dict) -> str:
    """The text of a message as the page's own interface gives it."""
    content = message["content"]
    return content if isinstance(content, str) else "".join(part["text"] for part in content)
