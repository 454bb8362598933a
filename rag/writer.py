"""A language model's answer: prompt -> text, each sentence through the gate before it is shown."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar

from rag import questions
from rag.citations import Support, check, cite, sentences
from rag.errors import ModelError
from rag.generator import ExtractiveGenerator
from rag.models import Model
from rag.phrases import note
from rag.prompt import REFUSAL, Message, messages
from rag.types import Check, Citation, Evidence

log = logging.getLogger(__name__)

LONGEST = 20_000
"""Characters that are read from a model at most, should it know no end of its own."""

TIMES = 3
"""A sentence said more often than this has no end either; small models get caught in one."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Written:
    """What came of it.

    Attributes:
        text: The answer, ``""`` where the model found none in the evidence.
        citations: One for each marker in ``text``.
        checks: One for each sentence the model wrote.
        notes: What a reader should know, in their language.
    """

    text: str
    citations: tuple[Citation, ...]
    checks: tuple[Check, ...]
    notes: tuple[str, ...]


def write(
    question: str, evidence: Sequence[Evidence], language: str, model: Model, support: Support
) -> Generator[str, None, Written]:
    """Let a model answer from evidence; whatever goes wrong, the evidence is quoted.

    Args:
        question: Standalone.
        evidence: At least one, in the order it is to be numbered in.
        language: BCP 47 tag of the asker's language.
        model: What writes.
        support: Scores a statement against a quote, see ``citations.check``.

    Yields:
        Pieces of the answer's text, which joined are the answer; ``""`` wherever the model wrote
        something that is not to be shown (yet). Closing stops the model.

    Returns:
        What came of it.
    """
    notes: list[str] = []
    given = [item for item in evidence if not questions.is_instruction(item.quote)]
    if len(given) < len(evidence):
        notes.append(note("instruction", language, count=len(evidence) - len(given)))
    failure: ModelError | None = None
    draft = _Draft(given)
    try:
        given, prompt = _fitted(question, given, language, model)
        if len(given) < len(draft.evidence):
            notes.append(note("fewer", language, count=len(given), all=len(draft.evidence)))
        draft = _Draft(given)
        with closing(_stream(model, prompt)) as pieces:
            for sentence in sentences(_told(pieces)):
                if REFUSAL in sentence and not draft.text:
                    return Written("", (), draft.checks, (*notes, note("refused", language)))
                yield draft.add(sentence, support)
        if not draft.checks:
            raise ModelError("empty")
    except ModelError as error:
        log.info("%s: %s", model.name, error)
        failure = error
    notes += _outcome(draft, failure, language)
    if draft.text and (failure is None or failure.kind == "length"):
        return Written(draft.text, draft.citations, draft.checks, tuple(notes))
    notes.append(note("quoted", language))
    # What was shown stays, and keeps its numbers; the quotations follow.
    numbered = list(evidence)
    if draft.text:
        numbered = [*given, *(item for item in evidence if item not in given)]
    quoted = ExtractiveGenerator().generate(question, numbered, language)
    text, citations = cite(f"{draft.kept}\n{quoted}" if draft.text else quoted, numbered)
    yield text[len(draft.text) :]
    return Written(text, citations, draft.checks, tuple(notes))


class _Draft:
    """The sentences that passed so far, and what became of each."""

    def __init__(self, evidence: Sequence[Evidence]) -> None:
        self.evidence = evidence
        self.kept = ""  # markers as the evidence is numbered
        self.text = ""  # markers in order of appearance
        self.citations: tuple[Citation, ...] = ()
        self.checks: tuple[Check, ...] = ()
        self._gap = ""
        self._seen: Counter[str] = Counter()

    def add(self, sentence: str, support: Support) -> str:
        """Check a sentence; return what it adds to the text.

        Raises:
            ModelError: The model goes round in circles.
        """
        bare = sentence.strip()
        gap = self._gap + sentence[: len(sentence) - len(sentence.lstrip())]
        self._gap = gap if not bare else sentence[len(sentence.rstrip()) :]
        if not bare:
            return ""
        self._seen[bare] += 1
        if self._seen[bare] > TIMES:
            raise ModelError("length")
        if self._seen[bare] > 1:
            return ""
        outcome, passed = check(sentence, self.evidence, support)
        self.checks += (outcome,)
        if not passed:
            self._gap = gap + self._gap
            return ""
        between = ("\n" if "\n" in gap else " " if gap else "") if self.kept else ""
        self.kept += between + passed
        before = len(self.text)
        self.text, self.citations = cite(self.kept, self.evidence)
        return self.text[before:]


def _fitted(
    question: str, evidence: Sequence[Evidence], language: str, model: Model
) -> tuple[list[Evidence], list[Message]]:
    """As much of the evidence as the model can read, the weakest left out first; its prompt."""
    kept = list(evidence)
    if not kept:
        raise ModelError("instruction")
    while kept:
        prompt = messages(question, kept, language)
        if _safely(lambda prompt=prompt: model.fits(prompt)):  # type: ignore[misc]
            return kept, prompt
        kept.remove(min(kept, key=lambda item: item.score))
    raise ModelError("context")


def _stream(model: Model, prompt: Sequence[Message]) -> Generator[str, None, None]:
    """The model's text; closing this closes the model's own iterator, if it can be closed."""
    pieces = _safely(lambda: iter(model.stream(prompt)))
    try:
        while (piece := _safely(lambda: next(pieces, None))) is not None:
            yield _CONTROL.sub("", piece)
    finally:
        if (close := getattr(pieces, "close", None)) is not None:
            close()


def _told(pieces: Iterator[str]) -> Iterator[str]:
    """What a model tells: without its thoughts, and only as much as anyone would read."""
    start, told, total = "", False, 0
    for piece in pieces:
        total += len(piece)
        if total > LONGEST:
            raise ModelError("length")
        if told:
            yield piece
            continue
        start += piece
        lead = start.lstrip()
        thought, _, after = lead.partition("</think>")
        told = after != "" if lead.startswith("<think>") else not "<think>".startswith(lead)
        yield (after if thought.startswith("<think>") else start) if told else ""
    if not told and not start.lstrip().startswith("<think>"):
        yield start


def _safely(call: Callable[[], T]) -> T:
    """The result of a model's own code; whatever it raises is the model's failure."""
    try:
        return call()
    except ModelError:
        raise
    except Exception as error:
        raise ModelError("model", f"{type(error).__name__}: {error}") from error


def _outcome(draft: _Draft, failure: ModelError | None, language: str) -> list[str]:
    """Notes on what the gate did and on what went wrong."""
    dropped = sum(c.outcome in ("unsupported", "invented marker") for c in draft.checks)
    repointed = sum(c.outcome == "misattributed" for c in draft.checks)
    out = []
    if failure is not None and failure.kind != "instruction":
        detail = (str(failure).splitlines() or [""])[0][:120]
        out.append(note(failure.kind, language, detail=detail))
    if dropped and not draft.text:
        out.append(note("nothing", language))
    elif dropped:
        out.append(note("dropped", language, count=dropped))
    if repointed:
        out.append(note("repointed", language, count=repointed))
    return out
