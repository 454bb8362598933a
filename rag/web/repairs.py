"""Where a restored text was damaged, and what the source had there. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.types import Repair

_NOT_SHOWN = {"bom", "newline", "furniture"}


@dataclass(frozen=True, slots=True)
class Damage:
    """A repaired place of a notice.

    Attributes:
        start: Offset in the restored text.
        end: End offset; greater than ``start``.
        before: The source's form of the place.
        resolved: False where the damage was seen and left.
    """

    start: int
    end: int
    before: str
    resolved: bool = True


def damages(text: str, repairs: Sequence[Repair]) -> list[Damage]:
    """The repaired places of a text, in order, apart from each other.

    Edits that touch in the source are one place: ``會(huì)`` became ``会`` by two of them. Where
    something was only cut out, the place is the character before it.

    Args:
        text: The restored text.
        repairs: The whole log that led to it, in source order; page furniture, byte order marks
            and line ends move the text and are not shown.
    """
    places: list[Damage] = []
    moved = 0  # restored offset = source offset + moved
    last_end = -1  # in the source, of the edit before
    for repair in repairs:
        start = repair.start + moved
        moved += len(repair.after) - len(repair.before)
        touches, last_end = repair.start == last_end, repair.end
        if repair.kind in _NOT_SHOWN:
            last_end = -1
            continue
        end, before = start + len(repair.after), repair.before
        resolved = repair.kind != "unresolved"
        if touches and places:
            last = places.pop()
            start, before = last.start, last.before + before
            resolved = resolved and last.resolved
        elif start == end:
            if not start or places and places[-1].end > start - 1:
                continue
            start, before = start - 1, text[start - 1] + before
        if start < end <= len(text):
            places.append(Damage(start, end, before, resolved))
    return places
