"""From evidence to the text of an answer.

A generator gets a question and numbered evidence and gives text with ``[n]`` markers; it decides
neither whether to answer nor what a citation is. The embedded one quotes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rag.errors import GeneratorError
from rag.phrases import phrases, place
from rag.types import Evidence


class Generator(Protocol):
    """What writes an answer.

    Attributes:
        name: What ``load_generator`` takes.
    """

    name: str

    def generate(self, question: str, evidence: Sequence[Evidence], language: str) -> str:
        """Text of an answer.

        Args:
            question: Standalone.
            evidence: At least one; ``evidence[n - 1]`` is what the marker ``[n]`` points to.
            language: BCP 47 tag of the asker's language.
        """
        ...


class ExtractiveGenerator:
    """Quotes the evidence exactly and says where it stands."""

    name = "extractive"

    def generate(self, question: str, evidence: Sequence[Evidence], language: str) -> str:
        """One line for each place, its quotes in the order of the notice."""
        frames = phrases(language)
        lines: list[str] = []
        last = None
        for number, item in enumerate(evidence, start=1):
            passage = item.passage
            where = (passage.notice_id, passage.section)
            quote = f"“{item.quote}”[{number}]"
            if lines and where == last:
                lines[-1] += quote
                continue
            last = where
            if passage.section:
                heading = passage.heading.rpartition(" / ")[2]
                lines.append(
                    frames.says.format(place=place(passage.section, heading, language)) + quote
                )
            else:
                lines.append(frames.says_nowhere + quote)
        return "\n".join(lines)


def load_generator(spec: str) -> Generator:
    """A generator by name.

    Args:
        spec: ``extractive``.

    Raises:
        GeneratorError: There is no such generator.
    """
    if spec == ExtractiveGenerator.name:
        return ExtractiveGenerator()
    raise GeneratorError(f"There is no generator {spec!r}; use `extractive`.")
