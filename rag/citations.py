"""Text with markers + evidence -> checked citations.

A marker ``[n]`` in an answer stands for the n-th evidence. A citation is made only from evidence
whose quote is the exact slice of its passage; a marker without evidence is taken out of the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.types import Citation, Evidence

_MARKER = re.compile(r"\s?\[(\d{1,3})\]")


def cite(text: str, evidence: Sequence[Evidence]) -> tuple[str, tuple[Citation, ...]]:
    """Resolve the markers of a text.

    What looks like a marker inside a quoted piece of evidence is the notice's own and stays.

    Args:
        text: An answer with ``[1]``-style markers, numbering ``evidence`` from 1.
        evidence: What the markers may point to.

    Returns:
        The text without invented markers, its markers renumbered in order of first appearance
        from ``[1]``, and one citation for each of them.

    Raises:
        ValueError: An evidence's quote is not the slice of its passage at its offsets.
    """
    order: list[int] = []

    def renumber(match: re.Match[str]) -> str:
        number = int(match.group(1))
        if not 1 <= number <= len(evidence):
            return ""
        if number not in order:
            order.append(number)
        return match.group().replace(match.group(1), str(order.index(number) + 1))

    quotes = sorted({item.quote for item in evidence}, key=len, reverse=True)
    pieces = re.split(f"({'|'.join(map(re.escape, quotes))})", text) if quotes else [text]
    clean = "".join(p if i % 2 else _MARKER.sub(renumber, p) for i, p in enumerate(pieces))
    return clean, tuple(_citation(i, evidence[n - 1]) for i, n in enumerate(order, start=1))


def _citation(number: int, evidence: Evidence) -> Citation:
    passage = evidence.passage
    start, end = evidence.start - passage.start, evidence.end - passage.start
    if not 0 <= start < end <= len(passage.text) or passage.text[start:end] != evidence.quote:
        raise ValueError(f"not a slice of passage {passage.id!r}: {evidence.quote!r}")
    return Citation(
        marker=f"[{number}]",
        section=passage.section,
        heading=passage.heading.rpartition(" / ")[2],
        quote=evidence.quote,
        start=evidence.start,
        end=evidence.end,
        notice_id=passage.notice_id,
        title=passage.title,
        doc_no=passage.doc_no,
    )
