from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from rag.lexical import SYNONYM_WEIGHT, Lexicon, query_terms
from rag.synonyms import embedded
from rag.text import tokens

TEXTS = ["技能人才", "人才工资", "天气"]


def bm25(term: str, text: str, texts: list[str]) -> float:
    """Lucene's BM25 written out: idf = ln(1 + (N - n + .5) / (n + .5)), k1 1.2, b .5."""
    counts = [Counter(tokens(t)) for t in texts]
    n = sum(term in c for c in counts)
    idf = math.log(1 + (len(texts) - n + 0.5) / (n + 0.5))
    tf, length = Counter(tokens(text))[term], len(tokens(text))
    mean = sum(map(len, map(tokens, texts))) / len(texts)
    return idf * tf / (tf + 1.2 * (1 - 0.5 + 0.5 * length / mean))


def test_scores_are_the_weighted_sum_of_bm25() -> None:
    lexicon = Lexicon.build(TEXTS)
    expected = [2 * bm25("人才", t, TEXTS) + 0.5 * bm25("工", t, TEXTS) for t in TEXTS]
    got = lexicon.scores({"人才": 2.0, "工": 0.5, "没有": 9.0})
    np.testing.assert_allclose(got, expected, rtol=1e-5)
    assert got[1] > got[0] > got[2] == 0


def test_script_and_width_do_not_matter() -> None:
    lexicon = Lexicon.build(["职业培训券ＡＢ"])
    assert lexicon.scores(query_terms("職業培訓券"))[0] == pytest.approx(
        lexicon.scores(query_terms("职业培训券"))[0]
    )
    assert lexicon.scores({"ab": 1.0})[0] > 0


def test_a_chinese_question_scores_its_own_terms_most_and_synonyms_less() -> None:
    terms = query_terms("老师")
    assert terms["老师"] == terms["老"] == 1.0
    # The dictionary glosses both as "teacher": a cosine near 1, times the weight of a synonym.
    assert terms["教师"] == pytest.approx(SYNONYM_WEIGHT, abs=0.02)
    assert "天气" not in terms
    # 就业困难人员 stands for 大龄失业 at 0.8: a fifth of that for each of its pairs is too little.
    assert dict(embedded().alike("大龄失业"))["就业困难人员"] == pytest.approx(0.8, abs=0.01)
    assert "难人" not in query_terms("大龄失业")


def test_a_foreign_question_scores_translations() -> None:
    terms = query_terms("teacher salaries")
    assert terms["teacher"] == 1.0
    assert 0 < terms["教师"] <= 1
    assert 0 < terms["薪资"] < 1


def test_save_and_load(tmp_path: Path) -> None:
    built = Lexicon.build(TEXTS)
    built.save(tmp_path)
    loaded = Lexicon.load(tmp_path, size=3)
    assert loaded.vocabulary == built.vocabulary
    np.testing.assert_array_equal(
        loaded.scores(query_terms("人才工资")), built.scores(query_terms("人才工资"))
    )


def test_arrays_that_do_not_belong_together(tmp_path: Path) -> None:
    Lexicon.build(TEXTS).save(tmp_path)
    np.save(tmp_path / "bm25.indptr.npy", np.array([0, 1]))
    with pytest.raises(ValueError, match="do not belong together"):
        Lexicon.load(tmp_path, size=3)


def test_texts_without_a_single_word() -> None:
    lexicon = Lexicon.build(["", "…！"])
    assert lexicon.scores({"人": 1.0}).tolist() == [0.0, 0.0]
