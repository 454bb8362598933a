"""Ask every question of a question file and report how the answers did.

    python eval/run.py --half dev

Offline and deterministic: the same questions, index and seed give the same ``run.json`` and
``answers.jsonl``, byte for byte. Times are kept apart, in ``timing.json``. The figures are defined
in README.md beside this file.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import platform
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

import rag
from rag import metrics
from rag.errors import RagError
from rag.evaluation import reading
from rag.evaluation.data import data_folder
from rag.types import Answer, Notice

HERE = Path(__file__).resolve().parent
HALVES = ("dev", "test", "all")


class QuestionFileError(RagError):
    """A question file that is not what README.md describes."""


@dataclass(frozen=True, slots=True)
class Question:
    """One line of a question file; README.md explains the fields."""

    id: str
    half: str
    question: str
    language: str
    answerable: bool
    history: list[dict[str, str]] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)
    quotes: list[list[str]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    why: str = ""


# --- Questions ------------------------------------------------------------------------------------


def load_questions(path: Path) -> list[Question]:
    """Read and check a question file.

    Raises:
        QuestionFileError: With the number of the first line that is wrong.
    """
    try:
        # Not splitlines(): it also breaks at U+2028 and the like, which JSON allows in a string.
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise QuestionFileError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise QuestionFileError(f"{path} is not UTF-8: save it as UTF-8") from error
    questions: list[Question] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            question = parse_question(line)
            if question.id in seen:
                raise ValueError(f'id "{question.id}" was used in line {seen[question.id]}')
        except ValueError as error:
            raise QuestionFileError(f"{path}, line {number}: {error}") from error
        seen[question.id] = number
        questions.append(question)
    if not questions:
        raise QuestionFileError(f"{path} holds no questions")
    return questions


def parse_question(line: str) -> Question:
    """One line to a question; ``ValueError`` says what is wrong with it."""
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error.msg} at column {error.colno})") from error
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")
    known = Question.__dataclass_fields__
    if unknown := sorted(set(row) - set(known)):
        raise ValueError(f"unknown field {', '.join(unknown)}")
    for name, wanted in (("id", str), ("half", str), ("question", str), ("language", str)):
        if not isinstance(row.get(name), wanted) or not row[name].strip():
            raise ValueError(f'"{name}" must be a string that is not empty')
    if row["half"] not in HALVES[:2]:
        raise ValueError('"half" must be "dev" or "test"')
    if not isinstance(row.get("answerable"), bool):
        raise ValueError('"answerable" must be true or false')
    _check_lists(row)
    gold = bool(row.get("sections")), bool(row.get("quotes"))
    if gold != (row["answerable"], row["answerable"]):
        raise ValueError('"sections" and "quotes" must be given if and only if it is answerable')
    return Question(**row)


def _check_lists(row: Mapping[str, Any]) -> None:
    for name in ("sections", "tags"):
        if not _strings(row.get(name, [])):
            raise ValueError(f'"{name}" must be a list of strings')
    quotes = row.get("quotes", [])
    if not isinstance(quotes, list) or not all(q and _strings(q) for q in quotes):
        raise ValueError('"quotes" must be a list of lists of strings: [["either", "or"], ["and"]]')
    history = row.get("history", [])
    if not isinstance(history, list) or not all(
        isinstance(m, dict)
        and m.get("role") in ("user", "assistant")
        and isinstance(m.get("content"), str)
        for m in history
    ):
        raise ValueError('"history" must be messages with "role" user or assistant and "content"')
    if not isinstance(row.get("why", ""), str):
        raise ValueError('"why" must be a string')


def _strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) and v for v in value)


# --- Scoring one answer ---------------------------------------------------------------------------


def score(question: Question, answer: Answer, notices: Mapping[str, Notice]) -> dict[str, Any]:
    """What was asked, what was wanted, what came, and how they compare."""
    citations = answer.citations
    cited = "\n".join(c.quote for c in citations)
    first = citations[0].section if citations else ""
    ranked = [hit.passage.section for hit in answer.hits]
    record: dict[str, Any] = {
        **asdict(question),
        "standalone_question": answer.standalone_question,
        "given": answer.text,
        "refused": answer.refused,
        "confidence": round(float(answer.confidence), 6),
        "citations": [
            {"marker": c.marker, "section": c.section, "quote": c.quote, "at": [c.start, c.end]}
            for c in citations
        ],
        "hit_sections": ranked[:5],
        "exact": [_is_exact(c, notices) for c in citations],
        "first_section_right": first in question.sections,
        "quote_found": bool(question.quotes)
        and all(any(quote in cited for quote in either) for either in question.quotes),
    }
    record["right"] = answer.refused is not question.answerable and (
        not question.answerable or (record["first_section_right"] and record["quote_found"])
    )
    # What the confidence claims: the evidence found answers the question. A refusal cites nothing,
    # so there the first hit stands for the evidence.
    record["evidence_right"] = question.answerable and (
        ranked[:1] != [] and ranked[0] in question.sections
        if answer.refused
        else bool(record["right"])
    )
    if question.answerable:
        record["hit@1"] = metrics.hit_at_k(ranked, question.sections, 1)
        record["recall@5"] = metrics.recall_at_k(ranked, question.sections, 5)
        record["mrr"] = metrics.mrr(ranked, question.sections)
    return record


def _is_exact(citation: Any, notices: Mapping[str, Notice]) -> bool:
    notice = notices.get(citation.notice_id)
    return notice is not None and notice.text[citation.start : citation.end] == citation.quote


def failure(record: Mapping[str, Any]) -> str:
    """In a few words, what is wrong with an answer; empty if nothing is."""
    if record["right"]:
        return "" if all(record["exact"]) else "a quote is not a slice of the notice"
    if not record["answerable"]:
        return "answered, though the notice does not say"
    if record["refused"]:
        return "refused"
    wrong = []
    if not record["first_section_right"]:
        given = record["citations"][0]["section"] if record["citations"] else "nothing"
        wrong.append(f"cites {given}, not {' or '.join(record['sections'])}")
    if not record["quote_found"]:
        wrong.append("gold quote is missing")
    return "; ".join(wrong)


# --- Figures over many answers --------------------------------------------------------------------

Row = dict[str, Any]
Figure = dict[str, Any]


def figure(values: Sequence[float], seed: int, samples: int) -> Figure:
    """Mean, number and 95 % bootstrap interval."""
    mean = float(np.mean(values)) if len(values) else math.nan
    return _figure(
        mean, len(values), metrics.bootstrap_interval(values, seed=seed, samples=samples)
    )


def _figure(value: float, n: int, interval: tuple[float, float]) -> Figure:
    # JSON has no NaN: an undefined figure is null.
    low, high, mid = (None if math.isnan(x) else round(x, 4) for x in (*interval, value))
    return {"value": mid, "n": n, "low": low, "high": high}


def _joint(
    pairs: Sequence[tuple[float, bool]],
    statistic: Callable[[NDArray[np.float64], NDArray[np.float64]], float],
    seed: int,
    samples: int,
) -> Figure:
    rows = np.array(pairs, dtype=float).reshape(-1, 2)

    def over(draw: NDArray[np.float64]) -> float:
        return statistic(draw[:, 0], draw[:, 1])

    interval = metrics.bootstrap_interval(rows, over, seed=seed, samples=samples)
    return _figure(over(rows), len(rows), interval)


def figures(records: Sequence[Row], seed: int, samples: int) -> dict[str, Figure]:
    """All figures of one group of questions; README.md defines them."""
    asked = [r for r in records if r["answerable"]]
    unanswerable = [r for r in records if not r["answerable"]]
    answered = [r for r in records if not r["refused"]]

    def over(group: Iterable[Row], value: Callable[[Row], float]) -> Figure:
        return figure([float(value(r)) for r in group], seed, samples)

    return {
        "right": over(asked, lambda r: r["right"]),
        "first_section": over(asked, lambda r: r["first_section_right"]),
        "gold_quote": over(asked, lambda r: r["quote_found"]),
        "false_refusal": over(asked, lambda r: r["refused"]),
        "refusal": over(unanswerable, lambda r: r["refused"]),
        "hit@1": over(asked, lambda r: r["hit@1"]),
        "recall@5": over(asked, lambda r: r["recall@5"]),
        "mrr": over(asked, lambda r: r["mrr"]),
        "auroc": _joint(
            [(r["confidence"], r["answerable"]) for r in records], metrics.auroc, seed, samples
        ),
        "ece": _joint(
            [(r["confidence"], r["evidence_right"]) for r in records],
            metrics.expected_calibration_error,
            seed,
            samples,
        ),
        "exact_citations": over(
            (r for r in answered if r["exact"]), lambda r: sum(r["exact"]) / len(r["exact"])
        ),
        "citation_precision": over(
            (r for r in asked if r["citations"]),
            lambda r: float(np.mean([c["section"] in r["sections"] for c in r["citations"]])),
        ),
        "quoted_length": over(
            (r for r in asked if r["citations"]),
            lambda r: sum(len(c["quote"]) for c in r["citations"]),
        ),
        "answer_length": over(answered, lambda r: len(r["given"])),
    }


@dataclass(frozen=True, slots=True)
class Target:
    """A figure of a named group and what it is meant to reach."""

    name: str
    figure: str
    member: Callable[[Row], bool]
    goal: str = ""


def _kind(row: Row) -> str:
    """The group a question is judged in."""
    if "follow-up" in row["tags"]:
        return "follow-up"
    return "structure" if {"element", "structure"} & set(row["tags"]) else "content"


def _chinese(row: Row) -> bool:
    return str(row["language"]).startswith("zh")


TARGETS = (
    Target("Chinese", "right", lambda r: _chinese(r) and _kind(r) == "content", "≥ 0.90"),
    Target("elements and structure", "right", lambda r: _kind(r) == "structure", "1.00"),
    Target(
        "elements and structure, Chinese",
        "right",
        lambda r: _chinese(r) and _kind(r) == "structure",
        "1.00",
    ),
    Target("follow-ups", "right", lambda r: _kind(r) == "follow-up", "≥ 0.80"),
    Target("unanswerable refused", "refusal", lambda r: True, "≥ 0.80"),
    Target("answerable refused", "false_refusal", lambda r: True, "≤ 0.08"),
    Target("English", "right", lambda r: r["language"] == "en"),
    Target("other languages", "right", lambda r: not _chinese(r) and r["language"] != "en"),
    Target("citations exact", "exact_citations", lambda r: True, "1.00"),
)


def summarise(records: Sequence[Row], seed: int, samples: int) -> dict[str, Any]:
    """Figures overall, for the named targets, and by language and tag."""

    def by(keys: Callable[[Row], Iterable[str]]) -> dict[str, dict[str, Figure]]:
        names = sorted({key for r in records for key in keys(r)})
        groups = {name: [r for r in records if name in keys(r)] for name in names}
        return {name: figures(rows, seed, samples) for name, rows in groups.items()}

    return {
        "targets": {
            t.name: {
                "figure": t.figure,
                "goal": t.goal,
                **figures([r for r in records if t.member(r)], seed, samples)[t.figure],
            }
            for t in TARGETS
        },
        "overall": figures(records, seed, samples),
        "by_language": by(lambda r: [r["language"]]),
        "by_tag": by(lambda r: r["tags"]),
    }


# --- Asking ---------------------------------------------------------------------------------------


def ask_all(
    bot: Any, questions: Sequence[Question], notices: Mapping[str, Notice]
) -> tuple[list[Row], list[float]]:
    """Records, and the seconds each answer took (after one question to warm up)."""
    records: list[Row] = []
    seconds: list[float] = []
    with contextlib.suppress(RagError):
        bot.ask(questions[0].question, history=questions[0].history)
    for q in track(questions, "asking", console=Console(stderr=True), transient=True):
        begin = time.perf_counter()
        try:
            answer = bot.ask(q.question, history=q.history)
        except RagError as error:
            raise QuestionFileError(f"question {q.id} cannot be asked: {error}") from error
        seconds.append(time.perf_counter() - begin)
        records.append(score(q, answer, notices))
    return records, seconds


def load_notices(folder: Path) -> dict[str, Notice]:
    """The notices whose text citations are compared with, by id."""
    paths = sorted(folder.glob("*.txt")) if folder.is_dir() else [folder]
    if not paths:
        raise QuestionFileError(f"no notice (*.txt) in {folder}: name another with --notices")
    notices = (rag.load_notice(path) for path in paths)
    return {notice.id: notice for notice in notices}


# --- Writing --------------------------------------------------------------------------------------


def show(fig: Figure, counted: bool = True) -> str:
    """A figure as ``0.912 [0.860, 0.956] n=57``."""
    if fig["value"] is None:
        return "–"
    text = f"{fig['value']:.3f} [{fig['low']:.3f}, {fig['high']:.3f}]"
    return f"{text} n={fig['n']}" if counted else text


def report(run: Mapping[str, Any], records: Sequence[Row], timing: Mapping[str, Any]) -> str:
    """The run as Markdown, for people."""
    summary = run["figures"]
    out = [
        f"# {run['questions']}: {run['half']} half",
        "",
        f"{run['n']} questions. In brackets 95 % bootstrap intervals over questions "
        f"({run['samples']} draws, seed {run['seed']}).",
        "",
        "| what | value | interval | n | goal |",
        "|---|---:|---|---:|---|",
    ]
    for name, t in summary["targets"].items():
        if t["value"] is not None:
            out.append(
                f"| {name} | {t['value']:.3f} | [{t['low']:.3f}, {t['high']:.3f}] | {t['n']} "
                f"| {t['goal']} |"
            )
    out += ["", "## All questions", "", "| figure | value | n |", "|---|---|---:|"]
    out += [f"| {k} | {show(f, counted=False)} | {f['n']} |" for k, f in summary["overall"].items()]
    for title, groups in (("language", summary["by_language"]), ("tag", summary["by_tag"])):
        out += ["", f"## By {title}", ""]
        out += [f"| {title} | right | refused, unanswerable | refused, answerable | hit@1 |"]
        out += ["|---|---|---|---|---|"]
        for name, f in groups.items():
            cells = [show(f[k]) for k in ("right", "refusal", "false_refusal", "hit@1")]
            out.append(f"| {name} | {' | '.join(cells)} |")
    out += ["", *_failures(run, records), "", "## Time", ""]
    out += [
        f"Median {timing['median_ms']:.2f} ms, 95th percentile {timing['p95_ms']:.2f} ms an "
        f"answer, warm, on {timing['machine']}."
    ]
    return "\n".join(out) + "\n"


def _failures(run: Mapping[str, Any], records: Sequence[Row]) -> list[str]:
    failed = [(r, wrong) for r in records if (wrong := failure(r))]
    out = [f"## Failures: {len(failed)} of {len(records)}", ""]
    if run["blind"]:
        return [*out, "Not listed: a blind run keeps a held-out half unseen."]
    out += [
        "| id | language | question | what is wrong | gold | given |",
        "|---|---|---|---|---|---|",
    ]
    for r, wrong in failed:
        gold = " + ".join(" / ".join(either) for either in r["quotes"]) or r["why"]
        given = " + ".join(c["quote"] for c in r["citations"])
        cells = [r["id"], r["language"], r["question"], wrong, gold, given]
        out.append("| " + " | ".join(_cell(c) for c in cells) + " |")
    return out


def _cell(text: str, limit: int = 90) -> str:
    flat = " ".join(text.split()).replace("|", "\\|")
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def write_run(out: Path, files: Mapping[str, str]) -> None:
    """Write a run folder as a whole: a reader sees the old one, or the new one, never a half.

    Raises:
        QuestionFileError: If ``out`` exists and is not a run folder, or cannot be written.
    """
    if out.exists() and not (out / "run.json").is_file() and (out.is_file() or any(out.iterdir())):
        raise QuestionFileError(f"{out} exists and is no run folder: name another with --out")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as scratch:
            fresh = Path(scratch) / "run"
            fresh.mkdir()
            for name, text in files.items():
                (fresh / name).write_text(text, encoding="utf-8", newline="\n")
            if out.exists():
                out.rename(Path(scratch) / "old")
            fresh.rename(out)
    except OSError as error:
        raise QuestionFileError(f"cannot write {out}: {error.strerror}") from error


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def print_table(run: Mapping[str, Any], timing: Mapping[str, Any]) -> None:
    """The named targets on stdout."""
    table = Table(title=f"{run['questions']}: {run['half']} half, {run['n']} questions")
    for heading in ("what", "value", "95 % interval", "n", "goal"):
        table.add_column(heading, justify="right" if heading in ("value", "n") else "left")
    overall = {
        k: run["figures"]["overall"][k] for k in ("hit@1", "recall@5", "mrr", "auroc", "ece")
    }
    for name, fig in {**run["figures"]["targets"], **overall}.items():
        if fig["value"] is not None:
            interval = f"[{fig['low']:.3f}, {fig['high']:.3f}]"
            goal = escape(fig.get("goal", ""))
            table.add_row(name, f"{fig['value']:.3f}", escape(interval), str(fig["n"]), goal)
    console = Console()
    console.print(table)
    console.print(f"median {timing['median_ms']:.2f} ms, p95 {timing['p95_ms']:.2f} ms an answer")


def evaluate(
    questions_file: Path,
    index: Path | None,
    notices: Path,
    half: str,
    out: Path,
    seed: int,
    samples: int,
    blind: bool,
) -> None:
    """Load, ask, score, write, show."""
    every = load_questions(questions_file)
    questions = [q for q in every if half in ("all", q.half)]
    if not questions:
        raise QuestionFileError(f"{questions_file} holds no questions of the {half} half")
    texts = load_notices(notices)
    bot = rag.Chatbot.open(index) if index else rag.Chatbot.open()
    records, seconds = ask_all(bot, questions, texts)
    run = {
        "youju": rag.__version__,
        "questions": questions_file.name,
        "questions_sha256": hashlib.sha256(questions_file.read_bytes()).hexdigest(),
        "notices": {key: notice.source_sha256 for key, notice in texts.items()},
        "half": half,
        "n": len(questions),
        "seed": seed,
        "samples": samples,
        "blind": blind,
        "figures": summarise(records, seed, samples),
    }
    median, p95 = metrics.percentiles([s * 1000 for s in seconds], [50, 95])
    timing = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "median_ms": round(median, 3),
        "p95_ms": round(p95, 3),
        "total_s": round(sum(seconds), 3),
    }
    files = {
        "run.json": _json(run),
        "report.md": report(run, records, timing),
        "timing.json": _json(timing),
    }
    if not blind:
        lines = (json.dumps(r, ensure_ascii=False, allow_nan=False) for r in records)
        files["answers.jsonl"] = "\n".join(lines) + "\n"
    write_run(out, files)
    print_table(run, timing)


app = typer.Typer(add_completion=False)


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    questions: Annotated[Path, typer.Option(help="Question file, JSON lines.")] = (
        HERE / "questions.jsonl"
    ),
    index: Annotated[
        Path | None, typer.Option(help="Index folder; the bundled one if left out.")
    ] = None,
    notices: Annotated[
        Path,
        typer.Option(help="Folder of (or file with) the notices the quotes are checked against."),
    ] = HERE.parent / "index" / "notices",
    half: Annotated[str, typer.Option(help="dev, test or all.")] = "dev",
    out: Annotated[
        Path | None, typer.Option(help="Run folder; eval/runs/HALF if left out.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 0,
    samples: Annotated[int, typer.Option(min=1, help="Draws of the bootstrap.")] = 1000,
    blind: Annotated[
        bool, typer.Option("--blind", help="Write figures alone: no questions, no answers.")
    ] = False,
) -> None:
    """Ask every question and report how the answers did, offline and repeatably."""
    if context.invoked_subcommand:
        return
    errors = Console(stderr=True, highlight=False)
    try:
        if half not in HALVES:
            raise QuestionFileError(f'--half is "{half}": use dev, test or all')
        target = out or HERE / "runs" / half
        evaluate(questions, index, notices, half, target, seed, samples, blind)
    except RagError as error:
        errors.print(f"error: {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(2) from error
    errors.print(f"written: {escape(str(target))}", soft_wrap=True)


@app.command()
def evidence(
    data: Annotated[Path | None, typer.Option(help="Folder of public data.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Questions of each set.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 0,
    samples: Annotated[int, typer.Option(min=1, help="Draws of the bootstrap.")] = 1000,
    out: Annotated[Path | None, typer.Option(help="File for the figures, JSON.")] = None,
) -> None:
    """Figures of the evidence stage over reading-comprehension sets it never saw."""
    found: dict[str, Any] = {}
    try:
        folder = data_folder(data)
        for name in reading.SETS:
            cases = list(reading.cases(folder, name, limit))
            watched = track(cases, f"asking {name}", console=Console(stderr=True), transient=True)
            found[name] = reading.figures([reading.ask(case) for case in watched], seed, samples)
    except RagError as error:
        Console(stderr=True, highlight=False).print(f"error: {escape(str(error))}", soft_wrap=True)
        raise typer.Exit(2) from error
    table = Table(title="Evidence: five passages a question")
    table.add_column("figure")
    for name, figs in found.items():
        table.add_column(f"{name} (n={figs['n']})", justify="right")
    for key, first in next(iter(found.values())).items():
        if isinstance(first, dict):
            cells = [
                f"{f[key]['value']:.3f} [{f[key]['low']:.3f}, {f[key]['high']:.3f}]"
                for f in found.values()
            ]
        else:
            cells = [str(f[key]) for f in found.values()]
        table.add_row(key, *map(escape, cells))
    Console().print(table)
    if out:
        out.write_text(_json(found), encoding="utf-8")


if __name__ == "__main__":
    app()
