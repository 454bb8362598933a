"""What writes an answer, by name: the embedded extractive one, which quotes, or a language model.

Neither decides whether to answer, nor what a citation is.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.errors import GeneratorError
from rag.models import Model, OpenAIModel, TransformersModel
from rag.phrases import phrases, place
from rag.types import Evidence


class ExtractiveGenerator:
    """Quotes the evidence exactly and says where it stands."""

    name = "extractive"

    def generate(self, question: str, evidence: Sequence[Evidence], language: str) -> str:
        """Text with markers: one line for each place, its quotes in the order of the notice.

        Args:
            question: Standalone.
            evidence: At least one; ``evidence[n - 1]`` is what the marker ``[n]`` points to.
            language: BCP 47 tag of the asker's language.
        """
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
                heading = passage.own_heading
                lines.append(
                    frames.says.format(place=place(passage.section, heading, language)) + quote
                )
            else:
                lines.append(frames.says_nowhere + quote)
        return "\n".join(lines)


Generator = ExtractiveGenerator | Model
"""What ``Chatbot`` takes."""


def load_generator(spec: str, base_url: str | None = None) -> Generator:
    """A generator by name.

    Args:
        spec: ``extractive``; ``transformers:`` and the folder or name of a chat model; ``openai:``
            and the name of a model on the server at ``base_url``.
        base_url: Address of an OpenAI-compatible server, for ``openai:`` alone.

    Raises:
        GeneratorError: There is no such generator, or it cannot be loaded.
    """
    kind, colon, model = spec.partition(":")
    if base_url and kind != "openai":
        raise GeneratorError(
            f"--base-url goes with --generator openai:MODEL, not with {spec!r}; leave one out."
        )
    if spec == ExtractiveGenerator.name:
        return ExtractiveGenerator()
    if kind == "transformers" and colon:
        return TransformersModel(model)
    if kind == "openai" and colon:
        return OpenAIModel(model, base_url or "")
    raise GeneratorError(
        f"There is no generator {spec!r}; use `extractive`, `transformers:FOLDER`, or "
        "`openai:MODEL` with `--base-url http://127.0.0.1:11434/v1`."
    )
