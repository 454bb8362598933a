"""Scoring one answer, and the figures of a fixture of ten questions worked out by hand."""

import pytest

from rag.evaluation.question_file import Question
from rag.evaluation.scoring import add_rankings, failure, figures, gate, score, summarise
from rag.types import Answer, Check, Citation, Hit, Notice, Passage

TEXT = "一、甲\n要做甲事。\n二、乙\n要做乙事，乙事要快。"
NOTICE = Notice(id="n", text=TEXT)


def ask(number=1, **changes):
    fields = {
        "id": f"q{number}",
        "question": "甲事呢？",
        "language": "zh-Hans",
        "answerable": True,
        "sections": ["一"],
        "quotes": [["要做甲事"]],
        "tags": ["detail"],
    }
    return Question(**{**fields, **changes})


def unsaid(number, **changes):
    return ask(number, answerable=False, sections=[], quotes=[], **changes)


def cite(section, quote, marker=1, shift=0):
    start = TEXT.index(quote) + shift
    end = start + len(quote)
    return Citation(f"[{marker}]", section, "", quote, start, end, "n", "", "")


def answer(*citations, confidence=0.9, text=None, checks=()):
    said = "".join(f"“{c.quote}”{c.marker}" for c in citations) if text is None else text
    refused = not citations
    return Answer("q", "q", said or "没有写。", refused, confidence, citations, checks=checks)


def hits(*sections):
    return [Hit(Passage(id=f"{i}", text="x", section=s), 0.5) for i, s in enumerate(sections)]


def scored(question, given, found=("一",)):
    return score(question, given, hits(*found), {"n": NOTICE})


# --- One answer -----------------------------------------------------------------------------------


def test_right_needs_first_section_and_gold_quote():
    right = scored(ask(), answer(cite("一", "要做甲事。")))
    assert right["scores"]["right"] == 1 and failure(right) == ""
    section = scored(ask(), answer(cite("二", "要做乙事"), cite("一", "要做甲事。", 2)))
    assert section["scores"]["right"] == 0 and section["scores"]["gold_quote"] == 1
    assert failure(section) == "cites 二, not 一"
    quote = scored(ask(), answer(cite("一", "甲事。")))
    assert quote["scores"]["right"] == 0 and quote["scores"]["first_section"] == 1
    assert failure(quote) == "gold quote is missing"
    refused = scored(ask(), answer())
    assert refused["scores"]["right"] == 0 and failure(refused) == "refused"


def test_every_needed_quote_counts_and_one_alternative_is_enough():
    question = ask(sections=["二"], quotes=[["要做乙事", "别的"], ["乙事要快"]])
    both = scored(question, answer(cite("二", "要做乙事"), cite("二", "乙事要快", 2)))["scores"]
    assert (both["right"], both["needed_quotes"]) == (1, 1)
    half = scored(question, answer(cite("二", "要做乙事")))["scores"]
    assert (half["right"], half["gold_quote"], half["needed_quotes"]) == (0, 0, 0.5)


def test_a_gold_quote_is_not_made_up_of_two_citations():
    question = ask(sections=["二"], quotes=[["乙事，乙事"]])
    assert scored(question, answer(cite("二", "乙事，乙事要快")))["scores"]["right"] == 1
    two = answer(cite("二", "乙事，"), cite("二", "乙事要快", 2))
    assert scored(question, two)["scores"]["right"] == 0


def test_unanswerable_is_right_when_refused():
    assert failure(scored(unsaid(1), answer())) == ""
    given = scored(unsaid(1), answer(cite("一", "要做甲事")))
    assert given["scores"]["refusal"] == 0
    assert failure(given) == "answered, though the notice does not say"


def test_citations_are_compared_with_the_notice():
    given = answer(cite("一", "要做甲事"), cite("二", "乙事要快", 2, shift=1))
    record = scored(ask(), given)
    assert record["scores"]["exact_citations"] == 0.5
    assert failure(record) == "a quote is not a slice of the notice"
    elsewhere = score(ask(), given, hits(), {"other": NOTICE})
    assert elsewhere["scores"]["exact_citations"] == 0


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("“要做甲事”[1]", 1),
        ("甲事要做[1]，确实[1]。", 1),
        ("甲事要做。", 0),  # the citation is used nowhere
        ("甲事要做[1][2]。", 0),  # an invented marker
    ],
)
def test_markers_are_those_of_the_citations(text, valid):
    record = scored(ask(), answer(cite("一", "要做甲事"), text=text))
    assert record["scores"]["markers_valid"] == valid
    assert ("markers" in failure(record)) == (not valid)


def test_what_looks_like_a_marker_inside_a_quote_is_the_notices_own():
    notice = Notice(id="n", text="见[7]条")
    citation = Citation("[1]", "一", "", "见[7]条", 0, 5, "n", "", "")
    given = answer(citation, text="“见[7]条”[1]")
    assert score(ask(), given, hits(), {"n": notice})["scores"]["markers_valid"] == 1


# --- Ten questions --------------------------------------------------------------------------------


@pytest.fixture
def records():
    a, b = cite("一", "要做甲事"), cite("二", "乙事要快", 2)
    checks = (Check("甲。", "supported"), Check("乙。", "unsupported", "no"))
    both = {"sections": ["一", "二"], "quotes": [["要做甲事"], ["乙事要快"]]}
    rows = [
        scored(ask(1), answer(a), ("一", "二")),
        scored(ask(2, language="zh-Hant"), answer(cite("二", "乙事要快")), ("二", "一")),
        scored(ask(3, tags=["element"]), answer(confidence=0.3), ("二", "二", "一")),
        scored(ask(4, tags=["follow-up", "element"]), answer(a), ("一",)),
        scored(ask(5, language="en", tags=["list"], **both), answer(a, b), ("一", "二")),
        scored(ask(6, language="en", tags=["list"], **both), answer(a, checks=checks), ("二",)),
        scored(ask(7), answer(cite("二", "乙事要快", shift=1), confidence=0.5), ()),
        scored(unsaid(8), answer(confidence=0.1), ("一",)),
        scored(unsaid(9), answer(cite("二", "乙事要快"), text="乙[3]"), ("一",)),
        scored(unsaid(10, language="en"), answer(confidence=0.2), ()),
    ]
    add_rankings(rows)
    return rows


def values(group):
    return {name: (fig["value"], fig["n"]) for name, fig in group.items()}


def test_figures_equal_to_hand_computation(records):
    got = values(figures(records, seed=0, samples=50))
    # Answerable 1-7. Right: 1, 4 and 5; 2 and 7 cite another section, 3 is refused, 6 lacks 乙.
    assert got["right"] == (0.4286, 7)
    assert got["first_section"] == (0.5714, 7)  # 1 4 5 6
    assert got["gold_quote"] == (0.4286, 7)  # 1 4 5
    assert got["needed_quotes"] == (0.5, 7)  # 1, 4 and 5 whole, 6 half: 3.5 / 7
    assert got["false_refusal"] == (0.1429, 7)  # 3
    assert got["refusal"] == (0.6667, 3)  # 8 and 10 of 8-10
    # Of the answered ones, 1 2 4 5 6 7: 1 0 1 1 1 0.
    assert got["citation_precision"] == (0.6667, 6)
    # Of all seven, a refusal with none: 1 0 0 1 1 1/2 0.
    assert got["citation_recall"] == (0.5, 7)
    # 1 2 4 5 6 7 9 cite; 7's quote is shifted.
    assert got["exact_citations"] == (0.8571, 7)
    # 2, 7 and 9 cite [1]; 9's text says [3].
    assert got["markers_valid"] == (0.8571, 7)
    # Sections found, without repeats: 1: 一二 2: 二一 3: 二一 4: 一 5: 一二 (both) 6: 二 (of two)
    # 7: none, which scores 0.
    assert got["hit@1"] == (0.5714, 7)  # 1 4 5 6
    assert got["recall@5"] == (0.7857, 7)  # 1 1 1 1 1 1/2 0
    assert got["mrr@10"] == (0.7143, 7)  # 1 1/2 1/2 1 1 1 0
    # 1, .63093, .63093, 1, 1, and 6: 1 of 1 + .63093 = .61315, 0: 4.87501 / 7
    assert got["ndcg@10"] == (0.6964, 7)
    # Answerable .9 .9 .3 .9 .9 .9 .5 against .1 .9 .2: each of the seven beats .1 and .2 (14), five
    # tie with .9 (2.5): 16.5 of 21.
    assert got["auroc"] == (0.7857, 10)
    # Bin of .9: 1 2 4 5 6 9, three right: |5.4 - 3| = 2.4. Question 3, refused, first hit wrong:
    # .3. 7: .5. 8: .1. 10: .2. 3.5 / 10.
    assert got["ece"] == (0.35, 10)
    # Quoted, of answerable: 4 4 4 8 4 4 characters.
    assert got["quoted_length"] == (4.6667, 6)
    # “4”[1] is 9 characters: 9 9 9 18 9 9, and 乙[3] is 4: 67 / 7.
    assert got["answer_length"] == (9.5714, 7)
    assert len(got) == 18


def test_intervals_hold_the_value_and_shrink_where_all_are_alike(records):
    for name, fig in figures(records, seed=0, samples=500).items():
        assert fig["low"] <= fig["value"] <= fig["high"], name
    same = figures([records[0]] * 5, seed=0, samples=50)["right"]
    assert (same["low"], same["value"], same["high"]) == (1, 1, 1)


def test_gate_outcomes_are_shares_of_sentences(records):
    got = gate(records, seed=0, samples=50)
    assert got["sentences"] == 2
    assert (got["supported"]["value"], got["supported"]["n"]) == (0.5, 1)
    assert (got["unsupported"]["value"], got["misattributed"]["value"]) == (0.5, 0)
    assert gate(records[:1], seed=0, samples=50) == {"sentences": 0}


def test_named_groups(records):
    targets = summarise(records, seed=0, samples=50)["targets"]
    assert values(targets) == {
        "Chinese": (0.3333, 3),  # 1 of 1 2 7
        "elements and structure": (0, 1),  # 3; 4 is a follow-up
        "elements and structure, Chinese": (0, 1),
        "follow-ups": (1, 1),
        "unanswerable refused": (0.6667, 3),
        "answerable refused": (0.1429, 7),
        "English": (0.5, 2),  # 5 of 5 6
        "other languages": (None, 0),
        "citations exact": (0.8571, 7),
    }


def test_groups_by_language_and_tag(records):
    summary = summarise(records, seed=0, samples=50)
    assert {k: v["right"]["n"] for k, v in summary["by_language"].items()} == {
        "en": 2,
        "zh-Hans": 4,
        "zh-Hant": 1,
    }
    assert summary["by_tag"]["element"]["right"]["value"] == 0.5
    assert list(summary["by_tag"]) == ["detail", "element", "follow-up", "list"]


def test_reliability_and_tradeoff(records):
    summary = summarise(records, seed=0, samples=50)
    assert summary["reliability"] == [
        {"n": 1, "confidence": 0.1, "right": 0},
        {"n": 1, "confidence": 0.2, "right": 0},
        {"n": 1, "confidence": 0.3, "right": 0},
        {"n": 1, "confidence": 0.5, "right": 0},
        {"n": 6, "confidence": 0.9, "right": 0.5},
    ]
    at = {p["threshold"]: (p["false_refusal"], p["refusal"]) for p in summary["tradeoff"]}
    assert at[0] == (0, 0)
    assert at[0.3] == (0, 0.6667)  # below .3: .1 and .2
    assert at[0.9] == (0.2857, 0.6667)  # and .3 and .5 of the answerable
    assert at[1] == (1, 1)
