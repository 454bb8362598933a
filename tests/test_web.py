"""The page's parts that need no browser: HTML, conversations as data, what a reader does."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import Chatbot
from rag.documents import REASONS
from rag.generator import ExtractiveGenerator
from rag.notices import parse_notice
from rag.types import Answer, Check, Citation, Notice, Passage, Repair, Section
from rag.web import actions, render
from rag.web.desk import BusyError, Desk, Line
from rag.web.examples import Example, example_questions
from rag.web.repairs import Damage, damages
from rag.web.turns import CONTEXT, KEPT, Turn, from_data, history, markdown, to_data
from rag.web.words import REFUSED, WORDS, interface_language


def tree(html: str) -> Element:
    """The HTML as a tree; what is not balanced or not escaped fails to parse."""
    return fromstring(f"<body>{html}</body>")


def words(element: Element | None) -> str:
    assert element is not None
    return "".join(element.itertext())


def having(root: Element, name: str) -> list[Element]:
    """Elements of that class, in order."""
    return [e for e in root.iter() if name in e.attrib.get("class", "").split()]


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


def shown(answer: Answer, lang: str = "zh", **more: object) -> Element:
    turn = Turn("问", "源", answer)
    return tree(render.conversation_html([turn], lang, **more))


SMALL = parse_notice(
    "某市人民政府关于修路的通知\n\n某政发〔2020〕3号\n\n各区：\n\n现通知如下。\n\n"
    "一、加强管理\n\n甲乙丙丁戊己。\n\n二、检查\n\n（一）安全检查。要查到底。\n\n"
    "某市人民政府\n\n2020年1月2日",
    id="small",
)


class TestPanel:
    def test_text_is_complete_and_in_order(self, notice: Notice):
        root = tree(render.panel_html({notice.id: notice}, "源", "zh"))
        (text,) = having(root, "yj-notice")
        assert words(text) == notice.text
        (doc,) = having(root, "yj-doc")
        assert (doc.attrib["data-source"], doc.attrib["data-notice"]) == ("源", notice.id)

    @given(
        st.text(st.sampled_from("甲乙。 \n\t\u3000\U00020000<&"), max_size=40),
        st.integers(0, 40),
        st.integers(0, 40),
    )
    def test_any_text_is_complete(self, text: str, cut: int, heading: int):
        cut = min(cut, len(text))
        heading = min(heading, cut)
        sections = (
            Section("一", text[:heading], 0, cut, 1, "", 0, heading),
            Section("二", "", cut, len(text), 1),
        )
        root = tree(render.panel_html({"n": Notice("n", text, sections=sections)}, "源", "en"))
        # An XML parser reads a carriage return or an attribute's tab otherwise; none is shown.
        assert words(having(root, "yj-notice")[0]) == text

    def test_outline_leads_to_where_sections_start(self):
        root = tree(render.panel_html({"small": SMALL}, "源", "zh"))
        entries = [(words(a), int(a.attrib["data-start"])) for a in root.iterfind(".//ol//a")]
        assert [text for text, _ in entries] == [
            "标题",
            "发文字号",
            "主送机关",
            "导语",
            "一 加强管理",
            "二 检查",
            "二（一） 安全检查",
            "发文机关署名",
            "成文日期",
        ]
        held = {int(s.attrib["data-start"]): words(s) for s in root.iter("section")}
        assert [held[start].strip() for _, start in entries][4:7] == [
            "一、加强管理\n\n甲乙丙丁戊己。",
            "二、检查",
            "（一）安全检查。要查到底。",
        ]
        assert [words(b) for b in having(root, "yj-heading")] == ["加强管理", "检查", "安全检查"]

    def test_which_of_several_notices(self):
        other = replace(SMALL, id="other", title="另一份")
        both = {"small": SMALL, "other": other}
        first = tree(render.panel_html(both, "源", "zh"))
        assert having(first, "yj-doc")[0].attrib["data-notice"] == "small"
        second = tree(render.panel_html(both, "源", "zh", shown="other"))
        assert having(second, "yj-doc")[0].attrib["data-notice"] == "other"
        chosen = [o.attrib["value"] for o in second.iter("option") if "selected" in o.attrib]
        assert chosen == ["other"]

    def test_without_notices_or_sections(self):
        assert WORDS["zh"]["no_notice"] in render.panel_html({}, "源", "zh")
        bare = Notice(id="bare", text="只有一行")
        root = tree(render.panel_html({"bare": bare}, "源", "en"))
        assert words(root.find(".//section")) == "只有一行"
        assert root.find(".//details") is None

    def test_repaired_places_hold_the_damaged_form(self):
        # 社會(huì)保 -> 社会保 by a change of script and a cut, which touch in the source.
        repairs = (Repair("script", 1, 2, "會", "会"), Repair("pinyin", 2, 7, "(huì)", ""))
        notice = Notice("n", "社会保", repairs=repairs)
        root = tree(render.panel_html({"n": notice}, "源", "zh"))
        (place,) = having(root, "yj-repair")
        assert (words(place), place.attrib["data-before"]) == ("会", "會(huì)")
        assert words(having(root, "yj-notice")[0]) == "社会保"


class TestRepairs:
    @pytest.mark.parametrize(
        ("source", "text", "edits", "places"),
        [
            # Only a cut: the place is the character before it.
            ("甲(jiǎ)乙", "甲乙", [("pinyin", 1, 6, "")], [(0, 1, "甲(jiǎ)")]),
            # Furniture before it moves the text, and is not shown itself.
            ("头部資源", "资源", [("furniture", 0, 2, ""), ("script", 2, 3, "资")], [(0, 1, "資")]),
            # Two places apart; the second longer than what it was.
            (
                "a?b?c",
                "a好b好好c",
                [("misaligned", 1, 2, "好"), ("misaligned", 3, 4, "好好")],
                [(1, 2, "?"), (3, 5, "?")],
            ),
            # Nothing before a cut at the start to stand for it.
            ("(x)甲", "甲", [("pinyin", 0, 3, "")], []),
        ],
    )
    def test_places(self, source: str, text: str, edits: list, places: list):
        log = [Repair(k, a, b, source[a:b], after) for k, a, b, after in edits]
        assert [(d.start, d.end, d.before) for d in damages(text, log)] == places

    def test_unresolved_stands_out(self):
        log = [Repair("unresolved", 1, 2, "?", "?")]
        assert damages("甲?乙", log) == [Damage(1, 2, "?", resolved=False)]

    def test_of_the_notice(self, notice: Notice):
        places = damages(notice.text, notice.repairs)
        assert len(places) > 400
        assert all(a.end <= b.start for a, b in zip(places, places[1:], strict=False))
        # 會(huì) in the page became 会 wherever it stands.
        spelled = [notice.text[d.start : d.end] for d in places if d.before == "會(huì)"]
        assert set(spelled) == {"会"} and len(spelled) > 10


HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">&amp;\' ![x](http://a.example/)'


class TestEscaping:
    def test_hostile_notice_and_answer(self):
        text = f"{HOSTILE}\n</section></mark>正文"
        place = Section(HOSTILE, HOSTILE, 0, len(text), 1)
        repairs = (Repair("misaligned", 0, len(HOSTILE), HOSTILE, HOSTILE),)
        notice = Notice("evil", text, HOSTILE, HOSTILE, HOSTILE, HOSTILE, "", (place,), repairs)
        answer = answered(cite(notice, 0, len(text), 1), notes=(HOSTILE,), language=HOSTILE)
        near = Passage("p", text, HOSTILE, HOSTILE, HOSTILE)
        refusal = replace(answer, refused=True, citations=(), closest=(near,))
        turns = [
            Turn(HOSTILE, HOSTILE, answer),
            Turn(HOSTILE, HOSTILE, refusal),
            Turn(HOSTILE, HOSTILE, partial=HOSTILE),
            Turn(HOSTILE, HOSTILE, error=HOSTILE),
        ]
        notices = {"evil": notice, HOSTILE: replace(notice, id=HOSTILE)}
        root = tree(
            render.panel_html(notices, HOSTILE, "zh")
            + render.conversation_html(turns, "zh", feedback=HOSTILE, editing=1)
            + render.welcome_html({"evil": notice}, [Example(HOSTILE, HOSTILE)], HOSTILE, "en")
            + render.live_html(HOSTILE, HOSTILE, "en")
            + render.message_html(HOSTILE, bad=True)
        )
        assert not {"script", "img"} & {e.tag for e in root.iter()}
        assert not [name for e in root.iter() for name in e.attrib if name.startswith("on")]
        assert {a.attrib["href"] for a in root.iter("a")} == {"#yj-panel"}
        marker = having(root, "yj-marker")[0]
        assert marker.attrib["data-quote"] == text
        assert having(root, "yj-repair")[0].attrib["data-before"] == HOSTILE

    @given(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=60)
    )
    def test_any_words_come_out_as_they_went_in(self, said: str):
        root = tree(render.live_html(said, said, "zh"))
        (question,) = having(root, "yj-question")
        assert words(question) == "".join(said.strip().splitlines())


class TestAnswer:
    def test_a_marker_is_the_citation_as_data(self):
        answer = quoting(SMALL, "甲乙丙丁戊己。", "要查到底。")
        root = shown(answer)
        (text,) = having(root, "yj-text")
        assert words(text) == "“甲乙丙丁戊己。”[1]“要查到底。”[2]"
        markers = having(text, "yj-marker")
        places = [
            SMALL.text[int(m.attrib["data-start"]) : int(m.attrib["data-end"])] for m in markers
        ]
        assert (
            places == [m.attrib["data-quote"] for m in markers] == ["甲乙丙丁戊己。", "要查到底。"]
        )
        assert [m.attrib["data-section"] for m in markers] == ["一 加强管理", "二（一） 安全检查"]
        assert {m.attrib["data-source"] for m in markers} == {"源"}
        assert {m.attrib["data-notice"] for m in markers} == {"small"}
        cited = [words(li) for li in root.iter("li")]
        assert cited == ["[1] 一 加强管理甲乙丙丁戊己。", "[2] 二（一） 安全检查要查到底。"]

    def test_brackets_inside_a_quote_are_no_marker(self):
        notice = Notice("n", "见注[1]。")
        (text,) = having(shown(answered(cite(notice, 0, 6, 1))), "yj-text")
        assert words(text) == "“见注[1]。”[1]"
        assert words(text.find("q")) == "见注[1]。"
        assert len(having(text, "yj-marker")) == 1

    @pytest.mark.parametrize(
        ("lang", "confidence", "said"),
        [
            ("zh", 0.85, "很有把握"),
            ("zh", 0.6, "较有把握"),
            ("zh", 0.59, "把握不大，请核对原文"),
            ("en", 0.9, "High confidence"),
            ("en", 0.1, "Low confidence: check the text"),
        ],
    )
    def test_confidence_in_words(self, lang: str, confidence: float, said: str):
        root = shown(replace(quoting(SMALL, "甲"), confidence=confidence), lang)
        assert [words(e) for e in having(root, "yj-confidence")] == [said]

    def test_a_follow_up_says_how_it_was_read(self):
        answer = replace(quoting(SMALL, "甲"), standalone_question="修路的工资呢？")
        assert "理解为：修路的工资呢？" in words(shown(answer))
        assert "理解为" not in words(shown(quoting(SMALL, "甲")))

    def test_sentences_without_support_are_counted(self):
        checks = (
            Check("一", "supported"),
            Check("二", "unsupported", "没有"),
            Check("三[9]", "invented marker"),
        )
        answer = replace(quoting(SMALL, "甲"), checks=checks)
        assert "有 2 句没有原文支持，已删去" in words(shown(answer))

    def test_a_refusal_is_a_note_that_points_on(self):
        section = SMALL.sections[6]
        near = Passage(
            "p", "要查到底。", "small", section.label, "检查 / 安全检查", section.end - 7
        )
        root = shown(Answer("问", "问", "通知没有写明这一点。", True, 0.1, closest=(near,)))
        (refusal,) = having(root, "yj-refusal")
        assert refusal.attrib["role"] == "note"
        (link,) = having(refusal, "yj-near")
        assert words(link) == "二（一） 安全检查"
        assert int(link.attrib["data-start"]) == section.end - 7
        assert link.attrib["data-quote"] == "要查到底。"
        assert having(root, "yj-confidence") == [] and having(root, "yj-marker") == []

    def test_thumbs_only_where_they_are_kept_and_with_their_path(self):
        def labels(root: Element) -> dict[str, str]:
            return {
                b.attrib["data-do"]: b.attrib["aria-label"]
                for b in root.iter("button")
                if b.attrib["data-do"] in ("up", "down")
            }

        assert labels(shown(quoting(SMALL, "甲"))) == {}
        kept = labels(shown(quoting(SMALL, "甲"), feedback="/x/f.jsonl"))
        assert set(kept) == {"up", "down"} and all("/x/f.jsonl" in said for said in kept.values())


class TestWelcome:
    def test_names_the_notice(self):
        root = tree(render.welcome_html({"small": SMALL}, [Example("问？", "标")], "源", "zh"))
        assert words(having(root, "yj-title")[0]) == "某市人民政府关于修路的通知"
        assert [words(d) for d in root.iter("dd")] == [
            "某政发〔2020〕3号",
            "2020年1月2日",
            "某市人民政府",
        ]
        (button,) = root.iter("button")
        assert (button.attrib["data-question"], words(button)) == ("问？", "问？标")

    def test_examples_from_what_a_notice_has(self):
        assert example_questions([SMALL]) == [
            Example("这份文件的文号是什么？"),
            Example("一讲了什么？", "加强管理"),
            Example("二讲了什么？", "检查"),
            Example("二（一）讲了什么？", "安全检查"),
            Example("这份文件发给谁？"),
            Example("这份文件分几个部分？"),
        ]
        assert [e.question for e in example_questions([SMALL], "en")][:2] == [
            "What is the document number?",
            "What does section 1 say?",
        ]
        assert example_questions([parse_notice("没有编号的一段话。")]) == []
        assert example_questions([]) == []
        titles = [replace(SMALL, title="甲"), replace(SMALL, title="乙")]
        assert [e.question for e in example_questions(titles)] == [
            "《甲》的文号是什么？",
            "《乙》的文号是什么？",
        ]

    @pytest.mark.parametrize("lang", ["zh", "en"])
    def test_each_is_answered_in_the_language_of_the_page(self, bot, notice: Notice, lang: str):
        questions = [e.question for e in example_questions([notice], lang)]
        assert len(questions) == 6
        answers = [bot.ask(q) for q in questions]
        assert [a.question for a in answers if a.refused] == []
        assert {a.language[:2] for a in answers} == {lang}

    def test_both_languages_have_the_same_words(self):
        assert WORDS["zh"].keys() == WORDS["en"].keys()
        for name, said in WORDS["zh"].items():
            places = [sorted(re.findall(r"{\w+}", w)) for w in (said, WORDS["en"][name])]
            assert places[0] == places[1], name
        assert REFUSED.keys() == REASONS.keys()
        for name, said in REFUSED.items():
            assert sorted(re.findall(r"{\w+}", said)) == sorted(re.findall(r"{\w+}", REASONS[name]))
        assert [interface_language(t) for t in ("zh-TW", "ZH", "de", "")] == [
            "zh",
            "zh",
            "en",
            "en",
        ]


class TestTurns:
    def test_there_and_back(self):
        near = Passage("p", "要查到底。", "small", "二（一）", "检查", 3)
        turns = [
            Turn("一", "源", quoting(SMALL, "甲乙", "丙"), verdict="up"),
            Turn("二", "源", Answer("二", "二", "没有", True, 0.2, closest=(near,))),
            Turn("三", "源", replace(quoting(SMALL, "甲"), checks=(Check("a", "supported"),))),
            Turn("四", "源", partial="写了一"),
        ]
        assert from_data(json.loads(json.dumps(to_data(turns)))) == turns

    def test_what_retrieval_found_is_not_kept(self, bot):
        answer = bot.ask("人才评价有哪几种方式？")
        assert answer.hits
        (kept,) = from_data(to_data([Turn("问", "源", answer)]))
        assert kept.answer == replace(answer, hits=())

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda t: t.update(question=""),
            lambda t: t.update(question=3),
            lambda t: t.update(answer="x"),
            lambda t: t.update(partial=["x"]),
            lambda t: t["answer"].update(refused="yes"),
            lambda t: t["answer"].update(text=None),
            lambda t: t["answer"].pop("text"),
            lambda t: t["answer"].update(confidence="high"),
            lambda t: t["answer"].update(citations=[{"marker": "[1]"}]),
            lambda t: t["answer"]["citations"][0].update(start="0"),
            lambda t: t["answer"]["citations"][0].update(start=-1),
            lambda t: t["answer"]["citations"][0].update(start=True),
            lambda t: t["answer"]["citations"][0].update(quote={"a": 1}),
            lambda t: t["answer"].update(notes=[1]),
        ],
    )
    def test_what_is_no_turn_is_dropped(self, spoil):
        good = to_data([Turn("问", "源", quoting(SMALL, "甲"))])
        bad = json.loads(json.dumps(good))
        spoil(bad[0])
        assert from_data(bad) == []
        assert len(from_data([*bad, *json.loads(json.dumps(good))])) == 1

    @pytest.mark.parametrize("data", [None, {}, "x", 3, [None], [[]], [{"question": {}}]])
    def test_anything_may_come_from_a_browser(self, data: object):
        assert from_data(data) == []

    def test_a_browser_keeps_so_many(self):
        turns = [Turn(str(n), "源", quoting(SMALL, "甲")) for n in range(KEPT + 3)]
        assert [t["question"] for t in to_data(turns)] == [str(n) for n in range(3, KEPT + 3)]

    def test_history_is_what_was_answered_about_the_source(self):
        answer = answered(text="答")
        turns = [
            Turn("一", "源", answer),
            Turn("二", "别", answer),
            Turn("三", "源", partial="x"),
            Turn("四", "源", answer),
        ]
        assert history(turns, "源") == [
            {"role": "user", "content": "一"},
            {"role": "assistant", "content": "答"},
            {"role": "user", "content": "四"},
            {"role": "assistant", "content": "答"},
        ]
        assert len(history(turns * 9, "源")) == 2 * CONTEXT

    def test_markdown_holds_answer_and_citations(self):
        turn = Turn("问？", "源", quoting(SMALL, "甲乙", "要查到底。"))
        assert markdown(turn, "zh") == (
            "### 问？\n\n“甲乙”[1]“要查到底。”[2]\n\n"
            "> [1] 某政发〔2020〕3号 一 加强管理\n>\n> 甲乙\n\n"
            "> [2] 某政发〔2020〕3号 二（一） 安全检查\n>\n> 要查到底。\n"
        )

    def test_markdown_is_text_whatever_is_in_it(self):
        turn = Turn("<b>*x*\n# y", "源", answered(text="![a](http://a.example/)\n# b"))
        assert markdown(turn, "en") == (
            "### \\<b>\\*x\\* # y\n\n![a]\\(http://a.example/)\n\\# b\n"
        )


class Slow(Chatbot):
    """Answers in pieces."""

    def stream(self, question, history=()):  # noqa: ANN001, ANN201
        *_, answer = super().stream(question, history)
        yield answer.text[:3]
        yield answer.text[3:]
        yield answer


@pytest.fixture
def desk(bot, tmp_path: Path) -> Desk:
    generators = {"extractive": ExtractiveGenerator()}
    return Desk({"youju": bot.index}, generators, feedback=tmp_path / "in" / "feedback.jsonl")


def kept(changes: dict, before: dict | None = None) -> dict:
    """What a browser keeps after these changes."""
    turns = {"turns": changes["turns"]} if "turns" in changes else {}
    return {**(before or {"lang": "zh"}), **changes.get("choice", {}), **turns}


def last(changes) -> dict:  # noqa: ANN001
    *_, end = changes
    return end


class TestActions:
    def test_arriving(self, desk: Desk, notice: Notice):
        there = actions.arrive(desk, None, None, "en-GB")
        assert there["choice"] == {"lang": "en", "source": "youju", "generator": "extractive"}
        assert there["head"] == render.head_html("en")
        assert notice.doc_no in there["talk"] and notice.text[:10] in there["talk"]
        # A language once chosen outweighs the browser's.
        again = actions.arrive(desk, {**there["choice"], "lang": "zh"}, None, "en-GB")
        assert again["choice"]["lang"] == "zh"
        assert actions.switch_language(desk, again["choice"], None)["choice"]["lang"] == "en"

    def test_asking_piece_by_piece_and_a_follow_up(self, desk: Desk, monkeypatch):
        monkeypatch.setattr("rag.web.desk.Chatbot", Slow)
        steps = list(actions.ask(desk, None, None, " 这份文件的文号是什么？ "))
        full = "发文字号是“人社部函〔2021〕49号”[1]。"
        assert steps[0]["box"] == {"value": "", "submit_btn": False, "stop_btn": "停止"}
        assert [s["pending"].partial for s in steps[1:3]] == [full[:3], full]
        (turn,) = steps[-1]["turns"]
        assert (turn["question"], turn["answer"]["text"]) == ("这份文件的文号是什么？", full)
        assert (steps[-1]["live"], steps[-1]["pending"]) == ("", None)
        then = last(actions.ask(desk, kept(steps[-1]), None, "那成文日期呢？"))
        assert len(then["turns"]) == 2
        assert "2021年4月30日" in then["turns"][1]["answer"]["text"]

    def test_nothing_asked(self, desk: Desk):
        assert list(actions.ask(desk, None, None, "  ")) == [{"box": {"value": ""}}]

    def test_what_cannot_be_asked_is_said_and_left(self, desk: Desk):
        end = last(actions.ask(desk, {"lang": "zh"}, None, "长" * 3000))
        assert WORDS["zh"]["too_long"].format(n=2000) in end["talk"]
        assert end["box"]["value"] == "长" * 3000
        assert end["turns"] == []

    def test_whatever_goes_wrong_is_said_in_words(self, desk: Desk, monkeypatch, caplog):
        def broken(*_: object) -> None:
            raise ZeroDivisionError("division by zero")

        monkeypatch.setattr(Chatbot, "stream", broken)
        end = last(actions.ask(desk, {"lang": "en"}, None, "问"))
        assert WORDS["en"]["broken"] in end["talk"]
        assert end["box"]["value"] == "问"
        assert [r.getMessage() for r in caplog.records] == ["ZeroDivisionError: division by zero"]

    def test_busy_is_said_and_the_question_left(self, desk: Desk):
        desk = replace(desk, line=Line.of(at_once=1, waiting=0))
        with desk.line.turn():
            end = last(actions.ask(desk, {"lang": "zh"}, None, "文号是什么？"))
            assert WORDS["zh"]["busy"] in end["talk"]
            assert end["box"]["value"] == "文号是什么？"
            with pytest.raises(BusyError), desk.line.turn():
                pass
        end = last(actions.ask(desk, {"lang": "zh"}, None, "文号是什么？"))
        assert end["turns"][0]["answer"]["text"]

    def test_closing_the_stream_stops_the_generator_and_gives_up_the_seat(
        self, desk: Desk, monkeypatch
    ):
        closed = []

        class Endless(Chatbot):
            def stream(self, question, history=()):  # noqa: ANN001, ANN202
                try:
                    while True:
                        yield "字"
                finally:
                    closed.append(question)

        monkeypatch.setattr("rag.web.desk.Chatbot", Endless)
        desk = replace(desk, line=Line.of(at_once=1, waiting=0))
        writing = actions.ask(desk, {"lang": "zh"}, None, "问")
        next(writing)
        begun = next(writing)["pending"]
        writing.close()
        assert closed == ["问"]
        with desk.line.turn():
            pass
        stopped = actions.stop(desk, {"lang": "zh"}, None, begun)
        assert stopped["turns"][0]["partial"] == "字"
        assert WORDS["zh"]["stopped"] in stopped["talk"]
        # Stopped before the first word, a question goes back to its box.
        nothing = actions.stop(desk, {"lang": "zh"}, None, Turn("问", "youju"))
        assert (nothing["box"]["value"], nothing["turns"]) == ("问", [])

    def test_retry_and_edit_replace_what_follows(self, desk: Desk):
        first = kept(last(actions.ask(desk, {"lang": "zh"}, None, "文号是什么？")))
        second = kept(last(actions.ask(desk, first, None, "成文日期是什么？")))
        again = last(actions.retry(desk, second, None, {"turn": 0}))
        assert [t["question"] for t in again["turns"]] == ["文号是什么？"]
        editing = actions.edit(desk, second, None, {"turn": 1})
        assert (editing["box"]["value"], editing["editing"]) == ("成文日期是什么？", 1)
        dimmed = having(tree(editing["talk"]), "yj-dimmed")
        assert len(dimmed) == 1 and "成文日期是什么？" in words(dimmed[0])
        edited = last(actions.ask(desk, second, None, "主送机关是谁？", editing["editing"]))
        assert [t["question"] for t in edited["turns"]] == ["文号是什么？", "主送机关是谁？"]
        assert actions.cancel_edit(desk, second, None)["editing"] is None
        assert actions.begin_anew(desk, second, None)["turns"] == []

    def test_a_failed_question_is_asked_again(self, desk: Desk):
        # A turn with an error is on the page alone, so its question comes with the event.
        first = kept(last(actions.ask(desk, {"lang": "zh"}, None, "文号是什么？")))
        event = {"turn": 1, "question": "成文日期是什么？"}
        again = last(actions.retry(desk, first, None, event))
        assert [t["question"] for t in again["turns"]] == ["文号是什么？", "成文日期是什么？"]

    def test_thumbs_are_written_and_taken_back(self, desk: Desk):
        store = kept(last(actions.ask(desk, {"lang": "zh"}, None, "文号是什么？")))
        store = kept(actions.judge(desk, store, None, {"turn": 0, "verdict": "down"}))
        assert store["turns"][0]["verdict"] == "down"
        store = kept(actions.judge(desk, store, None, {"turn": 0, "verdict": "down"}))
        assert store["turns"][0]["verdict"] == ""
        assert "turns" not in actions.judge(desk, store, None, {"turn": 7, "verdict": "up"})
        assert "turns" not in actions.judge(desk, store, None, {"turn": 0, "verdict": "x"})
        rows = [json.loads(line) for line in desk.feedback.read_text("utf-8").splitlines()]
        assert [r["verdict"] for r in rows] == ["down", ""]
        assert rows[0]["question"] == "文号是什么？"
        assert rows[0]["answer"]["text"] == "发文字号是“人社部函〔2021〕49号”[1]。"
        assert (rows[0]["generator"], rows[0]["source"]) == ("extractive", "youju")
        assert desk.feedback.stat().st_mode & 0o077 == 0

    def test_thumbs_that_cannot_be_written(self, desk: Desk, tmp_path: Path):
        (tmp_path / "file").write_text("", encoding="utf-8")
        desk = replace(desk, feedback=tmp_path / "file" / "feedback.jsonl")
        store = kept(last(actions.ask(desk, {"lang": "zh"}, None, "文号是什么？")))
        assert "turns" not in actions.judge(desk, store, None, {"turn": 0, "verdict": "up"})

    def test_source_and_generator_are_among_those_served(self, bot):
        both = {"a": ExtractiveGenerator(), "b": ExtractiveGenerator()}
        desk = Desk({"one": bot.index, "two": bot.index}, both)
        chosen = actions.choose_source(desk, None, None, "two")
        assert chosen["choice"]["source"] == "two"
        assert 'data-source="two"' in chosen["notice"]
        assert actions.choose_source(desk, None, None, "three")["choice"]["source"] == "one"
        assert actions.choose_generator(desk, None, None, "b")["choice"]["generator"] == "b"
        assert desk.bot(bot.index, "b").generator is both["b"]
        end = last(actions.ask(desk, kept(chosen), None, "文号是什么？"))
        assert end["turns"][0]["source"] == "two"

    def test_own_document(self, desk: Desk, tmp_path: Path):
        path = tmp_path / "own.txt"
        path.write_text(SMALL.text, encoding="utf-8")
        opened = last(actions.open_own(desk, {"lang": "zh"}, None, str(path)))
        assert not path.exists()
        own = opened["own"]
        entered = actions.enter_own(desk, {"lang": "zh"}, own, opened["fresh"])
        assert entered["choice"]["source"] == own.name and own.name.startswith("own:")
        # What is asked about stays where nothing new was opened.
        assert actions.enter_own(desk, {"lang": "zh"}, own, False) == {"fresh": False}
        assert "已打开《某市人民政府关于修路的通知》：9 个部分" in opened["status"]
        end = last(actions.ask(desk, kept(entered), own, "文号是什么？"))
        store = kept(end, kept(entered))
        assert "某政发〔2020〕3号" in end["turns"][0]["answer"]["text"]
        # Another session has never heard of it, and is told so where it follows a marker there.
        away = actions.arrive(desk, store, None, "zh")
        assert away["choice"]["source"] == "youju"
        lost = last(actions.ask(desk, store, None, "文号是什么？"))
        assert WORDS["zh"]["gone"] in lost["talk"] and len(lost["turns"]) == 1
        told = actions.show(desk, store, None, {"source": own.name, "notice": "own"})
        assert WORDS["zh"]["gone"] in told["status"] and "notice" not in told
        closed = actions.close_own(desk, store, own)
        assert (closed["own"], closed["choice"]["source"]) == (None, "youju")

    def test_own_document_that_cannot_be_read(self, desk: Desk, tmp_path: Path):
        path = tmp_path / "own.pdf"
        path.write_bytes(b"no pdf")
        end = last(actions.open_own(desk, {"lang": "zh"}, None, str(path)))
        assert "own.pdf 不是可以读取的 PDF 文件" in end["status"]
        assert end["opener"]["interactive"] is True
        assert "own" not in end and not path.exists()

    @pytest.mark.parametrize("stored", [3, [], {"lang": [], "source": {}, "turns": {}}, "x"])
    def test_a_browser_may_send_anything(self, desk: Desk, stored: object):
        assert actions.arrive(desk, stored, None, None)["choice"]["source"] == "youju"
        for event in ({}, {"turn": "x"}, {"turn": -1}):
            assert actions.edit(desk, stored, None, event) == {"editing": None}


def test_the_counts(bot):
    desk = Desk({"youju": bot.index}, {"extractive": ExtractiveGenerator()})

    def count(outcome: str, via: str) -> float:
        labels = {"outcome": outcome, "via": via}
        return desk.counts.registry.get_sample_value("youju_questions_total", labels) or 0

    one = desk.bot(bot.index)
    assert asdict(desk.ask(one, "文号是什么？", [])) == asdict(bot.ask("文号是什么？"))
    last(actions.ask(desk, None, None, "今天北京的天气怎么样？"))
    last(actions.ask(desk, None, None, "长" * 3000))
    assert (count("answered", "api"), count("refused", "page"), count("error", "page")) == (1, 1, 1)
