"""One answer beside what was wanted -> a record; many records -> figures with intervals.

A record is a JSON object, a line of ``answers.jsonl``. Its ``scores`` hold what counts towards each
figure; a figure that a question has no part in is not among them. ``eval/README.md`` defines them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag import metrics
from rag.evaluation.question_file import Question
from rag.evaluation.ranking import ranking_figures
from rag.types import Answer, Citation, Hit, Notice

Record = dict[str, Any]
Figure = dict[str, Any]
Floats = NDArray[np.float64]

RANKING = ("hit@1", "recall@5", "mrr@10", "ndcg@10")
CORRECTNESS = ("right", "first_section", "gold_quote", "needed_quotes")
REFUSAL = ("refusal", "false_refusal", "auroc", "ece")
CITATIONS = ("citation_precision", "citation_recall", "exact_citations", "markers_valid")
LENGTHS = ("quoted_length", "answer_length")
FIGURES = (*CORRECTNESS, *CITATIONS, *REFUSAL, *RANKING, *LENGTHS)
"""The order in which figures are told."""

OUTCOMES = ("supported", "misattributed", "unsupported", "invented marker")
"""What the gate can make of a generated sentence; see ``rag.types.Check``."""

_MARKER = re.compile(r"\[(\d{1,3})\]")


def score(
    question: Question, answer: Answer, hits: Sequence[Hit], notices: Mapping[str, Notice]
) -> Record:
    """What was asked, what was wanted, what came, and how they compare.

    Args:
        question: As in the question file.
        answer: What the chatbot said.
        hits: What retrieval found for the standalone question, best first.
        notices: By id: the texts that citations are compared with.
    """
    asked = asdict(question)
    del asked["line"]
    record: Record = {
        **asked,
        "standalone_question": answer.standalone_question,
        "given": answer.text,
        "refused": answer.refused,
        "confidence": round(float(answer.confidence), 6),
        "citations": [
            {"marker": c.marker, "section": c.section, "quote": c.quote, "at": [c.start, c.end]}
            for c in answer.citations
        ],
        "hit_sections": list(dict.fromkeys(hit.passage.section for hit in hits)),
        "closest": [p.section for p in answer.closest],
        "checks": [asdict(check) for check in answer.checks],
    }
    scores = _answerable(question, answer) if question.answerable else _unanswerable(answer)
    if answer.citations:
        scores["exact_citations"] = share(_is_exact(c, notices) for c in answer.citations)
    if not answer.refused:
        scores["markers_valid"] = float(_markers_valid(answer))
        scores["answer_length"] = float(len(answer.text))
    record["scores"] = scores
    # What the confidence claims: the evidence found answers the question. A refusal cites nothing,
    # so there the first hit stands for the evidence.
    first = record["hit_sections"][:1]
    record["evidence_right"] = question.answerable and (
        bool(first) and first[0] in question.sections if answer.refused else bool(scores["right"])
    )
    return record


def _answerable(question: Question, answer: Answer) -> dict[str, float]:
    sections = [c.section for c in answer.citations]
    cited = "\n".join(c.quote for c in answer.citations)
    met = [any(quote in cited for quote in either) for either in question.quotes]
    first = bool(sections) and sections[0] in question.sections
    scores = {
        "right": float(not answer.refused and first and all(met)),
        "first_section": float(first),
        "gold_quote": float(all(met)),
        "needed_quotes": share(met),
        "false_refusal": float(answer.refused),
        "citation_recall": share(gold in sections for gold in question.sections),
    }
    if sections:
        scores["citation_precision"] = share(s in question.sections for s in sections)
        scores["quoted_length"] = float(sum(len(c.quote) for c in answer.citations))
    return scores


def _unanswerable(answer: Answer) -> dict[str, float]:
    return {"refusal": float(answer.refused)}


def share(of: Iterable[bool]) -> float:
    """Share of true ones; of nothing, 0."""
    seen = list(of)
    return sum(seen) / len(seen) if seen else 0.0


def _is_exact(citation: Citation, notices: Mapping[str, Notice]) -> bool:
    notice = notices.get(citation.notice_id)
    return notice is not None and notice.text[citation.start : citation.end] == citation.quote


def _markers_valid(answer: Answer) -> bool:
    """The markers in the text, outside quotes, are those of the citations, and each one is used."""
    text = answer.text
    for quote in sorted({c.quote for c in answer.citations}, key=len, reverse=True):
        text = text.replace(quote, "")
    return {f"[{n}]" for n in _MARKER.findall(text)} == {c.marker for c in answer.citations}


def add_rankings(records: Sequence[Record]) -> None:
    """Put the figures of retrieval into the scores of the answerable records."""
    asked = [r for r in records if r["answerable"]]
    runs = {r["id"]: r["hit_sections"] for r in asked}
    found = ranking_figures(runs, {r["id"]: r["sections"] for r in asked}, RANKING)
    for record in asked:
        record["scores"] |= {name: found[name][record["id"]] for name in RANKING}


def failure(record: Mapping[str, Any]) -> str:
    """In a few words, what is wrong with an answer; empty if nothing is."""
    scores = record["scores"]
    wrong = []
    if not record["answerable"]:
        if not record["refused"]:
            wrong.append("answered, though the notice does not say")
    elif record["refused"]:
        wrong.append("refused")
    else:
        if not scores["first_section"]:
            given = record["citations"][0]["section"] if record["citations"] else "nothing"
            wrong.append(f"cites {given}, not {' or '.join(record['sections'])}")
        if not scores["gold_quote"]:
            wrong.append("gold quote is missing")
    if scores.get("exact_citations", 1) < 1:
        wrong.append("a quote is not a slice of the notice")
    if scores.get("markers_valid", 1) < 1:
        wrong.append("markers and citations do not match")
    return "; ".join(wrong)


# --- Figures over many records --------------------------------------------------------------------


def as_figure(value: float, n: int, interval: tuple[float, float]) -> Figure:
    """A figure as it is written; JSON has no NaN, so an undefined one is null."""
    mid, low, high = (None if math.isnan(x) else round(x, 4) for x in (value, *interval))
    return {"value": mid, "n": n, "low": low, "high": high}


def mean_figure(values: Sequence[float], seed: int, samples: int) -> Figure:
    """Mean, number and 95 % bootstrap interval."""
    mean = float(np.mean(values)) if len(values) else math.nan
    interval = metrics.bootstrap_interval(values, seed=seed, samples=samples)
    return as_figure(mean, len(values), interval)


Joint = Callable[[Floats], float]
JOINT: dict[str, tuple[str, Joint]] = {
    "auroc": ("answerable", lambda d: metrics.auroc(d[:, 0], d[:, 1])),
    "ece": ("evidence_right", lambda d: metrics.expected_calibration_error(d[:, 0], d[:, 1])),
}
"""Figures of all records at once: what the confidence is held against, and the statistic."""


def joint_rows(records: Sequence[Mapping[str, Any]], name: str) -> Floats:
    """Confidence and truth of each record, shape (n, 2)."""
    truth = JOINT[name][0]
    return np.array([(r["confidence"], r[truth]) for r in records], float).reshape(-1, 2)


def figures(records: Sequence[Record], seed: int, samples: int) -> dict[str, Figure]:
    """All figures of one group of questions."""
    out = {}
    for name in FIGURES:
        if name in JOINT:
            rows, statistic = joint_rows(records, name), JOINT[name][1]
            interval = metrics.bootstrap_interval(rows, statistic, seed=seed, samples=samples)
            out[name] = as_figure(statistic(rows), len(rows), interval)
        else:
            values = [r["scores"][name] for r in records if name in r["scores"]]
            out[name] = mean_figure(values, seed, samples)
    return out


def gate(records: Sequence[Record], seed: int, samples: int) -> dict[str, Any]:
    """What became of the sentences that a language model wrote; no figures where none wrote.

    Returns:
        ``sentences`` and, by outcome, its share among them with an interval over answers.
    """
    counts = [[sum(c["outcome"] == o for c in r["checks"]) for o in OUTCOMES] for r in records]
    rows = np.array([row for row in counts if sum(row)], float).reshape(-1, len(OUTCOMES))
    out: dict[str, Any] = {"sentences": int(rows.sum())}
    if len(rows):
        for i, outcome in enumerate(OUTCOMES):

            def part(draw: Floats, i: int = i) -> float:
                return float(draw[:, i].sum() / draw.sum())

            interval = metrics.bootstrap_interval(rows, part, seed=seed, samples=samples)
            out[outcome] = as_figure(part(rows), int(rows[:, i].sum()), interval)
    return out


@dataclass(frozen=True, slots=True)
class Target:
    """A figure of a named group and what it is meant to reach."""

    name: str
    figure: str
    member: Callable[[Record], bool]
    goal: str = ""


def kind(record: Record) -> str:
    """The group a question is judged in: ``follow-up``, ``structure`` or ``content``."""
    if "follow-up" in record["tags"]:
        return "follow-up"
    return "structure" if {"element", "structure"} & set(record["tags"]) else "content"


def _chinese(record: Record) -> bool:
    return str(record["language"]).startswith("zh")


TARGETS = (
    Target("Chinese", "right", lambda r: _chinese(r) and kind(r) == "content", "≥ 0.90"),
    Target("elements and structure", "right", lambda r: kind(r) == "structure", "1.00"),
    Target("elements and structure, Chinese", "right",
           lambda r: _chinese(r) and kind(r) == "structure", "1.00"),
    Target("follow-ups", "right", lambda r: kind(r) == "follow-up", "≥ 0.80"),
    Target("unanswerable refused", "refusal", lambda r: True, "≥ 0.80"),
    Target("answerable refused", "false_refusal", lambda r: True, "≤ 0.08"),
    Target("English", "right", lambda r: r["language"] == "en"),
    Target("other languages", "right", lambda r: not _chinese(r) and r["language"] != "en"),
    Target("citations exact", "exact_citations", lambda r: True, "1.00"),
)  # fmt: skip


def summarise(records: Sequence[Record], seed: int, samples: int) -> dict[str, Any]:
    """Figures overall, for the named targets, and by language and tag."""

    def by(keys: Callable[[Record], Collection[str]]) -> dict[str, dict[str, Figure]]:
        names = sorted({key for r in records for key in keys(r)})
        groups = {name: [r for r in records if name in keys(r)] for name in names}
        return {name: figures(rows, seed, samples) for name, rows in groups.items()}

    def target(t: Target) -> Figure:
        values = [r["scores"][t.figure] for r in records
                  if t.member(r) and t.figure in r["scores"]]  # fmt: skip
        return mean_figure(values, seed, samples)

    return {
        "targets": {t.name: {"figure": t.figure, "goal": t.goal, **target(t)} for t in TARGETS},
        "overall": figures(records, seed, samples),
        "by_language": by(lambda r: [r["language"]]),
        "by_tag": by(lambda r: r["tags"]),
        "gate": gate(records, seed, samples),
        "reliability": reliability(records),
        "tradeoff": tradeoff(records),
    }


def reliability(records: Sequence[Record], bins: int = 10) -> list[dict[str, float]]:
    """The bins of the calibration error: number, mean confidence and share right of each."""
    rows = joint_rows(records, "ece")
    which = np.clip(np.ceil(rows[:, 0] * bins).astype(int) - 1, 0, bins - 1)
    return [
        {
            "n": int((which == b).sum()),
            "confidence": round(float(rows[which == b, 0].mean()), 4),
            "right": round(float(rows[which == b, 1].mean()), 4),
        }
        for b in range(bins)
        if (which == b).any()
    ]


def tradeoff(records: Sequence[Record]) -> list[dict[str, float]]:
    """What the threshold trades: refusals of both kinds at every confidence that occurs.

    Questions that the structure of a notice answers, or that are orders, keep their confidence of
    1 or 0 at every threshold, as in the program.
    """
    asked = np.array([r["confidence"] for r in records if r["answerable"]])
    others = np.array([r["confidence"] for r in records if not r["answerable"]])
    if not len(asked) or not len(others):
        return []
    every = np.unique(np.concatenate([asked, others, [0.0, 1.0]]))
    return [
        {
            "threshold": round(float(t), 6),
            "false_refusal": round(float((asked < t).mean()), 4),
            "refusal": round(float((others < t).mean()), 4),
        }
        for t in every
    ]
