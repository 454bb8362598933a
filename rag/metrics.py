"""Figures for refusal and calibration, and bootstrap intervals, each small enough to check by hand.

Figures of rankings are in ``rag.evaluation.ranking``, by trec_eval.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Statistic = Callable[[NDArray[np.float64]], float]


def auroc(scores: ArrayLike, labels: ArrayLike) -> float:
    """Area under the ROC curve: the chance that a positive scores above a negative, ties one half.

    The Mann-Whitney statistic (Hanley and McNeil, Radiology 143, 1982).

    Args:
        scores: Shape ``(n,)``; higher means more likely positive.
        labels: Shape ``(n,)``; true for positives.

    Returns:
        The area; ``nan`` where all labels are the same.

    Raises:
        ValueError: If the shapes differ or a score is not finite.
    """
    values, truth = _pair(scores, labels)
    positive, negative = values[truth], values[~truth]
    if not len(positive) or not len(negative):
        return float("nan")
    negative = np.sort(negative)
    below = np.searchsorted(negative, positive, side="left")
    upto = np.searchsorted(negative, positive, side="right")
    return float((below + upto).sum() / 2 / (len(positive) * len(negative)))


def expected_calibration_error(confidence: ArrayLike, correct: ArrayLike, bins: int = 10) -> float:
    """Mean distance between stated confidence and share correct, weighted by bin size.

    Bins of equal width, ``(lower, upper]`` with 0 in the first. Source: Naeini, Cooper and
    Hauskrecht, AAAI 2015, as used by Guo et al., ICML 2017.

    Args:
        confidence: Shape ``(n,)``, in [0, 1].
        correct: Shape ``(n,)``; true where the prediction held.
        bins: Number of bins.

    Returns:
        The error; ``nan`` for no predictions.

    Raises:
        ValueError: If the shapes differ or a confidence is outside [0, 1].
    """
    stated, held = _pair(confidence, correct)
    if not len(stated):
        return float("nan")
    if stated.min() < 0 or stated.max() > 1:
        raise ValueError("a confidence is outside [0, 1]")
    which = np.clip(np.ceil(stated * bins).astype(int) - 1, 0, bins - 1)
    gap = np.bincount(which, weights=stated - held, minlength=bins)
    return float(np.abs(gap).sum() / len(stated))


def bootstrap_interval(
    rows: ArrayLike,
    statistic: Statistic | None = None,
    *,
    level: float = 0.95,
    samples: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """Percentile bootstrap interval of a statistic over questions.

    Questions (rows) are drawn with replacement ``samples`` times; the interval runs between the
    ``(1 - level) / 2`` and ``(1 + level) / 2`` quantiles of the statistic. Source: Efron and
    Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13. The same seed gives the same
    interval.

    Args:
        rows: Shape ``(n,)``, or ``(n, m)`` for a statistic over several values of a question.
        statistic: From rows to a number, the mean of a one-dimensional array by default; draws
            for which it is ``nan`` are left out.
        level: Coverage, in (0, 1).
        samples: Number of draws.
        seed: Of the random generator.

    Returns:
        Lower and upper end; both ``nan`` for no rows, or if every draw gave ``nan``.

    Raises:
        ValueError: If ``level`` or ``samples`` is out of range, or if ``rows`` has two dimensions
            and no statistic is given.
    """
    if not 0 < level < 1 or samples < 1:
        raise ValueError("level must be in (0, 1) and samples at least 1")
    data = np.asarray(rows, dtype=np.float64)
    if data.ndim != 1 and statistic is None:
        raise ValueError("rows with several values need a statistic")
    if not len(data):
        return float("nan"), float("nan")
    draws = np.random.default_rng(seed).integers(0, len(data), size=(samples, len(data)))
    if statistic is None:
        found = data[draws].mean(axis=1)
    else:
        found = np.array([statistic(data[draw]) for draw in draws])
        found = found[~np.isnan(found)]
    low, high = percentiles(found, [50 * (1 - level), 50 * (1 + level)])
    return low, high


def percentiles(values: ArrayLike, at: Sequence[float]) -> list[float]:
    """Percentiles ``at`` (0 to 100), linear between neighbours; ``nan`` for no values."""
    data = np.asarray(values, dtype=np.float64)
    if not data.size:
        return [float("nan")] * len(at)
    return [float(p) for p in np.percentile(data, at)]


def _pair(values: ArrayLike, flags: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    numbers = np.asarray(values, dtype=np.float64)
    truth = np.asarray(flags, dtype=np.bool_)
    if numbers.ndim != 1 or numbers.shape != truth.shape:
        raise ValueError(f"shapes {numbers.shape} and {truth.shape} differ or are not (n,)")
    if not np.isfinite(numbers).all():
        raise ValueError("a value is not finite")
    return numbers, truth
