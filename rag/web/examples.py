"""Questions to start with, made from a notice's structure. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.types import Notice

_LONGEST = 24
# Verbs that headings of 公文 open with: what follows can be asked for with 怎样.
_VERB = re.compile(
    "加强|加大|加快|落实|完善|健全|推进|推动|强化|深化|提高|提升|优化|做好|规范|建立|扩大|促进|改进"
    "|支持|保障|开展|培育|发展|实施|创新|构建|营造|拓展|引导|鼓励|严格|明确"
)


def example_questions(notices: Iterable[Notice]) -> list[str]:
    """Questions that a reader of these notices may begin with, at most six.

    One notice gives questions about its elements, its parts and its headings, in Chinese and in
    English; of several, only headings tell apart what is asked about. A question is made only
    from what the notice has.
    """
    several = list(notices)
    if len(several) != 1:
        return [q for notice in several[:6] for q in _about_headings(notice)[:1]]
    notice = several[0]
    parts = sum(section.level == 1 for section in notice.sections)
    questions: list[str] = []
    if notice.doc_no:
        questions.append("这份文件的文号是什么？")
    if parts >= 2:
        questions.append("第二部分讲什么？")
    questions.extend(_about_headings(notice)[:2])
    if notice.date:
        questions.append("What is the date of the notice?")
    if parts >= 2:
        questions.append("How many parts does the notice have?")
    return questions


def _about_headings(notice: Notice) -> list[str]:
    """Questions from headings short enough to ask about, the deeper levels first."""
    titled = [s for s in notice.sections if s.level and 4 <= len(s.heading) <= _LONGEST]
    deepest_first = sorted(titled, key=lambda s: -min(s.level, 2))
    headings = dict.fromkeys(s.heading.rstrip("。：:；") for s in deepest_first)
    return [f"怎样{h}？" if _VERB.match(h) else f"“{h}”有哪些内容？" for h in headings]
