"""Every question of a question file, put to a chatbot."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rag import metrics
from rag.errors import RagError
from rag.evaluation.question_file import Question, QuestionFileError
from rag.evaluation.runs import Journal, load_average, peak_memory_mib
from rag.evaluation.scoring import Figure, Record, add_rankings, as_figure, score
from rag.store import READ
from rag.types import Notice

Watch = Callable[[Sequence[Any], str], Iterable[Any]]
"""Shows progress while a sequence is gone through."""


def ask_all(
    bot: Any,
    questions: Sequence[Question],
    notices: Mapping[str, Notice],
    journal: Journal,
    watch: Watch,
) -> tuple[list[Record], dict[str, float]]:
    """Records, and the seconds each answer took (after one question to warm up).

    Retrieval is asked for every question anew, also where the answer came from a notice's
    structure, so that its figures are over all of them; that takes no part in the times.

    Args:
        bot: A ``rag.Chatbot``.
        questions: What is asked, each with its history.
        notices: By id: what citations are compared with.
        journal: Questions it holds are not asked again.
        watch: Shows progress.

    Raises:
        QuestionFileError: A question that cannot be asked.
    """
    with contextlib.suppress(RagError):
        bot.ask(questions[0].question, history=questions[0].history)
    for q in watch(questions, "asking"):
        if q.id in journal.done:
            continue
        begin = time.perf_counter()
        try:
            answer = bot.ask(q.question, history=q.history)
        except RagError as error:
            raise QuestionFileError(
                f"line {q.line}: question {q.id} cannot be asked: {error}"
            ) from error
        seconds = time.perf_counter() - begin
        hits = answer.hits or bot.index.search(answer.standalone_question, k=READ)
        record = score(q, answer, hits, notices)
        journal.add(q.id, {"seconds": round(seconds, 6), "record": record})
    # By way of JSON, so that a record is the same whether or not it comes from a stopped run.
    rows = {q.id: json.loads(json.dumps(journal.done[q.id])) for q in questions}
    records = [row["record"] for row in rows.values()]
    add_rankings(records)
    return records, {name: row["seconds"] for name, row in rows.items()}


def timing(seconds: Mapping[str, float], seed: int, samples: int) -> dict[str, Any]:
    """Latency percentiles in milliseconds, with intervals over questions, and memory."""
    ms = [1000 * s for s in seconds.values()]

    def percentile(at: float) -> Figure:
        interval = metrics.bootstrap_interval(
            ms, lambda d: metrics.percentiles(d, [at])[0], seed=seed, samples=samples
        )
        return as_figure(metrics.percentiles(ms, [at])[0], len(ms), interval)

    return {
        "latency_ms": {f"p{at}": percentile(at) for at in (50, 90, 95, 99)},
        "total_s": round(sum(seconds.values()), 3),
        "peak_memory_mib": peak_memory_mib(),
        "load_average": load_average(),
        "ms": sorted(round(m, 3) for m in ms),
    }


def blinded(records: Sequence[Record]) -> list[Record]:
    """The records without a word of what was asked or answered, in an order that tells nothing.

    Ids are hashed, so that two blind runs can still be compared question by question.
    """
    kept = ("language", "answerable", "refused", "confidence", "evidence_right", "scores")
    rows = [
        {
            "id": hashlib.sha256(f"{r['id']}\n{r['question']}".encode()).hexdigest()[:12],
            **{name: r[name] for name in kept},
        }
        for r in records
    ]
    return sorted(rows, key=lambda row: str(row["id"]))
