"""Two runs question by question: what improved, what broke, and is it more than chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from rag import metrics
from rag.evaluation import plots
from rag.evaluation.report import Card, Part, Plot, Report, Table, interval, spaced, value
from rag.evaluation.runs import Run, RunError
from rag.evaluation.scoring import FIGURES, JOINT, Figure, Floats, as_figure, failure, joint_rows

LOWER_IS_BETTER = frozenset({"false_refusal", "ece"})
NEITHER = frozenset({"quoted_length", "answer_length"})
"""Figures that have no better side: shown, and never a drop. So are those of the halves of the
search alone, over public sets."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Run B against run A.

    Attributes:
        differences: Figure -> mean of B minus A over the questions both have, with the 95 %
            interval of the paired bootstrap; ``a`` and ``b`` are both values, ``better`` is 1 where
            more is better, -1 where less is, 0 where neither.
        drops: Figures that fell significantly: the interval lies on the worse side of 0.
        improved: Pairs of records, A's and B's, where B is right and A is not.
        broken: Where A is right and B is not.
        only: Ids that one run alone has.
    """

    differences: dict[str, Figure]
    drops: list[str]
    improved: list[tuple[dict[str, Any], dict[str, Any]]]
    broken: list[tuple[dict[str, Any], dict[str, Any]]]
    only: list[str]


def compare(a: Run, b: Run, seed: int = 0, samples: int = 1000) -> Comparison:
    """Compare run B with run A over the questions that both asked.

    Questions are drawn with replacement, each with both of its scores, ``samples`` times; a figure
    differs significantly where 0 lies outside the central 95 % of the differences.

    Raises:
        RunError: The runs have no question in common, or are of different kinds.
    """
    if a.run.get("kind") != b.run.get("kind"):
        raise RunError(
            f"{a.folder} is a run of {a.run.get('kind')}, {b.folder} of {b.run.get('kind')}: "
            "compare runs of one kind"
        )
    before, after = ({r["id"]: r for r in run.records} for run in (a, b))
    both = [name for name in before if name in after]
    if not both:
        raise RunError(f"{a.folder} and {b.folder} have no question in common")
    pairs = [(before[name], after[name]) for name in both]
    if changed := next((x["id"] for x, y in pairs if _asked(x) != _asked(y)), None):
        raise RunError(f"question {changed} is not the same in both runs: run both again")
    differences = dict(_differences(pairs, seed, samples))
    return Comparison(
        differences=differences,
        drops=[name for name, fig in differences.items() if _dropped(fig)],
        improved=[(x, y) for x, y in pairs if not _right(x) and _right(y)],
        broken=[(x, y) for x, y in pairs if _right(x) and not _right(y)],
        only=sorted(set(before) ^ set(after)),
    )


def _asked(record: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(record.get(name) for name in ("question", "answerable", "sections", "quotes"))


def _right(record: Mapping[str, Any]) -> bool:
    """Whether nothing is wrong with a record: all shares of what was wanted are whole."""
    return all(
        value >= 1
        for name, value in record["scores"].items()
        if name.endswith(("right", "answer_found", "hybrid: hit@1")) or name == "refusal"
    )


def _dropped(fig: Figure) -> bool:
    ends = fig["better"] * fig["low"], fig["better"] * fig["high"]
    return bool(fig["better"] != 0 and max(ends) < 0)


def _differences(
    pairs: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], seed: int, samples: int
) -> list[tuple[str, Figure]]:
    out = []
    known = {name: place for place, name in enumerate(FIGURES)}
    names = dict.fromkeys(name for x, y in pairs for name in (*x["scores"], *y["scores"]))
    for name in sorted(names, key=lambda name: known.get(name, len(known))):
        rows = np.array(
            [
                (x["scores"][name], y["scores"][name])
                for x, y in pairs
                if name in x["scores"] and name in y["scores"]
            ]
        ).reshape(-1, 2)
        out.append((name, _paired(name, rows, _mean_change, seed, samples)))
    if all("evidence_right" in x and "evidence_right" in y for x, y in pairs):
        for name, (_, statistic) in JOINT.items():
            sides = [joint_rows([pair[i] for pair in pairs], name) for i in (0, 1)]

            def change(d: Floats, of: Callable[[Floats], float] = statistic) -> float:
                return of(d[:, 2:]) - of(d[:, :2])

            fig = _paired(name, np.hstack(sides), change, seed, samples)
            if fig["value"] is not None:
                fig["a"], fig["b"] = (round(statistic(side), 4) for side in sides)
            out.append((name, fig))
    return [(name, fig) for name, fig in out if fig["value"] is not None]


def _mean_change(rows: Floats) -> float:
    return float(np.mean(rows[:, 1] - rows[:, 0])) if len(rows) else float("nan")


def _paired(
    name: str, rows: Floats, change: Callable[[Floats], float], seed: int, samples: int
) -> Figure:
    bounds = metrics.bootstrap_interval(rows, change, seed=seed, samples=samples)
    fig = as_figure(change(rows), len(rows), bounds)
    if len(rows):
        fig["a"], fig["b"] = (round(float(v), 4) for v in rows[:, :2].mean(axis=0))
    plain = name.rpartition(": ")[2]
    aside = any(f" {way}: " in name for way in ("BM25", "dense", "dense with sentences"))
    fig["better"] = 0 if plain in NEITHER or aside else -1 if plain in LOWER_IS_BETTER else 1
    return fig


def comparison_report(a: Run, b: Run, found: Comparison) -> Report:
    """The comparison for people."""
    n = len(a.records) + len(b.records)
    shared = (n - len(found.only)) // 2
    lead = f"{b.folder} (B) against {a.folder} (A): {shared} questions in both"
    lead += f", {len(found.only)} in one of them alone." if found.only else "."
    verdict = f"Significant drop: {', '.join(map(spaced, found.drops))}." if found.drops else (
        "No significant drop."
    )  # fmt: skip
    drawn = [(spaced(k), f) for k, f in found.differences.items() if f["better"]]
    drops = [spaced(k) for k in found.drops]
    rows = [
        (spaced(k), _number(f["a"]), _number(f["b"]), f"{f['value']:+.3f}", interval(f),
         str(f["n"]), "drop" if k in found.drops else "")
        for k, f in found.differences.items()
    ]  # fmt: skip
    draw = partial(plots.differences, drawn, "Differences, B minus A", drops)
    return Report(
        title="Two runs compared",
        lead=f"{verdict} {lead}",
        cards=[
            Card("improved", str(len(found.improved)), "questions right in B, not in A"),
            Card("broken", str(len(found.broken)), "questions right in A, not in B"),
            Card("significant drops", str(len(found.drops)), ", ".join(drops),
                 "0", not found.drops),
        ],
        parts=[
            Part(
                "Differences",
                "B minus A with the 95 % interval of a paired bootstrap over questions.",
                plots=[Plot(draw, "Red: significantly worse. Green: significantly better.")],
                tables=[Table(("figure", "A", "B", "B − A", "interval", "n", ""), rows)],
            ),
            _changed("Broken", found.broken),
            _changed("Improved", found.improved),
        ],
    )  # fmt: skip


def _number(x: float) -> str:
    return value({"value": x})


def _changed(title: str, pairs: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> Part:
    rows = [(x["id"], str(x.get("question", "(blind)")), _gave(x), _gave(y)) for x, y in pairs]
    table = Table(("id", "question", "A", "B"), rows, text=(0, 1, 2, 3), wide=True)
    return Part(f"{title}: {len(pairs)}", tables=[table] if rows else [])


def _gave(record: Mapping[str, Any]) -> str:
    """What a record answered, in short."""
    if "citations" not in record:
        return "right" if _right(record) else "wrong"
    if record["refused"]:
        return "refused"
    quoted = " + ".join(f"{c['section']}: {c['quote']}" for c in record["citations"])
    given = quoted or record["given"]
    wrong = failure(record)
    return f"{given} ({wrong})" if wrong else given
