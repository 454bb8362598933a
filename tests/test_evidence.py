from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from rag import evidence
from rag.errors import EvidenceError
from rag.evidence import FEATURES, SUMMARY, Scorer, asked_words, candidates, features, find
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


def test_synonyms_and_translations_count() -> None:
    assert column("薪水", "soft_bm25")[0] > column("薪水", "soft_bm25")[2]
    assert column("student subsidy", "soft_bm25")[2] > column("student subsidy", "soft_bm25")[0]


def test_question_words_are_not_asked_for() -> None:
    assert [w.text for w in asked_words("什么是工资？")] == ["工资"]


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


def test_the_scorer_is_linear_and_its_calibration_logistic() -> None:
    rank = np.zeros(len(FEATURES))
    rank[FEATURES.index("soft_bm25")] = 2.0
    trust = np.zeros(len(SUMMARY))
    trust[SUMMARY.index("best")] = 1.0
    scorer = Scorer(rank, 0.5, trust, -1.0, 0.1)
    best = max(column("增长", "soft_bm25"))
    # Best score 2 s + .5, confidence 1 / (1 + exp(-(2 s + .5 - 1))).
    assert find("增长", HITS, scorer).confidence == pytest.approx(
        1 / (1 + np.exp(-(2 * best - 0.5))), abs=1e-3
    )


def test_no_hits() -> None:
    assert find("工资", []) == evidence.Finding((), 0.0)


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
    assert evidence.KEPT <= len(best.quote) <= evidence.LONG
    assert text[best.start : best.end] == best.quote


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
    (folder / "model.json").write_text("{", encoding="utf-8")
    with pytest.raises(EvidenceError, match="cannot be read.*train/evidence.py"):
        load()
