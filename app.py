"""The chat in the browser: ``python app.py``, then open the address it prints."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

# Gradio reads this when it is imported.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

from rag import Chatbot, RagError

if TYPE_CHECKING:
    import fastapi

    from rag.web.desk import Desk

UPLOAD = "20mb"
"""Largest file that a reader may open."""

SESSIONS = 200
"""Readers whose own documents are kept at a time; the oldest is forgotten first."""

FONTS = (
    "system-ui",
    "PingFang SC",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "sans-serif",
)


def open_desk(args: argparse.Namespace) -> Desk:
    """What is served: every index with every generator.

    Raises:
        RagError: One of them cannot be opened.
    """
    from rag.web.desk import Desk

    options: dict[str, Any] = {"encoder": args.encoder}
    if args.base_url:
        options["base_url"] = args.base_url
    folders: list[Path | None] = args.index or [None]
    names = args.generator or ["extractive"]
    first = Chatbot.open(folders[0], generator=names[0], **options)
    generators = {names[0]: first.generator}
    for name in names[1:]:
        generators[name] = Chatbot.open(folders[0], generator=name, **options).generator
    indexes = {_name(folders[0]): first.index}
    for folder in folders[1:]:
        indexes[_name(folder)] = Chatbot.open(folder, encoder=args.encoder).index
    return Desk(
        indexes,
        generators,
        refuse_below=args.refuse_below,
        feedback=None if args.no_feedback else args.feedback,
    )


def _name(folder: Path | None) -> str:
    """How an index is called in an address or a request."""
    return folder.as_posix() if folder else "youju"


def build_app(desk: Desk, users: dict[str, str] | None = None, token: str = "") -> fastapi.FastAPI:
    """The page and the REST interface in one application."""
    import gradio as gr

    from rag.web.api import build_api, is_user
    from rag.web.page import build_page, head

    blocks = build_page(desk)
    blocks.state_session_capacity = SESSIONS
    return gr.mount_gradio_app(
        build_api(desk, users=users, token=token),
        blocks,
        path="/",
        auth=(lambda name, password: is_user(users, name, password)) if users else None,
        show_error=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
        run_history=False,
        footer_links=[],
        max_file_size=UPLOAD,
        favicon_path=None,
        theme=gr.themes.Base(font=FONTS, font_mono=("ui-monospace", "monospace")),
        head=head(),
    )


@contextmanager
def serving(app: fastapi.FastAPI, listening: socket.socket) -> Iterator[str]:
    """Serve in the background; gives the address."""
    import uvicorn

    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", lifespan="on", timeout_graceful_shutdown=1)
    )
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.02)
    host, port = listening.getsockname()[:2]
    try:
        yield f"http://{f'[{host}]' if ':' in host else host}:{port}"
    finally:
        # A page that is still open is cut off, which is no error here.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        server.should_exit = True
        thread.join(10)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; for port 0 on one that is free.

    Raises:
        OSError: It cannot be.
    """
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    family, kind, protocol, _, address = found[0]
    listening = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # elsewhere this would allow a port in use
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    from platformdirs import user_data_path

    parser = argparse.ArgumentParser(description="Chat about a notice in the browser, offline.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument(
        "--port", type=_port, default=7860, help="port, 0 for any free one (%(default)s)"
    )
    parser.add_argument(
        "--index",
        type=Path,
        action="append",
        metavar="FOLDER",
        help="index folder, several to choose from if repeated (the bundled notice)",
    )
    parser.add_argument(
        "--encoder", metavar="NAME", help="encoder by name or path (the one of the index)"
    )
    parser.add_argument(
        "--generator",
        action="append",
        metavar="NAME",
        help="what writes the answers, several to choose from if repeated (extractive)",
    )
    parser.add_argument("--base-url", metavar="URL", help="server of an openai: generator")
    parser.add_argument(
        "--refuse-below",
        type=_probability,
        metavar="X",
        help="refuse below this confidence, 0 to 1 (the calibrated value)",
    )
    parser.add_argument(
        "--auth-file", type=Path, metavar="FILE", help="name:password on each line; ask for them"
    )
    parser.add_argument(
        "--api-token-file", type=Path, metavar="FILE", help="token that /api and /metrics ask for"
    )
    parser.add_argument(
        "--feedback",
        type=Path,
        metavar="FILE",
        default=user_data_path("youju", appauthor=False) / "feedback.jsonl",
        help="where thumbs are kept (%(default)s)",
    )
    parser.add_argument("--no-feedback", action="store_true", help="show and keep no thumbs")
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
    logging.getLogger("bm25s").setLevel(logging.WARNING)
    args = arguments()
    try:
        listening = listen(args.host, args.port)
    except OSError as error:
        return _fail(
            f"Cannot listen on {args.host} port {args.port} ({error.strerror or error}); "
            "stop what uses it, or choose another with --host or --port."
        )
    with listening:
        try:
            users = token = None
            if args.auth_file or args.api_token_file:
                from rag.web.api import read_token, read_users

                users = read_users(args.auth_file) if args.auth_file else None
                token = read_token(args.api_token_file) if args.api_token_file else None
            app = build_app(open_desk(args), users, token or "")
        except RagError as error:
            return _fail(str(error))
        with serving(app, listening) as address:
            kept = "" if args.no_feedback else f"  Thumbs are kept in {args.feedback}"
            print(f"有据 Youju: {address}  (Ctrl+C stops it){kept}", flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                Event().wait()
    return 0


def _fail(why: str) -> int:
    print(f"Error: {why}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
