"""A part asked for by its place beside what was just spoken of: 第三条呢, 下一点, "the last one".

The dialogue's own rules read questions alone and know such a follow-up where the question before it
was for a numbered part and nothing else. Here the notice is at hand: the part that the last answer
quotes, or names as the place of its quote, tells which parts are meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rag.dialogue import Turn, corrected, turns
from rag.numbering import CN, Rank, steps, to_int
from rag.questions import content
from rag.structure import StructureReply, innermost, nth, numbered, section_reply
from rag.structure_frames import frames
from rag.structure_words import Lexicon, lexicon
from rag.text import fold, language, pairs
from rag.types import Notice, Section

_TURNS = 3
"""Turns that are looked back on: an answer without a quote says nothing about a place."""


def by_place(
    question: str, history: Sequence[Mapping[str, Any]], notices: Sequence[Notice]
) -> tuple[str, StructureReply] | None:
    """The part that a follow-up means by its place, and a question for it that stands alone.

    Args:
        question: What the user asks now.
        history: OpenAI-style messages, oldest first.
        notices: The notices it may be about.

    Returns:
        None where the question is no such follow-up, or there is nothing it could follow.
    """
    wanted = _wanted(corrected(question))
    before = turns(history)[-_TURNS:]
    if wanted is None or not before or not _about_parts(before):
        return None
    answer = _last(before)
    for notice in _quoted(answer, notices):
        spoken = _named_in(answer, notice)
        if spoken and (found := _moved(wanted, notice, spoken)):
            tag = language(question)
            f = frames(tag)
            place = f.place.format(label=f.section(found.label))
            return f.of_part.format(place=place), section_reply(notice, found)
    return None


def spoken_of(
    question: str, history: Sequence[Mapping[str, Any]], notices: Sequence[Notice]
) -> tuple[str, str] | None:
    """Notice and section that the last answer gives evidence from.

    None where it names none, or the question has a word of another section's heading, which the one
    spoken of has not.
    """
    answer = _last(turns(history)[-1:])
    for notice in _quoted(answer, notices):
        if spoken := _named_in(answer, notice):
            own = spoken.part
            return None if _names_another(question, notice, own) else (notice.id, own.label)
    return None


def _names_another(question: str, notice: Notice, own: Section) -> bool:
    """Whether a pair of Chinese characters of a question is in another heading alone."""
    here = fold(notice.text[own.start : own.end])
    new = [pair for pair in pairs(content(question)) if pair not in here]
    others = (s for s in notice.sections if s.label not in (own.label, own.parent))
    return any(pair in fold(section.heading) for section in others for pair in new)


def _quoted(answer: str, notices: Sequence[Notice]) -> Sequence[Notice]:
    """The one notice that an answer quotes, where there are several."""
    if len(notices) < 2:
        return notices
    quotes = ["".join(quote[1:-1].split()) for quote in _QUOTED.findall(answer)]
    held = [n for n in notices if all(q in "".join(n.text.split()) for q in quotes)]
    return held if quotes and len(held) == 1 else ()


def _last(before: Sequence[Turn]) -> str:
    """The last answer that quotes something."""
    return next((t.answer for t in reversed(before) if re.search(r"\[\d", t.answer)), "")


# -- what is asked for -----------------------------------------------------------------------

_Wanted = tuple[int, int, str]
"""A number, negative from the end, or 0; else a step; and the word for the part, if any."""

_UNIT = "件事?|[大小]?[条项点]|大?部分|大?块|[章节款个类份道]|要点|小标题|方面|理由"
_NUMBER = rf"[{CN}]{{1,3}}|\d{{1,2}}"
_PLACE = re.compile(
    rf"倒数第?(?P<last>{_NUMBER})[那这]?一?个?(?P<last_unit>{_UNIT})?"
    rf"|(?:最后|最末|末尾|末了)面?的?(?:第(?P<m>{_NUMBER}))?[那这]?一?个?(?P<end_unit>{_UNIT})?"
    rf"|(?:(?P<back>再?往?[上前][面边]?)|再?往?[下后][面边]?|紧?接着|接下来)"
    rf"(?:数|跳|翻|看)?[那这]?一?个?(?P<step>{_UNIT})"
    rf"|第(?P<n>{_NUMBER})(?:[那这]?一?个?(?P<unit>{_UNIT}))?|(?P<bare>{_NUMBER})(?P<bare_unit>{_UNIT})"
)
"""A part by its place: 倒数第二点, 最后一条, 下一个, 第三 (点), 三点."""

_IDLE = re.compile(
    "那么?|然后|再|跳[到过]?|翻到?|回[到去]|返回|倒回去?|往[回下后上前]?|数|刚[才刚]?|漏掉?|看看?|念|补|还有"
    "|[后前下上][面边]|接着|接下来|排|位|在|请问?|麻烦|好|嗯|哦|行|和|[也都又还呢吧吗啊呀嘛是的了啥讲说写有叫]"
    "|什么|内容|标题|关于|要求|规定|哪些|一?下|给我|直接|\\W"
)
"""What may stand around it without naming anything."""
_FILLED = re.compile(r"\b(?:and|so|ok|okay|now|then|about|et|y|und|и|а)\b")


def _wanted(question: str) -> _Wanted | None:
    """What a follow-up asks for, if it names a part by nothing but its place."""
    view = fold(question).lower()
    words = lexicon(tag := language(question))
    if tag.startswith("zh"):
        return _chinese(view) if len(view) <= _LONGEST else None
    return _by_words(view, words) if words.spaced else None


_LONGEST = 24  # characters


def _chinese(view: str) -> _Wanted | None:
    found = list(_PLACE.finditer(view))
    if not found or _IDLE.sub("", _PLACE.sub("", view)):
        return None
    # 再往下跳一条，第四条: the number says where the step leads. Two are a path, or two parts.
    places = [m for m in found if not m["step"]]
    if len(places) > 1:
        return None
    match = (places or found)[-1]
    if match["bare"] and re.search("都|各|分别", view):
        return None  # 三点都是什么: how many, not which
    if match["step"]:
        return 0, -1 if match["back"] else 1, match["step"]
    unit = next((u for name, u in match.groupdict().items() if u and "unit" in name), "")
    if number := to_int(match["n"] or match["m"] or match["bare"] or ""):
        return number, 0, unit
    return -(to_int(match["last"] or "") or 1), 0, unit


def _by_words(view: str, words: Lexicon) -> _Wanted | None:
    """An ordinal, or a word for next or before, and nothing else but words that say little."""
    bare = words.content.sub(" ", _FILLED.sub(" ", view))
    unit = match[0].strip() if (match := words.which_part.search(bare)) else ""
    left = words.residue(words.which_part.sub(" ", bare))
    if len(left) != 1:
        return None
    for pattern, step in ((words.after, 1), (words.before, -1)):
        if pattern.fullmatch(left[0]):
            return 0, step, unit
    number = words.number({"ordinal": left[0]})
    return (number, 0, unit) if number else None


def _about_parts(before: Sequence[Turn]) -> bool:
    """Whether the last turn was about a part of the notice, or a place beside one."""
    asked, answer = before[-1]
    words = lexicon(language(asked))
    view = fold(asked).lower()
    for pattern in (words.reference, words.count, words.outline):
        if pattern.search(view):
            return True
    return _wanted(asked) is not None or _QUOTED_MARK.search(answer) is not None


_QUOTED_MARK = re.compile(rf"[“「‘«„][（(]?(?:[{CN}]+|\d+)[）)、.]")
"""A heading quoted with its number."""


# -- where that is ---------------------------------------------------------------------------


_QUOTED = re.compile(r"[“「‘«„][^“「‘«„”」’»]*[”」’»“](?=\s*\[\d+\])")
_PLACED = (
    "(?:(?<=Section )|(?<=sección )|(?<=section )|(?<=Abschnitt )|(?<=Раздел )|(?<=第)|(?<=제))"
)
"""What stands before a place in Arabic numerals, which a count is not."""


class _Spoken(NamedTuple):
    """What the last answer was about.

    Attributes:
        part: The part that it names first.
        listed: Whether it lists others beside it.
        headed: Whether it quotes a heading with its number: it was about parts, not what they say.
    """

    part: Section
    listed: bool
    headed: bool


def _named_in(answer: str, notice: Notice) -> _Spoken | None:
    """The part that an answer names, None where it names none."""
    f = frames("en")
    # Of what is quoted headings are looked for, and of the program's own words the places.
    own = _QUOTED.sub(lambda m: " " * len(m[0]), answer)
    found: list[tuple[int, Section]] = []
    for section in notice.sections:
        if not section.level or not steps(section.label):
            continue
        heading = notice.text[section.start : section.heading_end].strip().replace("\n", "")
        at = answer.find(heading) if section.heading else -1
        label, arabic = map(re.escape, (section.label, f.section(section.label)))
        if match := re.search(rf"(?<![\w)）])(?:{label}|{_PLACED}{arabic})(?![（(\w)）.、])", own):
            at = min(at, match.start()) if at >= 0 else match.start()
        if at >= 0:
            found.append((at, section))
    if not found:
        return None
    first = min(found, key=lambda pair: pair[0])[1]
    listed = any(s.parent == first.parent and s.label != first.label for _, s in found)
    return _Spoken(first, listed, _QUOTED_MARK.search(answer) is not None)


def _moved(wanted: _Wanted, notice: Notice, spoken: _Spoken) -> Section | None:
    """The part at that place beside, or within, the part spoken of."""
    number, step, unit = wanted
    at, kind = spoken.part, ""
    articles = [s for s in notice.sections if innermost(s)[0] == Rank.ARTICLE]
    if articles and (at in articles or "条" in unit):  # these count through the whole notice
        parts, kind = articles, "article"
    elif re.search("部分|块|章|大|part|chapter", unit):
        at = _outermost(notice, at)
        parts = numbered(notice, at.parent)
    elif not spoken.listed and not step and (within := numbered(notice, at.label)):
        parts = within
    elif at.level == 1 and not spoken.headed:
        return None  # the second thing that a part says, it may be
    else:
        parts = numbered(notice, at.parent)
    if not step:
        return nth(parts, number, kind)
    place = parts.index(at) + step if at in parts else -1
    return parts[place] if 0 <= place < len(parts) else None


def _outermost(notice: Notice, part: Section) -> Section:
    """The part of the first level that a part stands in."""
    by_label = {s.label: s for s in notice.sections}
    while part.parent in by_label and by_label[part.parent].level:
        part = by_label[part.parent]
    return part
