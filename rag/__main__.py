"""The command line: ``python -m rag ask | chat | build | info``."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rag.answer import Chatbot
from rag.build import build_index
from rag.encoder import load_encoder
from rag.errors import RagError
from rag.types import Answer

app = typer.Typer(
    help="Cited answers over Chinese government notices, offline.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

IndexOption = Annotated[
    Path | None,
    typer.Option(
        "--index", help="Index folder; the bundled notice if left out.", show_default=False
    ),
]
EncoderOption = Annotated[
    str | None,
    typer.Option(
        "--encoder",
        help="A sentence-transformers model by name or path; the embedded one if left out.",
        show_default=False,
    ),
]
GeneratorOption = Annotated[
    str,
    typer.Option(
        "--generator",
        help="What writes the answer: extractive, transformers:FOLDER, or openai:MODEL.",
    ),
]
BaseUrlOption = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        help="Address of the OpenAI-compatible server, such as http://127.0.0.1:11434/v1.",
        show_default=False,
    ),
]
RefuseOption = Annotated[
    float | None,
    typer.Option(
        "--refuse-below",
        min=0.0,
        max=1.0,
        help="Refuse below this confidence; the calibrated value if left out.",
        show_default=False,
    ),
]


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="In any language; - reads standard input.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object instead of text.")
    ] = False,
    index: IndexOption = None,
    encoder: EncoderOption = None,
    generator: GeneratorOption = "extractive",
    base_url: BaseUrlOption = None,
    refuse_below: RefuseOption = None,
) -> None:
    """Ask one question and print the answer with its citations."""
    if question == "-":
        question = sys.stdin.buffer.read().decode("utf-8", errors="replace")
    bot = Chatbot.open(
        index, encoder=encoder, generator=generator, base_url=base_url, refuse_below=refuse_below
    )
    if as_json:
        typer.echo(json.dumps(asdict(bot.ask(question)), ensure_ascii=False))
    else:
        _show(bot, question, ())


@app.command()
def chat(
    index: IndexOption = None,
    encoder: EncoderOption = None,
    generator: GeneratorOption = "extractive",
    base_url: BaseUrlOption = None,
    refuse_below: RefuseOption = None,
) -> None:
    """Ask one question after another; follow-ups are understood. An empty line ends it."""
    bot = Chatbot.open(
        index, encoder=encoder, generator=generator, base_url=base_url, refuse_below=refuse_below
    )
    history: list[dict[str, str]] = []
    typer.echo("Ask about the notice; an empty line ends the conversation.", err=True)
    while True:
        typer.echo("> ", nl=False, err=True)
        line = sys.stdin.readline()
        if not line.strip():
            return
        try:
            answer = _show(bot, line, history)
        except RagError as error:
            typer.echo(str(error), err=True)
            continue
        history += [
            {"role": "user", "content": answer.question},
            {"role": "assistant", "content": answer.text},
        ]


@app.command()
def build(
    notices: Annotated[list[Path], typer.Argument(help="Files of notices.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", help="Index folder to write.")],
    encoder: EncoderOption = None,
) -> None:
    """Restore notices, index them, and write the index folder."""
    index = build_index(notices, out, load_encoder(encoder))
    for notice in index.notices.values():
        unresolved = sum(repair.kind == "unresolved" for repair in notice.repairs)
        typer.echo(
            f"{notice.title or notice.id} {notice.doc_no}: {len(notice.sections)} sections, "
            f"{len(notice.repairs)} repairs, {unresolved} unresolved"
        )
    typer.echo(f"{len(index.passages)} passages written to {out}")


@app.command()
def info(index: IndexOption = None) -> None:
    """Show what an index holds: notices, sections, encoder."""
    opened = Chatbot.open(index).index
    encoder = opened.encoder
    typer.echo(f"encoder   {encoder.name}, {encoder.dim} dimensions, {encoder.fingerprint[:12]}")
    typer.echo(f"passages  {len(opened.passages)}")
    for notice in opened.notices.values():
        typer.echo(f"\n{notice.title}\n{notice.doc_no}  {notice.issuer}  {notice.date}")
        for section in notice.sections:
            indent = "  " * max(section.level, 1)
            typer.echo(f"{indent}{section.label}  {section.heading}".rstrip())


def _show(bot: Chatbot, question: str, history: Sequence[Mapping[str, str]]) -> Answer:
    """Print an answer as it comes, then what stands below it."""
    for piece in bot.stream(question, history):
        if isinstance(piece, Answer):
            typer.echo("".join(f"\n{line}" for line in below(piece)))
            return piece
        sys.stdout.write(piece)
        sys.stdout.flush()
    raise AssertionError("a stream ends with its answer")


def below(answer: Answer) -> list[str]:
    """Lines below an answer: where each marker stands, how sure it is, notes."""
    lines = []
    if answer.standalone_question != answer.question:
        lines.append(f"({answer.standalone_question})")
    if answer.citations:
        lines.append("")
    for c in answer.citations:
        source = " ".join(part for part in (c.doc_no or c.title or c.notice_id, c.section) if part)
        lines.append(f"{c.marker} {source} {c.start}–{c.end}".replace("  ", " "))
    if not answer.refused:
        lines.append(f"    confidence {answer.confidence:.2f}")
    lines += [f"    {note}" for note in answer.notes]
    return lines


def main() -> None:
    """Run the command line; bad input is one sentence on standard error and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except RagError as error:
        typer.echo(f"Error: {error}", err=True)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
