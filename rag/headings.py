"""Which part of a notice a phrase names, in words of its heading (pure).

People say "the part on funding" where the heading is 六、落实经费保障. A phrase names the part
whose heading says most of what it says, if that is enough and no other heading says as much:
neighbouring pairs of Chinese characters, and words of other languages by their translations.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rag import translate
from rag.text import HAN, fold, pairs
from rag.types import Section

ENOUGH, ENOUGH_BESIDE = 0.7, 0.5
"""Share of a phrase that a heading has to say, to be named by it; the second where other words
say already that a part is meant."""

_LIKELY = 0.1
"""Probability of a translation that counts."""

_SHORT = 2  # characters of a word that names a part by itself alone
_RUN = 4  # characters of a heading that may name a part


def named(
    phrase: str, sections: Sequence[Section], lang: str, enough: float = ENOUGH
) -> Section | None:
    """The one section that a phrase names.

    Args:
        phrase: Words for the part alone, folded.
        sections: Those it may name; one without a heading is passed over.
        lang: BCP 47 tag of the words that are not Chinese.
        enough: Share of it that the heading has to say.
    """
    if enough == ENOUGH and len(re.findall(f"[{HAN}]", phrase)) == _SHORT:
        # So short a word is in many a heading: it has to be all of one.
        sections = [section for section in sections if fold(section.heading) == phrase.strip()]
    shares = likeness(phrase, [section.heading for section in sections], lang)
    best = max(shares, default=0.0)
    found = [s for share, s in zip(shares, sections, strict=True) if share == best]
    if len(found) > 1:  # the shorter heading says little else
        shortest = min(len(s.heading) for s in found)
        found = [s for s in found if len(s.heading) == shortest]
    return found[0] if best >= enough and len(found) == 1 else None


def likeness(phrase: str, headings: Sequence[str], lang: str) -> list[float]:
    """The share of a phrase that each heading says, in [0, 1]; 0 of a phrase without words."""
    said: list[tuple[str, ...]] = [(pair,) for pair in pairs(phrase)]  # each by any of these
    for word in translate.words(re.sub(f"[{HAN}]+", " ", phrase)):
        found = translate.embedded().word(word, lang)
        said.append(tuple(name for name, p in found if p >= _LIKELY and len(name) > 1))
    folded = [fold(heading) for heading in headings]
    return [
        sum(any(way in heading for way in ways) for ways in said) / max(1, len(said))
        for heading in folded
    ]


def shared_run(heading: str, view: str) -> str:
    """The longest run of Han characters of a heading, folded, that stands in a question."""
    best = ""
    for run in _runs(heading):
        start = 0
        for end in range(_RUN, len(run) + 1):
            while end - start >= _RUN and run[start:end] not in view:
                start += 1
            if end - start >= max(_RUN, len(best) + 1):
                best = run[start:end]
    return best


@lru_cache(maxsize=4096)
def _runs(heading: str) -> tuple[str, ...]:
    """The runs of Han characters of a heading that are long enough to name it, folded."""
    return tuple(re.findall(f"[{HAN}]{{{_RUN},}}", fold(heading)))
