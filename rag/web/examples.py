"""Questions to start with, made from a notice's structure. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rag.structure_frames import frames
from rag.types import Notice, Section

EXAMPLES = 6

_SECTION = {"zh": "{section}讲了什么？", "en": "What does section {section} say?"}
_PARTS = {"zh": "这份文件分几个部分？", "en": "How many parts does the notice have?"}
_ELEMENTS = {  # by the attribute of the notice that answers it
    "zh": {
        "doc_no": "这份文件的文号是什么？",
        "addressee": "这份文件发给谁？",
        "date": "这份文件是什么时候发的？",
        "issuer": "这份文件是谁发的？",
    },
    "en": {
        "doc_no": "What is the document number?",
        "addressee": "Who is the notice addressed to?",
        "date": "When was the notice issued?",
        "issuer": "Who issued the notice?",
    },
}


@dataclass(frozen=True, slots=True)
class Example:
    """A question to begin with, and the heading of the section it asks about, if it does."""

    question: str
    about: str = ""


def example_questions(notices: Iterable[Notice], lang: str = "zh") -> list[Example]:
    """Questions that a reader of these notices may begin with, at most six.

    One notice gives questions about its sections, the deeper ones first, then about its elements,
    in the notice's order. Of several notices only titles tell apart what is asked about. A
    question is made only from what the notice has.

    Args:
        notices: What can be asked about.
        lang: Interface language, ``zh`` or ``en``.
    """
    several = list(notices)
    if len(several) != 1:
        titles = dict.fromkeys(n.title for n in several if n.title)
        return [Example(_about_title(title, lang)) for title in titles][:EXAMPLES]
    notice = several[0]
    numbered = [s for s in notice.sections if s.level and s.heading]
    parts = [s for s in numbered if s.level == 1]
    elements = [Example(q) for name, q in _ELEMENTS[lang].items() if getattr(notice, name)]
    if len(parts) > 1:
        elements.insert(2, Example(_PARTS[lang]))
    few = elements[: max(3, EXAMPLES - len(numbered))]
    chosen = _spread(numbered, EXAMPLES - len(few))
    sections = [Example(_about_section(s, lang), s.heading) for s in chosen]
    return [*few[:1], *sections, *few[1:]]


def _spread(sections: list[Section], count: int) -> list[Section]:
    """At most so many sections in their order: of the deepest two levels first, evenly."""
    deepest_first = sorted(sections, key=lambda s: -min(s.level, 2))
    deep = [s for s in deepest_first if min(s.level, 2) == min(deepest_first[0].level, 2)]
    if len(deep) >= count:
        return [deep[i * len(deep) // count] for i in range(count)]
    chosen = deepest_first[:count]
    return [s for s in sections if s in chosen]


def _about_section(section: Section, lang: str) -> str:
    tag = "zh-Hans" if lang == "zh" else "en"
    return _SECTION[lang].format(section=frames(tag).section(section.label))


def _about_title(title: str, lang: str) -> str:
    return f"《{title}》的文号是什么？" if lang == "zh" else f"When was 《{title}》 issued?"
