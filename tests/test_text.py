from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text import fold, language, sentence_spans, tokens


def test_fold_script_width_and_case() -> None:
    assert fold("關於職業教育（ＡＢＣ，１２）") == "关于职业教育(abc,12)"


@given(st.text())
def test_fold_keeps_the_length_and_is_idempotent(text: str) -> None:
    once = fold(text)
    assert len(once) == len(text)
    assert fold(once) == once


def test_tokens_are_characters_pairs_and_words() -> None:
    # Three Han characters give three unigrams and two bigrams; other runs are whole words, English
    # ones by their stem (What’s is What and a possessive; raising, raised and raises are one).
    assert tokens("“互联网+”2021年 What’s raising") == [
        *("互", "联", "网", "互联", "联网"),
        "2021",
        "年",
        "what",
        "rais",
    ]


@pytest.mark.parametrize("text", ["", "  ", "！？…", "🙂🙂", "\x00\x07"])
def test_no_words_no_tokens(text: str) -> None:
    assert tokens(text) == []


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("产值19.5万亿元。好！", ["产值19.5万亿元。", "好！"]),
        ("落实《甲。乙》和“丙。丁”。完", ["落实《甲。乙》和“丙。丁”。", "完"]),
        ("他说：“好。”我走了。", ["他说：“好。”我走了。"]),
        ("（一）加强力度。各级要做；再做。", ["（一）加强力度。", "各级要做；", "再做。"]),
        ("真的吗？！是。”", ["真的吗？！", "是。”"]),
        ("没有句号", ["没有句号"]),
        ("一行\n\n 二行 \n", ["一行", "二行"]),
        ("It is 3.5 m. The end.", ["It is 3.5 m.", "The end."]),
        ("3. 在本省定居的。另报。", ["3. 在本省定居的。", "另报。"]),
        ("未闭合（一。二。", ["未闭合（一。", "二。"]),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert [text[a:b] for a, b in sentence_spans(text)] == sentences


@given(st.text(alphabet="甲乙。！？；《》“”（）.5 \n", max_size=60))
def test_sentences_lose_only_white_space(text: str) -> None:
    spans = sentence_spans(text)
    assert "".join("".join(text[a:b] for a, b in spans).split()) == "".join(text.split())
    assert all(a < b for a, b in spans)
    assert all(b <= c for (_, b), (c, _) in zip(spans, spans[1:], strict=False))


@pytest.mark.parametrize(
    ("question", "tag"),
    [
        ("工资怎么涨？", "zh-Hans"),
        ("薪資怎麼漲？", "zh-Hant"),
        ("How are wages raised?", "en"),
        ("apprenticeship?", "en"),
        ("通知の日付はいつですか", "ja"),
        ("임금은?", "ko"),
        ("¿Cuándo se publicó?", "es"),
        ("Qui a publié le document ?", "fr"),
        ("Was steht in der Mitteilung?", "de"),
        ("Когда?", "ru"),
        ("2021?", "zh-Hans"),
    ],
)
def test_language(question: str, tag: str) -> None:
    assert language(question) == tag
