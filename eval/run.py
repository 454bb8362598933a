"""Measure the answers: a question set, public yardsticks, ablations; and compare two runs.

    python eval/run.py                     # the dev half of questions.jsonl
    python eval/run.py compare A B         # exit code 1 on a significant drop
    python eval/run.py public              # retrieval over public sets
    python eval/run.py evidence            # evidence and refusal over public sets
    python eval/run.py ablate              # what each part is worth

Offline and deterministic; README.md beside this file says what is measured and how.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

import rag
from rag.answer import BUNDLED
from rag.errors import RagError
from rag.evaluation import ablation, public, reading
from rag.evaluation.answers_report import answers_report
from rag.evaluation.asking import ask_all, blinded, timing
from rag.evaluation.compare import compare as compare_runs
from rag.evaluation.compare import comparison_report
from rag.evaluation.data import data_folder
from rag.evaluation.question_file import (
    HALVES,
    Question,
    QuestionFileError,
    check_gold,
    load_questions,
)
from rag.evaluation.report import Report, markdown, page
from rag.evaluation.runs import (
    check_place,
    code_sha256,
    journal,
    provenance,
    read_run,
    to_json,
    to_lines,
    write_run,
)
from rag.evaluation.scoring import summarise
from rag.types import Notice

HERE = Path(__file__).resolve().parent
NOTICES = HERE.parent / "index" / "notices"
SHOWN = ("hit@1", "recall@5", "ndcg@10", "citation_precision", "citation_recall", "auroc", "ece")

errors = Console(stderr=True, highlight=False)
app = typer.Typer(
    add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip

Seed = Annotated[int, typer.Option("--seed", min=0, help="Of the bootstrap.")]
Samples = Annotated[int, typer.Option("--samples", min=1, help="Draws of the bootstrap.")]
Out = Annotated[Path | None, typer.Option("--out", help="Run folder; under eval/runs if left out.")]
Data = Annotated[
    Path | None,
    typer.Option("--data", help="Folder of public data; YOUJU_DATA, or beside the checkout."),
]
QuestionsOption = Annotated[Path, typer.Option("--questions", help="Question file, JSON lines.")]
NoticesOption = Annotated[
    Path | None,
    typer.Option(
        "--notices",
        help="Folder of (or file with) the notices that quotes are checked against; those that "
        "ship, or with --index the index's own, if left out.",
    ),
]
HalfOption = Annotated[str, typer.Option("--half", help="dev, test or all.")]


def watch(items: Sequence[Any], what: str) -> Iterable[Any]:
    """Progress on standard error, gone when done."""
    return track(items, what, console=Console(stderr=True), transient=True)


@contextmanager
def told() -> Iterator[None]:
    """Errors of the product as one sentence and exit code 2; Ctrl-C as 130."""
    try:
        yield
    except RagError as error:
        errors.print(f"error: {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(2) from error
    except KeyboardInterrupt as error:
        errors.print("stopped; the same command goes on where it was")
        raise typer.Exit(130) from error


def choose(path: Path, half: str) -> list[Question]:
    """The questions of a half of a file."""
    if half not in (*HALVES, "all"):
        raise QuestionFileError(f'--half is "{half}": use dev, test or all')
    questions = [q for q in load_questions(path) if half in ("all", q.half)]
    if not questions:
        raise QuestionFileError(f"{path} holds no questions of the {half} half")
    return questions


def texts(bot: Any, index: Path | None, notices: Path | None) -> dict[str, Notice]:
    """The notices that quotes are held against, by id."""
    if notices is None and index is not None:
        return dict(bot.index.notices)
    folder = notices or NOTICES
    paths = sorted(folder.glob("*.txt")) if folder.is_dir() else [folder]
    if not paths:
        raise QuestionFileError(f"no notice (*.txt) in {folder}: name another with --notices")
    read = (rag.load_notice(path) for path in paths)
    return {notice.id: notice for notice in read}


def manifest(index: Path | None) -> dict[str, Any]:
    """The manifest of an index folder that has just been opened."""
    path = (index or BUNDLED) / "manifest.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def now() -> str:
    """The time, for timing.json."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def save(
    out: Path, run: Mapping[str, Any], rows: Sequence[Any], times: Mapping[str, Any], report: Report
) -> None:
    """Write a run folder and say where."""
    write_run(
        out,
        {
            "run.json": to_json(run),
            "answers.jsonl": to_lines(rows),
            "report.md": markdown(report),
            "report.html": page(report),
            "timing.json": to_json(times),
        },
    )
    errors.print(f"written: {escape(str(out / 'report.html'))}", soft_wrap=True)


def print_cards(report: Report, extra: Mapping[str, Mapping[str, Any]] | None = None) -> None:
    """What a report shows first, on standard output."""
    table = Table(title=report.title)
    for heading in ("what", "value", "95 % interval and n", "goal"):
        table.add_column(heading, justify="right" if heading == "value" else "left")
    for card in report.cards:
        goal = card.goal + {None: "", True: "  met", False: "  not met"}[card.met]
        table.add_row(*(escape(cell) for cell in (card.label, card.value, card.note, goal)))
    for name, fig in (extra or {}).items():
        if fig["value"] is not None:
            bounds = f"[{fig['low']:.3f}, {fig['high']:.3f}] n={fig['n']}"
            table.add_row(name, f"{fig['value']:.3f}", escape(bounds), "")
    Console().print(table)


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    questions: QuestionsOption = HERE / "questions.jsonl",
    index: Annotated[
        Path | None, typer.Option(help="Index folder; the bundled one if left out.")
    ] = None,
    notices: NoticesOption = None,
    half: HalfOption = "dev",
    encoder: Annotated[
        str | None, typer.Option(help="Encoder; the one the index was made with if left out.")
    ] = None,
    generator: Annotated[str, typer.Option(help="What writes the answers.")] = "extractive",
    refuse_below: Annotated[
        float | None,
        typer.Option(min=0.0, max=1.0, help="Threshold; the calibrated one if left out."),
    ] = None,
    out: Out = None,
    seed: Seed = 0,
    samples: Samples = 1000,
    blind: Annotated[
        bool, typer.Option("--blind", help="Write figures alone: no questions, no answers.")
    ] = False,
) -> None:
    """Ask every question of a file and report how the answers did, offline and repeatably."""
    if context.invoked_subcommand:
        return
    with told():
        chosen = choose(questions, half)
        target = out or HERE / "runs" / half
        check_place(target)
        bot = rag.Chatbot.open(
            index, encoder=encoder, generator=generator, refuse_below=refuse_below
        )
        notice_texts = texts(bot, index, notices)
        check_gold(questions, chosen, list(notice_texts.values()))
        settings = {
            "kind": "questions",
            "questions": questions.name,
            "questions_sha256": hashlib.sha256(questions.read_bytes()).hexdigest(),
            "half": half,
            "blind": blind,
            "generator": generator,
            "refuse_below": round(float(bot.refuse_below), 6),
            "index": manifest(index),
            "notices": {key: notice.source_sha256 for key, notice in notice_texts.items()},
        }
        with journal(target, {**settings, "code": code_sha256()}) as kept:
            records, seconds = ask_all(bot, chosen, notice_texts, kept, watch)
        errors.print("answered; figures …")
        run = {
            "youju": rag.__version__,
            **settings,
            "n": len(records),
            "seed": seed,
            "samples": samples,
            **provenance(),
            "figures": summarise(records, seed, samples),
        }
        times = {"at": now(), **timing(seconds, seed, samples)}
        report = answers_report(run, records, times)
        save(target, run, blinded(records) if blind else records, times, report)
    print_cards(report, {name: run["figures"]["overall"][name] for name in SHOWN})
    typer.echo(", ".join(f"{k} {f['value']:.1f} ms" for k, f in times["latency_ms"].items()))


@app.command()
def compare(
    a: Annotated[Path, typer.Argument(help="Run folder: before.")],
    b: Annotated[Path, typer.Argument(help="Run folder: after.")],
    out: Annotated[Path | None, typer.Option(help="Folder for a report.")] = None,
    seed: Seed = 0,
    samples: Samples = 1000,
) -> None:
    """Say what improved and what broke from run A to run B; exit code 1 on a significant drop."""
    with told():
        first, second = read_run(a), read_run(b)
        found = compare_runs(first, second, seed, samples)
        report = comparison_report(first, second, found)
        if out:
            out.mkdir(parents=True, exist_ok=True)
            (out / "compare.md").write_text(markdown(report), encoding="utf-8")
            (out / "compare.html").write_text(page(report), encoding="utf-8")
    typer.echo(markdown(report), nl=False)
    if found.drops:
        sys.exit(1)


@app.command(name="public")
def public_sets(
    data: Data = None,
    only: Annotated[
        list[str] | None, typer.Option("--set", help="Sets whose names begin so; several.")
    ] = None,
    encoder: Annotated[
        str | None, typer.Option(help="Encoder; the embedded one if left out.")
    ] = None,
    out: Out = None,
    seed: Seed = 0,
    samples: Samples = 1000,
) -> None:
    """Retrieval over public sets, with the rows that others published beside ours."""
    with told():
        target = out or HERE / "runs" / "public"
        check_place(target)
        run, rows, times = public.measure(data, only, encoder, target, seed, samples, watch)
        report = public.public_report(run, times)
        save(target, run, rows, {"at": now(), **times}, report)
    typer.echo(markdown(report), nl=False)


@app.command()
def evidence(
    data: Data = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Questions of each set.")] = None,
    out: Out = None,
    seed: Seed = 0,
    samples: Samples = 1000,
) -> None:
    """Evidence and refusal over reading-comprehension sets: five passages a question."""
    with told():
        target = out or HERE / "runs" / "evidence"
        check_place(target)
        run, rows, times = reading.measure(data_folder(data), limit, target, seed, samples, watch)
        report = reading.reading_report(run)
        save(target, run, rows, {"at": now(), **times}, report)
    typer.echo(markdown(report), nl=False)


@app.command()
def ablate(
    questions: QuestionsOption = HERE / "questions.jsonl",
    notices: NoticesOption = None,
    half: HalfOption = "dev",
    encoder: Annotated[
        list[str] | None, typer.Option(help="A further encoder to try, by name or folder; several.")
    ] = None,
    out: Out = None,
    seed: Seed = 0,
    samples: Samples = 1000,
) -> None:
    """What each part is worth: the product with one part changed at a time, as one table."""
    with told():
        chosen = choose(questions, half)
        target = out or HERE / "runs" / "ablation"
        check_place(target)
        read = texts(None, None, notices)
        check_gold(questions, chosen, list(read.values()))
        run, rows = ablation.measure(chosen, read, encoder or (), target, seed, samples, watch)
        run |= {"questions": questions.name, "half": half}
        report = ablation.ablation_report(run)
        save(target, run, rows, {"at": now()}, report)
    typer.echo(markdown(report), nl=False)


if __name__ == "__main__":
    app()
