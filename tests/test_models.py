"""Real models: a tiny one through transformers, the same one behind a real server, a bad server."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import StreamingResponse
from tiny_model import CHAT_TEMPLATE, save_tiny_model
from typer.testing import CliRunner

from rag import Answer, Chatbot, models
from rag.__main__ import app as command_line
from rag.errors import GeneratorError, ModelError
from rag.generator import load_generator
from rag.models import OpenAIModel, TransformersModel

ROOT = Path(__file__).resolve().parent.parent
QUESTION = "工资怎么涨？"
TRUE = "企业要建立技能人才工资正常增长机制。[1]"
REPLY = f"{TRUE}教育部每月发放2000元补贴。[1]"
ASK = [{"role": "system", "content": "规则"}, {"role": "user", "content": QUESTION}]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that says one true and one false sentence."""
    return save_tiny_model(tmp_path_factory.mktemp("model") / "tiny", REPLY)


@pytest.fixture(scope="session")
def server(tiny: Path) -> Iterator[str]:
    """``transformers serve`` with the tiny model; it starts while other tests run."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("transformers")), "serve", str(tiny)]
    options = ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu", "--dtype", "float32"]
    with subprocess.Popen(
        [*command, *options],
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        yield f"http://127.0.0.1:{port}/v1"
        process.send_signal(signal.SIGTERM)


@pytest.fixture(scope="session")
def model(tiny: Path, server: str) -> TransformersModel:
    return TransformersModel(str(tiny))


# --- transformers ---------------------------------------------------------------------------------


def test_a_model_answers_through_transformers(bot: Chatbot, model: TransformersModel) -> None:
    *pieces, answer = Chatbot(bot.index, model).stream(QUESTION)
    assert isinstance(answer, Answer)
    assert answer.text == TRUE == "".join(pieces)
    assert pieces.count("") > 3  # it comes token by token
    assert [c.outcome for c in answer.checks] == ["supported", "unsupported"]
    assert "教育部" in answer.checks[1].reason or "2000" in answer.checks[1].reason
    assert [c.section for c in answer.citations] == ["二（二）"]


def test_the_same_messages_give_the_same_text(model: TransformersModel) -> None:
    assert "".join(model.stream(ASK)) == REPLY == "".join(model.stream(ASK))


def test_what_a_model_can_read(model: TransformersModel) -> None:
    # 8,192 positions, 1,024 of them for the answer; a character is three tokens, its bytes.
    assert model.fits([{"role": "user", "content": "字" * 2300}])
    assert not model.fits([{"role": "user", "content": "字" * 2400}])


def test_closing_stops_the_model(tmp_path: Path) -> None:
    endless = TransformersModel(str(save_tiny_model(tmp_path / "m", "没完没了，", endless=True)))
    stream = endless.stream(ASK)
    assert next(stream)
    before = threading.active_count()
    stream.close()
    assert threading.active_count() == before - 1  # its thread has ended
    assert next(endless.stream(ASK))  # and it can be asked again


def test_an_endless_model_ends_at_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "LONGEST", 12)
    endless = TransformersModel(str(save_tiny_model(tmp_path / "m", "没完没了，", endless=True)))
    with pytest.raises(ModelError) as error:
        list(endless.stream(ASK))
    assert error.value.kind == "length"


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "memory"),
        (MemoryError(), "memory"),
        (ValueError("boom"), "model"),
    ],
)
def test_a_failure_inside_is_the_models(
    model: TransformersModel, monkeypatch: pytest.MonkeyPatch, failure: Exception, kind: str
) -> None:
    def fail(**kwargs: object) -> None:
        raise failure

    monkeypatch.setattr(model._model, "generate", fail)
    with pytest.raises(ModelError) as error:
        list(model.stream(ASK))
    assert error.value.kind == kind


NO_SYSTEM = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    + CHAT_TEMPLATE
)


@pytest.mark.parametrize(
    ("template", "begins"),
    [(NO_SYSTEM, TRUE), (CHAT_TEMPLATE + "<think>\n<|assistant|>", TRUE)],
)
def test_templates_of_other_kinds(tmp_path: Path, template: str, begins: str) -> None:
    other = TransformersModel(str(save_tiny_model(tmp_path / "m", REPLY, chat_template=template)))
    assert "".join(other.stream(ASK)).startswith(begins)


def test_thoughts_that_the_template_began_are_told_as_such(tmp_path: Path) -> None:
    begun = CHAT_TEMPLATE.replace("<|assistant|>", "<|assistant|><think>\n")
    folder = save_tiny_model(tmp_path / "m", REPLY, chat_template=begun)
    assert next(TransformersModel(str(folder)).stream(ASK)) == "<think>"


@pytest.mark.parametrize("name", ["{}/nowhere", "./nowhere", "", "~nobody/x"])
def test_a_folder_that_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(GeneratorError, match="There is no model folder .*: give the folder"):
        load_generator(f"transformers:{name.format(tmp_path)}")


def test_a_folder_that_is_no_chat_model(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(GeneratorError, match="cannot be loaded"):
        load_generator(f"transformers:{tmp_path}")
    base = save_tiny_model(tmp_path / "base", REPLY, chat_template="")
    with pytest.raises(GeneratorError, match="has no chat template"):
        load_generator(f"transformers:{base}")


def test_a_name_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError("Name or service not known")

    monkeypatch.setattr(huggingface_hub, "model_info", refuse)
    with pytest.raises(GeneratorError, match="'no/such' cannot be loaded .*not known"):
        load_generator("transformers:no/such")


def test_the_command_line_prints_what_passes(tiny: Path) -> None:
    run = CliRunner().invoke(command_line, ["ask", QUESTION, "--generator", f"transformers:{tiny}"])
    assert (run.exit_code, run.stderr) == (0, "")
    first, blank, place, *_, note = run.stdout.splitlines()
    assert (first, blank) == (TRUE, "")
    assert place.startswith("[1] 人社部函〔2021〕49号 二（二）")
    assert "有 1 句" in note


# --- transformers serve ---------------------------------------------------------------------------


def wait_for(url: str) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(240):
        try:
            opener.open(url, timeout=2).close()
            return
        except OSError:
            time.sleep(0.25)
    raise AssertionError(f"{url} did not come up")


def test_a_model_answers_through_a_server(
    bot: Chatbot, tiny: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # must not be asked for loopback
    wait_for(server.replace("/v1", "/health"))
    served = load_generator(f"openai:{tiny}", server)
    *pieces, answer = Chatbot(bot.index, served).stream(QUESTION)
    assert isinstance(answer, Answer)
    assert answer.text == TRUE == "".join(pieces)
    assert [c.outcome for c in answer.checks] == ["supported", "unsupported"]
    with pytest.raises(GeneratorError, match=f"has no model 'other' .*; it has {tiny}"):
        load_generator("openai:other", server)


# --- A server that misbehaves ---------------------------------------------------------------------


def chunk(text: str, finish: str | None = None) -> str:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    body = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m"}
    return f"data: {json.dumps(body | {'choices': [choice]})}\n\n"


DONE = "data: [DONE]\n\n"
REPLIES = {
    "good": [chunk(TRUE), chunk("", "stop"), DONE],
    "broken": [chunk(TRUE), "data: {broken\n\n", DONE],
    "breaks-off": [chunk(TRUE)],
    "says-error": ['data: {"error": {"message": "overloaded"}}\n\n'],
    "empty": [chunk("", "stop"), DONE],
    "not-a-stream": ["<html>hello</html>"],
    "too-long": [chunk(TRUE), chunk("又一", "length"), DONE],
    "slow": [None],
}


@pytest.fixture(scope="module")
def bad_server() -> Iterator[str]:
    """An OpenAI-compatible server that does what the model's name says."""
    app = FastAPI()

    @app.get("/v1/models")
    def listed(request: Request) -> dict:
        if request.headers["authorization"] == "Bearer wrong":
            raise HTTPException(401, "wrong key")
        names = [*REPLIES, "status-500"]
        return {"object": "list", "data": [{"id": name, "object": "model"} for name in names]}

    @app.post("/v1/chat/completions")
    def complete(body: dict) -> StreamingResponse:
        if body["model"] == "status-500":
            raise HTTPException(500, "out of cards")
        if body["model"] not in REPLIES:
            raise HTTPException(404, "no such model")

        def pieces() -> Iterator[str]:
            for piece in REPLIES[body["model"]]:
                if piece is None:
                    time.sleep(1.5)
                else:
                    yield piece

        return StreamingResponse(pieces(), media_type="text/event-stream")

    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_level="critical", timeout_graceful_shutdown=1
    )
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    port = running.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/v1"
    running.should_exit = True
    thread.join(timeout=10)


@pytest.mark.parametrize(
    ("name", "kind", "shown"),
    [
        ("broken", "reply", TRUE),
        ("breaks-off", "reply", TRUE),
        ("says-error", "reply", ""),
        ("not-a-stream", "reply", ""),
        ("too-long", "length", TRUE + "又一"),
        ("slow", "time", ""),
        ("status-500", "status", ""),
    ],
)
def test_how_a_server_fails(
    bad_server: str, monkeypatch: pytest.MonkeyPatch, name: str, kind: str, shown: str
) -> None:
    monkeypatch.setattr(models, "SILENCE", 0.5)
    served = load_generator(f"openai:{name}", bad_server)
    served._client = served._client.with_options(max_retries=0)
    text = ""
    with pytest.raises(ModelError) as error:
        for piece in served.stream(ASK):
            text += piece
    assert (error.value.kind, text) == (kind, shown)


def test_an_answer_survives_its_server(bot: Chatbot, bad_server: str) -> None:
    quoted = bot.ask(QUESTION)
    good = Chatbot(bot.index, load_generator("openai:good", bad_server)).ask(QUESTION)
    assert (good.text, good.notes) == (TRUE, ())
    empty = Chatbot(bot.index, load_generator("openai:empty", bad_server)).ask(QUESTION)
    assert empty.text == quoted.text
    assert empty.notes == ("语言模型什么也没有写。", "以下直接引用原文。")


def test_a_server_that_is_down(bot: Chatbot) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        down = Chatbot(bot.index, load_generator("openai:any", address))
        answer = down.ask(QUESTION)
    assert answer.text == bot.ask(QUESTION).text
    assert answer.notes == ("连不上语言模型的服务。", "以下直接引用原文。")


def test_a_name_the_server_lacks(bad_server: str) -> None:
    with pytest.raises(GeneratorError, match="has no model 'other' .*it has .*good"):
        load_generator("openai:other", bad_server)


def test_a_key_the_server_refuses(bad_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "wrong")
    with pytest.raises(GeneratorError, match="wants another key; set it in OPENAI_API_KEY"):
        load_generator("openai:good", bad_server)


@pytest.mark.parametrize("address", ["", "127.0.0.1:11434", "ftp://x/v1", "http://"])
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(GeneratorError, match="is no address of a server; give one with --base-url"):
        OpenAIModel("any", address)


def test_what_a_server_can_read(bad_server: str) -> None:
    served = load_generator("openai:good", bad_server)
    # 4,096 less 1,024 for the answer: 3,072 Chinese characters, three times as many others.
    assert served.fits([{"role": "user", "content": "字" * 3072}])
    assert not served.fits([{"role": "user", "content": "字" * 3073}])
    assert served.fits([{"role": "user", "content": "a" * 9216}])
    assert not served.fits([{"role": "user", "content": "a" * 9217}])
