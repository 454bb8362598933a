from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.notices import parse_notice
from rag.passages import clauses, headings, passages, sentences
from rag.types import Notice, Passage

LETTER = """关于检查的通知
某发〔2020〕1号
各县：

一、总体要求

　　坚持安全，注重实效；人数达19.5万人。

（一）摸清底数。逐户登记。

某部　2020年3月5日
"""


def test_the_passages_of_a_letter() -> None:
    found = passages(parse_notice(LETTER, id="letter"))
    assert [(p.id, p.section, p.heading, p.text) for p in found] == [
        ("letter:0", "标题", "", "关于检查的通知"),
        ("letter:1", "发文字号", "", "某发〔2020〕1号"),
        ("letter:2", "主送机关", "", "各县："),
        ("letter:3", "一", "总体要求", "一、总体要求"),
        ("letter:4", "一", "总体要求", "坚持安全，注重实效；人数达19.5万人。"),
        ("letter:5", "一（一）", "总体要求 / 摸清底数", "（一）摸清底数。逐户登记。"),
        ("letter:6", "发文机关署名", "", "某部"),
        ("letter:7", "成文日期", "", "2020年3月5日"),
    ]
    for p in found:
        assert LETTER[p.start : p.end] == p.text
        assert (p.notice_id, p.title, p.doc_no) == ("letter", "关于检查的通知", "某发〔2020〕1号")


def test_headings_run_from_the_annex_down() -> None:
    text = "一、甲\n内容。\n某部\n2020年1月2日\n附件1\n办法\n一、乙\n1.丙\n内容。\n2.丁\n内容。"
    notice = parse_notice(text)
    tree = {s.label: s for s in notice.sections}
    assert headings(tree["附件1·一1"], tree) == ["办法", "乙", "丙"]


def test_sentences_in_the_coordinates_of_the_notice() -> None:
    paragraph = passages(parse_notice(LETTER))[4]
    spans = sentences(paragraph)
    assert [LETTER[a:b] for a, b in spans] == ["坚持安全，注重实效；", "人数达19.5万人。"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("甲方，乙方；丙方：丁方。", ["甲方，", "乙方；", "丙方：", "丁方。"]),
        (
            "落实《甲，乙》和“丙，丁”，做好（戊，己）工作。",
            ["落实《甲，乙》和“丙，丁”，", "做好（戊，己）工作。"],
        ),
        ("共1,000人，时间8:30开始。", ["共1,000人，", "时间8:30开始。"]),
        ("没有分句。", ["没有分句。"]),
        ("末尾，", ["末尾，"]),
    ],
)
def test_clauses(text: str, expected: list[str]) -> None:
    passage = Passage(id="p", text=text, start=100)
    spans = clauses(passage, 100, 100 + len(text))
    assert [text[a - 100 : b - 100] for a, b in spans] == expected


def test_clauses_of_a_sentence_outside_the_passage() -> None:
    with pytest.raises(ValueError, match="does not lie in passage p"):
        clauses(Passage(id="p", text="甲，乙。", start=10), 9, 12)


@given(st.text(alphabet="甲乙丙，；：。“”《》（）1.,\n ", max_size=60))
def test_everything_lies_where_it_says(text: str) -> None:
    notice: Notice = parse_notice(text)
    found = passages(notice)
    # Nothing but white space falls between the passages.
    assert "".join("".join(p.text.split()) for p in found) == "".join(text.split())
    for p in found:
        assert notice.text[p.start : p.end] == p.text == p.text.strip() != ""
        for a, b in sentences(p):
            assert p.start <= a < b <= p.end
            cut = clauses(p, a, b)
            assert "".join(notice.text[x:y] for x, y in cut) == notice.text[a:b]
            assert all(x < y for x, y in cut)
