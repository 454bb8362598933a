from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
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


# Runs the program as it is, and writes down whom it would talk to beside this machine.
WATCHED = """
import runpy, sys
def watch(event, args):
    if event == "socket.connect" and isinstance(args[1], tuple):
        host = args[1][0]
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    if str(host) not in ("127.0.0.1", "localhost", "::1", "None"):
        with open(LOG, "a", encoding="utf-8") as log:
            log.write(f"{event} {host}\\n")
LOG = sys.argv[1]
sys.addaudithook(watch)
sys.argv = sys.argv[2:]
sys.path.insert(0, "")
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@dataclass(frozen=True)
class Served:
    """The program at work: its address, where it keeps thumbs, whom it talked to."""

    address: str
    feedback: Path
    contacts: Path


@pytest.fixture(scope="session")
def served(index_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The chat, served by the program itself; a proxy that answers nothing is set."""
    folder = tmp_path_factory.mktemp("served")
    feedback, contacts = folder / "kept" / "feedback.jsonl", folder / "contacts.txt"
    dead = "http://127.0.0.1:9"
    proxies = {name: dead for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")}
    command = [sys.executable, "-c", WATCHED, str(contacts), str(ROOT / "app.py")]
    options = ["--index", str(index_folder), "--port", "0", "--feedback", str(feedback)]
    with subprocess.Popen(
        [*command, *options],
        cwd=ROOT,
        env={**os.environ, **proxies},
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        assert "http://127.0.0.1:" in line, f"the chat did not start: {line!r}"
        address = next(word for word in line.split() if word.startswith("http"))
        yield Served(address, feedback, contacts)
        server.terminate()


@pytest.fixture(scope="session")
def chat_address(served: Served) -> str:
    """Address of the chat."""
    return served.address


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
