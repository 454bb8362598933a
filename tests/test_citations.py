from __future__ import annotations

import pytest

from rag.citations import cite
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
