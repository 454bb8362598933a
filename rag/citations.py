"""Text with markers + evidence -> checked sentences and checked citations.

A marker ``[n]`` in an answer stands for the n-th evidence. A citation is made only from evidence
whose quote is the exact slice of its passage; a marker without evidence is taken out of the text.

What a language model writes goes through the gate: cut into sentences as it comes, each is kept
only where its facts stand in the evidence it cites and its words are met by it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from rag.errors import ModelError
from rag.facts import denies as says_no
from rag.facts import forbids, lacking, quoted_spans, titles, without_names
from rag.passages import clauses
from rag.text import sentence_spans, tokens
from rag.types import Check, Citation, Evidence

_MARKER = re.compile(r"\s?\[(\d{1,3})\]")

# As models write them: [1], 【1】, [1, 2].
_LOOSE = re.compile(r"\s?[\[【［](\d{1,3}(?:\s?[,，、]\s?\d{1,3})*)[\]】］]")
_MAYBE = re.compile(r"[\[【［][\d\s,，、]{0,16}$")
_STOP = re.compile(r"[。！？!?….]")
_QUOTED_WHOLE = re.compile(rf"[。！？!?…][”’」』](?={_LOOSE.pattern})")
_ITEM = re.compile(r"[(（](\d{1,2})[)）]")
_BULLET = re.compile(r"^\s*(?:[-*•·>#]+\s+|\(?\d{1,2}[.)、）]\s*(?=\D)|[（(]\d{1,2}[)）]\s*)?")

SUPPORT = 0.42
"""Least support of a sentence, in [0, 1]. Between the lowest of true paraphrases in seven languages
(0.44) and the highest of sentences about other things (0.40); see ``eval/gate.py``."""

LONGEST_SENTENCE = 1000
"""Characters; who has not come to an end by then will not."""

Support = Callable[[str, str], float]
"""(statement, quote) -> how far the quote meets the statement's words, in [0, 1]."""


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
    own = _own_brackets(text, evidence)

    def renumber(match: re.Match[str]) -> str:
        number = int(match.group(1))
        if any(a <= match.start() < b for a, b in own):
            return match.group()
        if not 1 <= number <= len(evidence):
            return ""
        if number not in order:
            order.append(number)
        return match.group().replace(match.group(1), str(order.index(number) + 1))

    clean = _MARKER.sub(renumber, text)
    return clean, tuple(_citation(i, evidence[n - 1]) for i, n in enumerate(order, start=1))


def _own_brackets(text: str, evidence: Sequence[Evidence]) -> list[tuple[int, int]]:
    """Where a text gives the words of evidence: whole, or in quotation marks."""
    spans = [
        match.span()
        for quote in {item.quote for item in evidence}
        for match in re.finditer(re.escape(quote), text)
    ]
    for start, end in quoted_spans(text):
        if any(text[start:end] in item.quote for item in evidence):
            spans.append((start, end))
    return spans


def _citation(number: int, evidence: Evidence) -> Citation:
    passage = evidence.passage
    start, end = evidence.start - passage.start, evidence.end - passage.start
    if not 0 <= start < end <= len(passage.text) or passage.text[start:end] != evidence.quote:
        raise ValueError(f"not a slice of passage {passage.id!r}: {evidence.quote!r}")
    return Citation(
        marker=f"[{number}]",
        section=passage.section,
        heading=passage.own_heading,
        quote=evidence.quote,
        start=evidence.start,
        end=evidence.end,
        notice_id=passage.notice_id,
        title=passage.title,
        doc_no=passage.doc_no,
    )


# --- Sentences ------------------------------------------------------------------------------------


def sentences(pieces: Iterable[str]) -> Iterator[str]:
    """Cut a text that comes piece by piece into sentences with the markers that follow them.

    A sentence is given out as soon as nothing that may still come can change where it ends; the
    same text gives the same sentences however it is cut into pieces.

    Yields:
        Sentences with the white space before them, which joined are the text; and ``""`` for a
        piece that completes none, so that whoever waits can stop.

    Raises:
        ModelError: A sentence has more than ``LONGEST_SENTENCE`` characters and no end.
    """
    rest = ""
    for piece in pieces:
        *lines, last = (rest + piece).split("\n")
        done = [cut for line in lines for cut in _cuts(f"{line}\n", whole=True)]
        ready = _cuts(last, whole=False) if _STOP.search(last) else []
        rest = last[sum(map(len, ready)) :]
        yield from [*done, *ready] or [""]
        if len(rest) > LONGEST_SENTENCE:
            raise ModelError("length")
    yield from _cuts(rest, whole=True)


def _cuts(line: str, *, whole: bool) -> list[str]:
    """The sentences of a line; of one still being written, those that are settled."""
    curled = _curled(line)
    bare, places = _without_markers(curled)
    # To the gate a semicolon ends no sentence: one marker serves the whole.
    stops = [places[b - 1] + 1 for _, b in sentence_spans(bare) if bare[b - 1] not in "；;"]
    stops += [m.end() for m in _QUOTED_WHOLE.finditer(curled) if not _open(line[: m.end()])]
    ends: list[int] = []
    for end in sorted(set(stops)):
        while follows := _LOOSE.match(line, end):
            end = follows.end()
        ends.append(end)
    if whole and line:
        ends = [*(end for end in ends if line[end:].strip()), len(line)]
    else:
        ends = [end for end in ends if _settled(line, end)]
    return [line[a:b] for a, b in zip([0, *ends], ends, strict=False) if a < b]


def _settled(line: str, end: int) -> bool:
    """Whether a sentence end holds whatever follows: nothing is open, something else has begun."""
    after = line[end:].lstrip()
    return bool(after) and not _MAYBE.match(after) and not _open(line[:end])


_BRACKETS = dict(zip("》”’）)」』】〉〕", "《“‘（(「『【〈〔", strict=True))


def _open(text: str) -> bool:
    """Whether brackets or quotation marks are still open."""
    opened: list[str] = []
    for ch in _curled(text):
        if ch in _BRACKETS.values():
            opened.append(ch)
        elif _BRACKETS.get(ch) in opened:
            while opened.pop() != _BRACKETS[ch]:
                pass
    return bool(opened)


def _curled(line: str) -> str:
    """Straight double quotation marks as opening and closing ones, by turns."""
    parts = line.split('"')
    return "".join(part + "“”"[i % 2] for i, part in enumerate(parts[:-1])) + parts[-1]


def _without_markers(text: str) -> tuple[str, list[int]]:
    """A text without markers, and where each character of it stood."""
    marked = {i for m in _LOOSE.finditer(text) for i in range(*m.span())}
    places = [i for i in range(len(text)) if i not in marked]
    return "".join(text[i] for i in places), places


# --- The gate -------------------------------------------------------------------------------------


def check(sentence: str, evidence: Sequence[Evidence], support: Support) -> tuple[Check, str]:
    """Hold a sentence to the evidence it cites.

    It must carry a marker that exists; every number, date, title, quoted phrase and named body in
    it must stand in the evidence cited; it must not deny what is only affirmed there, or the
    reverse; and the evidence must meet enough of its words.

    Args:
        sentence: With its markers, numbering ``evidence`` from 1.
        evidence: All that the generator was given.
        support: Scores a statement against a quote.

    Returns:
        What became of it, and the sentence as it may be shown, markers written ``[n]``; ``""``
        where it is dropped.
    """
    text = sentence.strip()
    own = _own_brackets(text, evidence)
    marks = [m for m in _LOOSE.finditer(text) if not any(a <= m.start() < b for a, b in own)]
    cited = [[int(n) for n in re.findall(r"\d+", m.group(1))] for m in marks]
    numbers = sorted({n for group in cited for n in group})
    bare = _unnumbered(_replaced(text, marks, [""] * len(marks)))
    invented = [n for n in numbers if not 1 <= n <= len(evidence)]
    if invented:
        return Check(text, "invented marker", f"there is no evidence [{invented[0]}]"), ""
    if not numbers:
        return Check(text, "unsupported", "it has no marker"), ""
    reason = fault(bare, [evidence[n - 1] for n in numbers], support)
    if not reason:
        written = ["".join(f"[{n}]" for n in group) for group in cited]
        return Check(text, "supported"), _replaced(text, marks, written)
    better = [n for n in range(1, len(evidence) + 1) if not fault(bare, [evidence[n - 1]], support)]
    if len(better) != 1:
        return Check(text, "unsupported", reason), ""
    written = [*[""] * (len(marks) - 1), f"[{better[0]}]"]
    return (
        Check(text, "misattributed", f"{reason}; it is in [{better[0]}]"),
        _replaced(text, marks, written),
    )


def _unnumbered(text: str) -> str:
    """A sentence without the bullet before it and the numbers of a list in it: (1) … (2) …."""
    numbers = [int(n) for n in _ITEM.findall(text)]
    if numbers[1:] and numbers == [*range(1, len(numbers) + 1)]:
        text = _ITEM.sub("", text)
    return _BULLET.sub("", text, count=1)


def _replaced(text: str, marks: Sequence[re.Match[str]], written: Sequence[str]) -> str:
    out, at = "", 0
    for mark, new in zip(marks, written, strict=True):
        out += text[at : mark.start()]
        if new and mark.group()[0].isspace():
            out += " "
        out, at = out + new, mark.end()
    return out + text[at:]


def fault(statement: str, cited: Sequence[Evidence], support: Support) -> str:
    """Why a statement does not follow from evidence; ``""`` if nothing speaks against it.

    Args:
        statement: One sentence without markers.
        cited: What it rests on, taken together.
        support: Scores a statement against a quote.
    """
    if not tokens(statement):
        return "it says nothing"
    quotes = [item.quote for item in cited]
    if lack := lacking(statement, quotes, names(cited)):
        return lack
    if _denied(statement, cited, support):
        return "the evidence forbids what it says"
    score = supported(statement, cited, support)
    return "" if score >= SUPPORT else f"the evidence hardly speaks of it ({score:.2f})"


def names(cited: Sequence[Evidence]) -> list[str]:
    """What evidence may be called: title and number of its notice, its headings, its label."""
    out: dict[str, None] = {}
    for passage in (item.passage for item in cited):
        headings = passage.heading.split(" / ")
        whole = f"{passage.section} {headings[-1]}".strip()
        parts = (passage.title, passage.doc_no, whole, passage.section, *headings)
        out |= dict.fromkeys(part for part in parts if part)
    return list(out)


def supported(statement: str, cited: Sequence[Evidence], support: Support) -> float:
    """How far evidence meets a statement, in [0, 1].

    What it quotes, and the names of its sources, were found letter by letter; the rest is scored.
    """
    rest = statement
    for start, end in reversed(quoted_spans(statement)):
        rest = f"{rest[:start]} {rest[end:]}"
    for title in titles(rest):
        rest = rest.replace(title, " ")
    rest = without_names(rest, names(cited))
    whole, left = len(tokens(statement)), len(tokens(rest))
    if not left:
        return 1.0
    score = support(rest, "\n".join(item.quote for item in cited))
    return (max(whole - left, 0) + left * score) / max(whole, left)


def _denied(statement: str, cited: Sequence[Evidence], support: Support) -> bool:
    """Whether the clause nearest to a statement that says no to nothing forbids something."""
    if says_no(statement) or not any(forbids(item.quote) for item in cited):
        return False
    parts = [
        item.passage.text[a - item.passage.start : b - item.passage.start]
        for item in cited
        for start, end in sentence_spans(item.quote)
        for a, b in clauses(item.passage, item.start + start, item.start + end)
    ]
    return forbids(max(parts, key=lambda part: support(statement, part)))
