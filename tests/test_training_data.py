"""What we wrote for training holds together, and shares nothing with evaluation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rag.form import KINDS
from rag.notices import parse_notice
from rag.passages import passages
from rag.text import fold, sentence_spans

ROOT = Path(__file__).resolve().parent.parent
TRAIN = ROOT / "train"


def rows(name: str) -> list[dict[str, Any]]:
    """Of a file, or of the numbered files that a long one is kept in."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob(f"{name}*.jsonl"))]
    assert texts
    return [json.loads(line) for text in texts for line in text.splitlines()]


def form() -> list[list[str]]:
    lines = (TRAIN / "words" / "form.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines]


def test_every_quotation_stands_in_a_passage_of_its_notice() -> None:
    cut = {
        r["doc"]: [p.text for p in passages(parse_notice(r["text"]))]
        for r in rows("train/notices/notices")
    }
    asked = rows("train/notices/questions")
    assert {r["doc"] for r in asked} == set(cut)
    for r in asked:
        assert r["answerable"] == bool(r["gold"])
        assert all(any(quote in text for text in cut[r["doc"]]) for quote in r["gold"])


def test_every_quotation_over_our_encyclopaedia_stands_within_a_sentence() -> None:
    texts = {r["id"]: r["text"] for r in rows("train/reading/passages")}
    cut = {name: [text[a:b] for a, b in sentence_spans(text)] for name, text in texts.items()}
    asked = rows("train/reading/questions")
    assert set(cut) <= {r["passage"] for r in asked}
    for r in asked:
        assert r["answerable"] == bool(r["gold"])
        if r["passage"] in cut:
            sentences = cut[r["passage"]]
            assert all(any(quote in one for one in sentences) for quote in r["gold"]), r


def test_model_notices_have_the_elements_of_notices() -> None:
    for r in rows("train/notices/notices"):
        notice = parse_notice(r["text"])
        assert notice.title and notice.doc_no and notice.issuer and notice.date, r["doc"]


def test_of_twins_one_is_answered_and_the_other_is_not() -> None:
    twins = [r for r in rows("train/notices/questions") if r.get("twin")]
    pairs = list(zip(twins[::2], twins[1::2], strict=True))
    assert pairs
    for one, other in pairs:
        assert (one["doc"], one["answerable"]) == (other["doc"], not other["answerable"])


def test_no_question_of_evaluation_is_trained_on() -> None:
    def bare(question: str) -> str:
        return fold(question).strip(" ？?。.")

    sets = ("questions", "paraphrased")
    held = {bare(r["question"]) for name in sets for r in rows(f"eval/{name}")}
    trained = [q for _, _, q in form()]
    for folder in ("questions", "notices", "reading"):
        trained += [r["q"] for r in rows(f"train/{folder}/questions")]
    assert not held & set(map(bare, trained))


def test_word_lists_say_each_thing_once() -> None:
    lines = (TRAIN / "words" / "everyday.tsv").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t") for line in lines]
    assert len({official for official, _ in pairs}) == len(pairs)
    for official, words in pairs:
        every = words.split(" ")
        assert all(every) and official not in every and len(set(every)) == len(every), official


def test_phrasings_of_form_have_known_kinds() -> None:
    assert {kind for kind, _, _ in form()} == {*KINDS, "point"}
    questions = [question for _, _, question in form()]
    assert len(set(questions)) == len(questions)


def test_every_notion_has_words_in_every_language() -> None:
    path = TRAIN / "words" / "lexicon.tsv"
    head, *lines = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    assert head == ["zh-Hans", "en", "ja", "ko", "es", "fr", "de", "ru"]
    for cells in lines:
        assert len(cells) == len(head), cells
        for cell in cells:
            words = cell.split("|")
            assert all(word == word.strip() != "" for word in words), cells
            assert len(set(words)) == len(words), cells
        assert all("\u4e00" <= ch <= "\u9fff" or ch == "|" for ch in cells[0]), cells
