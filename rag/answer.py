"""The online line: question -> standalone question -> hits -> evidence -> checked answer."""

from __future__ import annotations

from collections import abc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rag import evidence, form, questions
from rag.citations import cite
from rag.dialogue import corrected, standalone
from rag.encoder import load_encoder
from rag.generator import ExtractiveGenerator, Generator, load_generator
from rag.neighbours import by_place, spoken_of
from rag.notices import FORM, heading_span
from rag.phrases import phrases, place
from rag.places import topic
from rag.store import READ, Index
from rag.structure import StructureReply, phrase, structure_question
from rag.text import language
from rag.types import Answer, Evidence, Hit, Notice, Passage, Section
from rag.writer import Written, write

BUNDLED = Path(__file__).parent / "embedded" / "index"
"""The index of the notice that ships."""

CLOSEST = 2
"""Places a refusal points to."""


class Chatbot:
    """Answers questions over an index; every answer is cited or refused.

    Keeps no conversation: the same question and history always get the same answer.

    Args:
        index: What is asked about.
        generator: Writes the answers; the extractive one if left out.
        refuse_below: Refuse below this confidence, in [0, 1]; the calibrated value if left out.
    """

    def __init__(
        self,
        index: Index,
        generator: Generator | None = None,
        refuse_below: float | None = None,
    ) -> None:
        """Put the parts together; loads the embedded evidence scorer."""
        self.index = index
        self.generator = generator or load_generator("extractive")
        self.scorer = evidence.embedded_scorer()
        self.refuse_below = self.scorer.refuse_below if refuse_below is None else refuse_below

    @classmethod
    def open(
        cls,
        index: str | Path | None = None,
        *,
        encoder: str | None = None,
        generator: str = "extractive",
        base_url: str | None = None,
        refuse_below: float | None = None,
    ) -> Chatbot:
        """A chatbot over an index folder.

        Args:
            index: Folder; the bundled notice if left out.
            encoder: Name or path of the encoder; the one the index was made with if left out.
            generator: ``extractive``, ``transformers:FOLDER`` or ``openai:MODEL``; see
                ``load_generator``.
            base_url: Address of an OpenAI-compatible server, for ``openai:``.
            refuse_below: As for the class.

        Raises:
            IndexFolderError, EncoderError, GeneratorError, EvidenceError: With the remedy.
        """
        writer = load_generator(generator, base_url)
        opened = Index.open(index or BUNDLED, load_encoder(encoder) if encoder else None)
        return cls(opened, writer, refuse_below)

    def ask(self, question: str, history: Sequence[Mapping[str, Any]] = ()) -> Answer:
        """Answer one question.

        Args:
            question: In any language.
            history: OpenAI-style messages of the conversation so far, oldest first.

        Returns:
            The answer, or a refusal (``refused``), never both.

        Raises:
            QuestionError: The question is empty, without words, or too long.
        """
        return next(p for p in self.stream(question, history) if isinstance(p, Answer))

    def stream(
        self, question: str, history: Sequence[Mapping[str, Any]] = ()
    ) -> Iterator[str | Answer]:
        """Answer one question piece by piece.

        Args:
            question: As for ``ask``.
            history: As for ``ask``.

        Yields:
            Pieces of the answer's text, each checked before it comes, that joined are
            ``answer.text``; then the whole answer, once. A piece is empty where a language model
            is at work and nothing is ready: a chance to stop. Closing the iterator stops the model.

        Raises:
            QuestionError: As for ``ask``, before the first piece.
        """
        asked = questions.clean(question)
        tag = language(asked)
        if questions.is_instruction(asked):
            return (
                yield from _at_once(_refusal(asked, asked, tag, 0.0, (), phrases(tag).instruction))
            )
        notices = tuple(self.index.notices.values())
        if placed := by_place(asked, history, notices):
            return (yield from _at_once(_structural(asked, *placed, tag)))
        full = standalone(asked, history)
        reply = structure_question(full, notices)
        if reply is not None:
            return (yield from _at_once(_structural(asked, full, reply, tag)))
        # Where something is spoken of: the words that ask stand in no passage.
        place_of = topic(full)
        sought = place_of or full
        found = self.index.retrieve(sought, k=READ)
        typed = corrected(asked) if history else asked
        before = spoken_of(full, history, notices) if full == typed else None
        finding = evidence.find(sought, found, self.scorer, "" if place_of else typed, before)
        if place_of and finding.confidence < self.refuse_below:
            if held := evidence.mentions(place_of, found):
                finding = replace(finding, evidence=held, confidence=1.0)
        hits = finding.hits
        if not finding.evidence or finding.confidence < self.refuse_below:
            return (yield from _at_once(_refusal(asked, full, tag, finding.confidence, hits)))
        in_order = sorted(finding.evidence, key=lambda e: (e.passage.notice_id, e.start))
        best_first = sorted(in_order, key=lambda e: e is not finding.evidence[0])
        if place_of or form.kind(full) == "located":
            best_first[1:1] = self._heading_over(best_first[0])
        written = yield from self._written(full, best_first, tag)
        if not written.text:
            refusal = _refusal(asked, full, tag, finding.confidence, hits)
            yield from _at_once(replace(refusal, notes=written.notes, checks=written.checks))
            return
        yield Answer(
            question=asked,
            standalone_question=full,
            text=written.text,
            refused=False,
            confidence=round(finding.confidence, 4),
            citations=written.citations,
            hits=hits,
            language=tag,
            notes=written.notes,
            checks=written.checks,
        )

    def _heading_over(self, found: Evidence) -> list[Evidence]:
        """The heading of the section that some evidence stands in, if it has one."""
        passage = found.passage
        notice = self.index.notices.get(passage.notice_id)
        sections = notice.sections if notice else ()
        own = next((s for s in sections if s.label == passage.section), None)
        if notice is None or own is None or found.start < own.heading_end:
            return []
        start, end = heading_span(notice, own)
        heading = Evidence(_whole(notice, own), start, end, notice.text[start:end], found.score)
        return [heading] if heading.quote else []

    def _written(
        self, question: str, found: Sequence[Evidence], tag: str
    ) -> abc.Generator[str, None, Written]:
        """The text of an answer, piece by piece, from whatever generator there is."""
        if not isinstance(self.generator, ExtractiveGenerator):
            return (yield from write(question, found, tag, self.generator, evidence.support))
        text, citations = cite(self.generator.generate(question, found, tag), found)
        yield text
        return Written(text, citations, (), ())


def _at_once(answer: Answer) -> Iterator[str | Answer]:
    yield answer.text
    yield answer


def _refusal(
    asked: str, full: str, tag: str, confidence: float, hits: tuple[Hit, ...], text: str = ""
) -> Answer:
    """The notice does not say; with the nearest sections where there are hits."""
    # Not the elements of the form: a title or a date is no place to read on.
    found = [h.passage for h in hits if h.passage.section not in FORM]
    closest = {(p.notice_id, p.section): p for p in found[::-1]}
    nearest = sorted(closest.values(), key=found.index)[:CLOSEST]
    frames = phrases(tag)
    places = frames.separator.join(
        place(p.section, p.own_heading, tag) for p in nearest if p.section
    )
    where = frames.closest.format(places=places) if places else ""
    return Answer(
        question=asked,
        standalone_question=full,
        text=text or frames.refusal.format(closest=where).strip(),
        refused=True,
        confidence=round(confidence, 4),
        hits=hits,
        closest=tuple(nearest),
        language=tag,
    )


def _structural(asked: str, full: str, reply: StructureReply, tag: str) -> Answer:
    """An answer, or a refusal, read from the section tree: certain either way."""
    parts = phrase(reply, tag)
    if reply.refused:
        nearest = tuple(_whole(reply.notice, section) for section in reply.sections)
        return Answer(
            question=asked,
            standalone_question=full,
            text="".join(part.text for part in parts),
            refused=True,
            confidence=0.0,
            closest=nearest[:CLOSEST],
            language=tag,
        )
    found: list[Evidence] = []
    text = ""
    for part in parts:
        text += part.text
        if part.span is not None and part.section is not None:
            start, end = part.span
            passage = _whole(reply.notice, part.section)
            found.append(Evidence(passage, start, end, reply.notice.text[start:end], 1.0))
            text += f"[{len(found)}]"
    text, citations = cite(text, found)
    return Answer(
        question=asked,
        standalone_question=full,
        text=text,
        refused=False,
        confidence=1.0,
        citations=citations,
        language=tag,
    )


def _whole(notice: Notice, section: Section) -> Passage:
    """A section's own text as a passage."""
    return Passage(
        id=f"{notice.id}:{section.label}",
        text=notice.text[section.start : section.end],
        notice_id=notice.id,
        section=section.label,
        heading=section.heading,
        start=section.start,
        end=section.end,
        title=notice.title,
        doc_no=notice.doc_no,
    )
