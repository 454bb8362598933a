"""The report of a run over a question file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from rag.evaluation import plots
from rag.evaluation.report import (
    Card,
    Part,
    Plot,
    Report,
    Table,
    interval,
    origin,
    show,
    spaced,
    value,
)
from rag.evaluation.scoring import (
    CITATIONS,
    CORRECTNESS,
    FIGURES,
    OUTCOMES,
    RANKING,
    Record,
    failure,
)

SIDE_BY_SIDE = ("right", "needed_quotes", *CITATIONS, "refusal", "false_refusal", "hit@1")
"""Correctness never stands without the figures of citations beside it."""

PLOTTED = (*CORRECTNESS, *CITATIONS, "refusal", "false_refusal", "auroc", *RANKING)

MEANING = {
    "right": "not refused, first citation in a gold section, every needed quote cited",
    "first_section": "first citation in a gold section",
    "gold_quote": "every needed quote stands in the citations",
    "needed_quotes": "share of needed quotes that stand in the citations",
    "citation_precision": "share of an answer's citations in gold sections",
    "citation_recall": "share of gold sections cited; a refusal has none",
    "exact_citations": "share of citations that are the exact slice they claim to be",
    "markers_valid": "answers whose markers are those of their citations",
    "refusal": "unanswerable questions refused",
    "false_refusal": "answerable questions refused",
    "auroc": "how well confidence tells answerable from unanswerable",
    "ece": "calibration error of confidence, ten bins",
    "hit@1": "first passage found stands in a gold section",
    "recall@5": "gold sections among the first five sections found",
    "mrr@10": "reciprocal rank of the first gold section",
    "ndcg@10": "nDCG over sections",
    "quoted_length": "characters quoted in an answer",
    "answer_length": "characters of an answer",
}


def met(fig: Mapping[str, Any]) -> bool | None:
    """Whether a figure reaches its goal (``≥ 0.90``, ``≤ 0.08``, ``1.00``)."""
    goal = str(fig["goal"])
    if not goal or fig["value"] is None:
        return None
    at = float(goal.lstrip("≥≤ "))
    return bool(fig["value"] <= at if goal.startswith("≤") else fig["value"] >= at)


def answers_report(
    run: Mapping[str, Any], records: Sequence[Record], timing: Mapping[str, Any]
) -> Report:
    """What a run over a question file found, for people.

    Args:
        run: What ``run.json`` holds.
        records: With what was asked and answered; a blind run shows nothing of them.
        timing: What ``timing.json`` holds.
    """
    found = run["figures"]
    cards = [
        Card(name, value(fig), f"{interval(fig)} n={fig['n']}".strip(), fig["goal"], met(fig))
        for name, fig in found["targets"].items()
        if fig["value"] is not None
    ]
    return Report(
        title=f"{run['questions']}: {run['half']} half",
        lead=f"{run['n']} questions, each asked once, offline, judged by exact rules. In brackets "
        f"95 % bootstrap intervals over questions ({run['samples']} draws, seed {run['seed']}). "
        f"Generator: {run['generator']}.",
        cards=cards,
        parts=[
            _goals(found["targets"]),
            _all_questions(found["overall"]),
            *_groups(found),
            _confidence(found, run["refuse_below"]),
            *_gate(found["gate"]),
            _time(timing),
            _failures(run, records),
        ],
        facts=origin(run),
    )


def _goals(targets: Mapping[str, Any]) -> Part:
    drawn = [(name, fig) for name, fig in targets.items() if fig["value"] is not None]
    marks = [float(fig["goal"].lstrip("≥≤ ")) if fig["goal"] else None for _, fig in drawn]
    draw = partial(plots.intervals, drawn, "Named groups against their goals", marks)
    caption = "Amber: the goal. A goal inside the interval is neither met nor missed for certain."
    return Part("Against the goals", plots=[Plot(draw, caption)])


def _all_questions(overall: Mapping[str, Any]) -> Part:
    drawn = [
        (spaced(name), overall[name]) for name in PLOTTED if overall[name]["value"] is not None
    ]
    rows = [
        (spaced(name), value(f), interval(f), str(f["n"]), MEANING[name])
        for name in FIGURES
        if (f := overall[name])["value"] is not None
    ]
    return Part(
        "All questions",
        plots=[Plot(partial(plots.intervals, drawn, "Figures of all questions"))],
        tables=[Table(("figure", "value", "interval", "n", "what it is"), rows, text=(0, 4))],
    )


def _groups(found: Mapping[str, Any]) -> list[Part]:
    out = []
    for title, groups in (("language", found["by_language"]), ("tag", found["by_tag"])):
        rows = []
        for name, figs in groups.items():
            n = max(figs["right"]["n"] + figs["refusal"]["n"], 0)
            rows.append((name, str(n), *(show(figs[key]) for key in SIDE_BY_SIDE)))
        drawn = [(name, f["right"]) for name, f in groups.items() if f["right"]["n"]]
        draw = partial(plots.intervals, drawn, f"Right answers by {title}")
        out.append(
            Part(
                f"By {title}",
                "Correctness and citations side by side; small groups have wide intervals.",
                plots=[Plot(draw, "Right answers to answerable questions")] if drawn else [],
                tables=[Table((title, "n", *map(spaced, SIDE_BY_SIDE)), rows)],
            )
        )
    return out


def _confidence(found: Mapping[str, Any], refuse_below: float) -> Part:
    overall = found["overall"]
    drawn = []
    if found["reliability"]:
        drawn.append(
            Plot(
                partial(plots.reliability, found["reliability"], "Reliability of the confidence"),
                "Reliability: dots on the dashed line mean that the confidence is what it says; "
                "numbers are questions in a bin.",
            )
        )
    if found["tradeoff"]:
        here = overall["false_refusal"]["value"], overall["refusal"]["value"]
        drawn.append(
            Plot(
                partial(plots.tradeoff, found["tradeoff"], here, "Refusal trade-off"),
                "What moving the threshold would trade: refusals wanted against refusals not "
                f"wanted. In use: below {refuse_below:.3f}.",
            )
        )
    text = f"AUROC {show(overall['auroc'])}, calibration error {show(overall['ece'])}."
    return Part("Confidence and refusal", text, plots=drawn)


def _gate(gate: Mapping[str, Any]) -> list[Part]:
    if not gate["sentences"]:
        return []
    rows = [(name, str(gate[name]["n"]), show(gate[name])) for name in OUTCOMES]
    note = f"{gate['sentences']} sentences that the language model wrote, and what became of them."
    return [Part("The gate", note, tables=[Table(("outcome", "sentences", "share"), rows)])]


def _time(timing: Mapping[str, Any]) -> Part:
    shares = ", ".join(
        f"{name} {f['value']:.1f} ms [{f['low']:.1f}, {f['high']:.1f}]"
        for name, f in timing["latency_ms"].items()
    )
    memory = timing["peak_memory_mib"]
    held = f" Peak memory of the process {memory:.0f} MiB." if memory else ""
    load = timing["load_average"]
    if load is not None:
        held += f" Load of the machine in that minute {load:.1f}: above its cores, times are long."
    draw = partial(plots.latency, timing["ms"], "Time of an answer")
    return Part("Time and memory", f"{shares}, warm.{held}", plots=[Plot(draw)])


def _failures(run: Mapping[str, Any], records: Sequence[Record]) -> Part:
    failed = [(r, wrong) for r in records if (wrong := failure(r))]
    title = f"Failures: {len(failed)} of {len(records)}"
    if run["blind"]:
        return Part(title, "Not listed: a blind run keeps a held-out half unseen.")
    rows = []
    for r, wrong in failed:
        wanted = " + ".join(" / ".join(either) for either in r["quotes"]) or f"({r['why']})"
        if r["sections"]:
            wanted = f"{'、'.join(r['sections'])}: {wanted}"
        given = " + ".join(f"{c['section']}: {c['quote']}" for c in r["citations"])
        nearest = "、".join((r["closest"] or r["hit_sections"])[:3])
        rows.append((r["id"], r["question"], wrong, wanted, given or "(refused)", nearest,
                     f"{r['confidence']:.2f}"))  # fmt: skip
    head = ("id", "question", "what is wrong", "expected", "given", "nearest", "confidence")
    tables = [Table(head, rows, text=(0, 1, 2, 3, 4, 5), wide=True)] if rows else []
    return Part(title, "" if rows else "None.", tables=tables)
