"""Question files: what is accepted, what is refused, and that the line at fault is named."""

import json

import pytest

from rag.evaluation.question_file import (
    QuestionFileError,
    check_gold,
    load_questions,
    section_texts,
)
from rag.types import Notice, Section

TEXT = "一、甲\n要做甲事。\n（一）子\n要做专事。\n二、乙\n要做乙事，乙事要快。"
CUTS = {"一": (0, 11), "一（一）": (11, 22), "二": (22, len(TEXT))}
NOTICE = Notice(
    id="n",
    text=TEXT,
    sections=(
        Section("一", "甲", 0, 11, 1),
        Section("一（一）", "子", 11, 22, 2, parent="一"),
        Section("二", "乙", 22, len(TEXT), 1),
    ),
)
NOT_SAID = {"answerable": False, "sections": [], "quotes": []}


def line(number=1, **changes):
    row = {
        "id": f"q{number}",
        "question": "甲事呢？",
        "language": "zh-Hans",
        "answerable": True,
        "sections": ["一"],
        "quotes": [["要做甲事"]],
    }
    return json.dumps({**row, **changes}, ensure_ascii=False)


def write(tmp_path, *lines, end="\n"):
    path = tmp_path / "q.jsonl"
    path.write_bytes("".join(text + end for text in lines).encode())
    return path


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "nested too deep"),
        ("[]", "not a JSON object"),
        (line(2, half="train"), '"half" must be'),
        (line(2, question=" "), '"question" must be'),
        (line(2, language=None), '"language" must be'),
        (line(2, answerable="yes"), '"answerable" must be'),
        (line(2, sections=[]), "if and only if"),
        (line(2, answerable=False), "if and only if"),
        (line(2, quotes=["要做甲事"]), "list of lists"),
        (line(2, quotes=[[]]), "list of lists"),
        (line(2, tags="detail"), '"tags" must be'),
        (line(2, searched=["甲"]), '"searched" is for questions that are not answerable'),
        (line(2, **NOT_SAID, searched="甲"), '"searched" must be'),
        (line(2, history=[{"role": "system", "content": "x"}]), '"history" must be'),
        (line(2, extra=1), "unknown field extra"),
        (line(2, line=1), "unknown field line"),
        (line(1), 'id "q1" was used in line 1'),
    ],
)
def test_a_bad_line_is_named(tmp_path, second, message):
    with pytest.raises(QuestionFileError, match="line 2: ") as caught:
        load_questions(write(tmp_path, line(1), second))
    assert message in str(caught.value)


def test_only_the_needed_fields_are_needed(tmp_path):
    (question,) = load_questions(write(tmp_path, line(1)))
    assert (question.half, question.history, question.tags) == ("dev", [], [])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_ending(tmp_path, end):
    read = load_questions(write(tmp_path, line(1), line(2), end=end))
    assert [(q.id, q.line) for q in read] == [("q1", 1), ("q2", 2)]


def test_mixed_line_endings_blank_lines_bom_and_line_separators(tmp_path):
    path = tmp_path / "q.jsonl"
    text = f"\ufeff{line(1)}\r\n\n{line(2, question='甲' + chr(0x2028) + '乙')}\r{line(3)}\n  \n"
    path.write_bytes(text.encode())
    assert [(q.id, q.line) for q in load_questions(path)] == [("q1", 1), ("q2", 3), ("q3", 4)]
    assert load_questions(path)[1].question == "甲\u2028乙"
    path.write_bytes(text.encode() + b"{\r\n")
    with pytest.raises(QuestionFileError, match="line 6: not JSON"):
        load_questions(path)


@pytest.mark.parametrize(("data", "message"), [(b"", "no questions"), (b"\xff\xfe", "not UTF-8")])
def test_bad_files(tmp_path, data, message):
    path = tmp_path / "q.jsonl"
    path.write_bytes(data)
    with pytest.raises(QuestionFileError, match=message):
        load_questions(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(QuestionFileError, match="cannot read"):
        load_questions(tmp_path / "none.jsonl")


def test_a_section_holds_the_texts_of_its_parts():
    assert {label: TEXT[a:b] for label, (a, b) in CUTS.items()} | {"一": TEXT[:22]} == (
        section_texts(NOTICE)
    )


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (line(2, sections=["四"]), 'line 3: there is no section "四"'),
        (line(2, quotes=[["要做丙事"]]), 'the quote "要做丙事" does not stand in the notices'),
        (line(2, quotes=[["要做甲事", "要做乙事"]]), "does not stand in its section 一"),
        (line(2, **NOT_SAID, searched=["丙", "乙事"]), '"乙事" was searched for'),
        # Another script makes no other word.
        (line(2, **NOT_SAID, searched=["專事"]), "it stands in the notices"),
    ],
)
def test_gold_that_is_not_in_the_notice_is_named(tmp_path, second, message):
    path = write(tmp_path, line(1), "", second)
    with pytest.raises(QuestionFileError, match="line 3: ") as caught:
        check_gold(path, load_questions(path), [NOTICE])
    assert message in str(caught.value)


def test_gold_in_a_part_of_a_section_or_in_another_notice_is_fine(tmp_path):
    other = Notice(id="m", text="三、丙\n要做丙事。", sections=(Section("三", "丙", 0, 10, 1),))
    path = write(
        tmp_path,
        line(1, quotes=[["要做专事"]]),
        line(2, sections=["三"], quotes=[["要做丙事"]]),
        line(3, **NOT_SAID, searched=["丁"]),
    )
    check_gold(path, load_questions(path), [NOTICE, other])


def test_ten_thousand_questions(tmp_path):
    path = write(tmp_path, *(line(i) for i in range(10_000)))
    read = load_questions(path)
    check_gold(path, read, [NOTICE])
    assert len(read) == 10_000 and read[-1].line == 10_000
    path.write_text(path.read_text("utf-8") + line(77) + "\n", "utf-8")
    with pytest.raises(QuestionFileError, match='line 10001: id "q77" was used in line 78'):
        load_questions(path)
