"""What a reader does on the page: each function is one thing done, and says what changes.

A conversation lives in the reader's browser and comes along with every action, so nothing of it
is shared or kept here. A reader's own document lives in their session and ends with it. Changes
are by the name of a part of the page (see ``page``): HTML for what is shown, a mapping of settings
for a control, a plain value for what is remembered.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.documents import DocumentError, Progress, read_document
from rag.errors import RagError, SourceError
from rag.passages import passages
from rag.questions import MAX_LENGTH
from rag.store import Index
from rag.types import Answer, Notice
from rag.web import render
from rag.web.desk import BusyError, Desk
from rag.web.examples import example_questions
from rag.web.turns import Turn, from_data, history, to_data
from rag.web.words import REFUSED, WORDS, interface_language

Changes = dict[str, Any]

OWN = "own:"
"""How the source of a reader's own document begins."""

log = logging.getLogger("youju")


@dataclass(frozen=True)
class Own:
    """A reader's own document; ``name`` is its source, the same for the same text."""

    name: str
    index: Index


@dataclass(frozen=True)
class View:
    """The page as one reader has it.

    Attributes:
        lang: Interface language, ``zh`` or ``en``.
        source: Name of what is asked about.
        generator: Name of what answers.
        turns: The conversation.
        own: The reader's own document.
        lost: Whether what was asked about is a reader's own document that is no longer open.
    """

    lang: str
    source: str
    generator: str
    turns: list[Turn]
    own: Own | None = None
    lost: bool = False

    @classmethod
    def read(cls, desk: Desk, stored: object, own: Own | None = None) -> View:
        """From what a browser kept, ``choice`` and ``turns`` in one; it may be anything."""
        given = stored if isinstance(stored, dict) else {}
        known = [*desk.indexes, *([own.name] if own else [])]
        source = given.get("source")
        return cls(
            lang="en" if given.get("lang") == "en" else "zh",
            source=_among(source, known),
            generator=_among(given.get("generator"), list(desk.generators)),
            turns=from_data(given.get("turns")),
            own=own,
            lost=isinstance(source, str) and source.startswith(OWN) and source not in known,
        )

    @property
    def words(self) -> dict[str, str]:
        """The page's own words."""
        return WORDS[self.lang]

    @property
    def choice(self) -> dict[str, str]:
        """What the browser keeps of what was chosen."""
        return {"lang": self.lang, "source": self.source, "generator": self.generator}

    @property
    def kept(self) -> list[dict[str, Any]]:
        """What the browser keeps of the conversation: turns with something in them."""
        return to_data([t for t in self.turns if t.answer or t.partial])

    def index(self, desk: Desk, source: str = "") -> Index | None:
        """The index of a source, of the chosen one by default; None where it is not open."""
        name = source or self.source
        return self.own.index if self.own and self.own.name == name else desk.indexes.get(name)


def _among(name: object, known: Sequence[str]) -> str:
    return name if isinstance(name, str) and name in known else known[0]


# -- what is shown -----------------------------------------------------------------------


def _talk(desk: Desk, view: View, editing: int | None = None) -> str:
    """The conversation, or the first screen."""
    if view.turns:
        kept_in = str(desk.feedback) if desk.feedback else ""
        return render.conversation_html(view.turns, view.lang, feedback=kept_in, editing=editing)
    index = view.index(desk)
    notices = index.notices if index else {}
    examples = example_questions(notices.values(), view.lang)
    return render.welcome_html(notices, examples, view.source, view.lang)


def _notice(desk: Desk, view: View, source: str = "", shown: str = "") -> str:
    name = source or view.source
    index = view.index(desk, name)
    is_own = view.own is not None and view.own.name == name
    return render.panel_html(
        index.notices if index else {}, name, view.lang, shown=shown, own=is_own
    )


def _everything(desk: Desk, view: View) -> Changes:
    """Every word of the page."""
    choices = [(_title(index, name), name) for name, index in desk.indexes.items()]
    if view.own:
        choices.append((_title(view.own.index, view.own.name), view.own.name))
    words = view.words
    return {
        "choice": view.choice,
        "head": render.head_html(view.lang),
        "talk": _talk(desk, view),
        "live": "",
        "notice": _notice(desk, view),
        "box": {
            "label": words["question"],
            "placeholder": words["placeholder"],
            "submit_btn": words["ask"],
        },
        "source": {
            "choices": choices,
            "value": view.source,
            "label": words["source"],
        },
        "generator": {"label": words["generator"], "value": view.generator},
        "opener": {"label": words["open"]},
        "status": "",
        "editing": None,
    }


def _title(index: Index, name: str) -> str:
    """A source as a reader chooses it: the title of its one notice, or its name."""
    titles = [n.title for n in index.notices.values() if n.title]
    return titles[0] if len(titles) == 1 else name


# -- arriving, language ------------------------------------------------------------------


def arrive(desk: Desk, stored: object, own: Own | None, tag: object) -> Changes:
    """The page opens; ``tag`` is the browser's language, for somebody who has chosen none."""
    view = View.read(desk, stored, own)
    if not isinstance(stored, dict) or not stored.get("lang"):
        view = replace(view, lang=interface_language(str(tag)))
    return _everything(desk, view)


def switch_language(desk: Desk, stored: object, own: Own | None) -> Changes:
    """The other language."""
    view = View.read(desk, stored, own)
    return _everything(desk, replace(view, lang="en" if view.lang == "zh" else "zh"))


# -- asking ------------------------------------------------------------------------------


def ask(
    desk: Desk, stored: object, own: Own | None, question: str, keep: int | None = None
) -> Iterator[Changes]:
    """Ask a question after the first ``keep`` turns, after all of them if None."""
    view = View.read(desk, stored, own)
    question = (question or "").strip()
    if not question:
        yield {"box": {"value": ""}}
        return
    view = replace(view, turns=[t for t in view.turns[:keep] if t.answer or t.partial])
    yield {
        "talk": _talk(desk, view) if view.turns else "",
        "live": render.live_html(question, "", view.lang),
        "box": {"value": "", "submit_btn": False, "stop_btn": view.words["stop"]},
        "pending": Turn(question, view.source),
        "editing": None,
    }
    turn = Turn(question, view.source)
    said = ""
    try:
        if view.lost:  # an answer from another document would pass for one from this
            raise SourceError(view.words["gone"])
        for piece in _pieces(desk, view, question):
            if isinstance(piece, Answer):
                turn = replace(turn, answer=piece)
                continue
            said += piece
            yield {
                "live": render.live_html(question, said, view.lang),
                "pending": replace(turn, partial=said),
            }
    except Exception as error:
        turn = replace(turn, error=_told(error, question, view.words))
    yield _ended(desk, replace(view, turns=[*view.turns, turn]), question if turn.error else "")


def _pieces(desk: Desk, view: View, question: str) -> Iterator[str | Answer]:
    """The answer, in its turn."""
    index = view.index(desk)
    assert index is not None  # View.read chose a source that is open
    before = history(view.turns, view.source)
    return desk.stream(desk.bot(index, view.generator), question, before, "page")


def _told(error: Exception, question: str, words: Mapping[str, str]) -> str:
    """What a reader is told of an error."""
    if isinstance(error, BusyError):
        return words["busy"]
    if isinstance(error, RagError):
        long = len(question) > MAX_LENGTH
        return words["too_long"].format(n=MAX_LENGTH) if long else str(error)
    log.error("%s: %s", type(error).__name__, error)
    return words["broken"]


def _ended(desk: Desk, view: View, left: str = "") -> Changes:
    """Nothing is being written any more; what could not be answered is left to be asked again."""
    box = {"submit_btn": view.words["ask"], "stop_btn": False}
    return {
        "turns": view.kept,
        "talk": _talk(desk, view),
        "live": "",
        "box": {**box, "value": left} if left else box,
        "pending": None,
        "editing": None,
    }


def example(
    desk: Desk, stored: object, own: Own | None, event: Mapping[str, Any]
) -> Iterator[Changes]:
    """One of the questions to begin with was chosen."""
    return ask(desk, stored, own, _text(event, "question"))


def retry(
    desk: Desk, stored: object, own: Own | None, event: Mapping[str, Any]
) -> Iterator[Changes]:
    """A question is asked again; what followed it goes."""
    view, number = View.read(desk, stored, own), _number(event, "turn")
    kept = number < len(view.turns)  # a turn without an answer is only on the page
    question = view.turns[number].question if kept else _text(event, "question")
    return ask(desk, stored, own, question, number)


def stop(desk: Desk, stored: object, own: Own | None, begun: Turn | None) -> Changes:
    """What was written so far stays; a question without any of it goes back to its box."""
    view = View.read(desk, stored, own)
    if begun is None:
        return _ended(desk, view)
    left = "" if begun.partial else begun.question
    turns = view.turns if left else [*view.turns, begun]
    return _ended(desk, replace(view, turns=turns), left)


# -- the conversation --------------------------------------------------------------------


def edit(desk: Desk, stored: object, own: Own | None, event: Mapping[str, Any]) -> Changes:
    """A question goes to the box to be changed."""
    view, number = View.read(desk, stored, own), _number(event, "turn")
    if number >= len(view.turns):
        return {"editing": None}
    question = view.turns[number].question
    talk = _talk(desk, view, number)
    return {"box": {"value": question}, "editing": number, "talk": talk}


def cancel_edit(desk: Desk, stored: object, own: Own | None) -> Changes:
    """It is not changed after all."""
    talk = _talk(desk, View.read(desk, stored, own))
    return {"box": {"value": ""}, "editing": None, "talk": talk}


def begin_anew(desk: Desk, stored: object, own: Own | None) -> Changes:
    """A new conversation."""
    return _ended(desk, replace(View.read(desk, stored, own), turns=[]))


def judge(desk: Desk, stored: object, own: Own | None, event: Mapping[str, Any]) -> Changes:
    """A thumb up or down; the same one again takes it back. Both are written down."""
    view, number = View.read(desk, stored, own), _number(event, "turn")
    verdict = _text(event, "verdict")
    turn = view.turns[number] if number < len(view.turns) else None
    if turn is None or turn.answer is None or verdict not in ("up", "down"):
        return {"talk": _talk(desk, view)}
    turn = replace(turn, verdict="" if turn.verdict == verdict else verdict)
    try:
        desk.keep_verdict(turn, view.generator)
    except OSError as error:
        log.error("%s cannot be written: %s", desk.feedback, error)
        return {"talk": _talk(desk, view)}
    view = replace(view, turns=[*view.turns[:number], turn, *view.turns[number + 1 :]])
    return {"turns": view.kept, "talk": _talk(desk, view)}


# -- what is asked about -----------------------------------------------------------------


def choose_source(desk: Desk, stored: object, own: Own | None, name: str) -> Changes:
    """Something else is asked about."""
    view = View.read(desk, stored, own)
    view = replace(view, source=_among(name, [*desk.indexes, *([own.name] if own else [])]))
    return {"choice": view.choice, "notice": _notice(desk, view), "talk": _talk(desk, view)}


def choose_generator(desk: Desk, stored: object, own: Own | None, name: str) -> Changes:
    """Something else answers."""
    view = View.read(desk, stored, own)
    return {"choice": replace(view, generator=_among(name, list(desk.generators))).choice}


def show(desk: Desk, stored: object, own: Own | None, event: Mapping[str, Any]) -> Changes:
    """A notice that is not the one shown is asked for, by a marker or by choice."""
    view, source = View.read(desk, stored, own), _text(event, "source")
    if view.index(desk, source or view.source) is None:
        return {"status": render.message_html(view.words["gone"], bad=True)}
    return {"status": "", "notice": _notice(desk, view, source, _text(event, "notice"))}


def open_own(desk: Desk, stored: object, own: Own | None, path: str | None) -> Iterator[Changes]:
    """Read a reader's own document; the uploaded file is deleted as soon as it is read."""
    view = View.read(desk, stored, own)
    if not path:
        return
    name = Path(path).name
    told = view.words["reading"].format(name=name)
    yield {"status": render.message_html(told), "opener": {"interactive": False}}
    ready = {"interactive": True, "value": None, "label": view.words["open"]}
    try:
        notice: Notice | None = None
        for step in read_document(path):
            if isinstance(step, Progress):
                told = view.words["page_of"].format(done=step.done, total=step.total)
                yield {"status": render.message_html(told)}
            else:
                notice = step
        assert notice is not None  # read_document raises or ends with it
        cut = passages(notice)
        told = view.words["indexing"].format(n=len(cut))
        yield {"status": render.message_html(told)}
        encoder = next(iter(desk.indexes.values())).encoder
        index = Index.build(cut, [notice], encoder)
    except RagError as error:
        told = _refused(error, view.lang)
        yield {"status": render.message_html(told, bad=True), "opener": ready}
        return
    finally:
        with contextlib.suppress(OSError):
            os.unlink(path)
    digest = hashlib.sha256(notice.text.encode()).hexdigest()[:12]
    told = view.words["opened"].format(
        title=notice.title or name, sections=len(notice.sections), passages=len(cut)
    )
    status = render.message_html(told)
    yield {"own": Own(f"{OWN}{digest}", index), "fresh": True, "status": status, "opener": ready}


def _refused(error: RagError, lang: str) -> str:
    """Why a document cannot be opened."""
    if lang == "zh" and isinstance(error, DocumentError):
        return REFUSED[error.reason].format(**error.values)
    return str(error)


def enter_own(desk: Desk, stored: object, own: Own | None, fresh: bool) -> Changes:
    """A document that was just opened is what is asked about."""
    if not fresh or own is None:
        return {"fresh": False}
    view = replace(View.read(desk, stored, own), source=own.name)
    changes = _everything(desk, view)
    return {**{k: v for k, v in changes.items() if k not in ("status", "box")}, "fresh": False}


def close_own(desk: Desk, stored: object, own: Own | None) -> Changes:
    """A reader's own document is forgotten."""
    view = View.read(desk, stored)
    told = render.message_html(view.words["closed"])
    return {**_everything(desk, view), "own": None, "status": told}


def _text(event: Mapping[str, Any], name: str) -> str:
    value = event.get(name)
    return value if isinstance(value, str) else ""


def _number(event: Mapping[str, Any], name: str) -> int:
    """A turn's number; one that no conversation has where the browser sent none."""
    value = event.get(name)
    return value if isinstance(value, int) and value >= 0 else 10**9
