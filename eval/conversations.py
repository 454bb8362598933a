"""Measure what other sets ask little of: a notice's form in many words, and whole conversations.

    python eval/conversations.py                    # the dev half of both sets
    python eval/conversations.py --half test        # the half that nobody looks at
    python eval/conversations.py --show             # and what went wrong (dev half alone)

``form.jsonl`` asks for elements and parts, ``conversations.jsonl`` goes on asking; both over model
notices of ``train/notices``, each indexed by itself. The assistant's turns are the program's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table

from rag import Answer, Chatbot, Index
from rag.metrics import bootstrap_interval
from rag.notices import parse_notice
from rag.numbering import mark
from rag.passages import passages

HERE = Path(__file__).resolve().parent
NOTICES = HERE.parent / "train" / "notices"
LEAST = 8
"""Characters of a quotation that shows, inside a longer gold one, that it was found."""
TELLING = 12
"""Characters of a heading that tell which it is."""

_QUOTED = re.compile("“[^”]*”|「[^」]*」|‘[^’]*’|«[^»]*»|„[^“]*“")


def texts() -> dict[int, str]:
    """The text of each notice that is asked about, by its number."""
    asked = {row["doc"] for name in ("form", "conversations") for row in rows(name)}
    lines = (
        line
        for path in sorted(NOTICES.glob("notices-*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    )
    return {row["doc"]: row["text"] for row in map(json.loads, lines) if row["doc"] in asked}


@cache
def bots() -> dict[int, Chatbot]:
    """A chatbot for each notice that is asked about, over it alone."""
    notices = {doc: parse_notice(text, id=f"notice-{doc}") for doc, text in texts().items()}
    return {doc: Chatbot(Index.build(passages(n), [n])) for doc, n in notices.items()}


def rows(name: str) -> list[dict[str, Any]]:
    """The lines of a set."""
    lines = (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def flat(text: str) -> str:
    """Without white space, which titles are broken by."""
    return "".join(text.split())


def bare(heading: str) -> str:
    """A heading without its number."""
    found = mark(heading)
    return flat(heading[found.end :] if found else heading) or flat(heading)


def has_form(answer: Answer, kind: str, gold: list[str]) -> bool:
    """Whether an answer gives the element, the number or the headings that were asked for."""
    said = flat(answer.text + "".join(c.quote + c.section for c in answer.citations))
    if kind == "count":
        # Each heading that is counted is quoted.
        own = _QUOTED.sub("", re.sub(r"\[\d+\]", "", answer.text))
        counted = gold[0] in re.findall(r"\d+", own)
        return (
            answer.refused if gold[0] == "0" else counted and len(answer.citations) == int(gold[0])
        )
    if kind in ("part", "where"):
        first = answer.citations[0] if answer.citations else None
        told = flat(f"{first.quote} {first.heading} {first.section}") if first else ""
        return bool(told) and bare(gold[0])[:TELLING] in told
    return all((bare(g) if kind == "outline" else flat(g)) in said for g in gold)


def has_quote(answer: Answer, gold: list[str]) -> bool:
    """Whether an answer quotes one of the places that answer; a refusal, where there are none."""
    if not gold or answer.refused:
        return answer.refused == (not gold)
    quotes = [flat(c.quote) for c in answer.citations]
    return any(
        flat(g) in flat(answer.text) or any(len(q) >= LEAST and q in flat(g) for q in quotes)
        for g in gold
    )


def measured(half: str) -> Iterator[tuple[str, str, bool, str]]:
    """Set, kind, whether it was answered as it should be, and what was asked and answered."""
    for row in rows("form"):
        if row["half"] == half:
            answer = bots()[row["doc"]].ask(row["question"])
            right = has_form(answer, row["kind"], row["gold"])
            yield "form", row["kind"], right, f"{row['question']} | {row['gold']} | {answer.text}"
    for row in rows("conversations"):
        history: list[dict[str, str]] = []
        for n, turn in enumerate(row["turns"] if row["half"] == half else ()):
            answer = bots()[row["doc"]].ask(turn["q"], history)
            kind = turn["kind"] if n else "first"
            right = has_quote(answer, turn["quotes"])
            said = f"{turn['q']} ({answer.standalone_question}) | {turn['quotes']} | {answer.text}"
            yield "conversations", kind, right, said
            history += [
                {"role": "user", "content": turn["q"]},
                {"role": "assistant", "content": answer.text},
            ]


def main(
    half: Annotated[Literal["dev", "test"], typer.Option(help="Which half.")] = "dev",
    show: Annotated[bool, typer.Option(help="List what went wrong, of the dev half.")] = False,
) -> None:
    """Print the shares answered as they should be, by kind."""
    found: dict[tuple[str, str], list[bool]] = {}
    for name, kind, right, said in measured(half):
        whole = "all" if name == "form" else "all that follow"
        for key in (kind, *([] if kind == "first" else [whole])):
            found.setdefault((name, key), []).append(right)
        if show and half == "dev" and not right:
            typer.echo(f"{name} {kind}: {flat(said)}")
    table = Table("set", "asked", "right", "of", "share", "95 %", title=f"{half} half")
    for name, kind in sorted(found, key=lambda key: (key[0], key[1].startswith("all"), key[1])):
        values = found[name, kind]
        low, high = bootstrap_interval(values)
        share = sum(values) / len(values)
        cells = (str(sum(values)), str(len(values)), f"{share:.3f}", f"{low:.3f} to {high:.3f}")
        table.add_row(name, kind, *cells)
    Console(width=90).print(table)


if __name__ == "__main__":
    typer.run(main)
