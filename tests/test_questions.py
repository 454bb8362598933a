"""The committed question set: its gold is really in the notice, and its halves are alike."""

import json
from collections import Counter
from pathlib import Path

import pytest

from rag import load_notice
from rag.evaluation.question_file import check_gold, load_questions
from rag.text import fold

ROOT = Path(__file__).resolve().parent.parent
KEYS = [
    "id",
    "half",
    "question",
    "language",
    "history",
    "answerable",
    "sections",
    "quotes",
    "tags",
    "why",
    "searched",
]
LINES = (ROOT / "eval/questions.jsonl").read_text(encoding="utf-8").splitlines()
ROWS = [json.loads(line) for line in LINES]
ANSWERABLE = [row for row in ROWS if row["answerable"]]
UNANSWERABLE = [row for row in ROWS if not row["answerable"]]


@pytest.fixture(scope="module")
def notice():
    return load_notice(ROOT / "index/notices/rsbh-2021-49.txt")


def test_enough_questions():
    assert len(ROWS) >= 200
    assert len(UNANSWERABLE) >= 70
    assert sum("follow-up" in row["tags"] for row in ROWS) >= 28


def test_format_of_every_row():
    for row in ROWS:
        assert list(row) == KEYS, row["id"]
        assert row["half"] in ("dev", "test"), row["id"]
        assert 4 <= len(row["question"]) <= 60, row["id"]
        assert row["question"] == row["question"].strip(), row["id"]
        assert row["tags"], row["id"]


def test_ids_and_questions_are_unique():
    assert max(Counter(row["id"] for row in ROWS).values()) == 1
    asked = Counter((row["question"], json.dumps(row["history"])) for row in ROWS)
    assert max(asked.values()) == 1


def test_history_is_alternating_messages_where_and_only_where_it_follows_up():
    for row in ROWS:
        roles = [message["role"] for message in row["history"]]
        assert roles == ["user", "assistant"] * (len(roles) // 2), row["id"]
        assert all(message["content"].strip() for message in row["history"]), row["id"]
        assert bool(roles) == ("follow-up" in row["tags"]), row["id"]


def test_every_gold_quote_is_a_slice_of_a_gold_section(notice):
    labels = {section.label for section in notice.sections}
    for row in ANSWERABLE:
        assert row["sections"] and row["quotes"], row["id"]
        assert set(row["sections"]) <= labels, row["id"]
        texts = [
            notice.text[s.start : s.end] for s in notice.sections if s.label in row["sections"]
        ]
        for alternatives in row["quotes"]:
            assert alternatives, row["id"]
            for quote in alternatives:
                assert len(quote) >= 4, (row["id"], quote)
                assert any(quote in text for text in texts), (row["id"], quote)


def test_every_gold_section_holds_a_gold_quote(notice):
    text_of = {s.label: "" for s in notice.sections}
    for s in notice.sections:
        text_of[s.label] += notice.text[s.start : s.end]
    for row in ANSWERABLE:
        quotes = [quote for alternatives in row["quotes"] for quote in alternatives]
        if "list" in row["tags"] and "structure" in row["tags"]:
            continue  # 二 may be cited for a list of its subsections
        for label in row["sections"]:
            assert any(quote in text_of[label] for quote in quotes), (row["id"], label)


def test_unanswerable_rows_say_why_and_have_no_gold():
    for row in UNANSWERABLE:
        assert row["sections"] == [] and row["quotes"] == [], row["id"]
        assert len(row["why"]) >= 10, row["id"]


def test_every_unanswerable_row_was_searched_for(notice):
    """What would have to stand in the notice if it answered does not, in any script."""
    text = fold(notice.text)
    for row in UNANSWERABLE:
        assert row["searched"] and len(row["searched"]) == len(set(row["searched"])), row["id"]
        for term in row["searched"]:
            assert fold(term).strip() and fold(term) not in text, (row["id"], term)
    for row in ANSWERABLE:
        assert row["searched"] == [], row["id"]


def test_the_file_passes_the_programs_own_checks(notice):
    path = ROOT / "eval/questions.jsonl"
    questions = load_questions(path)
    assert [q.id for q in questions] == [row["id"] for row in ROWS]
    check_gold(path, questions, [notice])


def test_halves_are_alike():
    def balance(kind, keys):
        halves = {half: Counter() for half in ("dev", "test")}
        for row in ROWS:
            halves[row["half"]].update(keys(row))
        for key in halves["dev"] | halves["test"]:
            assert abs(halves["dev"][key] - halves["test"][key]) <= 2, (kind, key)

    balance("all", lambda row: ["all"])
    balance("language", lambda row: [(row["language"], row["answerable"])])
    balance("tag", lambda row: [(tag, row["answerable"]) for tag in row["tags"]])


def test_languages_and_answerability_have_their_shares():
    share = {lang: n / len(ROWS) for lang, n in Counter(r["language"] for r in ROWS).items()}
    assert 0.50 <= share["zh-Hans"] <= 0.60
    assert 0.12 <= share["zh-Hant"] <= 0.18
    assert 0.17 <= share["en"] <= 0.23
    assert len(share) == 9


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("Simplified Chinese", lambda row: row["language"] == "zh-Hans"),
        ("Traditional Chinese", lambda row: row["language"] == "zh-Hant"),
        ("English", lambda row: row["language"] == "en"),
        ("ja, ko, es, fr, de, ru", lambda row: row["language"] not in ("zh-Hans", "zh-Hant", "en")),
        ("**all**", lambda row: True),
        ("of these follow-ups, with history", lambda row: row["history"]),
    ],
)
def test_the_card_gives_the_numbers(name, chosen):
    card = (ROOT / "eval/README.md").read_text(encoding="utf-8")
    rows = [row for row in ROWS if chosen(row)]
    yes = sum(row["answerable"] for row in rows)
    plain = card.replace("**", "")
    assert f"| {name.strip('*')} | {len(rows)} | {yes} | {len(rows) - yes} |" in plain


def test_the_gold_of_the_paraphrased_questions_is_in_the_notice(notice):
    path = ROOT / "eval/paraphrased.jsonl"
    questions = load_questions(path)
    check_gold(path, questions, [notice])
    assert not {q.question for q in questions} & {row["question"] for row in ROWS}
