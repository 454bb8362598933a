"""What each part of the product is worth: one changed at a time, over the same questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import rag
from rag import Chatbot, build_index, metrics
from rag.encoder import load_encoder
from rag.evaluation import plots
from rag.evaluation.asking import Watch, ask_all
from rag.evaluation.question_file import Question
from rag.evaluation.report import Part, Plot, Report, Table, interval, origin, show, spaced
from rag.evaluation.runs import code_sha256, journal, provenance
from rag.evaluation.scoring import Record, as_figure, figures, kind
from rag.evaluation.ways import WAYS
from rag.store import Index
from rag.types import Answer, Citation, Notice

PRODUCT = "the product"
COLUMNS = ("right", "needed_quotes", "citation_precision", "citation_recall", "exact_citations",
           "quoted_length", "refusal", "false_refusal", "auroc", "ece", "hit@1", "recall@5",
           "ndcg@10")  # fmt: skip


class WholePassageChatbot(Chatbot):
    """Without the evidence scorer: quotes the first passage found, whole, and never refuses one.

    Its confidence is the score of the search. Questions about a notice's structure, and orders,
    are answered as in the product: they never reach the scorer.
    """

    def ask(self, question: str, history: Sequence[Mapping[str, Any]] = ()) -> Answer:
        """Answer with the first passage found."""
        answer = super().ask(question, history)
        if not answer.hits:
            return answer
        first = self.index.retrieve(answer.standalone_question, k=1)[0]
        top = first.passage
        citation = Citation(
            marker="[1]",
            section=top.section,
            heading=top.heading.rpartition(" / ")[2],
            quote=top.text,
            start=top.start,
            end=top.end,
            notice_id=top.notice_id,
            title=top.title,
            doc_no=top.doc_no,
        )
        return replace(
            answer,
            text=f"“{top.text}”[1]",
            refused=False,
            confidence=min(1.0, max(0.0, first.score)),
            citations=(citation,),
            closest=(),
        )


def variants(notices: Sequence[Notice], encoders: Sequence[str]) -> dict[str, Chatbot]:
    """The product and its variants, by name.

    Raises:
        EncoderError: An encoder that cannot be loaded.
    """
    index = build_index(notices)

    def over(changed: Index) -> Chatbot:
        return Chatbot(changed)

    return {
        PRODUCT: over(index),
        "BM25 alone": over(WAYS["BM25"](index)),
        "dense alone": over(WAYS["dense"](index)),
        "evidence scorer off": WholePassageChatbot(index),
        "refusal off": Chatbot(index, refuse_below=0.0),
        **{f"encoder {spec}": over(build_index(notices, None, load_encoder(spec)))
           for spec in encoders},
    }  # fmt: skip


def measure(
    questions: Sequence[Question],
    notices: Mapping[str, Notice],
    encoders: Sequence[str],
    out: Path,
    seed: int,
    samples: int,
    watch: Watch,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Ask every variant every question.

    Returns:
        What ``run.json`` and ``answers.jsonl`` hold.
    """
    found: dict[str, Any] = {}
    rows: list[dict[str, Any]] = []
    base: list[Record] = []
    for name, bot in variants(list(notices.values()), encoders).items():
        key = {"variant": name, "code": code_sha256(), "questions": [q.id for q in questions]}

        def named(items: Sequence[Any], _: str, name: str = name) -> Iterable[Any]:
            return watch(items, name)

        with journal(out, key) as kept:
            records, _ = ask_all(bot, questions, notices, kept, named)
        base = base or records
        found[name] = {
            "overall": figures(records, seed, samples),
            "content": figures([r for r in records if kind(r) == "content"], seed, samples),
            "change": _change(base, records, seed, samples),
        }
        rows += [
            {"id": f"{name}/{r['id']}", "scores": {f"{name}: {k}": v for k, v in s.items()}}
            for r in records
            for s in [r["scores"]]
        ]
    run = {
        "youju": rag.__version__,
        "kind": "ablation",
        "n": len(questions),
        "seed": seed,
        "samples": samples,
        **provenance(),
        "figures": found,
    }
    return run, rows


def _change(base: Sequence[Record], records: Sequence[Record], seed: int, samples: int) -> Any:
    """Right answers less the product's, over answerable questions, paired."""
    pairs = zip(base, records, strict=True)
    rows = [y["scores"]["right"] - x["scores"]["right"] for x, y in pairs if x["answerable"]]
    bounds = metrics.bootstrap_interval(rows, seed=seed, samples=samples)
    return as_figure(float(np.mean(rows)) if rows else float("nan"), len(rows), bounds)


def ablation_report(run: Mapping[str, Any]) -> Report:
    """One table of all variants, over all questions, and over content questions alone."""
    found = run["figures"]
    head = ("variant", "right, against the product", *map(spaced, COLUMNS))

    def table(group: str) -> Table:
        rows = []
        for name, figs in found.items():
            change = figs["change"]
            against = f"{change['value']:+.3f} {interval(change)}" if change["value"] else "–"
            if name == PRODUCT or group != "overall":
                against = "–"
            rows.append((name, against, *(show(figs[group][c]) for c in COLUMNS)))
        return Table(head if group == "overall" else (head[0], *head[2:]), [
            row if group == "overall" else (row[0], *row[2:]) for row in rows
        ])  # fmt: skip

    drawn = [(name, figs["content"]["right"]) for name, figs in found.items()]
    return Report(
        title="What each part is worth",
        lead=f"{run['questions']}, {run['half']} half, {run['n']} questions; one part changed at a "
        "time. Intervals are 95 % bootstrap intervals over questions; the first column's are of "
        f"paired differences ({run['samples']} draws, seed {run['seed']}).",
        parts=[
            Part(
                "Content questions",
                "Questions that retrieval and evidence answer: neither about a notice's structure "
                "and elements, nor follow-ups.",
                plots=[
                    Plot(
                        partial(plots.intervals, drawn, "Right answers by variant"), "Right answers"
                    )
                ],
                tables=[table("content")],
            ),
            Part("All questions", tables=[table("overall")]),
        ],
        facts=origin(run),
    )
