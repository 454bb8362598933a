"""How well the evidence stage does over reading-comprehension sets it never saw.

Every question meets three sets of passages, each put into an index of its own and asked through
``Chatbot.ask``:

``present``
    its own passage and the four nearest others;
``absent``
    the five nearest others (as many as above, so that their number tells nothing);
``removed``
    as ``present``, but the sentences of its own passage that hold a gold answer are cut out.

The nearest others are those that plain BM25 (folded character unigrams and bigrams, no synonyms, no
vectors) ranks highest for the question over all passages of the set, without its own. They are
taken as they come: now and then one holds the gold answer's words too (``held_by_chance``).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import rag
from rag.answer import Chatbot
from rag.evaluation import plots
from rag.evaluation.asking import Watch
from rag.evaluation.data import rows
from rag.evaluation.report import Part, Plot, Report, Table, origin, show, spaced
from rag.evaluation.runs import code_sha256, journal, provenance
from rag.evaluation.scoring import as_figure, reliability
from rag.evidence import embedded_scorer
from rag.lexical import Lexicon
from rag.metrics import auroc, bootstrap_interval, expected_calibration_error
from rag.store import Index
from rag.text import sentence_spans, tokens
from rag.types import Passage

SETS = {"DRCD": "dev/drcd_test", "CMRC": "dev/cmrc_dev"}
"""Half of each set's test (DRCD) or development (CMRC 2018) questions, by passage."""

NEAR = 4
"""Passages beside a question's own."""

FALSE_REFUSALS = 0.06
"""Share of answerable questions that may be refused where refusals are compared."""

KINDS = ("present", "absent", "removed")
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """A question with the three sets of passages it meets."""

    id: str
    question: str
    answers: tuple[str, ...]
    passages: Mapping[str, tuple[Passage, ...]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case.

    Attributes:
        id: The question's.
        confidence: By kind of passages.
        found: A gold answer stands in the quotes, with its own passage present.
        length: Characters of those quotes.
        held_by_chance: A gold answer stands in one of the nearest others.
        own_first: The first quote comes from the question's own passage.
    """

    id: str
    confidence: Mapping[str, float]
    found: bool
    length: int
    held_by_chance: bool
    own_first: bool


def cases(folder: Path, name: str, limit: int | None = None) -> Iterator[Case]:
    """The cases of one set, in order; every n-th of them where there is a limit.

    Args:
        folder: With ``dev/`` in it.
        name: A key of ``SETS``.
        limit: At most so many cases.
    """
    data = rows(folder, SETS[name])
    texts = list(dict.fromkeys(row["passage"] for row in data))
    place = {text: i for i, text in enumerate(texts)}
    passages = [Passage(id=str(i), text=text) for i, text in enumerate(texts)]
    lexicon = Lexicon.build(texts)
    step = 1 if limit is None else max(1, -(-len(data) // limit))
    for row in data[::step]:
        gold = place[row["passage"]]
        scores = lexicon.scores({t: float(n) for t, n in Counter(tokens(row["q"])).items()})
        ranked = np.argsort(-scores, kind="stable")
        near = [passages[i] for i in ranked[: NEAR + 2] if i != gold][: NEAR + 1]
        answers = tuple(dict.fromkeys(a["text"] for a in row["answers"]))
        own, rest = passages[gold], near[:NEAR]
        yield Case(
            id=str(row["id"]),
            question=row["q"],
            answers=answers,
            passages={
                "present": (own, *rest),
                "absent": tuple(near),
                "removed": (without(own, answers), *rest),
            },
        )


def without(passage: Passage, answers: Sequence[str]) -> Passage:
    """The passage without the sentences that hold an answer or a part of one."""
    text = passage.text
    spans = [
        (at, at + len(answer))
        for answer in answers
        for at in range(len(text))
        if answer and text.startswith(answer, at)
    ]
    kept = [
        text[a:b]
        for a, b in sentence_spans(text)
        if not any(a < end and start < b for start, end in spans)
    ]
    return Passage(id=passage.id, text="".join(kept))


def ask(case: Case) -> Outcome:
    """Put a case to the chatbot; it is made to answer, so that thresholds can be tried after."""
    confidence: dict[str, float] = {}
    quotes = first = ""
    for kind in KINDS:
        bot = Chatbot(Index.build(case.passages[kind]), refuse_below=0.0)
        answer = bot.ask(case.question)
        confidence[kind] = answer.confidence
        if kind == "present" and answer.citations:
            quotes = "".join(c.quote for c in answer.citations)
            first = answer.citations[0].quote
    return Outcome(
        id=case.id,
        confidence=confidence,
        found=any(answer in quotes for answer in case.answers),
        length=len(quotes),
        held_by_chance=any(a in p.text for a in case.answers for p in case.passages["absent"]),
        own_first=bool(first) and first in case.passages["present"][0].text,
    )


def threshold_at(confidence: Floats, share: float = FALSE_REFUSALS) -> float:
    """The highest threshold that refuses at most this share of questions (refused: below it)."""
    return float(np.sort(confidence)[int(np.floor(share * len(confidence) + 1e-9))])


def figures(outcomes: Sequence[Outcome], seed: int = 0, samples: int = 1000) -> dict[str, Any]:
    """Figures of one set, each with its 95 % bootstrap interval over questions."""
    data = np.array(
        [[*(o.confidence[k] for k in KINDS), o.found, o.length, o.own_first] for o in outcomes],
        np.float64,
    )
    here = embedded_scorer().refuse_below
    present, absent, removed = 0, 1, 2

    def area(other: int) -> Callable[[Floats], float]:
        return lambda d: auroc(
            np.concatenate([d[:, present], d[:, other]]), np.repeat([True, False], len(d))
        )

    def calibration(*others: int) -> Callable[[Floats], float]:
        def error(d: Floats) -> float:
            stated = np.concatenate([d[:, present], *(d[:, o] for o in others)])
            right = np.concatenate([d[:, 3], np.zeros(len(d) * len(others))])
            return expected_calibration_error(stated, right)

        return error

    def refused(kind: int) -> Callable[[Floats], float]:
        return lambda d: float(np.mean(d[:, kind] < here))

    def refused_at(kind: int) -> Callable[[Floats], float]:
        return lambda d: float(np.mean(d[:, kind] < threshold_at(d[:, present])))

    wanted: dict[str, Callable[[Floats], float]] = {
        "answer_found": lambda d: float(d[:, 3].mean()),
        "answer_length": lambda d: float(d[:, 4].mean()),
        "own_passage_first": lambda d: float(d[:, 5].mean()),
        "false_refusals": refused(present),
        "auroc_absent": area(absent),
        "refused_absent": refused(absent),
        "refused_absent_at_6_percent": refused_at(absent),
        "auroc_removed": area(removed),
        "refused_removed": refused(removed),
        "refused_removed_at_6_percent": refused_at(removed),
        "ece_absent": calibration(absent),
        "ece_removed": calibration(removed),
        "ece": calibration(absent, removed),
    }
    out: dict[str, Any] = {
        "n": len(data),
        "threshold": here,
        "threshold_at_6_percent": round(threshold_at(data[:, present]), 4),
        "held_by_chance": round(float(np.mean([o.held_by_chance for o in outcomes])), 4),
        "reliability": reliability(
            [
                {"confidence": o.confidence[kind], "evidence_right": o.found and kind == KINDS[0]}
                for o in outcomes
                for kind in KINDS
            ]
        ),
        "tradeoff": [
            {
                "threshold": round(float(at), 2),
                "false_refusal": round(float((data[:, present] < at).mean()), 4),
                "refusal": round(float((data[:, absent] < at).mean()), 4),
            }
            for at in np.linspace(0, 1, 101)
        ],
    }
    for name, statistic in wanted.items():
        bounds = bootstrap_interval(data, statistic, seed=seed, samples=samples)
        out[name] = as_figure(statistic(data), len(data), bounds)
    return out


def measure(
    folder: Path, limit: int | None, out: Path, seed: int, samples: int, watch: Watch
) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]:
    """Every case of every set.

    Args:
        folder: With ``dev/`` in it.
        limit: At most so many questions of a set; all if left out.
        out: Where the run goes; cases that a stopped run had done are not asked again.
        seed: Of the bootstrap.
        samples: Its draws.
        watch: Shows progress.

    Returns:
        What ``run.json``, ``answers.jsonl`` and ``timing.json`` hold.

    Raises:
        DataError: The data is missing or damaged.
    """
    from threadpoolctl import threadpool_limits

    found: dict[str, Any] = {}
    answers: list[dict[str, Any]] = []
    here = embedded_scorer().refuse_below
    settings = {"kind": "evidence", "code": code_sha256(), "data": os.path.abspath(folder)}
    # Over five passages, several threads wait for each other longer than they work.
    with threadpool_limits(1), journal(out, settings) as kept:
        for name in SETS:
            outcomes = []
            for case in watch(list(cases(folder, name, limit)), f"asking {name}"):
                key = f"{name}/{case.id}"
                if key not in kept.done:
                    kept.add(key, asdict(ask(case)))
                outcomes.append(Outcome(**kept.done[key]))
            found[name] = figures(outcomes, seed, samples)
            answers += [
                {
                    "id": f"{name}/{o.id}",
                    "confidence": o.confidence,
                    "held_by_chance": o.held_by_chance,
                    "scores": {
                        f"{name}: answer_found": float(o.found),
                        f"{name}: answer_length": float(o.length),
                        f"{name}: own_passage_first": float(o.own_first),
                        f"{name}: false_refusal": float(o.confidence["present"] < here),
                        f"{name}: refused_absent": float(o.confidence["absent"] < here),
                        f"{name}: refused_removed": float(o.confidence["removed"] < here),
                    },
                }
                for o in outcomes
            ]
    run = {
        "youju": rag.__version__,
        "kind": "evidence",
        "limit": limit,
        "seed": seed,
        "samples": samples,
        **provenance(),
        "figures": found,
    }
    return run, answers, {}


MEANING = {
    "answer_found": "own passage present: a gold answer stands in the quotes",
    "answer_length": "characters of those quotes",
    "own_passage_first": "the first quote comes from the question's own passage",
    "false_refusals": "own passage present, refused at the threshold that ships",
    "auroc_absent": "confidence tells present from absent",
    "refused_absent": "absent, refused at the threshold that ships",
    "refused_absent_at_6_percent": "absent, refused where 6 % of present ones are",
    "auroc_removed": "confidence tells present from removed",
    "refused_removed": "removed, refused at the threshold that ships",
    "refused_removed_at_6_percent": "removed, refused where 6 % of present ones are",
    "ece_absent": "calibration error over present and absent: confidence against answer_found",
    "ece_removed": "the same over present and removed",
    "ece": "the same over all three",
}


def reading_report(run: Mapping[str, Any]) -> Report:
    """The figures for people."""
    found = run["figures"]
    names = list(found)
    table = [(spaced(key), *(show(found[n][key]) for n in names), MEANING[key]) for key in MEANING]
    drawn = [
        (f"{name}: {spaced(key)}", found[name][key])
        for key in MEANING
        if key != "answer_length"
        for name in names
    ]
    thresholds = "; ".join(
        f"{name}: {f['n']} questions, 6 % of false refusals at {f['threshold_at_6_percent']:.3f}, "
        f"gold answer in a nearest other by chance {f['held_by_chance']:.1%}"
        for name, f in found.items()
    )
    shipped = next(iter(found.values()))["threshold"]
    curves = [
        plot
        for name, f in found.items()
        for plot in (
            Plot(
                partial(plots.reliability, f["reliability"], f"Reliability, {name}"),
                f"{name}: confidence against a gold answer in the quotes, all three kinds.",
            ),
            Plot(
                partial(
                    plots.tradeoff,
                    f["tradeoff"],
                    (f["false_refusals"]["value"], f["refused_absent"]["value"]),
                    f"Refusal trade-off, {name}",
                ),
                f"{name}: what moving the threshold would trade, present against absent.",
            ),
        )
    ]
    return Report(
        title="Evidence and refusal over reading-comprehension sets",
        lead="Five passages a question, asked through the chatbot: its own with the four nearest "
        "others (present), the five nearest others (absent), its own without the answering "
        "sentences beside the four (removed). Nothing was fitted to them; train/README.md says "
        "what was seen. In brackets "
        f"95 % bootstrap intervals over questions ({run['samples']} draws, seed {run['seed']}).",
        parts=[
            Part(
                "Figures",
                f"The threshold that ships is {shipped:.3f}. {thresholds}.",
                plots=[Plot(partial(plots.intervals, drawn, "Figures by set"))],
                tables=[Table(("figure", *names, "what it is"), table, (0, len(names) + 1))],
            ),
            Part("Confidence and refusal", plots=curves),
        ],
        facts=origin(run),
    )
