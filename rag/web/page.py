"""The page: where its parts stand, and which action each event of the browser is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gradio as gr

from rag.documents import KINDS
from rag.errors import RagError
from rag.web import actions
from rag.web.desk import Desk

EVENTS = 64
"""Events of any kind that may wait in Gradio's own queue; the desk's line is shorter."""

OWN_SECONDS = 3600
"""A reader's own document is forgotten after this time without a sign of them."""

_CONTROLS = {"box", "source", "generator", "opener"}  # changed by settings, not by a value


def build_page(desk: Desk) -> gr.Blocks:
    """The page over what is served."""
    blocks: gr.Blocks
    with gr.Blocks(
        title="有据 Youju", analytics_enabled=False, fill_width=True, delete_cache=(600, 600)
    ) as blocks:
        parts = _layout(desk)
        _wire(desk, blocks, parts)
        blocks.unload(_forget(blocks))
        gr.api(_ask_once(desk), api_name="ask", concurrency_limit=None)  # type: ignore[attr-defined]
    blocks.queue(max_size=EVENTS, default_concurrency_limit=None)
    return blocks


def head() -> str:
    """Style and script of the page; Gradio's own way for style sheets rewrites their selectors."""
    here = Path(__file__).parent
    style = (here / "page.css").read_text(encoding="utf-8")
    script = (here / "page.js").read_text(encoding="utf-8")
    return f"<style>{style}</style><script>{script}</script>"


def _layout(desk: Desk) -> dict[str, Any]:
    """The parts of the page by name, put in their places."""
    parts: dict[str, Any] = {
        # Not a secret: what a browser keeps is its reader's own.
        "choice": gr.BrowserState(None, storage_key="youju-choice", secret="youju"),
        "turns": gr.BrowserState(None, storage_key="youju-turns", secret="youju"),
        "tag": gr.Textbox(visible=False),
        "own": gr.State(None, time_to_live=OWN_SECONDS),
        "pending": gr.State(None),
        "editing": gr.State(None),
        "fresh": gr.State(False),
        "head": _html("head", "language"),
    }
    with gr.Row(elem_id="yj-main"):
        with gr.Column(scale=1, min_width=0, elem_id="yj-chat"):
            with gr.Column(elem_id="yj-log"):
                parts["talk"] = _html("talk", "example", "retry", "edit", "cancel", "anew", "judge")
                parts["live"] = _html("live")
            with gr.Column(elem_id="yj-ask"):
                parts["generator"] = gr.Dropdown(
                    list(desk.generators),
                    elem_id="yj-generator",
                    visible=len(desk.generators) > 1,
                    filterable=False,
                )
                parts["box"] = gr.Textbox(
                    elem_id="yj-box", lines=1, max_lines=6, autofocus=True, submit_btn="提问"
                )
        with gr.Column(scale=1, min_width=0, elem_id="yj-panel"):
            with gr.Row(elem_id="yj-source"):
                parts["source"] = gr.Dropdown([], elem_id="yj-sources", filterable=False)
                parts["opener"] = gr.UploadButton(
                    "打开自己的文件",
                    elem_id="yj-open",
                    elem_classes="yj-button",
                    file_types=list(KINDS),
                )
            parts["status"] = _html("status")
            parts["notice"] = _html("notice", "show", "close")
    return parts


def _html(part: str, *events: str) -> gr.HTML:
    """A part made of HTML; ``page.js`` has a function of its name, which raises these events.

    Gradio listens for an event only if the script it is given names it.
    """
    script = f"window.youju.{part}?.(element, trigger, watch, {list(events)!r});"
    return gr.HTML(
        "", elem_id=f"yj-{part}", js_on_load=script, apply_default_css=False, padding=False
    )


def _wire(desk: Desk, blocks: gr.Blocks, parts: dict[str, Any]) -> None:
    """Every event of the page and what it may change.

    Only what asks or answers changes the turns, only what chooses changes the choice: a document
    opened while an answer is written takes nothing from it.
    """

    def of(*names: str) -> list[Any]:
        return [parts[name] for name in names]

    kept = of("choice", "turns", "own")
    words = of("choice", "head", "talk", "live", "notice", "box", "source", "generator", "opener")
    whole = [*words, *of("status", "editing")]
    spoken = of("turns", "talk", "live", "box", "pending", "editing")
    talk, notice, box = of("talk", "notice", "box")
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}

    def act(action: Callable[..., Any]) -> Callable[..., Any]:
        return _action(desk, parts, action)

    def stream(action: Callable[..., Any]) -> Callable[..., Any]:
        return _stream(desk, parts, action)

    def event(action: Callable[..., Any]) -> Callable[..., Any]:
        return _event(desk, parts, action)

    # The browser's language is known only there.
    tell = "(choice, turns, own, _) => [choice, turns, own, navigator.language]"
    blocks.load(act(actions.arrive), [*kept, parts["tag"]], whole, js=tell, **quiet)
    parts["head"].language(act(actions.switch_language), kept, whole, **quiet)
    asked = [
        box.submit(stream(actions.ask), [*kept, box, parts["editing"]], spoken, **quiet),
        talk.example(_event_stream(desk, parts, actions.example), kept, spoken, **quiet),
        talk.retry(_event_stream(desk, parts, actions.retry), kept, spoken, **quiet),
    ]
    box.stop(act(actions.stop), [*kept, parts["pending"]], spoken, cancels=asked, **quiet)
    talk.anew(act(actions.begin_anew), kept, spoken, cancels=asked, **quiet)
    talk.edit(event(actions.edit), kept, of("box", "editing", "talk"), **quiet)
    talk.cancel(act(actions.cancel_edit), kept, of("box", "editing", "talk"), **quiet)
    talk.judge(event(actions.judge), kept, of("turns", "talk"), **quiet)
    chosen = of("choice", "notice", "talk")
    source, generator, opener = of("source", "generator", "opener")
    source.input(act(actions.choose_source), [*kept, source], chosen, **quiet)
    generator.input(act(actions.choose_generator), [*kept, generator], of("choice"), **quiet)
    notice.show(event(actions.show), kept, of("status", "notice"), **quiet)
    notice.close(act(actions.close_own), kept, [*whole, parts["own"]], **quiet)
    opener.upload(
        stream(actions.open_own),
        [*kept, opener],
        of("own", "fresh", "status", "opener"),
        concurrency_limit=2,
        **quiet,
    ).then(act(actions.enter_own), [*kept, parts["fresh"]], [*whole, parts["fresh"]], **quiet)


def _dressed(parts: dict[str, Any], changes: actions.Changes) -> dict[Any, Any]:
    """Changes by part of the page, as Gradio takes them."""
    return {
        parts[name]: gr.update(**value) if name in _CONTROLS else value
        for name, value in changes.items()
    }


def _stored(choice: object, turns: object) -> dict[str, Any]:
    """What a browser kept, in one."""
    return {**(choice if isinstance(choice, dict) else {}), "turns": turns}


def _action(desk: Desk, parts: dict[str, Any], act: Callable[..., Any]) -> Callable[..., Any]:
    def run(choice: object, turns: object, own: actions.Own | None, *more: Any) -> dict[Any, Any]:
        return _dressed(parts, act(desk, _stored(choice, turns), own, *more))

    return run


def _stream(desk: Desk, parts: dict[str, Any], act: Callable[..., Any]) -> Callable[..., Any]:
    def run(
        choice: object, turns: object, own: actions.Own | None, *more: Any
    ) -> Iterator[dict[Any, Any]]:
        for changes in act(desk, _stored(choice, turns), own, *more):
            yield _dressed(parts, changes)

    return run


def _event(desk: Desk, parts: dict[str, Any], act: Callable[..., Any]) -> Callable[..., Any]:
    def run(
        choice: object, turns: object, own: actions.Own | None, event: gr.EventData
    ) -> dict[Any, Any]:
        return _dressed(parts, act(desk, _stored(choice, turns), own, _data(event)))

    return run


def _event_stream(desk: Desk, parts: dict[str, Any], act: Callable[..., Any]) -> Callable[..., Any]:
    def run(
        choice: object, turns: object, own: actions.Own | None, event: gr.EventData
    ) -> Iterator[dict[Any, Any]]:
        for changes in act(desk, _stored(choice, turns), own, _data(event)):
            yield _dressed(parts, changes)

    return run


def _data(event: gr.EventData) -> dict[str, Any]:
    """What an event of the browser carries, which may be anything."""
    return event._data if isinstance(event._data, dict) else {}


def _forget(blocks: gr.Blocks) -> Callable[..., None]:
    """What ends a session when its page is closed; Gradio would keep it for another hour."""

    def forget(request: gr.Request) -> None:
        if request.session_hash:
            blocks.state_holder.delete_state(request.session_hash)

    return forget


def _ask_once(desk: Desk) -> Callable[..., Any]:
    """What ``gradio_client`` calls as ``/ask``."""

    def ask(question: str, history: list[dict[str, str]] | None = None) -> dict[str, Any]:
        """Answer one question; the same object as ``python -m rag ask --json``."""
        bot = desk.bot(next(iter(desk.indexes.values())))
        try:
            return asdict(desk.ask(bot, question, history or []))
        except RagError as error:
            raise gr.Error(str(error), print_exception=False) from None

    return ask
