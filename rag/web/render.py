"""Conversations and notices as HTML. Pure functions.

A citation is data on its marker: source, notice, start and end. The page finds the place in the
notice by these offsets (``page.js``), so the text content of an element ``yj-notice`` is exactly
``Notice.text``. Whatever came from outside is escaped here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape

from rag.text import language
from rag.types import Answer, Citation, Notice, Passage, Section
from rag.web.examples import Example
from rag.web.repairs import Damage, damages
from rag.web.turns import Turn, markdown, to_data
from rag.web.words import WORDS

_HIGH, _FAIR = 0.85, 0.6  # least calibrated probability for the first two words of confidence

_OUTLINE = 400  # sections that an outline lists
_CHOICES = 500  # notices that can be chosen from

_ICONS = {  # strokes in a square of 24
    "copy": "M9 9h11v11H9zM5 15H4V4h11v1",
    "retry": "M4 12a8 8 0 1 0 2.6-5.9M4 4v4.5h4.5",
    "edit": "M4 20h4L19 9l-4-4L4 16zM13.5 6.5l4 4",
    "up": "M7 11v9H4v-9zM7 11l4-7c1.7 0 2.5 1 2.2 2.6L12.6 10H19a1.8 1.8 0 0 1 1.8 2.2l-1.3 6.2"
    "A2 2 0 0 1 17.5 20H7",
    "down": "M7 13V4H4v9zM7 13l4 7c1.7 0 2.5-1 2.2-2.6L12.6 14H19a1.8 1.8 0 0 0 1.8-2.2l-1.3-6.2"
    "A2 2 0 0 0 17.5 4H7",
    "new": "M12 5v14M5 12h14",
    "export": "M12 4v11M7.5 11 12 15.5 16.5 11M5 20h14",
    "theme": "M12 4a8 8 0 1 0 8 8 6 6 0 0 1-8-8z",
}


def head_html(lang: str) -> str:
    """The bar above both panes: name, language, light and dark; on a phone, which pane is seen."""
    words = WORDS[lang]
    return (
        f'<div class="yj-bar"><h1>有据 <small>Youju</small></h1>'
        f'<p class="yj-tagline">{words["tagline"]}</p>'
        f'<nav class="yj-tabs" aria-label="{words["conversation"]} / {words["notice"]}">'
        f'<button type="button" class="yj-tab" data-pane="chat">{words["conversation"]}</button>'
        f'<button type="button" class="yj-tab" data-pane="notice">{words["notice"]}</button></nav>'
        f'<button type="button" class="yj-button" data-do="language" '
        f'lang="{"en" if lang == "zh" else "zh-Hans"}">{words["language"]}</button>'
        f"{_button('theme', words['theme'])}</div>"
    )


def welcome_html(
    notices: Mapping[str, Notice], examples: Sequence[Example], source: str, lang: str
) -> str:
    """The first screen: what can be asked about, and six questions to begin with."""
    words = WORDS[lang]
    about = ""
    if len(notices) == 1:
        (notice,) = notices.values()
        rows = "".join(
            f'<div><dt>{words[name]}</dt><dd lang="zh-Hans">{escape(value)}</dd></div>'
            for name, value in (
                ("doc_no", notice.doc_no),
                ("date", notice.date),
                ("issuer", notice.issuer),
            )
            if value
        )
        title = escape(notice.title or notice.id)
        about = f'<p class="yj-title" lang="zh-Hans">{title}</p><dl>{rows}</dl>'
    elif notices:
        about = f"<p>{words['documents'].format(n=len(notices))}</p>"
    asked = "".join(
        f'<li><button type="button" class="yj-example" data-do="example" '
        f'data-question="{_attribute(e.question)}"><span>{_lines(e.question)}</span>'
        + (f'<small lang="zh-Hans">{_lines(e.about)}</small>' if e.about else "")
        + "</button></li>"
        for e in examples
    )
    tried = f'<h3>{words["try"]}</h3><ul class="yj-examples">{asked}</ul>' if asked else ""
    return (
        f'<section class="yj-welcome" data-source="{_attribute(source)}">'
        f"<h2>{words['welcome']}</h2>{about}{tried}</section>"
    )


def conversation_html(
    turns: Sequence[Turn],
    lang: str,
    *,
    feedback: str = "",
    editing: int | None = None,
) -> str:
    """The conversation so far.

    Args:
        turns: In order, at least one.
        lang: Interface language, ``zh`` or ``en``.
        feedback: File that thumbs are written to; ``""`` where they are not kept.
        editing: Number of the turn, from 0, whose question is being edited.
    """
    words = WORDS[lang]
    tools = "".join(
        (
            _labelled("new", "new", words["new"]),
            _labelled("export-markdown", "export", words["export_markdown"]),
            _labelled("export-json", "export", words["export_json"]),
        )
    )
    items = "".join(
        _turn(turn, number, lang, feedback, dimmed=editing is not None and number >= editing)
        for number, turn in enumerate(turns)
    )
    note = ""
    if editing is not None:
        cancel = (
            f'<button type="button" class="yj-button" data-do="cancel">{words["cancel"]}</button>'
        )
        note = f'<p class="yj-editing" role="status">{words["editing"]} {cancel}</p>'
    return f'<div class="yj-tools">{tools}</div>{items}{note}'


def live_html(question: str, text: str, lang: str) -> str:
    """A question whose answer is being written."""
    words = WORDS[lang]
    said = f'<p class="yj-text">{_lines(text)}</p>' if text else ""
    waiting = "" if text else f'<p class="yj-waiting">{words["thinking"]}</p>'
    return (
        f'<article class="yj-turn yj-live">{_question(question)}'
        f'<div class="yj-answer" aria-busy="true">{said}{waiting}</div></article>'
    )


def message_html(message: str, *, bad: bool = False) -> str:
    """A line about a reader's own document; ``""`` for nothing to say."""
    if not message:
        return ""
    kind = "yj-error" if bad else "yj-status"
    return f'<p class="{kind}" role="{"alert" if bad else "status"}">{_lines(message)}</p>'


def panel_html(
    notices: Mapping[str, Notice], source: str, lang: str, *, shown: str = "", own: bool = False
) -> str:
    """A notice with its outline: its whole text in order.

    Args:
        notices: Those of the source, by id.
        source: Name of the index, or of the reader's own document.
        lang: Interface language, ``zh`` or ``en``.
        shown: Id of the notice to show; the first if left out or unknown.
        own: Whether it is the reader's own document, which can be closed.
    """
    words = WORDS[lang]
    if not notices:
        return f'<p class="yj-status">{words["no_notice"]}</p>'
    notice = notices.get(shown) or next(iter(notices.values()))
    sections = notice.sections or (Section("", "", 0, len(notice.text), 0),)
    damaged = damages(notice.text, notice.repairs)
    text = "".join(_section(notice.text, s, damaged, words["damaged"]) for s in sections)
    repairs = close = ""
    if damaged:
        repairs = (
            f'<button type="button" class="yj-button" data-do="repairs" aria-pressed="false">'
            f"{words['repairs'].format(n=len(damaged))}</button>"
        )
    if own:
        close = f'<button type="button" class="yj-button" data-do="close">{words["close"]}</button>'
    title = _attribute(notice.title or notice.id)
    return (
        f'<article class="yj-doc" data-source="{_attribute(source)}" '
        f'data-notice="{_attribute(notice.id)}">'
        f'<div class="yj-doc-head">{_choice(notices, notice, words["notice"])}'
        f'{_outline(sections, words["outline"])}<div class="yj-doc-tools">{repairs}{close}</div>'
        f'<p class="yj-mismatch" role="alert">{words["mismatch"]}</p></div>'
        f'<div class="yj-notice" lang="zh-Hans" tabindex="0" role="region" aria-label="{title}">'
        f"{text}</div>"
        f'<button type="button" class="yj-button yj-back" data-do="back">{words["back"]}</button>'
        f"</article>"
    )


def _choice(notices: Mapping[str, Notice], shown: Notice, label: str) -> str:
    """Which notice of several is shown."""
    if len(notices) < 2:
        return ""
    chosen = ' selected=""'
    options = "".join(
        f'<option value="{_attribute(n.id)}"{chosen * (n is shown)}>'
        f"{_lines(n.title or n.id)}</option>"
        for n in list(notices.values())[:_CHOICES]
    )
    return f'<select class="yj-choice" aria-label="{label}">{options}</select>'


def _outline(sections: Sequence[Section], label: str) -> str:
    entries = "".join(
        f'<li class="yj-level-{min(s.level, 4)}"><a href="#yj-panel" data-do="goto" '
        f'data-start="{s.start}" data-end="{s.end}"><span>{_lines(s.label)}</span>'
        f"{' ' if s.heading else ''}{_lines(s.heading)}</a></li>"
        for s in sections[:_OUTLINE]
        if s.label
    )
    if not entries:
        return ""
    return (
        f'<details class="yj-outline" open=""><summary>{label}</summary>'
        f'<ol lang="zh-Hans">{entries}</ol></details>'
    )


def _section(text: str, section: Section, damaged: Sequence[Damage], label: str) -> str:
    """A section as paragraphs; line ends and leading white space stand in elements ``yj-gap``."""
    here = [d for d in damaged if section.start <= d.start and d.end <= section.end]
    out = ""
    for piece in re.finditer(r"(\n[\s\n]*|^\s+)|[^\n]+", text[section.start : section.end]):
        start, end = section.start + piece.start(), section.start + piece.end()
        if piece.group(1) is not None:
            out += f'<span class="yj-gap">{escape(text[start:end])}</span>'
        else:
            out += f"<p>{_pieces(text, start, end, section, here, label)}</p>"
    level = min(section.level, 4)
    return (
        f'<section class="yj-level-{level}" data-label="{_attribute(section.label)}" '
        f'data-start="{section.start}">{out}</section>'
    )


def _pieces(
    text: str, start: int, end: int, section: Section, damaged: Sequence[Damage], label: str
) -> str:
    """Text from ``start`` to ``end``, cut wherever the heading or a repaired place begins or ends.

    A repaired place that crosses one of the ends is shown in part.
    """
    here = [d for d in damaged if d.start < end and d.end > start]
    cuts = {start, end, section.heading_start, section.heading_end}
    cuts.update(place for d in here for place in (d.start, d.end))
    places = sorted(place for place in cuts if start <= place <= end)
    out = ""
    for a, b in zip(places, places[1:], strict=False):
        piece = escape(text[a:b])
        repaired = next((d for d in here if d.start <= a < d.end), None)
        if repaired:
            kind = "yj-repair" if repaired.resolved else "yj-repair yj-unresolved"
            piece = (
                f'<span class="{kind}" data-label="{label}" '
                f'data-before="{_attribute(repaired.before)}">{piece}</span>'
            )
        if section.heading_start <= a < section.heading_end:
            piece = f'<b class="yj-heading">{piece}</b>'
        out += piece
    return out


def _turn(turn: Turn, number: int, lang: str, feedback: str, *, dimmed: bool) -> str:
    words = WORDS[lang]
    edit = _button("edit", words["edit"], number)
    if turn.answer:
        reply = _answer(turn, turn.answer, number, lang, feedback)
    elif turn.partial:
        reply = (
            f'<div class="yj-answer"><p class="yj-text">{_lines(turn.partial)}</p>'
            f'<p class="yj-small">{words["stopped"]}</p>{_footer(turn, number, lang, "")}</div>'
        )
    else:
        why = turn.error or words["stopped"]
        reply = (
            f'<div class="yj-error" role="alert"><b>{words["error"]}</b> {_lines(why)}'
            f"{_button('retry', words['retry'], number)}</div>"
        )
    data = json.dumps(to_data([turn])[0], ensure_ascii=False)
    return (
        f'<article class="yj-turn{" yj-dimmed" if dimmed else ""}" '
        f'data-markdown="{_attribute(markdown(turn, lang))}" data-json="{_attribute(data)}">'
        f"{_question(turn.question, edit)}{reply}</article>"
    )


def _question(question: str, edit: str = "") -> str:
    tag = language(question)
    return (
        f'<div class="yj-asked">{edit}'
        f'<div class="yj-question" lang="{tag}">{_lines(question.strip())}</div></div>'
    )


def _answer(turn: Turn, answer: Answer, number: int, lang: str, feedback: str) -> str:
    """An answer with its citations, or a refusal with where to look."""
    words = WORDS[lang]
    parts: list[str] = []
    if answer.standalone_question != answer.question:
        read_as = f"{words['read_as']}{_lines(answer.standalone_question)}"
        parts.append(f'<p class="yj-small">{read_as}</p>')
    said = f'<p class="yj-text" lang="{_attribute(answer.language)}">{_linked(turn, answer)}</p>'
    if answer.refused:
        parts.append(f'<p class="yj-verdict">{words["refused"]}</p>{said}')
        parts.append(_closest(turn, answer.closest, words["where"]))
        confidence = ""
    else:
        parts.append(said)
        if answer.citations:
            parts.append(_sources(turn, answer.citations, words["sources"]))
        rank = next(
            (n for n, least in (("high", _HIGH), ("fair", _FAIR)) if answer.confidence >= least),
            "low",
        )
        confidence = f'<span class="yj-confidence yj-{rank}">{words[rank]}</span>'
    parts.extend(f'<p class="yj-small">{_lines(note)}</p>' for note in answer.notes)
    dropped = sum(check.outcome in ("unsupported", "invented marker") for check in answer.checks)
    if dropped:
        parts.append(f'<p class="yj-small">{words["dropped"].format(n=dropped)}</p>')
    kind = "yj-refusal" if answer.refused else "yj-answer"
    role = ' role="note"' if answer.refused else ""
    footer = _footer(turn, number, lang, feedback, confidence)
    return f'<div class="{kind}"{role}>{"".join(parts)}{footer}</div>'


def _footer(turn: Turn, number: int, lang: str, feedback: str, confidence: str = "") -> str:
    """What can be done with an answer."""
    words = WORDS[lang]
    thumbs = ""
    if feedback:
        kept = words["kept_in"].format(path=feedback)
        thumbs = "".join(
            _button(v, f"{words[v]} – {kept}", number, pressed=turn.verdict == v)
            for v in ("up", "down")
        )
    tools = _button("copy", words["copy"], number) + _button("retry", words["retry"], number)
    return f'<div class="yj-foot">{confidence}<span class="yj-icons">{tools}{thumbs}</span></div>'


def _lines(text: str) -> str:
    """Escaped text with its line ends, on one line."""
    return "<br/>".join(escape(line) for line in text.splitlines())


def _attribute(text: str) -> str:
    """Escaped text for an attribute in double quotes; its line ends stay."""
    return escape(text).replace("\r", "").replace("\n", "&#10;")


def _icon(name: str) -> str:
    return f'<svg viewBox="0 0 24 24" aria-hidden="true"><path d="{_ICONS[name]}"/></svg>'


def _button(name: str, label: str, turn: int | None = None, *, pressed: bool | None = None) -> str:
    """A button that shows an icon alone."""
    which = f' data-turn="{turn}"' if turn is not None else ""
    state = f' aria-pressed="{str(pressed).lower()}"' if pressed is not None else ""
    said = _attribute(label)
    return (
        f'<button type="button" class="yj-icon" data-do="{name}"{which}{state} '
        f'aria-label="{said}" title="{said}">{_icon(name)}</button>'
    )


def _labelled(name: str, icon: str, label: str) -> str:
    return f'<button type="button" class="yj-button" data-do="{name}">{_icon(icon)}{label}</button>'


def _place(source: str, notice: str, start: int, end: int) -> str:
    """The attributes that lead to a place in a notice."""
    return (
        f'data-do="show" data-source="{_attribute(source)}" data-notice="{_attribute(notice)}" '
        f'data-start="{start}" data-end="{end}"'
    )


def _where(section: str, heading: str) -> str:
    return " ".join(filter(None, (section, heading)))


def _link(turn: Turn, citation: Citation) -> str:
    """A marker; what hovering shows is data on it."""
    where = _where(citation.section, citation.heading) or citation.title
    return (
        f'<a class="yj-marker" href="#yj-panel" '
        f"{_place(turn.source, citation.notice_id, citation.start, citation.end)} "
        f'data-section="{_attribute(where)}" data-quote="{_attribute(citation.quote)}">'
        f"{escape(citation.marker)}</a>"
    )


def _linked(turn: Turn, answer: Answer) -> str:
    """The answer's text, its markers as links; brackets inside a quote are the notice's own."""
    links = {c.marker: _link(turn, c) for c in answer.citations}
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


def _sources(turn: Turn, citations: Sequence[Citation], label: str) -> str:
    """The citations of an answer, folded."""
    cited = "".join(
        f'<li>{_link(turn, c)} <b lang="zh-Hans">'
        f"{_lines(_where(c.section, c.heading if c.heading != c.quote else '') or c.title)}</b>"
        f'<blockquote lang="zh-Hans">{_lines(c.quote)}</blockquote></li>'
        for c in citations
    )
    return (
        f'<details class="yj-sources"><summary>{label.format(n=len(citations))}</summary>'
        f"<ul>{cited}</ul></details>"
    )


def _closest(turn: Turn, closest: Sequence[Passage], label: str) -> str:
    """Links to the sections that a refusal points to."""
    links = "".join(
        f'<li><a class="yj-near" href="#yj-panel" '
        f'{_place(turn.source, p.notice_id, p.start, p.end)} data-quote="{_attribute(p.text)}">'
        f"{_lines(_where(p.section, p.heading.rpartition(' / ')[2]) or p.title)}</a></li>"
        for p in closest
    )
    return f'<div class="yj-where"><p>{label}</p><ul lang="zh-Hans">{links}</ul></div>' * bool(
        links
    )
