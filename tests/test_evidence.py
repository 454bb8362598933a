from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag import evidence, reader
from rag.encoder import embedded_encoder
from rag.errors import EvidenceError
from rag.evidence import (
    FEATURES,
    SUMMARY,
    Scorer,
    candidates,
    choose,
    features,
    find,
    mentions,
    summary,
    words_of,
)
from rag.matching import Parts, Texts
from rag.passages import clause_spans
from rag.trees import Trees
from rag.types import Hit, Passage

WAGES = Passage(
    id="n:1",
    text="完善工资分配制度。建立工资正常增长机制。",
    notice_id="n",
    section="二",
    start=100,
)
SCHOOL = Passage(id="n:2", text="每名学生补贴500元。招生范围另行公布。", notice_id="n", start=200)
HITS = [Hit(WAGES, 0.8), Hit(SCHOOL, 0.3)]


def column(question: str, name: str, hits: list[Hit] = HITS) -> list[float]:
    return features(question, candidates(hits))[:, FEATURES.index(name)].round(4).tolist()


def uncut(texts: list[str]) -> Parts:
    return Texts.of(texts).cut([((0, len(text)),) for text in texts])


def test_the_reader_reads_sentences_neighbours_headings_and_clauses() -> None:
    ours, question = reader.embedded(), "工资怎么涨"
    said, _ = ours.read(question, uncut([c.text for c in candidates(HITS)]))
    read = said.best.round(4).tolist()
    assert column(question, "reader") == pytest.approx(read, abs=1e-3)
    assert column(question, "sure") == pytest.approx(said.sure.tolist(), abs=1e-3)
    # Each passage has two sentences: the neighbour is the other one. All are of one clause.
    assert column(question, "reader_around") == pytest.approx(
        [read[1], read[0], read[3], read[2]], abs=1e-3
    )
    assert column(question, "reader_clause") == pytest.approx(read, abs=1e-3)
    names = ["招生", "调整薪酬"]
    headed = [
        replace(hit, passage=replace(hit.passage, heading=name))
        for hit, name in zip(HITS, names, strict=True)
    ]
    first, second = ours.read(question, uncut(names))[0].best
    assert second > first
    assert column(question, "reader_heading", headed) == pytest.approx(
        [first, first, second, second], abs=1e-3
    )


def test_the_best_clause_of_a_sentence_counts() -> None:
    text = "学校放假三天，工资按月增长。"
    hit = Hit(Passage(id="n:3", text=text), 1.0)
    ours, (x,) = reader.embedded(), features("工资怎么涨", candidates([hit]))
    _, said = ours.read("工资怎么涨", Texts.of([text]).cut([clause_spans(text)]))
    for name, read in (("reader_clause", said.best), ("sure_clause", said.sure)):
        assert read[1] > read[0]
        assert x[FEATURES.index(name)] == pytest.approx(read[1])


def test_what_a_sentence_leaves_open_of_the_question() -> None:
    # Sentences: 完善工资分配制度, 建立工资正常增长机制; 每名学生补贴500元, 招生范围另行公布.
    assert [w.text for w in words_of("哪些学生补贴怎么增长")] == ["学生", "补贴", "增长"]
    assert column("哪些学生补贴怎么增长", "asked_for_named") == [0, 0, 1, 0]  # 学生
    assert column("哪些学生补贴怎么增长", "asked_about_named") == [0, 0, 1, 0]  # 补贴
    assert column("哪些学生补贴怎么增长", "last_named") == [0, 1, 0, 0]  # 增长
    assert column("哪些学生补贴怎么增长", "words_unnamed")[1:3] == [2, 1]
    assert column("哪些学生补贴怎么增长", "asked_about_somewhere") == [1] * 4
    # No such word: neither met nor not.
    assert column("学生补贴", "asked_for_met") == [-1] * 4
    assert column("学生补贴", "asked_about_read") == [-1] * 4
    # By the reader: shares of what matters, of pieces that the sentence does not meet.
    said, _ = reader.embedded().read(
        "哪些学生补贴怎么增长", uncut([c.text for c in candidates(HITS)])
    )
    asked = embedded_encoder().piece_texts("哪些学生补贴怎么增长")
    unread = np.sort(said.matters * (1 - said.met), axis=1)
    assert column("哪些学生补贴怎么增长", "unread") == pytest.approx(unread[:, -1], abs=1e-3)
    assert column("哪些学生补贴怎么增长", "unread_second") == pytest.approx(unread[:, -2], abs=1e-3)
    # Of the word before 怎么 (补贴, one piece); of what matters more than a piece on average.
    (piece,) = [i for i, p in enumerate(asked) if p == "补贴"]
    assert column("哪些学生补贴怎么增长", "asked_about_read") == pytest.approx(
        said.met[:, piece].tolist(), abs=1e-3
    )
    heavy = said.matters > 1 / len(said.matters)
    assert column("哪些学生补贴怎么增长", "read_least") == pytest.approx(
        said.met[:, heavy].min(axis=1).tolist(), abs=1e-3
    )
    nowhere = said.matters * (1 - said.met.max(axis=0))
    assert column("哪些学生补贴怎么增长", "unread_nowhere") == pytest.approx(
        [nowhere.max()] * 4, abs=1e-3
    )


def test_the_order_of_hits_changes_nothing_but_rank() -> None:
    # What is computed of sentences is kept from question to question, for this is so. Passages of
    # two notices and of none, one of them without a sentence between others.
    loose = Passage(id="x", text="教师工资另行规定。")
    other = replace(SCHOOL, notice_id="m", id="m:2")
    hits = [*HITS, Hit(loose, 0.2), Hit(replace(WAGES, id="n:5", text=""), 0.1), Hit(other, 0.1)]
    there, back = candidates(hits), candidates(hits[::-1])
    a, b = (features("工资怎么涨", some) for some in (there, back))
    place = {(c.hit.passage.id, c.start): row for row, c in enumerate(back)}
    b = b[[place[c.hit.passage.id, c.start] for c in there]]
    rank = FEATURES.index("rank")
    assert a[:, rank].tolist() == [0, 0, 1, 1, 2, 4, 4]
    assert b[:, rank].tolist() == [4, 4, 3, 3, 2, 0, 0]
    np.testing.assert_allclose(np.delete(a, rank, 1), np.delete(b, rank, 1), atol=1e-6)


def test_what_is_computed_of_sentences_is_kept() -> None:
    before = evidence._material.cache_info().hits
    for question, hits in (("工资怎么涨", HITS), ("补贴多少", HITS[::-1])):
        features(question, candidates(hits))
    assert evidence._material.cache_info().hits > before


def test_equal_sentences_stand_in_the_order_of_their_hits() -> None:
    twin = replace(WAGES, id="a:1", notice_id="a")  # before n in the order of the text
    # All the same to the trees: the first candidate is given first.
    scorer = Scorer(split_at(0, 1e9, 0.0, 0.0), split_at(0, 1e9, 0.0, 0.0), 0.1)
    for hits in ([Hit(WAGES, 0.8), Hit(twin, 0.8)], [Hit(twin, 0.8), Hit(WAGES, 0.8)]):
        (first, *_) = find("工资怎么涨", hits, scorer).evidence
        assert first.passage == hits[0].passage


def test_candidates_are_the_sentences_of_the_hits() -> None:
    assert [(c.rank, c.text) for c in candidates(HITS)] == [
        (0, "完善工资分配制度。"),
        (0, "建立工资正常增长机制。"),
        (1, "每名学生补贴500元。"),
        (1, "招生范围另行公布。"),
    ]


def test_a_word_that_is_there_is_met_and_one_that_is_not_is_missing() -> None:
    # One content word, 增长: the second sentence holds it, so nothing of the question is missing.
    assert column("增长", "missing")[1] == 0.0
    assert column("增长", "missing")[2] > 0.5
    # Around: the first sentence has the second beside it, the third does not.
    assert column("增长", "around")[:2] == [1.0, 1.0]
    assert column("增长", "around")[2] < 0.5


def test_the_expected_kind_of_answer() -> None:
    assert column("补贴多少钱？", "hard_type_lacked") == [1.0, 1.0, 0.0, 1.0]
    assert column("补贴", "hard_type_lacked") == [0.0, 0.0, 0.0, 0.0]
    # A reason is expected softly: lacked, but not hard.
    assert column("为什么增长？", "hard_type_lacked") == [0.0] * 4
    assert column("为什么增长？", "type_lacked")[2] == 1.0


def test_hit_scores_are_their_passages() -> None:
    assert column("增长", "hit_score") == [0.8, 0.8, 0.3, 0.3]


def test_script_does_not_matter() -> None:
    np.testing.assert_allclose(
        features("工資怎麼增長？", candidates(HITS)), features("工资怎么增长？", candidates(HITS))
    )


def test_the_same_word_and_one_that_stands_for_it() -> None:
    assert column("工资", "same")[0] == 1.0  # all that is asked stands there
    assert column("薪酬", "same")[0] == 0.0
    # One notion of the word list: 0.5.
    assert column("薪酬", "alike")[0] == pytest.approx(0.5)
    assert column("工资增长", "longest_run") == [2.0, 2.0, 0.0, 0.0]
    assert column("工资正常", "longest_run")[1] == 4.0


def test_figures_beside_the_best_candidate() -> None:
    shares = column("工资增长", "met_share")
    assert max(shares) == 1.0 and shares[1] == 1.0
    above = column("工资增长", "met_above")
    assert np.mean(above) == pytest.approx(0, abs=1e-3) and np.std(above) == pytest.approx(
        1, abs=1e-3
    )


def test_where_a_sentence_stands() -> None:
    assert column("工资", "place") == [0, 1, 0, 1]
    assert column("工资", "sentences") == [2, 2, 2, 2]
    assert column("工资", "rank") == [0, 0, 1, 1]
    # What the neighbour meets counts as around, not what the next passage does.
    assert column("增长", "around")[1:3] == [1.0, pytest.approx(column("增长", "passage_met")[2])]
    headed = Passage(id="h", text="另行公布。", heading="工资 / 增长")
    assert column("工资", "heading_met", [Hit(headed, 0.5)]) == [1.0]


def test_a_heading_is_told_from_what_stands_under_it() -> None:
    alone = Passage(id="n:3", text="三、联系方式", heading="报名办法 / 联系方式", start=300)
    run_in = Passage(id="n:4", text="（一）工资增长。建立机制。", heading="工资增长", start=400)
    none = Passage(id="n:5", text="。", start=500)
    hits = [Hit(alone, 0.9), Hit(run_in, 0.5), Hit(none, 0.1)]
    assert column("工资", "is_heading", hits) == [1, 1, 0, 0]


def test_synonyms_and_translations_count() -> None:
    assert column("薪水", "soft_bm25")[0] > column("薪水", "soft_bm25")[2]
    assert column("student subsidy", "soft_bm25")[2] > column("student subsidy", "soft_bm25")[0]


def test_question_words_are_not_asked_for() -> None:
    assert [w.text for w in words_of("什么是工资？")] == ["工资"]


def test_a_word_weighs_as_rare_and_as_often_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "_background", lambda: {"": 9.0, "邻居": 6.0, "补贴": 4.0})
    monkeypatch.setattr(evidence, "_met", lambda: {"邻居": 0.5})
    weights = {w.text: w.weight for w in words_of("邻居的补贴？")}
    assert weights == {"邻居": 3.0, "补贴": 4.0}  # 6 * 0.5; a word that nothing is known of, whole
    # What a statement says is not what somebody asks: rarity alone counts.
    assert [w.weight for w in evidence.rare_words("邻居")] == [6.0]


def test_what_tells_the_story_weighs_less_than_what_is_asked() -> None:
    weights = {w.text: w.weight for w in words_of("我邻居开的厂子，罚款交了吗？")}
    assert weights["罚款"] > 2 * max(weights["邻居"], weights["我"])


def test_hits_are_read_in_the_order_of_what_answers() -> None:
    hits = [Hit(SCHOOL, 0.6), Hit(WAGES, 0.5)]
    first, second = evidence.read("工资怎么增长？", hits)
    assert (first.passage, first.score) == (WAGES, 0.75)  # (0.5 + 1) / 2
    assert (second.passage, second.score < 0.75) == (SCHOOL, True)
    assert find("工资怎么增长？", hits).hits == (first, second)
    assert evidence.read("工资", []) == ()


def test_find_quotes_exact_slices_in_notice_coordinates() -> None:
    finding = find("工资怎么增长？", HITS)
    best = finding.evidence[0]
    assert best.quote == "建立工资正常增长机制。"
    assert (best.start, best.end) == (109, 120)  # the first sentence has nine characters
    assert WAGES.text[best.start - 100 : best.end - 100] == best.quote
    assert 0 < finding.confidence < 1


def test_confidence_falls_when_the_answer_is_taken_away() -> None:
    whole = find("每名学生补贴多少钱？", [Hit(SCHOOL, 0.8)]).confidence
    lacking = Passage(id="x", text="招生范围另行公布。学生补贴按规定执行。")
    assert find("每名学生补贴多少钱？", [Hit(lacking, 0.8)]).confidence < whole


def split_at(column: int, threshold: float, low: float, high: float) -> Trees:
    """One tree: ``low`` where a figure is at most the threshold, else ``high``."""
    return Trees.of(
        {
            "feature": [column, 0, 0], "threshold": [threshold, 0, 0], "left": [1, 1, 2],
            "right": [2, 1, 2], "value": [0, low, high], "roots": [0], "depth": 1,
        },
        len(SUMMARY),
    )  # fmt: skip


def test_the_trees_rank_and_their_best_is_trusted() -> None:
    # The first trees prefer a sentence that holds 增长, the second trust a best score above 1. Of
    # odds exp(4) to three times 1 it has 0.948: one sentence is enough.
    rank = split_at(FEATURES.index("same"), 0.5, -1.0, 3.0)
    scorer = Scorer(rank, split_at(SUMMARY.index("best"), 1.0, -3.0, 3.0), 0.1)
    finding = find("增长", HITS, scorer)
    assert [e.quote for e in finding.evidence] == ["建立工资正常增长机制。"]
    assert finding.confidence == pytest.approx(1 / (1 + np.exp(-3)))
    assert find("下雨", HITS, scorer).confidence == pytest.approx(1 / (1 + np.exp(3)))


def test_a_question_after_others_is_read_as_typed_too() -> None:
    # 增长 alone: 3 for its sentence and -1 for the others, trusted with 3. 下雨 alone: -1 for all,
    # trusted with -3. Together 1 and -1, trusted with 0; odds exp(2) to three times 1 are 0.71.
    rank = split_at(FEATURES.index("same"), 0.5, -1.0, 3.0)
    scorer = Scorer(rank, split_at(SUMMARY.index("best"), 1.0, -3.0, 3.0), 0.1)
    finding = find("增长", HITS, scorer, typed="下雨")
    assert finding.confidence == pytest.approx(0.5)
    assert finding.evidence[0].quote == "建立工资正常增长机制。"
    assert finding.evidence[0].score == pytest.approx(0.5 * 0.7112, abs=1e-4)
    assert find("增长", HITS, scorer, typed="增长") == find("增长", HITS, scorer)


def test_mentions_are_sentences_that_hold_the_very_words() -> None:
    one = Passage(id="a", section="一", text="发放津贴。津贴按月发。", notice_id="n")
    two = Passage(id="b", section="二", text="做好培训。發放津贴和补助。", notice_id="n")
    hits = [Hit(one, 0.9), Hit(two, 0.5)]
    # One for each section; script does not matter, and both of two words have to be there.
    assert [e.quote for e in mentions("发放津贴", hits)] == ["发放津贴。", "發放津贴和补助。"]
    assert [e.quote for e in mentions("津贴和补助", hits)] == ["發放津贴和补助。"]
    assert mentions("住房", hits) == ()
    assert mentions("及格", hits) == mentions("和与", hits) == mentions("", hits) == ()


def test_the_summary_of_a_question() -> None:
    x = np.zeros((3, len(FEATURES)))
    x[:, FEATURES.index("cosine")] = [0.1, 0.7, 0.3]
    x[:, FEATURES.index("met")] = [0.9, 0.2, 0.4]
    got = dict(zip(SUMMARY, summary(np.array([1.0, 0.0, -1.0]), x), strict=True))
    # Best 1, one above the next and above the mean 0; ln(e^0 + e^-1 + e^-2) = 0.4076.
    assert [got["best"], got["lead"], got["above"]] == [1.0, 1.0, 1.0]
    assert got["spread"] == pytest.approx(0.4076, abs=1e-4)
    assert (got["cosine"], got["cosine_most"], got["met_most"]) == (0.1, 0.7, 0.9)
    # Of three candidates all are among the best four: (0.1 + 0.7 + 0.3) / 3.
    assert got["cosine_of_best"] == pytest.approx(0.3667, abs=1e-4)
    x = np.vstack([x, np.zeros((2, len(FEATURES)))])
    x[4, FEATURES.index("met")] = 1.0  # the fifth by its score: among all, not among the best
    got = dict(zip(SUMMARY, summary(np.array([1.0, 0.0, -1.0, -2.0, -3.0]), x), strict=True))
    assert (got["met_of_best"], got["met_most"]) == (pytest.approx(1.5 / 4), 1.0)


def test_one_sentence_where_one_is_enough() -> None:
    # Beside the likeliest, a sentence of 60 characters must have 60 * 0.0011 = 6.6 % of the odds,
    # or 60 * 0.00033 = 2 % where several things are asked for.
    sixty, odds = np.full(4, 60.0), np.log([60.0, 33.0, 5.0, 2.1])
    assert choose(np.log([5.0, 95.0]), sixty[:2], several=False) == [1]
    assert choose(odds, sixty, several=False) == [0, 1]
    assert choose(odds, sixty, several=True) == [0, 1, 2, 3]
    # Short ones cost less, long ones no more than what they are cut down to: 5 % pay for 45
    # characters, 33 % for any number.
    assert choose(odds, np.array([60.0, 900.0, 45.0, 60.0]), several=False) == [0, 1, 2]
    # Every sentence costs 20 characters: 2.2 %.
    assert choose(odds, np.full(4, 1.0), several=False) == [0, 1, 2]
    assert len(choose(np.zeros(50), np.full(50, 10.0), several=True)) == evidence.MOST


def test_no_hits() -> None:
    assert find("工资", []) == evidence.Finding((), 0.0, ())


@pytest.mark.parametrize(
    "text",
    ["", " \n", "甲" * 100_000, "项目 | 金额 | 日期\n培训 | 500 | 5月", "没有句号的一段话", "🙂"],
)
def test_odd_passages(text: str) -> None:
    finding = find("工资怎么增长？", [Hit(Passage(id="p", text=text), 0.5)])
    for item in finding.evidence:
        assert text[item.start : item.end] == item.quote


@pytest.mark.parametrize("question", ["工", "?a", "x" * 2000, "1"])
def test_odd_questions(question: str) -> None:
    assert 0 <= find(question, HITS).confidence <= 1


def test_a_long_sentence_is_cut_to_its_answering_clauses() -> None:
    filler = "，".join(f"做好第{n}方面的日常工作" for n in range(20))
    text = f"{filler}，建立工资正常增长机制，{filler}。"
    (best, *_) = find("工资怎么增长？", [Hit(Passage(id="p", text=text), 0.9)]).evidence
    assert "建立工资正常增长机制" in best.quote
    assert len(best.quote) <= evidence.CUT
    assert text[best.start : best.end] == best.quote


@pytest.mark.parametrize(
    ("share", "run"),
    [
        # Clauses of 30 characters: 0.08 for one (as for 40), 0.12 for two; four are too long.
        ([0.1, 0.5, 0.05, 0.3, 0.05], (1, 3)),  # 0.85 - 0.18 against 0.5 - 0.08 of the best alone
        ([0.25, 0.5, 0.05, 0.05, 0.15], (0, 1)),  # 0.75 - 0.12; a third adds less than it costs
        ([0.0, 0.0, 0.0, 0.0, 1.0], (4, 4)),
        ([0.01, 0.01, 0.01, 0.02, 0.01], (3, 3)),  # worth nothing, yet the likeliest is given
    ],
)
def test_clauses_are_given_for_what_they_are_worth(
    share: list[float], run: tuple[int, int]
) -> None:
    spans = [(n * 30, n * 30 + 30) for n in range(5)]
    assert evidence._run(spans, np.array(share)) == run
    assert evidence._run([(0, 500)], np.array([1.0])) == (0, 0)  # a clause is never cut


def test_weights_of_another_version_or_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(evidence.WEIGHTS, tmp_path / "evidence")
    monkeypatch.setattr(evidence, "WEIGHTS", folder)
    load = evidence.embedded_scorer.__wrapped__
    model = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    (folder / "model.json").write_text(json.dumps(model | {"features": ["a"]}), encoding="utf-8")
    with pytest.raises(EvidenceError, match="another version"):
        load()
    (folder / "model.json").write_text(json.dumps(model), encoding="utf-8")
    (folder / "met.json").unlink()
    evidence._met.cache_clear()
    with pytest.raises(EvidenceError, match="cannot be read.*met.json.*train/evidence.py"):
        load()
    (folder / "model.json").write_text("{", encoding="utf-8")
    with pytest.raises(EvidenceError, match="cannot be read.*train/evidence.py"):
        load()
