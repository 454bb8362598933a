"""Every expected value is derived by hand in the comment beside it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.metrics import (
    auroc,
    bootstrap_interval,
    expected_calibration_error,
    percentiles,
)


def test_auroc_counts_ordered_pairs():
    # Positives .9 .4, negatives .6 .1: .9>.6, .9>.1, .4<.6, .4>.1: 3 of 4 pairs.
    assert auroc([0.9, 0.6, 0.4, 0.1], [1, 0, 1, 0]) == 0.75


def test_auroc_ties_count_half():
    # Positive .5 against negatives .5 (one half) and .2 (one): 1.5 of 2.
    assert auroc([0.5, 0.5, 0.2], [True, False, False]) == 0.75


def test_auroc_of_one_class_is_undefined():
    assert math.isnan(auroc([0.1, 0.9], [1, 1]))
    assert math.isnan(auroc([], []))


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=20))
def test_auroc_equals_brute_force_and_flips(rows):
    scores, truth = zip(*rows, strict=True)
    pairs = [(a > b) + (a == b) / 2 for a, p in rows if p for b, q in rows if not q]
    if not pairs:
        return
    assert auroc(scores, truth) == pytest.approx(sum(pairs) / len(pairs))
    assert auroc([-s for s in scores], truth) == pytest.approx(1 - auroc(scores, truth))


def test_ece_is_the_weighted_gap_of_the_bins():
    # Bin (.8,.9]: .9 .9 .9 .9, 3 right: |3.6 - 3| = .6. Bin (.1,.2]: .2, 0 right: .2.
    # (.6 + .2) / 5 = .16
    assert expected_calibration_error([0.9] * 4 + [0.2], [1, 1, 1, 0, 0]) == pytest.approx(0.16)


def test_ece_gaps_of_opposite_sign_cancel_only_within_a_bin():
    # One bin over everything: (.9 + .1) - (0 + 1) = 0. Ten bins: (.9 + .9) / 2 = .9.
    assert expected_calibration_error([0.9, 0.1], [0, 1], bins=1) == pytest.approx(0)
    assert expected_calibration_error([0.9, 0.1], [0, 1]) == pytest.approx(0.9)


def test_ece_takes_zero_and_one():
    assert expected_calibration_error([0.0, 1.0], [0, 1]) == 0
    assert math.isnan(expected_calibration_error([], []))


@pytest.mark.parametrize(
    ("confidence", "correct", "message"),
    [([1.2], [1], "outside"), ([0.5, 0.5], [1], "shapes"), ([float("nan")], [1], "finite")],
)
def test_ece_bad_input(confidence, correct, message):
    with pytest.raises(ValueError, match=message):
        expected_calibration_error(confidence, correct)


def test_bootstrap_of_equal_values_is_a_point():
    assert bootstrap_interval([1.0] * 9) == (1.0, 1.0)


def test_bootstrap_approaches_the_normal_interval():
    # 400 values, half of them 1: standard error .5 / 20 = .025, 1.96 of it = .049.
    low, high = bootstrap_interval([0.0, 1.0] * 200, samples=4000)
    assert low == pytest.approx(0.451, abs=0.006)
    assert high == pytest.approx(0.549, abs=0.006)


def test_bootstrap_is_seeded():
    values = np.arange(30) / 29
    assert bootstrap_interval(values, seed=7) == bootstrap_interval(values, seed=7)
    assert bootstrap_interval(values, seed=7) != bootstrap_interval(values, seed=8)


def test_bootstrap_draws_whole_rows():
    # The second column is twice the first, so the ratio is 2 in every draw.
    rows = [[1, 2], [2, 4], [5, 10]]
    assert bootstrap_interval(rows, lambda r: float(r[:, 1].sum() / r[:, 0].sum())) == (2, 2)


def test_bootstrap_leaves_out_undefined_draws():
    # Two rows: a draw of one class has no AUROC; each draw of both has 1.
    rows = [[0.9, 1], [0.1, 0]]
    assert bootstrap_interval(rows, lambda r: auroc(r[:, 0], r[:, 1])) == (1, 1)


def test_bootstrap_of_nothing_and_bad_arguments():
    assert all(math.isnan(end) for end in bootstrap_interval([]))
    with pytest.raises(ValueError, match="level"):
        bootstrap_interval([1.0], level=95)
    with pytest.raises(ValueError, match="statistic"):
        bootstrap_interval([[1.0, 2.0]])


def test_percentiles_are_linear_between_neighbours():
    # Places 0..3; 50 % is place 1.5 (25), 95 % is place 2.85 (38.5).
    assert percentiles([40, 10, 30, 20], [0, 50, 95]) == pytest.approx([10, 25, 38.5])
    assert math.isnan(percentiles([], [50])[0])
