"""Question files: JSON lines, read and checked; ``eval/README.md`` explains the fields."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag.errors import RagError
from rag.text import fold
from rag.types import Notice

HALVES = ("dev", "test")


class QuestionFileError(RagError):
    """A question file that is not what ``eval/README.md`` describes."""


@dataclass(frozen=True, slots=True)
class Question:
    """One line of a question file.

    Attributes:
        id: Unique in its file.
        question: As typed.
        language: BCP 47.
        answerable: Whether the notices answer it.
        half: ``dev`` (also where it is left out) or ``test``.
        history: Earlier messages, with ``role`` (user or assistant) and ``content``.
        sections: Where the answer stands: section labels.
        quotes: What answers: every inner list is needed, one of its alternatives is enough.
        tags: Kinds of question.
        why: For an unanswerable one, why the notices do not say.
        searched: For an unanswerable one, words looked for in the notices and not found.
        line: Its line in the file, from 1.
    """

    id: str
    question: str
    language: str
    answerable: bool
    half: str = HALVES[0]
    history: list[dict[str, str]] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)
    quotes: list[list[str]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    why: str = ""
    searched: list[str] = field(default_factory=list)
    line: int = 0


def load_questions(path: Path) -> list[Question]:
    """Read and check a question file; any of the three line endings will do.

    Raises:
        QuestionFileError: With the number of the first line that is wrong.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise QuestionFileError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise QuestionFileError(f"{path} is not UTF-8: save it as UTF-8") from error
    questions: list[Question] = []
    seen: dict[str, int] = {}
    # Not splitlines(): it also breaks at U+2028 and the like, which JSON allows in a string.
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        if not line.strip():
            continue
        try:
            question = parse_question(line, number)
            if question.id in seen:
                raise ValueError(f'id "{question.id}" was used in line {seen[question.id]}')
        except ValueError as error:
            raise QuestionFileError(f"{path}, line {number}: {error}") from error
        seen[question.id] = number
        questions.append(question)
    if not questions:
        raise QuestionFileError(f"{path} holds no questions")
    return questions


def parse_question(line: str, number: int = 0) -> Question:
    """One line to a question; ``ValueError`` says what is wrong with it."""
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error.msg} at column {error.colno})") from error
    except RecursionError:
        raise ValueError("not JSON that can be read (nested too deep)") from None
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")
    _check(row)
    return Question(**row, line=number)


def _check(row: Mapping[str, Any]) -> None:
    known = set(Question.__dataclass_fields__) - {"line"}
    if unknown := sorted(set(row) - known):
        raise ValueError(
            f"unknown field {', '.join(unknown)}; known are {', '.join(sorted(known))}"
        )
    for name in ("id", "question", "language"):
        if not isinstance(row.get(name), str) or not row[name].strip():
            raise ValueError(f'"{name}" must be a string that is not empty')
    if row.get("half", HALVES[0]) not in HALVES:
        raise ValueError('"half" must be "dev" or "test"')
    if not isinstance(row.get("answerable"), bool):
        raise ValueError('"answerable" must be true or false')
    _check_lists(row)
    gold = bool(row.get("sections")), bool(row.get("quotes"))
    if gold != (row["answerable"], row["answerable"]):
        raise ValueError('"sections" and "quotes" must be given if and only if it is answerable')
    if row["answerable"] and row.get("searched"):
        raise ValueError('"searched" is for questions that are not answerable')


def _check_lists(row: Mapping[str, Any]) -> None:
    for name in ("sections", "tags", "searched"):
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


def check_gold(path: Path, questions: Sequence[Question], notices: Sequence[Notice]) -> None:
    """Check what the questions claim against the notices they ask about.

    Every gold section must exist, every gold quote be a slice of a gold section (or of a part of
    it), and no word that was ``searched`` stand in a notice, whatever its script, width or case.

    Args:
        path: The question file, for messages.
        questions: What ``load_questions`` read from it.
        notices: All notices of the index.

    Raises:
        QuestionFileError: With the number of the first line that claims what is not so.
    """
    texts: dict[str, list[str]] = {}
    for notice in notices:
        for label, text in section_texts(notice).items():
            texts.setdefault(label, []).append(text)
    folded = [fold(notice.text) for notice in notices]
    for q in questions:
        for label in q.sections:
            if label not in texts:
                raise QuestionFileError(
                    f'{path}, line {q.line}: there is no section "{label}" in the notices; '
                    "`python -m rag info` lists the sections of an index"
                )
        for quote in (quote for either in q.quotes for quote in either):
            if not any(quote in text for label in q.sections for text in texts[label]):
                anywhere = any(quote in notice.text for notice in notices)
                where = f"its section {' or '.join(q.sections)}" if anywhere else "the notices"
                raise QuestionFileError(
                    f'{path}, line {q.line}: the quote "{quote}" does not stand in {where}; '
                    "quotes are exact slices of the restored text"
                )
        for term in q.searched:
            if any(fold(term) in text for text in folded):
                raise QuestionFileError(
                    f'{path}, line {q.line}: "{term}" was searched for and is said to be missing, '
                    "but it stands in the notices"
                )


def section_texts(notice: Notice) -> dict[str, str]:
    """Each section's text by its label, with the texts of its parts, in order."""
    parent = {s.label: s.parent for s in notice.sections}
    out = {s.label: "" for s in notice.sections}
    for s in notice.sections:
        at, seen = s.label, {""}
        while at not in seen:
            seen.add(at)
            out[at] = out.get(at, "") + notice.text[s.start : s.end]
            at = parent.get(at, "")
    return out
