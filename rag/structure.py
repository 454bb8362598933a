"""Questions about a notice's elements and structure, answered from its section tree (pure).

Rules about 公文 in general: which elements GB/T 9704 gives it, how people ask for them, how they
name a numbered part. A question is one of these only if nothing else stands in it: what is left
after the words for the element or the part, for the notice itself and for asking must be empty
(or words of the notice's title). So ``谁发的？`` asks for the issuer and ``证书由谁发？`` does not.
What is put in words that no rule knows is understood by likeness (``form``), if that is sure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from rag import form, headings, places
from rag import structure_words as words
from rag.notices import (
    ADDRESSEE,
    ANNEX,
    ANNEX_NOTE,
    DATE,
    DOC_NO,
    HEAD_NOTE,
    ISSUER,
    ISSUER_MARK,
    LEAD,
    PLAIN,
    TITLE,
    heading_span,
)
from rag.numbering import Rank, steps, to_int
from rag.structure_frames import Frames, frames
from rag.text import HAN, fold, language, pairs, sentence_spans
from rag.types import Notice, Section

Kind = Literal[
    "element",
    "missing_element",
    "section",
    "sections",
    "missing_section",
    "count",
    "outline",
    "located",
    "summary",
]
MAX_LENGTH = 120  # of a question about elements or structure, in characters
_LISTED = 40  # quotes in one answer
_MANY = 16  # parts that a summary lists


@dataclass(frozen=True)
class StructureReply:
    """What the section tree has to say to a question.

    Attributes:
        kind: What was asked for. ``missing_element`` and ``missing_section`` are refusals.
        notice: The notice that was asked about.
        sections: The section each quote stands in; where there are no quotes (a refusal), the
            sections nearest to what was asked for.
        quotes: Exact spans in ``notice.text``, one for each of ``sections``.
        elements: Names of the elements asked for (``发文字号``, ...), those the notice has.
        missing: Names of the elements asked for that it has not.
        asked: The words that name a part, as they stand in the question (``第四部分``).
        within: The section whose subsections were counted, listed or searched; None for the
            whole notice.
        count: How many sections there are, at the level that was asked for.
        unit: What the question calls them (``部分``, ``点``, ``条``, ``章``).
    """

    kind: Kind
    notice: Notice
    sections: tuple[Section, ...] = ()
    quotes: tuple[tuple[int, int], ...] = ()
    elements: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    asked: str = ""
    within: Section | None = None
    count: int = 0
    unit: str = ""

    @property
    def refused(self) -> bool:
        """Whether the notice lacks what was asked for."""
        return self.kind.startswith("missing")


@dataclass(frozen=True)
class Part:
    """A piece of an answer: the program's own words, or a quotation.

    Attributes:
        text: The piece, quotation marks included.
        span: Where the quoted words stand in the notice, None for the program's own words.
        section: The section they stand in.
    """

    text: str
    span: tuple[int, int] | None = None
    section: Section | None = None


def structure_question(question: str, notices: Sequence[Notice]) -> StructureReply | None:
    """Answer a question about elements or structure, in whatever words.

    Args:
        question: A standalone question in any language.
        notices: The notices it may be about.

    Returns:
        The reply, or None where the question is about contents, or does not say which of several
        notices it is about.
    """
    if reply := by_rules(question, notices):
        return reply
    asked = _asked(question, notices)
    return _learned(asked[0]) if asked else None


def by_rules(question: str, notices: Sequence[Notice]) -> StructureReply | None:
    """The same for a question in usual words alone: nothing else stands in it."""
    for asked in _asked(question, notices):
        reply = (
            _neighbour(asked)
            or _structure(asked)
            or _elements(asked)
            or _received(asked)
            or _divided(asked)
            or _located(asked)
        )
        if reply:
            return reply
    return None


def _asked(question: str, notices: Sequence[Notice]) -> list[_Question]:
    """The question in each language it may be in; none if it names no notice or is too long."""
    question = question.strip()
    view = fold(question)
    if len(view.lower()) == len(view):
        view = view.lower()  # letters outside Latin
    if not notices or not view or len(view) > MAX_LENGTH:
        return []
    view, notice = _which(view, notices)
    if notice is None:
        return []
    view = words.SAMPLE.sub(lambda m: ("小标题" if "(" in m[0] else "").ljust(len(m[0])), view)
    return [_Question(view, question, lexicon, notice) for lexicon in words.lexicons(question)]


def _which(view: str, notices: Sequence[Notice]) -> tuple[str, Notice | None]:
    """The notice a question names by its number or title, and the question without the name."""
    for notice in notices:
        for name in (notice.doc_no, notice.title):
            # Brackets and spaces in a number are typed in many ways.
            pattern = "".join(c if c.isalnum() else r"\W?" for c in fold(name))
            match = re.search(pattern, view) if len(name) > 5 else None
            if match and len(match[0]) < len(view) - 1:
                # Blanks keep the places of the words behind the name.
                blank = " " * len(match[0])
                return view[: match.start()] + blank + view[match.end() :], notice
    if len(notices) == 1:
        return view, notices[0]
    return view, None


class _Question:
    """A folded question, the words of its language, and the notice it is about."""

    def __init__(self, view: str, original: str, lexicon: words.Lexicon, notice: Notice) -> None:
        self.view = view
        self.original = original
        self.lexicon = lexicon
        self.notice = notice

    def names_notice(self) -> bool:
        """Whether it speaks of the notice, or gives the issuer's code in its number."""
        code = fold(self.code)
        named = self.lexicon.notice.search(self.view)
        return named is not None or (len(code) > 2 and code in self.view)

    @property
    def language(self) -> str:
        """BCP 47 tag of the words that are not Chinese, where there are some."""
        bare = re.sub(f"[{HAN}]+", " ", self.original)
        return language(bare if re.search(r"[^\W\d_]{3}", bare) else self.original)

    @property
    def code(self) -> str:
        """What stands before the year in the document number."""
        match = re.match(r"\w*", self.notice.doc_no)
        return match[0] if match else ""

    def is_only(self, rest: str, neutral: re.Pattern[str] | None = None) -> bool:
        """Whether nothing but neutral words (and words of the title) stands in ``rest``."""
        lexicon = self.lexicon
        for name in (self.notice.issuer, self.code):
            rest = rest.replace(fold(name), " ") if len(name) > 1 else rest
        if neutral is not None:
            rest = neutral.sub(" ", rest)
        title = fold(self.notice.title)
        left = lexicon.residue(rest)
        return not left or (
            self.names_notice() and all(len(piece) > 1 and piece in title for piece in left)
        )


# -- structure -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Reference:
    """A part named in a question.

    Attributes:
        kind: ``part`` (the first level), ``point`` (any level below), ``chapter``, ``section``,
            ``article``, ``paragraph``, ``annex``, ``label``, ``heading``.
        numbers: Its number, or several; negative ones count from the end.
        start: Where its name starts in the question.
        end: Where its name ends.
        rank: The kind of numbering, where the question gives the mark itself (``（三）``).
        named: The section, where the question names it by its heading.
        shift: 1 for the part that follows it, -1 for the one that precedes it.
    """

    kind: str
    numbers: tuple[int, ...]
    start: int
    end: int
    rank: Rank | None = None
    named: Section | None = None
    shift: int = 0


def _structure(asked: _Question) -> StructureReply | None:
    named = _by_heading(asked)
    return (_by_reference(asked, named) if named else None) or _by_reference(asked, [])


def _by_reference(asked: _Question, named: Sequence[_Reference]) -> StructureReply | None:
    references = _references(asked, named)
    rest = _without(asked.view, [(r.start, r.end) for r in references])
    for section in _resolve(asked, references)[0]:  # "part 3, <its heading>"
        rest = rest.replace(fold(section.heading), " ") if section.heading else rest
    lexicon = asked.lexicon
    whole = not references and not asked.names_notice()
    if whole and words.SUBSTANCE.search(rest):
        return None
    if (match := lexicon.count.search(rest)) and asked.is_only(
        rest[: match.start()] + " " + rest[match.end() :], lexicon.content
    ):
        unit = next((g for g in match.groups() if g), "")
        return _count(asked, references, unit)
    if (match := lexicon.outline.search(rest)) and asked.is_only(
        lexicon.outline.sub(" ", rest), lexicon.content
    ):
        deep = lexicon.outline_deep.search(match.group()) is not None
        return _outline(asked, references, deep)
    belongs = references and words.BELONGS.search(rest)
    if belongs and asked.is_only(words.BELONGS.sub(" ", rest), lexicon.content):
        return _parent(asked, references)
    alone = asked.is_only(rest, lexicon.content) or _tells_again(asked, rest, references)
    if references and references[-1].kind != "heading" and alone:
        return None if references[0].kind == "paragraph" else _section(asked, references)
    return None if references else _about(asked, rest)


def _without(view: str, spans: Sequence[tuple[int, int]]) -> str:
    """A question with blanks in some places, so that others stay where they are."""
    for start, end in spans:
        view = view[:start] + " " * (end - start) + view[end:]
    return view


def _about(asked: _Question, rest: str) -> StructureReply | None:
    """What the notice is about, where that is asked, and not what a paragraph of it is about."""
    lexicon = asked.lexicon
    if not lexicon.summary.search(rest) or {LEAD, words.ENDING} & set(_cued(asked)[0]):
        return None
    subject = asked.names_notice() or lexicon.summary_alone.search(rest)
    alone = subject and asked.is_only(lexicon.summary.sub(" ", rest))
    return _summary(asked.notice) if alone else None


def _tells_again(asked: _Question, rest: str, references: Sequence[_Reference]) -> bool:
    """Whether the words beside numbered parts stand in the headings of these: "part 2, on care"."""
    if not references or references[0].kind in ("point", "article"):
        return False  # such words say which part the point is of
    by_label = {s.label: s for s in asked.notice.sections}
    path: list[Section] = []
    for section in _resolve(asked, references)[0]:
        path += [section, *([by_label[section.parent]] if section.parent in by_label else [])]
    bare = " ".join(asked.lexicon.residue(asked.lexicon.content.sub(" ", rest)))
    return headings.likeness(bare, [" ".join(s.heading for s in path)], asked.language)[0] >= (
        headings.ENOUGH_BESIDE
    )


def _parent(asked: _Question, references: Sequence[_Reference]) -> StructureReply | None:
    """The part that a part stands in."""
    found, _, _ = _resolve(asked, references)
    sections = asked.notice.sections
    above = [s for s in sections if len(found) == 1 and s.label == found[0].parent]
    if not above:
        return None
    start, end = references[0].start, references[-1].end
    return _section(asked, [_Reference("named", (), start, end, named=above[0])])


def _references(asked: _Question, named: Sequence[_Reference]) -> list[_Reference]:
    """The parts a question names, from the outermost to the innermost."""
    view, lexicon = asked.view, asked.lexicon
    for r in named:
        view = view[: r.start] + "\0" * (r.end - r.start) + view[r.end :]
    found: list[_Reference] = list(named)
    for match in lexicon.reference.finditer(view):
        groups = match.groupdict()
        kind = next((k for k in words.UNIT_KINDS if groups.get(k)), "")
        rank: Rank | None = None
        numbers = lexicon.numbers(groups)
        marked = {name: to_int(text) for name in _MARKS if (text := groups.get(name))}
        for name, number in marked.items():
            kind, rank = _MARKS[name]
            if name == "mark2" and str(groups[name]).isdecimal():
                kind, rank = "point", None
            numbers = (number,) if number else ()
        if numbers and kind:
            found.append(_Reference(kind, numbers, match.start(), match.end(), rank))
    found.sort(key=lambda r: r.start)
    # "point 3 of section 2" names the inner part first.
    between = [view[a.end : b.start] for a, b in pairwise(found)]
    if between and all(lexicon.of.fullmatch(gap.strip()) for gap in between):
        found.reverse()
        return found
    merged = _side_by_side(asked, found)
    if merged and (beside := _beside(asked, merged)):
        merged[-1] = beside
    return merged


def _side_by_side(asked: _Question, found: Sequence[_Reference]) -> list[_Reference]:
    """References with those of a kind made one: "part 1 and part 2", "（一）到（三）"."""
    merged: list[_Reference] = []
    for r in found:
        last = merged[-1] if merged else None
        alike = last and last.kind == r.kind and last.numbers and r.numbers
        gap = asked.view[last.end : r.start].strip() if last and alike else ""
        until = words.UNTIL.fullmatch(gap)
        if last and (until or (gap and asked.lexicon.joins.fullmatch(gap))):
            between = range(last.numbers[-1] + 1, r.numbers[0]) if until else ()
            numbers = *last.numbers, *between[: words.MOST], *r.numbers
            merged[-1] = replace(last, numbers=numbers, end=r.end)
        else:
            merged.append(r)
    return merged


_MARKS: dict[str, tuple[str, Rank | None]] = {
    "mark1": ("label", Rank.FIRST),
    "mark2": ("label", Rank.SECOND),
    "digit1": ("part", None),
    "point2": ("point", None),
    "point3": ("point", None),
    "placed": ("point", None),
    "annex_num": ("annex", None),
}


def _beside(asked: _Question, references: Sequence[_Reference]) -> _Reference | None:
    """The innermost reference, where the question asks for the part before or after it."""
    r, lexicon, view = references[-1], asked.lexicon, asked.view
    for pattern, shift in ((lexicon.after, 1), (lexicon.before, -1)):
        if not lexicon.spaced:  # the word stands behind the part
            if match := pattern.match(view, r.end):
                return replace(r, end=match.end(), shift=shift)
        elif match := pattern.search(view, 0, references[0].start):
            return replace(r, start=match.start(), shift=shift)
    return None


def _by_heading(asked: _Question) -> list[_Reference]:
    """The part that a question names by its heading, if there is just one.

    A run of the heading will do where the part has parts of its own: "the main tasks".
    """
    found: list[_Reference] = []
    for section in asked.notice.sections:
        heading = fold(section.heading)
        at = asked.view.find(heading) if len(heading) >= _NAME else -1
        if at < 0 or not section.level or not numbered(asked.notice, section.label):
            continue
        end = at + len(heading)
        unit = asked.lexicon.titled.match(asked.view, end)
        kind = "named" if unit else "heading"
        found.append(_Reference(kind, (), at, unit.end() if unit else end, named=section))
    return (found or _by_run(asked)) if len(found) < 2 else []


_NAME = 4  # characters of a heading that may name a part


def _by_run(asked: _Question) -> list[_Reference]:
    """The part with parts of its own that a question names by a run of its heading."""
    title = fold(asked.notice.title)
    runs: list[tuple[str, Section]] = []
    for section in asked.notice.sections:
        run = headings.shared_run(section.heading, asked.view) if section.level else ""
        if run and run not in title and numbered(asked.notice, section.label):
            runs.append((run, section))
    longest = max((len(run) for run, _ in runs), default=0)
    named = [(run, section) for run, section in runs if len(run) == longest]
    if len(named) != 1:
        return []
    run, section = named[0]
    at = asked.view.index(run)
    unit = asked.lexicon.titled.match(asked.view, at + longest)
    return [_Reference("heading", (), at, unit.end() if unit else at + longest, named=section)]


def _called(
    asked: _Question, phrase: str, sections: Sequence[Section], enough: float = headings.ENOUGH
) -> Section | None:
    """The section that a phrase names by words of its heading, so many of the phrase's at least."""
    lexicon = asked.lexicon
    whole = max(sections, key=lambda s: len(s.heading) * (fold(s.heading) in phrase), default=None)
    if (
        whole
        and (name := fold(whole.heading)) in phrase
        and asked.is_only(phrase.replace(name, " "), lexicon.content)
    ):
        return whole
    if lexicon.spaced:
        phrase = lexicon.content.sub(" ", lexicon.which_part.sub(" ", phrase))
    bare = " ".join(lexicon.residue(phrase))
    return headings.named(bare, sections, asked.language, enough)


def _neighbour(asked: _Question) -> StructureReply | None:
    """The part before or after one that is named by its heading."""
    lexicon, view = asked.lexicon, asked.view
    if not lexicon.which_part.search(view):
        return None
    sections = [s for s in asked.notice.sections if s.level and s.heading]
    for pattern, shift in ((lexicon.after, 1), (lexicon.before, -1)):
        for match in pattern.finditer(view):
            before, after = view[: match.start()], view[match.end() :]
            phrase, rest = (after, before) if lexicon.spaced else (before, after)
            rest = lexicon.which_part.sub(" ", rest)
            section = _called(asked, phrase, sections)
            section = section or _called(asked, lexicon.content.sub(" ", phrase), sections)
            if section and asked.is_only(rest, lexicon.content):
                start, end = (match.start(), len(view)) if lexicon.spaced else (0, match.end())
                beside = _Reference("named", (), start, end, named=section, shift=shift)
                reply = _section(asked, [beside])
                whole = fold(section.heading) in phrase
                return reply if whole or not reply.refused else None
    return None


def _divided(asked: _Question) -> StructureReply | None:
    """What stands in a part that is named by words of its heading: its parts, or one of them."""
    lexicon, view, notice = asked.lexicon, asked.view, asked.notice
    sections = [s for s in notice.sections if s.level and s.heading]
    references = _references(asked, [])
    for pattern in (lexicon.count, lexicon.outline, None):
        match = pattern.search(view) if pattern else None
        spans = [match.span()] if match else [(r.start, r.end) for r in references]
        if not spans or (match and references):
            continue
        rest = _without(view, spans)
        bare = lexicon.content.sub(lambda m: " " * len(m[0]), rest)  # it may stand in a heading
        enough = headings.ENOUGH_BESIDE if words.PART_OF.search(rest) else headings.ENOUGH
        found = (_called(asked, phrase, sections, enough) for phrase in (rest, bare))
        section = next(filter(None, found), None)
        if section is None or not numbered(notice, section.label):
            continue
        within = _Reference("named", (), spans[0][0], spans[0][1], named=section)
        if match is None:
            inner = references[0].kind in ("point", "article") or references[0].rank == Rank.SECOND
            return _section(asked, [within, *references]) if inner else None
        if pattern is lexicon.count:
            return _count(asked, [within], next((g for g in match.groups() if g), ""))
        return _outline(asked, [within], deep=False)
    return None


def numbered(notice: Notice, parent: str = "") -> list[Section]:
    """The numbered sections right under ``parent``; those of a lone annex where it is all."""
    direct = [s for s in notice.sections if s.level and s.parent == parent and not _is_clause(s)]
    if direct or parent:
        return direct
    annexes = [s for s in notice.sections if _is_annex(s)]
    return numbered(notice, annexes[0].label) if len(annexes) == 1 else []


def _is_annex(section: Section) -> bool:
    return re.fullmatch(rf"{ANNEX}[\d一二三四五六七八九十]*", section.label) is not None


def _is_clause(section: Section) -> bool:
    own = steps(section.label)
    return bool(own) and own[-1][0] == Rank.CLAUSE


def _resolve(
    asked: _Question, references: Sequence[_Reference]
) -> tuple[list[Section], Section | None, int]:
    """Follow references down the tree.

    Returns:
        The sections (none if one is missing), the section they were looked for in (None for the
        whole notice), and how many sections there are at that level.
    """
    at: Section | None = None
    found: list[Section] = []
    for r in references:
        siblings = _siblings(asked, at, r)
        found = [s for n in r.numbers if (s := nth(siblings, n, r.kind, r.shift))]
        if r.named:
            place = siblings.index(r.named) + r.shift if r.named in siblings else -1
            found = siblings[place : place + 1] if place >= 0 else []
        elif len(found) < len(r.numbers):
            found = []
        if not found:
            return [], at, len(siblings)
        at = found[0]
    return found, None, 0


def _siblings(asked: _Question, at: Section | None, r: _Reference) -> list[Section]:
    """Among which sections a reference picks its own."""
    notice = asked.notice
    if r.named:
        return [s for s in notice.sections if s.level and s.parent == r.named.parent]
    if r.kind == "annex":
        return [s for s in notice.sections if _is_annex(s)]
    if r.kind == "paragraph" and at is not None:
        clauses = [s for s in notice.sections if s.parent == at.label and _is_clause(s)]
        return [at, *clauses]
    children = numbered(notice, at.label if at else "")
    if r.kind == "point" and at is None:
        small = words.BELOW.search(asked.view, r.start, r.end) is not None
        if points := _running(notice) or (_alone(notice) if small else []):
            return points
    wanted = {"chapter": Rank.CHAPTER, "section": Rank.SECTION, "article": Rank.ARTICLE}
    rank = wanted.get(r.kind, r.rank)
    if rank is None:
        return children
    inside = [s for s in notice.sections if s.level and (at is None or _is_under(notice, s, at))]
    of_rank = [s for s in inside if (own := steps(s.label)) and own[-1][0] == rank]
    if of_rank:
        if r.kind == "label" and at is None:
            # A mark on its own: only if it stands once in the notice.
            same = [s for s in of_rank if steps(s.label)[-1][1] in r.numbers]
            return same if len(same) == 1 else [s for s in children if s in of_rank]
        return of_rank
    return children if r.kind != "label" else []


def _running(notice: Notice) -> list[Section]:
    """The sections ``（一）``, where their numbers run on from part to part."""
    points = [s for s in notice.sections if s.level == 2 and innermost(s)[0] == Rank.SECOND]
    runs_on = [innermost(s)[1] for s in points] == list(range(1, len(points) + 1))
    return points if runs_on and len({s.parent for s in points}) > 1 else []


def _alone(notice: Notice) -> list[Section]:
    """The sections of the second level, where one part alone has such."""
    points = [s for s in notice.sections if s.level == 2 and not _is_clause(s)]
    return points if len({s.parent for s in points}) == 1 else []


def innermost(section: Section) -> tuple[int, int]:
    """The innermost kind of numbering of a label, and the number; (-1, 0) for an element."""
    own = steps(section.label)
    return own[-1] if own else (-1, 0)


def _is_under(notice: Notice, section: Section, above: Section) -> bool:
    by_label = {s.label: s for s in notice.sections}
    at: Section | None = section
    while at is not None and at.parent:
        if at.parent == above.label:
            return True
        at = by_label.get(at.parent)
    return False


def nth(siblings: Sequence[Section], number: int, kind: str = "", shift: int = 0) -> Section | None:
    """The part of a number among its siblings, by its mark or by its place, or one so far from it.

    Args:
        siblings: In order.
        number: Negative from the end.
        kind: As of a reference; articles, chapters and labels go by their marks alone.
        shift: 1 for the one after it, -1 for the one before it.
    """
    if number < 0:
        index = len(siblings) + number
    else:
        own = [steps(s.label)[-1][1] if steps(s.label) else i for i, s in enumerate(siblings, 1)]
        counted = own[:1] == [1] or kind in ("label", "article", "chapter")
        first = own[:1] and number < own[0]  # "the first article of part 3" may be the eighth
        by_mark = (counted and not first) or number > len(siblings)
        index = own.index(number) if by_mark and number in own else -1 if by_mark else number - 1
    if index < 0 or not 0 <= index + shift < len(siblings):
        return None
    return siblings[index + shift]


def _opening(notice: Notice, section: Section) -> tuple[int, int]:
    """The heading, or the first sentence of a section without one."""
    if section.heading:
        return heading_span(notice, section)
    return _first_sentence(notice, section.start, section.end)


def _first_sentence(notice: Notice, start: int, end: int) -> tuple[int, int]:
    spans = sentence_spans(notice.text[start:end])
    return (start + spans[0][0], start + spans[0][1]) if spans else (start, start)


def _section(asked: _Question, references: Sequence[_Reference]) -> StructureReply:
    notice = asked.notice
    words_asked = asked.original[
        min(r.start for r in references) : max(r.end for r in references)
    ].strip(" ，,、的里中")
    found, within, count = _resolve(asked, references)
    if not found:
        near = numbered(notice, within.label if within else "")
        return StructureReply(
            "missing_section",
            notice,
            tuple(near) or ((within,) if within else ()),
            asked=words_asked,
            within=within,
            count=count,
        )
    if len(found) > 1:
        spans = tuple(_opening(notice, s) for s in found)
        return StructureReply("sections", notice, tuple(found), spans, asked=words_asked)
    return section_reply(notice, found[0], words_asked)


def section_reply(notice: Notice, section: Section, asked: str = "") -> StructureReply:
    """What a part says: its heading, and its parts or the sentence it begins with."""
    quoted = [(section, _opening(notice, section))]
    children = numbered(notice, section.label)
    if children:
        quoted += [(s, _opening(notice, s)) for s in children[: _LISTED - 1]]
    elif section.heading:
        body = section.heading_end
        while body < section.end and notice.text[body] in "。：】:. *\u3000\n":
            body += 1
        span = _first_sentence(notice, body, section.end)
        if span[1] > span[0]:
            quoted.append((section, span))
    return StructureReply(
        "section",
        notice,
        tuple(s for s, _ in quoted),
        tuple(q for _, q in quoted),
        asked=asked,
        within=section,
        count=len(children),
    )


def _count(asked: _Question, references: Sequence[_Reference], unit: str) -> StructureReply:
    notice = asked.notice
    within: Section | None = None
    if references:
        found, _, _ = _resolve(asked, references)
        if len(found) != 1:
            return _section(asked, references)
        within = found[0]
    kind = next((k for k, names in words.COUNT_UNITS.items() if unit in names), "part")
    if kind == "annex":
        return _element_reply(notice, [ANNEX]) or _missing(notice, [ANNEX])
    sections = numbered(notice, within.label if within else "")
    both = words.LEVELS.search(asked.view)
    if not within and (both or words.BELOW.search(asked.view)):
        below = [d for s in sections for d in numbered(notice, s.label)]
        sections = [*sections, *below] if both else below or sections
    if kind in ("chapter", "article", "section"):
        rank = {"chapter": Rank.CHAPTER, "article": Rank.ARTICLE, "section": Rank.SECTION}[kind]
        inside = [s for s in notice.sections if not within or _is_under(notice, s, within)]
        of_rank = [s for s in inside if (own := steps(s.label)) and own[-1][0] == rank]
        sections = of_rank or sections
    return _list("count", asked, sections, within, unit)


def _outline(asked: _Question, references: Sequence[_Reference], deep: bool) -> StructureReply:
    notice = asked.notice
    within: Section | None = None
    if references:
        found, _, _ = _resolve(asked, references)
        if len(found) != 1:
            return _section(asked, references)
        within = found[0]
    sections = numbered(notice, within.label if within else "")
    if within and not sections:
        return _section(asked, references)
    if not within and words.BELOW.search(asked.view) and not words.LEVELS.search(asked.view):
        if below := [d for s in sections for d in numbered(notice, s.label)]:
            return _list("outline", asked, below, None, "")
    all_deep = [d for s in sections for d in (s, *numbered(notice, s.label))]
    if deep and within is None and len(all_deep) <= _LISTED:
        reply = _list("outline", asked, all_deep, None, "")
        return StructureReply(
            **{**_fields(reply), "count": len(sections)}  # type: ignore[arg-type]
        )
    return _list("outline", asked, sections, within, "")


def _fields(reply: StructureReply) -> dict[str, object]:
    return {name: getattr(reply, name) for name in reply.__dataclass_fields__}


def _list(
    kind: Kind, asked: _Question, sections: Sequence[Section], within: Section | None, unit: str
) -> StructureReply:
    """A reply that counts or lists sections; a refusal where there are none."""
    notice = asked.notice
    if not sections:
        near = (within,) if within else ()
        return StructureReply("missing_section", notice, near, within=within, unit=unit)
    shown = sections[:_LISTED]
    return StructureReply(
        kind,
        notice,
        tuple(shown),
        tuple(_opening(notice, s) for s in shown),
        within=within,
        count=len(sections),
        unit=unit,
    )


def _summary(notice: Notice) -> StructureReply | None:
    """What a notice is about: its title names it, its headings tell the parts."""
    quoted: list[tuple[Section, tuple[int, int]]] = []
    title = _element_quote(notice, TITLE)
    if title:
        quoted.append(title)
    parts = numbered(notice)
    quoted += [(s, _opening(notice, s)) for s in parts[:_MANY]]
    if not title:
        return None
    return StructureReply(
        "summary",
        notice,
        tuple(s for s, _ in quoted),
        tuple(q for _, q in quoted),
        count=len(parts),
    )


_LOCATED = 2  # headings that may hold the words; with more of them the match says nothing
_ENOUGH = 0.6  # share of the neighbouring pairs of characters that a heading has to hold
_VAGUE = re.compile(
    r"关于|有关|相关|如何|怎么|怎样|什么|内容|要求|规定|方面|问题|事情?|部分|工作|搞|做好?|抓好?|[的了吗呢啊呀吧这那]"
)


def _located(asked: _Question) -> StructureReply | None:
    """The parts whose heading holds the words that a part is asked for by."""
    found = places.topic(asked.original)
    words_of = _VAGUE.sub(" ", fold(found))
    said = set(pairs(words_of)) or {
        run[i : i + 2] for run in re.findall(r"\w{2,}", words_of) for i in range(len(run) - 1)
    }
    if not said:
        return None
    shares: list[tuple[float, Section]] = []
    for section in asked.notice.sections:
        if section.heading and section.level and not _is_annex(section):
            heading = fold(section.heading)
            shares.append((sum(pair in heading for pair in said) / len(said), section))
    best = max((share for share, _ in shares), default=0.0)
    held = [section for share, section in shares if share == best]
    if best < _ENOUGH or len(held) > _LOCATED:
        return None
    spans = tuple(_opening(asked.notice, section) for section in held)
    return StructureReply("located", asked.notice, tuple(held), spans, asked=found)


# -- elements --------------------------------------------------------------------------------


def _elements(asked: _Question) -> StructureReply | None:
    """Elements asked for, if nothing else is."""
    lexicon = asked.lexicon
    found, rest = _cued(asked)
    if words.SIGNATURE in found and (half := _half(asked)):
        found = [half if name == words.SIGNATURE else name for name in found]
    if set(found) == {TITLE, ANNEX} and not lexicon.joins.search(rest.strip()):
        found = [ANNEX]  # its title
    issuer = fold(asked.notice.issuer)
    if not found and issuer and issuer in rest and lexicon.issues.search(rest.replace(issuer, " ")):
        found = [ISSUER]  # is it this body's?
    if not found and len(code := fold(asked.code)) > 2 and code in rest:
        found = [DOC_NO]
    if not found:
        rest, element = words.mistyped(rest)
        found = [element] if element else []
    names = list(dict.fromkeys(n for name in found for n in words.PARTS_OF.get(name, (name,))))
    paragraphs = bool(names) and set(names) <= {LEAD, words.ENDING}
    if not found or not asked.is_only(rest, lexicon.content if paragraphs else lexicon.issues):
        return None
    if paragraphs:  # where there is none of that name, the words may mean another
        return _element_reply(asked.notice, names)
    if any(_stands_in_text(asked.notice, name) for name in names):
        return None
    return _element_reply(asked.notice, names) or _missing(asked.notice, names)


def _cued(asked: _Question) -> tuple[list[str], str]:
    """The elements whose cues stand in the question, in its order, and what is left of it."""
    lexicon, rest = asked.lexicon, asked.view
    found: list[tuple[int, str]] = []
    # An element named beyond doubt says what the words beside it mean.
    named = asked.names_notice()
    cues = lexicon.elements if named else sorted(lexicon.elements, key=lambda c: c.needs_notice)
    for cue in cues:
        match = cue.pattern.search(rest)
        if match is None or (cue.needs_notice and not (named or found)):
            continue
        if cue.issues:
            beside = rest[: match.start()] + " " + rest[match.end() :]
            if not lexicon.issues.search(beside):
                continue
        found.append((match.start(), cue.element))
        rest = cue.pattern.sub(lambda m: " " * len(m.group()), rest)
    return [name for _, name in sorted(found)], rest


def _half(asked: _Question) -> str:
    """The half of the signature that is asked for: its date by when, its body by who, or none."""
    rest, halves = asked.view, set()
    for cue in asked.lexicon.elements:
        if cue.issues and cue.element in words.PARTS_OF[words.SIGNATURE]:
            bare = cue.pattern.sub(" ", rest)
            halves |= {cue.element} if bare != rest else set()
            rest = bare
    return halves.pop() if len(halves) == 1 else ""


def _received(asked: _Question) -> StructureReply | None:
    """Whom the notice is addressed to, for a question whether somebody got it."""
    view = re.sub(r"[\s?。.!]+$", "", asked.view)
    if any(pattern.fullmatch(view) for pattern in asked.lexicon.received):
        return _element_reply(asked.notice, [ADDRESSEE])
    return None


def _stands_in_text(notice: Notice, element: str) -> bool:
    """Whether something that is no element of the format may be said in the text."""
    pattern = words.IN_TEXT.get(element)
    return pattern is not None and re.search(pattern, notice.text) is not None


def _element_reply(notice: Notice, names: Sequence[str]) -> StructureReply | None:
    quoted: list[tuple[Section, tuple[int, int]]] = []
    present: list[str] = []
    for name in names:
        quotes = _annexes(notice) if name == ANNEX else [_element_quote(notice, name)]
        kept = [q for q in quotes if q]
        if kept:
            present.append(name)
            quoted += kept
    if not quoted:
        return None
    return StructureReply(
        "element",
        notice,
        tuple(s for s, _ in quoted),
        tuple(q for _, q in quoted),
        elements=tuple(present),
        missing=tuple(n for n in names if n not in present),
        count=len(quoted),
    )


def _missing(notice: Notice, names: Sequence[str]) -> StructureReply:
    near = tuple(s for s in notice.sections if s.label == TITLE)
    return StructureReply("missing_element", notice, near, missing=tuple(names))


def _annexes(notice: Notice) -> list[tuple[Section, tuple[int, int]] | None]:
    annexes = [s for s in notice.sections if _is_annex(s)]
    if annexes:
        return [(s, _opening(notice, s)) for s in annexes]
    noted = [s for s in notice.sections if s.label == ANNEX_NOTE]
    return [(s, _stripped(notice, s)) for s in noted]


def _stripped(notice: Notice, section: Section) -> tuple[int, int]:
    text = notice.text[section.start : section.end]
    bare = text.strip()
    start = section.start + text.index(bare)
    return start, start + len(bare)


_VALUES = {TITLE: "title", DOC_NO: "doc_no", ISSUER: "issuer", DATE: "date", ADDRESSEE: "addressee"}
_PLACES = {
    TITLE: (TITLE, ANNEX),
    ISSUER: (ISSUER, ISSUER_MARK, TITLE),
    DATE: (DATE, HEAD_NOTE),
}


def _element_quote(notice: Notice, name: str) -> tuple[Section, tuple[int, int]] | None:
    """The section of an element, and the span that gives its value."""
    value = getattr(notice, _VALUES[name]) if name in _VALUES else ""
    if name in _VALUES and not value:
        return None
    if name == words.ENDING:
        return _ending(notice)
    at = [s for place in _PLACES.get(name, (name,)) for s in notice.sections if s.label == place]
    for section in at:
        found = notice.text.find(value, section.start, section.end) if value else -1
        if found >= 0:
            return section, (found, found + len(value))
    if not at:
        return None
    section = at[0]
    if section.label == ANNEX:
        return section, _opening(notice, section)
    start, end = _stripped(notice, section)
    return section, (start, end - (notice.text[start:end][-1:] in "：:"))


def _ending(notice: Notice) -> tuple[Section, tuple[int, int]] | None:
    """The last paragraph of the body."""
    body = [s for s in notice.sections if (s.level or s.label == PLAIN) and not _is_annex(s)]
    body = [s for s in body if not s.parent.startswith(ANNEX)]
    if not body:
        return None
    start, end = _stripped(notice, body[-1])
    return body[-1], (max(start, notice.text.rfind("\n", start, end) + 1), end)


# -- in other words --------------------------------------------------------------------------


_ELEMENTS = {
    "addressee": ADDRESSEE,
    "attachment": ANNEX,
    "date": DATE,
    "doc_no": DOC_NO,
    "issuer": ISSUER,
    "title": TITLE,
}


_ELSEWHERE = re.compile(r"[前后後末倒]|\d|before|after|last|end")
"""What says, beside a part that is named, that another one is meant."""

_BESIDE = re.compile(r"[之以往]后|后[面边]|[之以]前|前面|剩下|\b(?:after|before|besides)\b")
"""What says that some of the parts are meant."""


_PART = re.compile(r"[那这]一?个?(?:章|部分|块|节)的?|\b(?:section|part|chapter) (?:on|about)\b")
"""What says that a part is meant, which nobody found."""


def _learned(asked: _Question) -> StructureReply | None:
    """The reply to a question in words that no rule knows, by what it is most like."""
    kind = form.kind(asked.original, asked.names_notice())
    if kind == "none" or words.SUBSTANCE.search(asked.view):
        return None
    references = _references(asked, _by_heading(asked))
    if kind in ("count", "outline") and _of_some(asked, references):
        return None
    if kind == "count":
        return _count(asked, references, "")
    if kind == "outline":
        deep = asked.lexicon.outline_deep.search(asked.view) is not None
        return _outline(asked, references, deep)
    if references and kind in ("part", "title"):  # what a part says, or is called
        rest = _without(asked.view, [(r.start, r.end) for r in references])
        elsewhere = _ELSEWHERE.search(rest) or words.PART_OF.search(rest)
        return None if elsewhere else _section(asked, references)
    if kind not in _ELEMENTS:
        return None
    names = [_ELEMENTS[kind]]
    return _element_reply(asked.notice, names) or _missing(asked.notice, names)


def _of_some(asked: _Question, references: Sequence[_Reference]) -> bool:
    """Whether a question is for some of the parts alone, or a part that nobody found.

    It is, too, if it holds words of the text that its title does not: 学徒制有几个要点.
    """
    if _BESIDE.search(asked.view):
        return True
    if references:
        return False
    if _PART.search(asked.view):
        return True
    lexicon, title = asked.lexicon, fold(asked.notice.title)
    text = fold(asked.notice.text)
    bare = lexicon.content.sub(" ", lexicon.outline.sub(" ", lexicon.count.sub(" ", asked.view)))
    runs = re.findall(f"[{HAN}]{{3,}}", " ".join(lexicon.residue(bare)))
    threes = {run[i : i + 3] for run in runs for i in range(len(run) - 2)}
    return any(three in text and three not in title for three in threes)


# -- words -----------------------------------------------------------------------------------


def phrase(reply: StructureReply, tag: str) -> list[Part]:
    """The reply in a language: own words and quotations, in the order of the answer.

    Args:
        reply: The reply.
        tag: BCP 47 tag; English where the language has no frames of its own.

    Returns:
        The pieces; put together they are the answer. A marker belongs right behind each piece
        with a span.
    """
    f = frames(tag)
    if reply.kind == "missing_element":
        names = f.comma.join(f.element(n) for n in reply.missing)
        return [Part(f.no_element.format(name=names))]
    if reply.kind == "missing_section":
        return [Part(_no_section(reply, f))]
    quotes = [
        Part(f.quote(reply.notice.text[a:b]), (a, b), s)
        for s, (a, b) in zip(reply.sections, reply.quotes, strict=True)
    ]
    if reply.kind == "element":
        return _say_elements(reply, quotes, f)
    if reply.kind == "section":
        return _say_section(reply, quotes, f)
    if reply.kind in ("located", "sections"):
        out: list[Part] = []
        for quote, section in zip(quotes, reply.sections, strict=True):
            place = f.place.format(label=f.section(section.label))
            says = (f.heading if section.heading else f.says).format(place=place)
            out += [Part((f.semicolon if out else "") + says), quote]
        return [*out, Part(f.stop.rstrip())]
    if reply.kind == "summary":
        lead, rest = quotes[:1], quotes[1:]
        parts = [Part(f.about), *lead]
        if rest:
            parts += [Part(f.stop + f.parts.format(n=len(rest))), *_listed(rest, f)]
        return [*parts, Part(f.stop.rstrip())]
    where = f.place.format(label=f.section(reply.within.label)) if reply.within else f.whole
    head = f.count.format(place=where, n=reply.count, unit=_unit(reply, f))
    return [Part(head), *_listed(quotes, f), Part(f.stop.rstrip())]


def _say_elements(reply: StructureReply, quotes: list[Part], f: Frames) -> list[Part]:
    out: list[Part] = []
    if reply.elements == (ANNEX,):
        head = f.is_named.format(name=f.element(ANNEX))
        return [Part(head), *_joined(quotes, f), Part(f.stop.rstrip())]
    left = list(quotes)
    for name in reply.elements:
        taken = len([s for s in reply.sections if _is_annex(s)]) if name == ANNEX else 1
        named = f.is_named.format(name=f.element(name))
        out += [Part(named), *_joined(left[:taken], f), Part(f.stop)]
        left = left[taken:]
    if reply.missing:
        names = f.comma.join(f.element(n) for n in reply.missing)
        out.append(Part(f.no_element.format(name=names)))
    return [*out[:-1], Part(out[-1].text.rstrip())]


def _say_section(reply: StructureReply, quotes: list[Part], f: Frames) -> list[Part]:
    section, rest = reply.sections[0], quotes[1:]
    frame = f.heading if section.heading else f.says
    out = [Part(frame.format(place=f.place.format(label=f.section(section.label)))), quotes[0]]
    if rest and reply.count:
        unit = f.points.format(n=reply.count)
        out += [Part(unit), *_listed(rest, f)]
    elif rest:
        out += [Part(f.begins), *rest]
    start, end = reply.quotes[-1]
    # A quotation that ends in the same stop closes the answer by itself.
    closed = reply.notice.text[start:end].endswith(f.stop.rstrip())
    return out if closed else [*out, Part(f.stop.rstrip())]


def _no_section(reply: StructureReply, f: Frames) -> str:
    where = f.place.format(label=f.section(reply.within.label)) if reply.within else f.whole
    if reply.asked and reply.count:
        unit = _unit(reply, f)
        return f.no_section.format(asked=reply.asked, place=where, n=reply.count, unit=unit)
    if reply.asked and not reply.within:
        return f.not_there.format(asked=reply.asked)
    return f.unnumbered.format(place=where)


def _unit(reply: StructureReply, f: Frames) -> str:
    """What counted parts are called: as the question does, where that can be said back."""
    if f.own_units and reply.unit:
        return reply.unit if len(reply.unit) == 1 else f"个{reply.unit}"
    parents = {s.parent for s in reply.sections if not s.parent.startswith(ANNEX)}
    return f.subunit if reply.within or (parents and "" not in parents) else f.unit


def _listed(quotes: Sequence[Part], f: Frames) -> list[Part]:
    """Quotations with their labels before them, where they do not begin with a Chinese number.

    One that does tells its place to whoever counts so; ``2(3)`` is for the others.
    """
    out: list[Part] = []
    for i, quote in enumerate(quotes):
        label = ""
        if quote.section and quote.span:
            begins = quote.span[0] < quote.section.heading_start < quote.span[1]
            if f.arabic or not begins:
                label = f.label.format(label=f.section(quote.section.label))
        out += [Part((f.semicolon if i else "") + label), quote]
    return out


def _joined(quotes: Sequence[Part], f: Frames) -> list[Part]:
    out: list[Part] = []
    for i, quote in enumerate(quotes):
        out += [Part(f.semicolon), quote] if i else [quote]
    return out
