"""Figures of rankings; every expected value is derived by hand in the comment beside it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evaluation.ranking import ranking_figures

RANKED = ["二", "二（一）", "三", "二（一）", "一"]


def one(relevant, ranked=RANKED):
    found = ranking_figures({"q": ranked}, {"q": relevant})
    return {name: values["q"] for name, values in found.items()}


@pytest.mark.parametrize(
    ("relevant", "hit", "recall", "rank"),
    [
        ({"二"}, 1, 1, 1),
        ({"二（一）"}, 0, 1, 2),
        ({"三", "一"}, 0, 1, 3),
        ({"二（一）", "二（二）"}, 0, 1 / 2, 2),  # the repeated 二（一） counts once
        ({"标题"}, 0, 0, math.inf),
    ],
)
def test_hit_recall_and_reciprocal_rank(relevant, hit, recall, rank):
    got = one(relevant)
    assert (got["hit@1"], got["recall@5"]) == (hit, recall)
    assert got["mrr@10"] == pytest.approx(1 / rank)


def test_ndcg():
    # One relevant label at rank 3: 1/log2(4) = 0.5, ideal 1/log2(2) = 1.
    assert one({"三"})["ndcg@10"] == 0.5
    # Ranks 1 and 3: 1 + 1/2 = 1.5; ideal 1 + 1/log2(3) = 1.63093.
    assert one({"二", "三"})["ndcg@10"] == pytest.approx(1.5 / (1 + 1 / math.log2(3)))
    # 二（一） at ranks 2 and 4: only rank 2 counts.
    assert one({"二（一）"})["ndcg@10"] == pytest.approx(1 / math.log2(3))


def test_a_repeated_label_takes_no_place():
    # Without the second 二（一）, 一 is at rank 4.
    assert one({"一"})["mrr@10"] == pytest.approx(1 / 4)


def test_grades_are_gains():
    # Gain 1 at rank 1, gain 3 at rank 2: 1 + 3/log2(3); ideal 3 + 1/log2(3).
    got = one({"二": 1, "二（一）": 3})["ndcg@10"]
    assert got == pytest.approx((1 + 3 / math.log2(3)) / (3 + 1 / math.log2(3)))


def test_a_question_missing_from_the_run_scores_zero():
    found = ranking_figures({"a": ["x"]}, {"a": {"x"}, "b": {"x"}, "c": {"y"}}, ["hit@1"])
    assert found == {"hit@1": {"a": 1, "b": 0, "c": 0}}
    assert ranking_figures({}, {"a": {"x"}}, ["ndcg@10"]) == {"ndcg@10": {"a": 0}}


def test_no_relevant_labels_is_an_error():
    with pytest.raises(ValueError, match="q has no relevant labels"):
        one(set())


@given(
    st.lists(st.sampled_from("abcdef"), max_size=8), st.sets(st.sampled_from("abcdefg"), min_size=1)
)
def test_figures_agree_with_brute_force(ranked, relevant):
    got = one(relevant, ranked)
    order = list(dict.fromkeys(ranked))
    places = [i for i, label in enumerate(order) if label in relevant]
    gain = sum(1 / np.log2(i + 2) for i in places)
    ideal = sum(1 / np.log2(i + 2) for i in range(len(relevant)))
    assert got["hit@1"] == float(0 in places)
    assert got["recall@5"] == pytest.approx(sum(i < 5 for i in places) / len(relevant))
    assert got["mrr@10"] == pytest.approx(1 / (places[0] + 1) if places else 0)
    assert got["ndcg@10"] == pytest.approx(gain / ideal)
