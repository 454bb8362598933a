from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import Chatbot, Notice, build_index, load_notice

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "index" / "notices" / "rsbh-2021-49.txt"


@pytest.fixture(scope="session")
def notice() -> Notice:
    """The notice restored from the damaged page."""
    return load_notice(PAGE)


@pytest.fixture(scope="session")
def bot() -> Chatbot:
    """The chatbot over the bundled index."""
    return Chatbot.open()


@pytest.fixture(scope="session")
def index_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh index folder of the notice. Copy it before damaging it."""
    folder = tmp_path_factory.mktemp("index") / "built"
    build_index(PAGE, folder)
    return folder


@pytest.fixture(scope="session")
def chat_address(index_folder: Path) -> Iterator[str]:
    """Address of the chat, served by the program itself; a proxy that answers nothing is set."""
    dead = "http://127.0.0.1:9"
    proxies = {name: dead for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")}
    command = [sys.executable, str(ROOT / "app.py"), "--index", str(index_folder), "--port", "0"]
    with subprocess.Popen(
        command, env={**os.environ, **proxies}, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        assert "http://127.0.0.1:" in line, f"the chat did not start: {line!r}"
        yield next(word for word in line.split() if word.startswith("http"))
        server.terminate()


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of public development data; the test is skipped where there is none."""
    folder = Path(os.environ.get("YOUJU_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "dev").is_dir():
        pytest.skip("needs the development data: name its folder in YOUJU_DATA")
    return folder


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any attempt to open a connection fails the test."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError(f"the network was touched: {args}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
