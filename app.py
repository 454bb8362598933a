"""The chat in the browser: ``python app.py``, then open the address it prints."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import socket
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Gradio reads this when it is imported.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

from rag import Answer, Chatbot, RagError
from rag.web import CSS, answer_html, error_html, example_questions, panel_html, question_html

if TYPE_CHECKING:
    import gradio

QUEUE = 32
"""Questions that may wait; one more is told that the page is busy."""

AT_ONCE = 4
"""Questions answered at a time."""

FONTS = ("system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif")

log = logging.getLogger("youju")


@dataclass(frozen=True, slots=True)
class Turn:
    """A question of the conversation with its answer, or with why there is none."""

    question: str
    answer: Answer | None = None
    error: str = ""


def ask(bot: Chatbot, question: str, turns: list[Turn]) -> Turn:
    """Answer a question that follows earlier turns; never raises."""
    history = [
        {"role": role, "content": text}
        for turn in turns
        if turn.answer
        for role, text in (("user", turn.question), ("assistant", turn.answer.text))
    ]
    try:
        return Turn(question, bot.ask(question, history=history))
    except RagError as error:
        return Turn(question, error=str(error))
    except Exception as error:
        log.error("%s: %s", type(error).__name__, error)
        return Turn(question, error="Something went wrong here; ask again or in other words.")


def page(bot: Chatbot) -> gradio.Blocks:
    """The page over a chatbot."""
    import gradio as gr

    notices = bot.index.notices
    examples = [[question] for question in example_questions(notices.values())]

    def messages(turns: list[Turn]) -> list[dict[str, str]]:
        out = []
        for number, turn in enumerate(turns, start=1):
            reply = (
                answer_html(turn.answer, number, notices) if turn.answer else error_html(turn.error)
            )
            out.append({"role": "user", "content": question_html(turn.question)})
            out.append({"role": "assistant", "content": reply})
        return out

    def submit(question: str, turns: list[Turn]) -> tuple[Any, ...]:
        turns = [*turns, ask(bot, question, turns)]
        left = "" if turns[-1].answer else question  # what was not answered can be edited
        return left, turns, messages(turns), panel_html(notices, [t.answer for t in turns])

    def example(sample: list[str], turns: list[Turn]) -> tuple[Any, ...]:
        return submit(sample[0], turns)[1:]

    with gr.Blocks(title="有据 Youju", analytics_enabled=False, fill_width=True) as blocks:
        gr.HTML(
            "<h1>有据 <small>Youju</small></h1>"
            "<p>依据原文作答，每句有出处 · Answers from the notice, each with its place in it</p>",
            elem_id="yj-head",
        )
        turns = gr.State([])
        with gr.Row(elem_id="yj-main"):
            with gr.Column(scale=3, min_width=300):
                chat = gr.Chatbot(
                    label="对话 Conversation",
                    show_label=False,
                    elem_id="yj-chat",
                    height="auto",
                    buttons=[],
                    feedback_options=None,
                    latex_delimiters=[],
                    layout="bubble",
                    placeholder="就这份文件提问，中文或英文都可以<br>Ask about the notice",
                )
                box = gr.Textbox(
                    label="问题 Question",
                    placeholder="例如：文件对……有什么要求？",
                    elem_id="yj-box",
                    lines=1,
                    max_lines=6,
                    autofocus=True,
                    submit_btn="提问 Ask",
                )
                if examples:
                    sample = gr.Dataset(
                        label="可以这样问 Examples",
                        components=[box],
                        samples=examples,
                        elem_id="yj-examples",
                    )
            with gr.Column(scale=2, min_width=300):
                panel = gr.HTML(
                    panel_html(notices),
                    elem_id="yj-panel",
                    apply_default_css=False,
                    js_on_load=SHOW_FIRST_QUOTE,
                )
        box.submit(
            submit,
            [box, turns],
            [box, turns, chat, panel],
            api_name="ask",
            concurrency_limit=AT_ONCE,
            show_progress="hidden",
        )
        if examples:
            sample.click(
                example,
                [sample, turns],
                [turns, chat, panel],
                api_visibility="private",
                concurrency_limit=AT_ONCE,
                show_progress="hidden",
            )
        chat.clear(
            lambda: ([], panel_html(notices)),
            None,
            [turns, panel],
            api_visibility="private",
            show_progress="hidden",
        )
    blocks.queue(max_size=QUEUE)
    return blocks


# The notice scrolls in its own frame: bring the answer's first quote into view there.
SHOW_FIRST_QUOTE = """
watch('value', () => {
    const quote = element.querySelector('mark');
    const text = quote && quote.closest('.yj-notice');
    if (text) text.scrollTop += quote.getBoundingClientRect().top
        - text.getBoundingClientRect().top - text.clientHeight / 4;
});
"""


def free_port(host: str, port: int) -> int:
    """The port if it can be listened on; for 0 one that is free.

    Raises:
        OSError: It cannot be.
    """
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as probe:
        if os.name == "posix":  # elsewhere this would allow a port in use
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
        return int(probe.getsockname()[1])


def serve(blocks: gradio.Blocks, host: str, port: int) -> str:
    """Start serving the page in the background; return its address.

    Raises:
        OSError: The port cannot be used.
    """
    import gradio as gr

    # A proxy set for the internet must not be asked for this machine's own address.
    for name in ("no_proxy", "NO_PROXY"):
        given = os.environ.get(name, "")
        os.environ[name] = ",".join(filter(None, (given, "127.0.0.1,localhost,::1", host)))
    _, address, _ = blocks.launch(
        server_name=f"[{host}]" if ":" in host.strip("[]") and host[0] != "[" else host,
        server_port=port,
        share=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
        run_history=False,
        footer_links=[],
        quiet=True,
        inline=False,
        show_error=False,
        prevent_thread_lock=True,
        state_session_capacity=200,
        max_threads=AT_ONCE,
        theme=gr.themes.Default(font=FONTS, font_mono=("ui-monospace", "monospace")),
        css_paths=[CSS],
    )
    return address


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Chat about a notice in the browser, offline.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument(
        "--port", type=_port, default=7860, help="port, 0 for any free one (%(default)s)"
    )
    parser.add_argument(
        "--index", type=Path, metavar="FOLDER", help="index folder (the bundled notice)"
    )
    parser.add_argument(
        "--encoder", metavar="NAME", help="encoder by name or path (the one of the index)"
    )
    parser.add_argument(
        "--generator", default="extractive", metavar="NAME", help="what writes (%(default)s)"
    )
    parser.add_argument(
        "--refuse-below",
        type=_probability,
        metavar="X",
        help="refuse below this confidence, 0 to 1 (the calibrated value)",
    )
    return parser.parse_args(argv)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; give a number from 0 to 65535")
    return int(text)


def _probability(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 <= float(text) <= 1:
            return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")


def main() -> int:
    """Serve until interrupted; what stops it from starting is one sentence and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    args = arguments()
    try:
        port = free_port(args.host, args.port)
        bot = Chatbot.open(
            args.index,
            encoder=args.encoder,
            generator=args.generator,
            refuse_below=args.refuse_below,
        )
        blocks = page(bot)
        address = serve(blocks, args.host, port)
    except RagError as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(
            f"Cannot listen on {args.host} port {args.port} ({error.strerror or error}); "
            "stop what uses it, or choose another with --host or --port."
        )
    print(f"有据 Youju: {address}  (Ctrl+C stops it)", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
    blocks.close(verbose=False)
    return 0


def _fail(why: str) -> int:
    print(f"Error: {why}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
