"""The page: what a reader does on it becomes calls of the chatbot, and answers become HTML.

A conversation lives in the reader's browser and comes along with every question, so nothing of it
is shared or kept here. A reader's own document lives in their session and ends with it.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr

from rag.errors import RagError
from rag.passages import passages
from rag.questions import MAX_LENGTH
from rag.store import Index
from rag.types import Answer, Notice
from rag.web import render
from rag.web.desk import BusyError, Desk
from rag.web.examples import example_questions
from rag.web.turns import Turn, from_data, history, to_data
from rag.web.words import WORDS, interface_language

HERE = Path(__file__).parent

EVENTS = 64
"""Events of any kind that may wait in Gradio's own queue; the desk's line is shorter."""

OWN_SECONDS = 3600
"""A reader's own document is forgotten after this time without a sign of them."""

log = logging.getLogger("youju")


@dataclass(frozen=True)
class Own:
    """A reader's own document; ``name`` is its source, the same for the same file."""

    name: str
    index: Index


@dataclass(frozen=True)
class Stored:
    """What the browser keeps.

    Attributes:
        lang: Interface language, ``zh`` or ``en``.
        source: What is asked about.
        generator: What answers.
        turns: The conversation.
    """

    lang: str
    source: str
    generator: str
    turns: list[Turn]

    @classmethod
    def read(cls, data: object, desk: Desk, own: Own | None = None) -> Stored:
        """From what a browser sent, which may be anything."""
        given = data if isinstance(data, dict) else {}
        known = [*desk.indexes, *([own.name] if own else [])]
        return cls(
            lang="en" if given.get("lang") == "en" else "zh",
            source=_among(given.get("source"), known),
            generator=_among(given.get("generator"), list(desk.generators)),
            turns=from_data(given.get("turns")),
        )

    def data(self) -> dict[str, Any]:
        """As the browser keeps it."""
        return {
            "lang": self.lang,
            "source": self.source,
            "generator": self.generator,
            "turns": to_data(self.turns),
        }


def _among(name: object, known: Sequence[str]) -> str:
    return name if isinstance(name, str) and name in known else known[0]


def build_page(desk: Desk) -> gr.Blocks:
    """The page over what is served."""
    kept_in = str(desk.feedback) if desk.feedback else ""

    def index_of(source: str, own: Own | None) -> Index | None:
        return own.index if own and own.name == source else desk.indexes.get(source)

    def chat(stored: Stored, own: Own | None, editing: int | None = None) -> str:
        if stored.turns:
            return render.conversation_html(
                stored.turns, stored.lang, feedback=kept_in, editing=editing
            )
        index = index_of(stored.source, own)
        notices = index.notices if index else {}
        examples = example_questions(notices.values(), stored.lang)
        return render.welcome_html(notices, examples, stored.source, stored.lang)

    def panel(source: str, lang: str, own: Own | None, shown: str = "") -> str:
        index = index_of(source, own)
        is_own = own is not None and own.name == source
        notices = index.notices if index else {}
        return render.panel_html(notices, source, lang, shown=shown, own=is_own)

    def sources(stored: Stored, own: Own | None) -> Any:
        """The choice of what is asked about, seen only where there is one."""
        choices = [(_name(index, name), name) for name, index in desk.indexes.items()]
        if own:
            choices.append((_name(own.index, own.name), own.name))
        label = WORDS[stored.lang]["source"]
        return gr.update(
            choices=choices, value=stored.source, label=label, visible=len(choices) > 1
        )

    def everything(stored: Stored, own: Own | None) -> dict[Any, Any]:
        """Every word of the page."""
        words = WORDS[stored.lang]
        return {
            store: stored.data(),
            head: render.head_html(stored.lang),
            talk: chat(stored, own),
            live: "",
            notice: panel(stored.source, stored.lang, own),
            box: gr.update(
                label=words["question"], placeholder=words["placeholder"], submit_btn=words["ask"]
            ),
            source: sources(stored, own),
            generator: gr.update(label=words["generator"], value=stored.generator),
            opener: gr.update(label=words["open"]),
            status: render.message_html(""),
            editing: None,
        }

    # -- what a reader does --------------------------------------------------------------

    def arrive(data: object, tag: object) -> dict[Any, Any]:
        stored = Stored.read(data, desk)
        if not isinstance(data, dict) or not data.get("lang"):
            stored = replace(stored, lang=interface_language(str(tag)))
        return everything(stored, None)

    def switch_language(data: object, mine: Own | None) -> dict[Any, Any]:
        stored = Stored.read(data, desk, mine)
        return everything(replace(stored, lang="en" if stored.lang == "zh" else "zh"), mine)

    def answer(
        question: str, data: object, mine: Own | None, keep: int | None
    ) -> Iterator[dict[Any, Any]]:
        """Ask a question; ``keep`` turns stay before it, all of them if None."""
        stored = Stored.read(data, desk, mine)
        words = WORDS[stored.lang]
        question = (question or "").strip()
        if not question:
            yield {box: ""}
            return
        turns = [t for t in stored.turns[:keep] if t.answer or t.partial]
        stored = replace(stored, turns=turns)
        begun = render.live_html(question, "", stored.lang)
        shown = chat(stored, mine) if turns else ""
        yield {
            talk: shown,
            live: begun,
            box: gr.update(value="", submit_btn=False, stop_btn=words["stop"]),
            pending: Turn(question, stored.source),
            editing: None,
        }
        said, found, failed = "", None, ""
        try:
            for piece in _pieces(desk, stored, index_of(stored.source, mine), question):
                if isinstance(piece, Answer):
                    found = piece
                else:
                    said += piece
                    yield {
                        live: render.live_html(question, said, stored.lang),
                        pending: Turn(question, stored.source, partial=said),
                    }
        except BusyError:
            failed = words["busy"]
        except RagError as error:
            long = len(question) > MAX_LENGTH
            failed = words["too_long"].format(n=MAX_LENGTH) if long else str(error)
        except Exception as error:
            log.error("%s: %s", type(error).__name__, error)
            failed = words["broken"]
        turn = Turn(question, stored.source, answer=found, error=failed)
        yield finished(replace(stored, turns=[*turns, turn]), mine, left=question if failed else "")

    def finished(stored: Stored, own: Own | None, left: str = "") -> dict[Any, Any]:
        kept = [t for t in stored.turns if t.answer or t.partial]
        ask_button = gr.update(submit_btn=WORDS[stored.lang]["ask"], stop_btn=False)
        if left:
            ask_button["value"] = left
        return {
            store: replace(stored, turns=kept).data(),
            talk: chat(stored, own),
            live: "",
            box: ask_button,
            pending: None,
        }

    def ask(
        question: str, data: object, mine: Own | None, keep: int | None
    ) -> Iterator[dict[Any, Any]]:
        yield from answer(question, data, mine, keep)

    def example(data: object, mine: Own | None, event: gr.EventData) -> Iterator[dict[Any, Any]]:
        yield from answer(_text(event, "question"), data, mine, None)

    def retry(data: object, mine: Own | None, event: gr.EventData) -> Iterator[dict[Any, Any]]:
        stored, number = Stored.read(data, desk, mine), _number(event, "turn")
        question = _text(event, "question")
        if number < len(stored.turns):
            question = stored.turns[number].question
        yield from answer(question, data, mine, number)

    def stop(data: object, mine: Own | None, begun: Turn | None) -> dict[Any, Any]:
        stored = Stored.read(data, desk, mine)
        if begun is None:
            return finished(stored, mine)
        kept = [t for t in stored.turns if t.answer or t.partial]
        return finished(
            replace(stored, turns=[*kept, begun]), mine, left="" if begun.partial else begun.question
        )

    def edit(data: object, mine: Own | None, event: gr.EventData) -> dict[Any, Any]:
        stored, number = Stored.read(data, desk, mine), _number(event, "turn")
        if number >= len(stored.turns):
            return {editing: None}
        question = stored.turns[number].question
        return {box: question, editing: number, talk: chat(stored, mine, number)}

    def cancel_edit(data: object, mine: Own | None) -> dict[Any, Any]:
        return {box: "", editing: None, talk: chat(Stored.read(data, desk, mine), mine)}

    def begin_anew(data: object, mine: Own | None) -> dict[Any, Any]:
        stored = replace(Stored.read(data, desk, mine), turns=[])
        return {store: stored.data(), talk: chat(stored, mine), live: "", editing: None}

    def judge(data: object, mine: Own | None, event: gr.EventData) -> dict[Any, Any]:
        stored, number = Stored.read(data, desk, mine), _number(event, "turn")
        if number >= len(stored.turns) or not stored.turns[number].answer:
            return {talk: chat(stored, mine)}
        turn = stored.turns[number]
        given = _text(event, "verdict")
        turn = replace(turn, verdict="" if turn.verdict == given else given)
        turn = from_data(to_data([turn]))[0]  # only a thumb that there is
        try:
            desk.keep_verdict(turn, stored.generator)
        except OSError as error:
            gr.Warning(f"{kept_in}: {error.strerror or error}")
            return {talk: chat(stored, mine)}
        turns = [*stored.turns[:number], turn, *stored.turns[number + 1 :]]
        stored = replace(stored, turns=turns)
        return {store: stored.data(), talk: chat(stored, mine)}

    def choose(name: str, data: object, mine: Own | None) -> dict[Any, Any]:
        stored = Stored.read({**Stored.read(data, desk, mine).data(), "source": name}, desk, mine)
        return {
            store: stored.data(),
            notice: panel(stored.source, stored.lang, mine),
            talk: chat(stored, mine),
        }

    def choose_generator(name: str, data: object, mine: Own | None) -> dict[str, Any]:
        given = {**Stored.read(data, desk, mine).data(), "generator": name}
        return Stored.read(given, desk, mine).data()

    def show(data: object, mine: Own | None, event: gr.EventData) -> str:
        """Another notice, whose place was asked for."""
        stored, wanted = Stored.read(data, desk, mine), _text(event, "source")
        if index_of(wanted, mine) is None:
            gr.Info(WORDS[stored.lang]["gone"])
            wanted = stored.source
        return panel(wanted, stored.lang, mine, _text(event, "notice"))

    def open_own(path: str | None, data: object, mine: Own | None) -> Iterator[dict[Any, Any]]:
        """Read a reader's own document; the file itself is deleted at once."""
        from rag.documents import Progress, read_document

        stored = Stored.read(data, desk, mine)
        words = WORDS[stored.lang]
        if not path:
            return
        name = Path(path).name
        yield {status: render.message_html(words["reading"].format(name=name)), opener: gr.update(interactive=False)}
        try:
            read: Notice | None = None
            for step in read_document(path):
                if isinstance(step, Progress):
                    told = words["page_of"].format(done=step.done, total=step.total)
                    yield {status: render.message_html(told)}
                else:
                    read = step
            assert read is not None
            cut = passages(read)
            yield {status: render.message_html(words["indexing"].format(n=len(cut)))}
            encoder = next(iter(desk.indexes.values())).encoder
            digest = hashlib.sha256(read.text.encode()).hexdigest()[:12]
            mine = Own(f"own:{digest}", Index.build(cut, [read], encoder))
        except RagError as error:
            told = render.message_html(str(error), bad=True)
            yield {status: told, opener: gr.update(interactive=True, value=None)}
            return
        finally:
            with contextlib.suppress(OSError):
                os.unlink(path)
        stored = replace(stored, source=mine.name)
        told = words["opened"].format(
            title=read.title or name,
            sections=sum(s.level > 0 for s in read.sections) or len(read.sections),
            passages=len(cut),
        )
        yield {
            **everything(stored, mine),
            own: mine,
            status: render.message_html(told),
            opener: gr.update(interactive=True, value=None),
        }

    def close_own(data: object, mine: Own | None) -> dict[Any, Any]:
        stored = Stored.read(data, desk, None)
        told = WORDS[stored.lang]["closed"]
        return {**everything(stored, None), own: None, status: render.message_html(told)}

    def ask_once(question: str, history: list[dict[str, str]] | None = None) -> dict[str, Any]:
        """Answer one question; the same object as ``python -m rag ask --json``."""
        bot = desk.bot(next(iter(desk.indexes.values())))
        try:
            return asdict(desk.ask(bot, question, history or []))
        except RagError as error:
            raise gr.Error(str(error), print_exception=False) from None

    # -- the page ------------------------------------------------------------------------

    with gr.Blocks(
        title="有据 Youju", analytics_enabled=False, fill_width=True, delete_cache=(600, 600)
    ) as blocks:
        # Not a secret: what a browser keeps is its reader's own.
        store = gr.BrowserState(None, storage_key="youju", secret="youju")
        tag = gr.Textbox(visible=False)
        own = gr.State(None, time_to_live=OWN_SECONDS)
        pending = gr.State(None)
        editing = gr.State(None)
        head = gr.HTML("", elem_id="yj-head", js_on_load=_wired("head", "language"), **_BARE)
        with gr.Row(elem_id="yj-main", equal_height=True):
            with gr.Column(scale=1, min_width=0, elem_id="yj-chat"):
                with gr.Column(elem_id="yj-log"):
                    talk = gr.HTML(
                        "",
                        elem_id="yj-talk",
                        js_on_load=_wired(
                            "talk", "example", "retry", "edit", "cancel", "anew", "judge"
                        ),
                        **_BARE,
                    )
                    live = gr.HTML("", elem_id="yj-live", js_on_load=_wired("live"), **_BARE)
                with gr.Column(elem_id="yj-ask"):
                    generator = gr.Dropdown(
                        list(desk.generators),
                        elem_id="yj-generator",
                        visible=len(desk.generators) > 1,
                        filterable=False,
                    )
                    box = gr.Textbox(
                        elem_id="yj-box", lines=1, max_lines=6, autofocus=True, submit_btn="提问"
                    )
            with gr.Column(scale=1, min_width=0, elem_id="yj-panel"):
                with gr.Row(elem_id="yj-source"):
                    source = gr.Dropdown([], elem_id="yj-sources", filterable=False, visible=False)
                    opener = gr.UploadButton(
                        "打开自己的文件",
                        elem_id="yj-open",
                        size="sm",
                        file_types=[".txt", ".md", ".html", ".htm", ".docx", ".pdf"],
                    )
                status = gr.HTML("", elem_id="yj-status", **_BARE)
                notice = gr.HTML(
                    "", elem_id="yj-doc", js_on_load=_wired("notice", "show", "close"), **_BARE
                )

        whole = {store, head, talk, live, notice, box, source, generator, opener, status, editing}
        spoken = {store, talk, live, box, pending, editing}
        quiet: Any = {"show_progress": "hidden", "api_visibility": "private"}
        # The desk's line bounds how much is answered at once: here nobody waits.
        asking: Any = {**quiet, "concurrency_limit": None}

        blocks.load(arrive, [store, tag], whole, js=_ARRIVE, **quiet)
        head.language(switch_language, [store, own], whole, **quiet)
        asked = [
            box.submit(ask, [box, store, own, editing], spoken, **asking),
            talk.example(example, [store, own], spoken, **asking),
            talk.retry(retry, [store, own], spoken, **asking),
        ]
        box.stop(stop, [store, own, pending], spoken, cancels=asked, **quiet)
        talk.edit(edit, [store, own], {box, editing, talk}, **quiet)
        talk.cancel(cancel_edit, [store, own], {box, editing, talk}, **quiet)
        talk.anew(begin_anew, [store, own], {store, talk, live, editing}, cancels=asked, **quiet)
        talk.judge(judge, [store, own], {store, talk}, **quiet)
        source.input(choose, [source, store, own], {store, notice, talk}, **quiet)
        generator.input(choose_generator, [generator, store, own], store, **quiet)
        notice.show(show, [store, own], notice, **quiet)
        notice.close(close_own, [store, own], {*whole, own}, **quiet)
        opener.upload(
            open_own, [opener, store, own], {*whole, own}, **{**quiet, "concurrency_limit": 2}
        )
        gr.api(ask_once, api_name="ask", concurrency_limit=None)
    blocks.queue(max_size=EVENTS, default_concurrency_limit=None)
    return blocks


def head() -> str:
    """Style and script of the page; Gradio's own way for style sheets rewrites their selectors."""
    style = (HERE / "page.css").read_text(encoding="utf-8")
    script = (HERE / "page.js").read_text(encoding="utf-8")
    return f"<style>{style}</style><script>{script}</script>"


_BARE: dict[str, Any] = {"apply_default_css": False, "padding": False}

# The language of the browser, for somebody who has not chosen one here.
_ARRIVE = "(store, _) => [store, navigator.language]"


def _wired(part: str, *events: str) -> str:
    """What joins a part of the page to ``page.js``; Gradio wants the events named in it."""
    return f"window.youju.{part}(element, trigger, watch, {list(events)!r});"


def _pieces(
    desk: Desk, stored: Stored, index: Index | None, question: str
) -> Iterator[str | Answer]:
    """The answer about a source; its index is one, as ``Stored.read`` sees to it."""
    assert index is not None
    bot = desk.bot(index, stored.generator)
    yield from desk.stream(bot, question, history(stored.turns, stored.source), "page")


def _name(index: Index, name: str) -> str:
    """A source as a reader chooses it: the title of its one notice, or its name."""
    titles = [n.title for n in index.notices.values() if n.title]
    return titles[0] if len(titles) == 1 else name


def _data(event: Any) -> Mapping[str, Any]:
    data = event._data
    return data if isinstance(data, dict) else {}


def _text(event: Any, name: str) -> str:
    value = _data(event).get(name)
    return value if isinstance(value, str) else ""


def _number(event: Any, name: str) -> int:
    value = _data(event).get(name)
    return value if isinstance(value, int) and value >= 0 else 10**9
