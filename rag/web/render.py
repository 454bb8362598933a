"""Answers and notices as HTML. Pure functions.

A citation ``[n]`` of the t-th answer is linked to the element ``cite-t-n`` of the notice's text;
the i-th section of the k-th notice is the element ``sec-k-i``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from rag.types import Answer, Citation, Notice, Passage, Section

CSS = Path(__file__).with_name("page.css")
"""Style sheet for all that is made here."""

_SHOWN_QUESTION = 600  # characters of a question that are repeated in the conversation

_FEW = 4  # citations that are listed at once; more wait behind a click

# Words of the page in the asker's language; English for any other.
_WORDS = {
    "zh-Hans": ("依据", "理解为：", "可以查看：", ("很有把握", "较有把握", "把握不大，请核对原文")),
    "zh-Hant": ("依據", "理解為：", "可以查看：", ("很有把握", "較有把握", "把握不大，請核對原文")),
    "en": (
        "Sources",
        "Read as: ",
        "Where to look: ",
        ("High confidence", "Fair confidence", "Low confidence: check the text"),
    ),
}
_HIGH, _FAIR = 0.85, 0.6  # least calibrated probability for the first two of these


@dataclass(frozen=True, slots=True)
class _Quote:
    """A cited place in a notice's text."""

    id: str
    start: int
    end: int
    marker: str
    latest: bool


def question_html(question: str) -> str:
    """A question as asked; a very long one is cut short."""
    text = question.strip() or "（空 empty）"
    if len(text) > _SHOWN_QUESTION:
        text = f"{text[:_SHOWN_QUESTION]}…"
    return f'<div class="yj-question">{_lines(text)}</div>'


def error_html(message: str) -> str:
    """Why a question was not answered, and what to do."""
    return (
        f'<div class="yj-error" role="alert"><b>未能回答 Not answered.</b> {_lines(message)}</div>'
    )


def answer_html(answer: Answer, turn: int, notices: Mapping[str, Notice]) -> str:
    """An answer with its citations, or a refusal with where to look.

    Args:
        answer: What was answered.
        turn: Its number in the conversation, from 1.
        notices: The notices of the index, in order: refusals link to their sections.

    Returns:
        One element without line breaks, so that Markdown around it leaves it alone; well-formed
        XML too, as everything here.
    """
    words = _WORDS.get(answer.language, _WORDS["en"])
    parts: list[str] = []
    if answer.standalone_question != answer.question:
        parts.append(f'<p class="yj-small">{words[1]}{_lines(answer.standalone_question)}</p>')
    parts.append(f'<p class="yj-text">{_linked(answer, turn)}</p>')
    if answer.refused:
        parts.append(_closest(answer.closest, words[2], notices))
    else:
        if answer.citations:
            parts.append(_sources(answer.citations, turn, words[0]))
        rank = 0 if answer.confidence >= _HIGH else 1 if answer.confidence >= _FAIR else 2
        parts.append(f'<p class="yj-small yj-confidence">{words[3][rank]}</p>')
    parts.extend(f'<p class="yj-small">{_lines(note)}</p>' for note in answer.notes)
    kind = "yj-refusal" if answer.refused else "yj-answer"
    role = ' role="note"' if answer.refused else ""
    return f'<div class="{kind}"{role} lang="{escape(answer.language)}">{"".join(parts)}</div>'


def panel_html(notices: Mapping[str, Notice], answers: Sequence[Answer | None] = ()) -> str:
    """The notices that a conversation is about, the quotes of its latest answer highlighted.

    The text stands there complete and in order: the text content of an element ``yj-notice`` is
    ``Notice.text``. The places of earlier citations can still be linked to.

    Args:
        notices: The notices of the index, in order.
        answers: One for each turn of the conversation; None where there was none (an error).
    """
    shown = _shown(notices, answers)
    numbers = {id_: k for k, id_ in enumerate(notices)}
    quotes: dict[str, list[_Quote]] = {id_: [] for id_ in shown}
    given = [(turn, answer) for turn, answer in enumerate(answers, start=1) if answer]
    for turn, answer in given:
        for c in answer.citations:
            if c.notice_id in quotes:
                latest = turn == given[-1][0]
                quotes[c.notice_id].append(
                    _Quote(_anchor(c, turn), c.start, c.end, c.marker, latest)
                )
    cards = [_notice(notices[id_], numbers[id_], quotes[id_]) for id_ in shown]
    others = len(notices) - len(shown)
    if others:
        cards.append(f'<p class="yj-small">另有 {others} 份文件 · {others} more in the index</p>')
    if not notices:
        cards.append('<p class="yj-small">索引中没有完整的文件 · No whole notice in the index</p>')
    return "".join(cards)


def _shown(notices: Mapping[str, Notice], answers: Sequence[Answer | None]) -> list[str]:
    """Ids of the notices to show: the latest cited or pointed to first, or the first of all."""
    ids: list[str] = []
    for answer in reversed(answers):
        if answer:
            ids.extend(c.notice_id for c in answer.citations)
            ids.extend(p.notice_id for p in answer.closest)
    known = [id_ for id_ in dict.fromkeys(ids) if id_ in notices]
    return known or list(notices)[:1]


def _lines(text: str) -> str:
    """Escaped text with its line ends, on one line."""
    return "<br/>".join(escape(line) for line in text.splitlines())


def _anchor(citation: Citation, turn: int) -> str:
    return f"cite-{turn}-{citation.marker.strip('[]')}"


def _link(citation: Citation, turn: int) -> str:
    return f'<a class="yj-marker" href="#{_anchor(citation, turn)}">{escape(citation.marker)}</a>'


def _linked(answer: Answer, turn: int) -> str:
    """The answer's text, its markers as links; brackets inside a quote are the notice's own."""
    links = {c.marker: _link(c, turn) for c in answer.citations}
    if not links:
        return _lines(answer.text)
    quotes = sorted({c.quote for c in answer.citations}, key=len, reverse=True)
    out = ""
    for i, piece in enumerate(re.split(f"({'|'.join(map(re.escape, quotes))})", answer.text)):
        if i % 2:
            out += f"<q>{_lines(piece)}</q>"
        else:
            out += "".join(
                links.get(bit) or "<br/>".join(map(escape, bit.split("\n")))
                for bit in re.split(r"(\[\d+\])", piece)
            )
    return out


def _sources(citations: Sequence[Citation], turn: int, label: str) -> str:
    """The citations of an answer, as a list that can be folded."""
    few = ' open=""' if len(citations) <= _FEW else ""
    cited = "".join(_citation(c, turn) for c in citations)
    return (
        f'<details class="yj-sources"{few}>'
        f'<summary class="yj-small">{label} ({len(citations)})</summary>'
        f'<ul class="yj-citations">{cited}</ul></details>'
    )


def _citation(citation: Citation, turn: int) -> str:
    heading = citation.heading if citation.heading != citation.quote else ""
    where = " ".join(filter(None, (citation.section, heading)))
    source = escape(where or citation.title or citation.notice_id)
    document = f' <span class="yj-doc">{escape(citation.doc_no)}</span>' if citation.doc_no else ""
    return (
        f'<li>{_link(citation, turn)} <b lang="zh-Hans">{source}</b>{document}'
        f'<blockquote lang="zh-Hans">{_lines(citation.quote)}</blockquote></li>'
    )


def _closest(closest: Sequence[Passage], label: str, notices: Mapping[str, Notice]) -> str:
    """Links to the sections that a refusal points to."""
    numbers = {id_: k for k, id_ in enumerate(notices)}
    links = []
    for p in closest:
        sections = notices[p.notice_id].sections if p.notice_id in notices else ()
        place = next((i for i, s in enumerate(sections) if s.label == p.section), None)
        if place is not None:
            name = " ".join(filter(None, (p.section, p.heading.rpartition(" / ")[2])))
            links.append(f'<a href="#sec-{numbers[p.notice_id]}-{place}">{escape(name)}</a>')
    return f'<p class="yj-small yj-where">{label}{" · ".join(links)}</p>' if links else ""


def _notice(notice: Notice, number: int, quotes: Sequence[_Quote]) -> str:
    """One notice: its particulars, its outline, its text."""
    about = (
        ("发文字号 No.", notice.doc_no),
        ("发文机关 Issuer", notice.issuer),
        ("成文日期 Date", notice.date),
    )
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in about if value)
    sections = notice.sections or (Section("", "", 0, len(notice.text), 0),)
    outline = "".join(
        f'<li class="yj-level-{min(s.level, 4)}"><a href="#sec-{number}-{i}">'
        f"<span>{escape(s.label)}</span> {escape(s.heading)}</a></li>"
        for i, s in enumerate(sections)
        if s.label
    )
    # With something to read in the text, the outline stays out of its way.
    is_open = "" if any(q.latest for q in quotes) else ' open=""'
    contents = f"<details{is_open}><summary>目录 Outline</summary><ol>{outline}</ol></details>"
    text = "".join(
        f'<section id="sec-{number}-{i}" class="yj-level-{min(s.level, 4)}">'
        f"{_marked(notice.text, s, quotes)}</section>"
        for i, s in enumerate(sections)
    )
    return (
        f'<article class="yj-card" lang="zh-Hans"><h2>{escape(notice.title or notice.id)}</h2>'
        f"<dl>{rows}</dl>{contents if outline else ''}"
        f'<div class="yj-notice">{text}</div></article>'
    )


def _marked(text: str, section: Section, quotes: Sequence[_Quote]) -> str:
    """The text of a section, cut wherever a quote, the heading or white space begins or ends.

    A piece under several quotes stands in one ``mark`` for each of them: the pieces of one quote
    joined are that quote. Its first piece has the id.
    """
    start, end = section.start, section.end
    here = [q for q in quotes if q.start < end and q.end > start]
    cuts = {start, end, section.heading_start, section.heading_end}
    cuts.update(place for q in here for place in (q.start, q.end))
    gaps = [m.span() for m in re.finditer(r"\n+", text[start:end])]
    cuts.update(start + place for gap in gaps for place in gap)
    places = sorted(place for place in cuts if start <= place <= end)
    out = ""
    for a, b in zip(places, places[1:], strict=False):
        piece = escape(text[a:b])
        if text[a] == "\n":
            piece = f'<span class="yj-gap">{piece}</span>'
        elif section.heading_start <= a < section.heading_end:
            piece = f'<span class="yj-heading">{piece}</span>'
        for q in here:
            if q.latest and q.start <= a < q.end:
                piece = _mark(q, a, b, piece)
            elif not q.latest and q.start == a:
                piece = f'<a class="yj-place" id="{q.id}"></a>{piece}'
        out += piece
    return out


def _mark(quote: _Quote, start: int, end: int, piece: str) -> str:
    identity = f' id="{quote.id}"' if quote.start == start else ""
    ends = f' data-marker="{escape(quote.marker)}"' if quote.end == end else ""
    return f'<mark{identity} data-quote="{quote.id}"{ends}>{piece}</mark>'
