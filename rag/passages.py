"""A notice becomes passages: its paragraphs, with exact offsets; sentences and clauses in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.text import sentence_spans
from rag.types import Notice, Passage, Section

_CLAUSE_MARK = "，；：,;:"
_OPENING = "《“‘（(「『【〈〔"
_CLOSING = "》”’）)」』】〉〕"


def passages(notice: Notice) -> list[Passage]:
    """The paragraphs of a notice, each a non-empty line of one section.

    Elements (标题, 发文字号, ...) and lines that hold a heading alone are passages too: they can
    be cited. A long paragraph stays whole.

    Returns:
        Passages in the order of the text, ids ``"{notice.id}:{n}"`` counted from 0, with
        ``notice.text[p.start:p.end] == p.text``.
    """
    by_label = {section.label: section for section in notice.sections}
    out: list[Passage] = []
    for section in notice.sections:
        heading = " / ".join(headings(section, by_label))
        for start, end in _paragraphs(notice.text, section.start, section.end):
            out.append(
                Passage(
                    id=f"{notice.id}:{len(out)}",
                    text=notice.text[start:end],
                    notice_id=notice.id,
                    section=section.label,
                    heading=heading,
                    start=start,
                    end=end,
                    title=notice.title,
                    doc_no=notice.doc_no,
                )
            )
    return out


def headings(section: Section, by_label: dict[str, Section]) -> list[str]:
    """Headings from the top down to a section; sections without one are left out."""
    path: list[str] = []
    at: Section | None = section
    while at is not None:
        if at.heading:
            path.append(at.heading)
        at = by_label.get(at.parent) if at.parent else None
    return path[::-1]


def sentences(passage: Passage) -> list[tuple[int, int]]:
    """Spans of a passage's sentences, in the coordinates of ``passage.start``."""
    return [(passage.start + a, passage.start + b) for a, b in sentence_spans(passage.text)]


def clauses(passage: Passage, start: int, end: int) -> list[tuple[int, int]]:
    """Spans of the clauses of a sentence, in the coordinates of ``passage.start``.

    A clause ends after ``，``, ``；`` or ``：`` (or a half-width one), never inside a number
    (``1,000``), a book title, a quotation or brackets.

    Args:
        passage: The passage the sentence stands in.
        start: Where the sentence starts, counted as ``passage.start`` is.
        end: Where it ends.

    Returns:
        Half-open spans that partition ``[start, end)``.

    Raises:
        ValueError: The sentence does not lie in the passage.
    """
    if not passage.start <= start <= end <= passage.end:
        raise ValueError(f"[{start}, {end}) does not lie in passage {passage.id}")
    spans = clause_spans(passage.text[start - passage.start : end - passage.start])
    return [(start + a, start + b) for a, b in spans]


def clause_spans(sentence: str) -> list[tuple[int, int]]:
    """Half-open spans of the clauses of a sentence, which they partition; see ``clauses``."""
    cuts = [0, *(c for c in _clause_ends(sentence) if c < len(sentence)), len(sentence)]
    return [(a, b) for a, b in zip(cuts, cuts[1:], strict=False) if a < b]


def _clause_ends(text: str) -> Iterator[int]:
    depth = 0
    for i, ch in enumerate(text):
        if ch in _OPENING:
            depth += 1
        elif ch in _CLOSING:
            depth = max(0, depth - 1)
        elif depth == 0 and ch in _CLAUSE_MARK:
            inside_number = text[i - 1 : i].isdigit() and text[i + 1 : i + 2].isdigit()
            if not inside_number:
                yield i + 1


def _paragraphs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans of the lines of ``text[start:end]``, without the white space around them."""
    for match in re.finditer(r"[^\n]+", text[start:end]):
        bare = match.group().strip()
        if bare:
            begin = start + match.start() + match.group().index(bare)
            yield begin, begin + len(bare)
