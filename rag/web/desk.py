"""What the page and the REST interface share: what can be asked, the line before it, the counts."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)

from rag.answer import Chatbot
from rag.errors import RagError
from rag.generator import Generator
from rag.store import Index
from rag.types import Answer
from rag.web.turns import Turn, to_data

AT_ONCE = 4
"""Questions answered at a time."""

WAITING = 32
"""Questions that may wait for that; one more is told that the page is busy."""

log = logging.getLogger("youju")


class BusyError(RagError):
    """Too many questions are waiting already."""


@dataclass(frozen=True)
class Line:
    """The line before the desk.

    Attributes:
        places: One for each question that is answered or waits.
        seats: One for each that is answered.
    """

    places: threading.Semaphore
    seats: threading.Semaphore

    @classmethod
    def of(cls, at_once: int = AT_ONCE, waiting: int = WAITING) -> Line:
        """A line for so many questions answered at a time, and so many that may wait."""
        return cls(threading.Semaphore(at_once + waiting), threading.Semaphore(at_once))

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait to be answered.

        Raises:
            BusyError: Too many wait already.
        """
        if not self.places.acquire(blocking=False):
            raise BusyError("Too many questions are being answered just now; ask again shortly.")
        try:
            with self.seats:
                yield
        finally:
            self.places.release()


@dataclass(frozen=True)
class Counts:
    """What ``/metrics`` tells, beside what the process uses."""

    registry: CollectorRegistry
    questions: Counter
    seconds: Histogram

    @classmethod
    def new(cls) -> Counts:
        """All at zero."""
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        labels = ["outcome", "via"]
        return cls(
            registry,
            Counter("youju_questions", "Questions by outcome.", labels, registry=registry),
            Histogram("youju_answer_seconds", "Time to a whole answer.", registry=registry),
        )


@dataclass(frozen=True)
class Desk:
    """What is served.

    Attributes:
        indexes: What can be asked about, by name; at least one.
        generators: What can write the answers, by name; at least one.
        refuse_below: As for ``Chatbot``.
        feedback: File that thumbs are written to; None where they are not kept.
        line: Who may ask when.
        counts: What was asked.
    """

    indexes: Mapping[str, Index]
    generators: Mapping[str, Generator]
    refuse_below: float | None = None
    feedback: Path | None = None
    line: Line = field(default_factory=Line.of)
    counts: Counts = field(default_factory=Counts.new)
    _pen: threading.Lock = field(default_factory=threading.Lock)

    def bot(self, index: Index, generator: str = "") -> Chatbot:
        """A chatbot over an index with one of the generators, the first if the name is unknown."""
        writer = self.generators.get(generator) or next(iter(self.generators.values()))
        return Chatbot(index, writer, self.refuse_below)

    def stream(
        self, bot: Chatbot, question: str, history: Sequence[Mapping[str, Any]], via: str
    ) -> Iterator[str | Answer]:
        """``Chatbot.stream`` in its turn, and counted.

        Args:
            bot: What is asked.
            question: As for ``Chatbot.ask``.
            history: As for ``Chatbot.ask``.
            via: ``page`` or ``api``, for the counts.

        Raises:
            BusyError: Too many questions are waiting.
            RagError: As for ``Chatbot.ask``.
        """
        outcome = "stopped"
        try:
            with self.line.turn():
                started = time.perf_counter()
                with closing(bot.stream(question, history)) as pieces:  # type: ignore[type-var]
                    for piece in pieces:
                        if isinstance(piece, Answer):
                            outcome = "refused" if piece.refused else "answered"
                            self.counts.seconds.observe(time.perf_counter() - started)
                        yield piece
        except BusyError:
            outcome = "busy"
            raise
        except Exception:
            outcome = "error"
            raise
        finally:
            self.counts.questions.labels(outcome, via).inc()

    def ask(self, bot: Chatbot, question: str, history: Sequence[Mapping[str, Any]]) -> Answer:
        """The whole answer to a question that came by the REST interface; raises as ``stream``."""
        *_, answer = self.stream(bot, question, history, "api")
        if not isinstance(answer, Answer):
            raise RagError("The answer broke off; ask again.")
        return answer

    def keep_verdict(self, turn: Turn, generator: str) -> None:
        """Append a reader's thumb to the feedback file, one JSON object a line.

        Raises:
            OSError: The file cannot be written.
        """
        if self.feedback is None:
            return
        row = {
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
            "generator": generator,
            **to_data([turn])[0],
        }
        line = json.dumps(row, ensure_ascii=False) + "\n"
        with self._pen:
            self.feedback.parent.mkdir(parents=True, exist_ok=True)
            # Questions are private: a new file is its owner's alone.
            mode = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            with os.fdopen(os.open(self.feedback, mode, 0o600), "ab") as out:
                out.write(line.encode())
