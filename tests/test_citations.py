from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.citations import check, cite, sentences
from rag.evidence import support
from rag.types import Citation, Evidence, Passage

PASSAGE = Passage(
    id="n:3",
    text="加强力度。注意[7]条。",
    notice_id="n",
    section="二（一）",
    heading="工作 / 加强力度",
    start=100,
    title="通知",
    doc_no="人社〔2021〕1号",
)
FIRST = Evidence(PASSAGE, 100, 105, "加强力度。", 0.9)
SECOND = Evidence(PASSAGE, 105, 112, "注意[7]条。", 0.5)


def markers(text: str) -> tuple[str, list[str]]:
    clean, citations = cite(text, [FIRST, SECOND])
    return clean, [c.quote for c in citations]


@pytest.mark.parametrize(
    ("text", "clean", "quotes"),
    [
        ("一[1]二[2]", "一[1]二[2]", ["加强力度。", "注意[7]条。"]),
        # Renumbered in order of appearance: evidence 2 is named first.
        ("二[2]一[1]二[2]", "二[1]一[2]二[1]", ["注意[7]条。", "加强力度。"]),
        # Invented markers go, with the space before them.
        ("一 [3] 二[0]三[99][1]", "一 二三[1]", ["加强力度。"]),
        # What looks like a marker inside a quote is the notice's own.
        ("“注意[7]条。”[2]", "“注意[7]条。”[1]", ["注意[7]条。"]),
        ("没有", "没有", []),
        ("[1234] [x] []", "[1234] [x] []", []),
        ("", "", []),
    ],
)
def test_markers(text: str, clean: str, quotes: list[str]) -> None:
    assert markers(text) == (clean, quotes)


def test_a_citation_says_where_its_quote_stands() -> None:
    _, (citation,) = cite("[1]", [FIRST])
    assert citation == Citation(
        marker="[1]",
        section="二（一）",
        heading="加强力度",
        quote="加强力度。",
        start=100,
        end=105,
        notice_id="n",
        title="通知",
        doc_no="人社〔2021〕1号",
    )


@pytest.mark.parametrize(("start", "end"), [(101, 106), (99, 104), (100, 104), (108, 113)])
def test_a_quote_that_is_not_the_slice_is_never_cited(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="not a slice"):
        cite("[1]", [Evidence(PASSAGE, start, end, "加强力度。", 0.9)])


def cut(text: str, size: int = 1) -> list[str]:
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    return [s for s in sentences(pieces) if s]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("甲。[1]乙[2]。丙", ["甲。[1]", "乙[2]。", "丙"]),
        ("One [1]. Two.[2] Three. [3] Four", ["One [1].", " Two.[2]", " Three. [3]", " Four"]),
        # A number, a title, a quotation and brackets are never cut; a semicolon does not end.
        ("19.5万。[1]《甲。乙》丙；丁[2]。", ["19.5万。[1]", "《甲。乙》丙；丁[2]。"]),
        ("“甲。乙。”[1]丙。", ["“甲。乙。”[1]", "丙。"]),
        ('"甲。乙。"[1]丙。', ['"甲。乙。"[1]', "丙。"]),
        ("（甲。乙）丙。", ["（甲。乙）丙。"]),
        # A quotation that nobody closes ends with its line.
        ("“甲。乙。\n丙。", ["“甲。", "乙。\n", "丙。"]),
        ("- 甲[1]\n- 乙[2]\n", ["- 甲[1]\n", "- 乙[2]\n"]),
        ("甲。【1】［2］[1, 2]乙", ["甲。【1】［2］[1, 2]", "乙"]),
        ("[1] 甲。乙", ["[1] 甲。", "乙"]),
        ("甲。[注]乙。", ["甲。", "[注]乙。"]),
        ("", []),
    ],
)
def test_sentences(text: str, wanted: list[str]) -> None:
    assert cut(text) == cut(text, 3) == cut(text, 1000) == wanted


@given(
    st.text(alphabet='甲a.。！；“”"《》（） \n[]12,，', max_size=40),
    st.lists(st.integers(1, 7), min_size=1, max_size=9),
)
def test_sentences_do_not_depend_on_the_pieces(text: str, sizes: list[int]) -> None:
    pieces, at = [], 0
    while at < len(text):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(text[at : at + size])
        at += size
    got = [s for s in sentences(pieces) if s]
    assert "".join(got) == text
    assert got == [s for s in sentences([text]) if s] == [s for s in sentences(list(text)) if s]


def test_a_sentence_comes_as_soon_as_it_is_settled() -> None:
    read = []

    def pieces():
        for piece in "甲。[1]乙。":
            read.append(piece)
            yield piece

    assert next(s for s in sentences(pieces()) if s) == "甲。[1]"
    assert "".join(read) == "甲。[1]乙"  # what follows the marker settles it


WAGES = "指导企业深化工资分配制度改革，建立企业技能人才工资正常增长机制。"
CONTESTS = "要广泛开展职业技能竞赛活动，2021年举办3次。收费不得超过20元，严禁向学生收费。"
GIVEN = [
    Evidence(Passage("w", WAGES, section="二（二）"), 0, len(WAGES), WAGES, 0.9),
    Evidence(Passage("c", CONTESTS, section="三"), 0, len(CONTESTS), CONTESTS, 0.8),
]


@pytest.mark.parametrize(
    ("sentence", "outcome", "shown"),
    [
        ("企业要建立工资正常增长机制[1]。", "supported", "企业要建立工资正常增长机制[1]。"),
        ("企业要建立工资正常增长机制【1】。", "supported", "企业要建立工资正常增长机制[1]。"),
        ("Wages of skilled workers should grow. [1]", "supported", None),
        ("- 2021年举办职业技能竞赛三次 [2]\n", "supported", "- 2021年举办职业技能竞赛三次 [2]"),
        ("(1) 改革工资分配；(2) 建立工资增长机制[1]。", "supported", None),
        ("(1) 改革工资分配；(3) 建立工资增长机制[1]。", "unsupported", ""),
        ("1. 举办职业技能竞赛[2]", "supported", "1. 举办职业技能竞赛[2]"),
        (
            "改革工资分配，开展职业技能竞赛[1, 2]。",
            "supported",
            "改革工资分配，开展职业技能竞赛[1][2]。",
        ),
        # The one evidence that says it is [1].
        ("企业要建立工资正常增长机制[2]。", "misattributed", "企业要建立工资正常增长机制[1]。"),
        ("企业要建立工资正常增长机制[3]。", "invented marker", ""),
        ("企业要建立工资正常增长机制[1][3]。", "invented marker", ""),
        ("企业要建立工资正常增长机制[0]。", "invented marker", ""),
        ("企业要建立工资正常增长机制。", "unsupported", ""),
        ("2022年举办职业技能竞赛三次[2]。", "unsupported", ""),
        ("举办职业技能竞赛四次[2]。", "unsupported", ""),
        ("由教育部开展职业技能竞赛[2]。", "unsupported", ""),
        ("企业不得建立工资正常增长机制[1]。", "unsupported", ""),
        # The clause nearest to it forbids what it says.
        ("可以向学生收费[2]。", "unsupported", ""),
        ("严禁向学生收费[2]。", "supported", "严禁向学生收费[2]。"),
        ("我是海盗，宝藏归我[1]。", "unsupported", ""),
        ("The moon is made of cheese [2].", "unsupported", ""),
        ("[1]", "unsupported", ""),
    ],
)
def test_the_gate(sentence: str, outcome: str, shown: str | None) -> None:
    verdict, text = check(sentence, GIVEN, support)
    assert verdict.outcome == outcome, verdict.reason
    assert text == (sentence.strip() if shown is None else shown)
    assert verdict.text == sentence.strip()
    assert (verdict.reason == "") == (outcome == "supported")


def test_a_sentence_that_two_places_bear_out_is_not_led_to_either() -> None:
    twice = [*GIVEN, GIVEN[0]]
    assert check("企业要建立工资正常增长机制[2]。", twice, support)[0].outcome == "unsupported"


def test_brackets_of_the_notice_in_a_quotation_are_no_marker() -> None:
    verdict, text = check("要“注意[7]条”[2]。", [FIRST, SECOND], lambda s, q: 1.0)
    assert (verdict.outcome, text) == ("supported", "要“注意[7]条”[2]。")
    assert cite(text, [FIRST, SECOND])[0] == "要“注意[7]条”[1]。"


def test_support_decides_where_the_facts_do_not() -> None:
    asked = []

    def half(statement: str, quote: str) -> float:
        asked.append((statement.strip(), quote))
        return 0.41

    assert check("甲乙[1]", GIVEN, half)[0].reason == "the evidence hardly speaks of it (0.41)"
    assert asked[0] == ("甲乙", WAGES)
    # What is quoted counts in full: of 6 characters and their 5 pairs (11), 甲乙 has 2 and 1 (3);
    # so (11 - 3 + 3 * 0.41) / 11 = 0.84.
    assert check("甲乙“工资分配”[1]", GIVEN, half)[0].outcome == "supported"
