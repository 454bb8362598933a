"""A conversation as data: what the browser keeps between visits, and what is exported. Pure.

What comes back from a browser is not trusted: a turn that is not as written here is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from rag.types import Answer, Check, Citation, Passage
from rag.web.words import WORDS

KEPT = 100
"""Turns that a browser keeps; older ones are dropped."""

CONTEXT = 6
"""Turns that a follow-up may refer to."""

_LONGEST = 20_000  # characters of any text in a stored turn


@dataclass(frozen=True, slots=True)
class Turn:
    """A question with its answer, with what there was of one when it was stopped, or with an error.

    Attributes:
        question: As typed.
        source: Name of the index, or of the reader's own document, that was asked.
        answer: The whole answer, without ``hits``; None where there is none.
        partial: What had been written when the reader stopped it.
        error: Why there is no answer.
        verdict: The reader's thumb: ``up``, ``down`` or ``""``.
    """

    question: str
    source: str = ""
    answer: Answer | None = None
    partial: str = ""
    error: str = ""
    verdict: str = ""


def history(turns: Sequence[Turn], source: str) -> list[dict[str, str]]:
    """The last answered turns about a source as OpenAI-style messages, oldest first."""
    answered = [t for t in turns if t.answer and t.source == source][-CONTEXT:]
    return [
        {"role": role, "content": text}
        for turn in answered
        if turn.answer
        for role, text in (("user", turn.question), ("assistant", turn.answer.text))
    ]


def to_data(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """Turns as JSON values; what retrieval found is left out."""
    return [
        asdict(replace(t, answer=t.answer and replace(t.answer, hits=()))) for t in turns[-KEPT:]
    ]


def from_data(data: object) -> list[Turn]:
    """Turns from JSON values; whatever is not a turn is dropped."""
    if not isinstance(data, list):
        return []
    read = (_turn(item) for item in data[-KEPT:])
    return [turn for turn in read if turn]


def _turn(item: object) -> Turn | None:
    if not isinstance(item, dict) or not item.get("question"):
        return None
    try:
        texts = {f.name: item.get(f.name, "") for f in fields(Turn) if f.name != "answer"}
        given = item.get("answer")
        answer = _answer(given) if given else None
        turn = Turn(answer=answer, **texts)
    except (TypeError, ValueError, KeyError, AttributeError):
        return None
    if not all(_is_text(text) for text in texts.values()):
        return None
    return replace(turn, verdict=turn.verdict if turn.verdict in ("up", "down") else "")


def _answer(data: Mapping[str, Any]) -> Answer:
    """An answer from its JSON values.

    Raises:
        TypeError, ValueError, KeyError: It is none.
    """
    citations = tuple(_record(Citation, c) for c in data.get("citations", ()))
    closest = tuple(_record(Passage, p) for p in data.get("closest", ()))
    plain = {
        name: data[name]
        for name in ("question", "standalone_question", "text", "language")
        if _is_text(data[name])
    }
    refused, confidence = data["refused"], data["confidence"]
    notes = tuple(data.get("notes", ()))
    checks = data.get("checks", ())
    if not isinstance(refused, bool) or not isinstance(confidence, int | float):
        raise TypeError("not an answer")
    if not all(map(_is_text, notes)) or not isinstance(checks, list | tuple):
        raise TypeError("not an answer")
    return Answer(
        **plain,
        refused=refused,
        confidence=float(confidence),
        citations=citations,
        closest=closest,
        notes=notes,
        checks=tuple(_record(Check, c) for c in checks),
    )


def _record(kind: type[Any], data: Mapping[str, Any]) -> Any:
    """A flat dataclass of texts and whole numbers from its JSON values."""
    record = kind(**data)
    for f in fields(kind):
        value = getattr(record, f.name)
        wanted = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        if not (wanted if f.type == "int" else _is_text(value)):
            raise TypeError(f"{f.name} is not of its type")
    return record


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST


def markdown(turn: Turn, lang: str) -> str:
    """A turn as Markdown: the question as a heading, the answer, each citation as a quotation.

    Args:
        turn: The turn.
        lang: Interface language, ``zh`` or ``en``.
    """
    words = WORDS[lang]
    question = " ".join(turn.question.split())
    lines = [f"### {_plain(question)}", ""]
    if turn.answer is None:
        lines.append(_plain(turn.partial) if turn.partial else f"*{words['error']}*")
        return "\n".join([*lines, ""])
    lines.append(_plain(turn.answer.text))
    for c in turn.answer.citations:
        where = " ".join(filter(None, (c.doc_no, c.section, c.heading)))
        lines += ["", f"> {_plain(c.marker)} {_plain(where or c.title)}", ">"]
        lines += [f"> {_plain(line)}".rstrip() for line in c.quote.splitlines()]
    return "\n".join([*lines, ""])


def _plain(text: str) -> str:
    """Text that Markdown shows as it is: no HTML, no links, no images, no headings."""
    text = re.sub(r"([\\`*_<])", r"\\\1", text).replace("](", "]\\(")
    return re.sub(r"^(\s*)([#>+-])", r"\1\\\2", text, flags=re.MULTILINE)
