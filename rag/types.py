"""The values that travel between the stages: frozen dataclasses, standard library alone.

All offsets are counted in code points of ``Notice.text`` (or of ``Passage.text`` for ad-hoc
passages), half-open as in a Python slice. Scores are similarities: higher is better.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Repair:
    """One edit that leads from the source text to the restored text.

    Attributes:
        kind: What was repaired: ``bom``, ``newline``, ``pinyin``, ``misaligned``, ``script``,
            ``punctuation``, ``furniture``, or ``unresolved`` (damage seen and left as it was,
            so ``before == after``).
        start: First code point in the decoded source.
        end: End (exclusive) in the decoded source.
        before: The source text there; ``source[start:end] == before``.
        after: What stands in the restored text instead.
    """

    kind: str
    start: int
    end: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Section:
    """One element or numbered section of a notice: its own text, without its subsections.

    The sections of a notice, in order, partition its text: the first starts at 0, each starts
    where the one before ends, the last ends at ``len(text)``.

    Attributes:
        label: The path as people write it (``二（一）``, ``第三条``), or GB/T 9704's name of an
            element outside the body (``标题``, ``发文字号``, ``主送机关``, ``导语``, ...).
        heading: The heading without its number (``""`` where there is none).
        start: Where the section's own text starts.
        end: Where its own text ends (the start of the next section or subsection).
        level: 0 for elements outside the body, 1 for ``一、``, 2 for ``（一）``, and so on.
        parent: Label of the enclosing section, ``""`` at the top.
        heading_start: Where the heading's text starts; equals ``heading_end`` without one.
        heading_end: Where the heading's text ends.
    """

    label: str
    heading: str
    start: int
    end: int
    level: int
    parent: str = ""
    heading_start: int = 0
    heading_end: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    r"""A notice: its restored text and its structure.

    Attributes:
        id: Short stable name, the file's stem.
        text: The restored text, newline ``\\n``.
        title: 标题, broken lines joined.
        doc_no: 发文字号, ``""`` if the notice has none.
        issuer: 发文机关署名 (or the issuing body named in the title), ``""`` if unknown.
        date: 成文日期 as written, ``""`` if there is none.
        addressee: 主送机关 without its final colon, ``""`` if there is none.
        sections: Elements and sections in order; they partition ``text``.
        repairs: The log of repairs, in order of their place in the source.
        source_sha256: Hash of the file's bytes.
    """

    id: str
    text: str
    title: str = ""
    doc_no: str = ""
    issuer: str = ""
    date: str = ""
    addressee: str = ""
    sections: tuple[Section, ...] = ()
    repairs: tuple[Repair, ...] = field(default=(), repr=False)
    source_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit of retrieval: one paragraph of a notice, or any text of the user's.

    Attributes:
        id: Unique within an index.
        text: The exact text; for a notice ``notice.text[start:end]``.
        notice_id: ``Notice.id``, ``""`` for an ad-hoc passage.
        section: ``Section.label`` where it stands.
        heading: Headings from the top down to this section, joined with `` / ``; searched, and
            never quoted.
        start: Offset of ``text`` in the notice.
        end: End offset; ``start + len(text)``.
        title: Title of the notice.
        doc_no: 发文字号 of the notice.
    """

    id: str
    text: str
    notice_id: str = ""
    section: str = ""
    heading: str = ""
    start: int = 0
    end: int = -1
    title: str = ""
    doc_no: str = ""

    def __post_init__(self) -> None:
        """Fill in ``end`` where it was left out."""
        if self.end < 0:
            object.__setattr__(self, "end", self.start + len(self.text))

    @property
    def own_heading(self) -> str:
        """The last of the headings: that of the passage's own section."""
        return self.heading.rpartition(" / ")[2]

    @property
    def searched(self) -> str:
        """What is searched: the headings and the text. Never quoted."""
        if not self.heading or self.heading in self.text:
            return self.text
        return f"{self.heading}\n{self.text}"


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage and its score (higher is better)."""

    passage: Passage
    score: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence, or the answering clauses of one, that bears on a question.

    Attributes:
        passage: The passage it stands in.
        start: Offset of ``quote`` in the notice (as ``Passage.start``).
        end: End offset.
        quote: The exact slice.
        score: How well it answers, a probability in [0, 1].
    """

    passage: Passage
    start: int
    end: int
    quote: str
    score: float


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a statement of an answer stands; ``notice.text[start:end] == quote`` always.

    Attributes:
        marker: As it stands in the answer's text: ``[1]``, ``[2]``, ...
        section: ``Section.label``.
        heading: The section's heading.
        quote: The exact slice of the notice.
        start: Offset in the notice's text.
        end: End offset.
        notice_id: ``Notice.id`` (or the id of an ad-hoc passage's notice, ``""``).
        title: Title of the notice.
        doc_no: 发文字号 of the notice.
    """

    marker: str
    section: str
    heading: str
    quote: str
    start: int
    end: int
    notice_id: str
    title: str
    doc_no: str


@dataclass(frozen=True, slots=True)
class Check:
    """What became of one sentence that a generator wrote.

    Attributes:
        text: The sentence as written, with its markers.
        outcome: ``supported`` (kept as written), ``misattributed`` (kept, its marker led to the one
            evidence that supports it), ``unsupported`` or ``invented marker`` (both dropped).
        reason: Why, for people; ``""`` where it is supported.
    """

    text: str
    outcome: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What ``Chatbot.ask`` gives back.

    Attributes:
        question: The question as asked.
        standalone_question: The question with what it took from the history filled in.
        text: The answer, or the refusal, in the asker's language.
        refused: True where the notice does not say; then ``citations`` is empty.
        confidence: Calibrated probability that the cited evidence answers the question.
        citations: One for each marker in ``text``, in order.
        hits: What retrieval found, best first.
        closest: On a refusal, the passages nearest to the question: where to look next.
        language: BCP 47 tag of the answer's own words: ``zh-Hans``, ``zh-Hant``, ``en``, ...
        notes: What a reader should know of how the answer came about.
        checks: One for each sentence a language model wrote; empty where none wrote.
    """

    question: str
    standalone_question: str
    text: str
    refused: bool
    confidence: float
    citations: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()
    closest: tuple[Passage, ...] = ()
    language: str = "zh-Hans"
    notes: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
