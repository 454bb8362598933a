"""The program: its command line, the REST interface, who may use it."""

from __future__ import annotations

import json
import re
import runpy
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from rag import Chatbot, Notice
from rag.generator import ExtractiveGenerator
from rag.web.desk import Desk, Line

ROOT = Path(__file__).resolve().parent.parent


class TestProgram:
    """The program itself, as a user starts it."""

    def start(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "app.py"), *arguments]
        return subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=60
        )

    @pytest.mark.parametrize("option", ["--index", "--auth-file", "--api-token-file"])
    def test_what_is_not_there(self, tmp_path: Path, option: str):
        done = self.start(option, str(tmp_path / "none"), "--port", "0")
        assert (done.returncode, done.stdout) == (2, "")
        assert re.fullmatch(r"Error: [^\n]*none[^\n]*\n", done.stderr)

    def test_unknown_generator(self):
        done = self.start("--generator", "extractive", "--generator", "none", "--port", "0")
        assert (done.returncode, done.stdout) == (2, "")
        assert re.fullmatch(r"Error: [^\n]*none[^\n]*\n", done.stderr)

    def test_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            done = self.start("--port", port)
        assert (done.returncode, done.stdout) == (2, "")
        assert re.fullmatch(rf"Error: Cannot listen on 127.0.0.1 port {port} .*\n", done.stderr)

    @pytest.mark.parametrize("given", [("--port", "70000"), ("--refuse-below", "2")])
    def test_numbers_out_of_range(self, given: tuple[str, str]):
        done = self.start(*given)
        assert done.returncode == 2
        assert f"'{given[1]}' is not" in done.stderr

    def test_listens_to_this_machine_alone_unless_told_otherwise(self):
        program = runpy.run_path(str(ROOT / "app.py"), run_name="app")
        args = program["arguments"]([])
        assert (args.host, args.port) == ("127.0.0.1", 7860)
        assert args.feedback.name == "feedback.jsonl" and not args.no_feedback
        assert "share=True" not in (ROOT / "app.py").read_text(encoding="utf-8")

    def test_what_is_served_is_what_was_asked_for(self, index_folder: Path):
        program = runpy.run_path(str(ROOT / "app.py"), run_name="app")
        options = ["--index", str(index_folder), "--index", str(index_folder.parent / "built")]
        args = program["arguments"]([*options, "--no-feedback", "--refuse-below", "0.9"])
        desk = program["open_desk"](args)
        assert list(desk.indexes) == [index_folder.as_posix()]  # the same folder twice is one
        assert list(desk.generators) == ["extractive"]
        assert (desk.feedback, desk.refuse_below) == (None, 0.9)
        assert desk.bot(desk.indexes[index_folder.as_posix()]).refuse_below == 0.9

    def test_only_the_page_loads_gradio(self):
        code = "import sys, rag, rag.web.actions; sys.exit('gradio' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0

    def test_gradio_client(self, chat_address: str, bot: Chatbot):
        from gradio_client import Client
        from gradio_client.exceptions import AppError

        client = Client(chat_address, verbose=False, analytics_enabled=False)
        answer = client.predict("这份文件的文号是什么？", None, api_name="/ask")
        assert answer == json.loads(json.dumps(asdict(bot.ask("这份文件的文号是什么？"))))
        before = [
            {"role": "user", "content": "这份文件的文号是什么？"},
            {"role": "assistant", "content": answer["text"]},
        ]
        assert "2021年4月30日" in client.predict("那成文日期呢？", before, api_name="/ask")["text"]
        with pytest.raises(AppError, match="3,000 characters"):
            client.predict("长" * 3000, None, api_name="/ask")


@pytest.fixture(scope="module")
def desk(bot: Chatbot) -> Desk:
    return Desk({"youju": bot.index}, {"extractive": ExtractiveGenerator()})


def client(desk: Desk, **more: object):  # noqa: ANN201
    from fastapi.testclient import TestClient

    from rag.web.api import build_api

    return TestClient(build_api(desk, **more))


class TestRest:
    def test_an_answer_is_what_the_command_line_prints(self, chat_address: str):
        question = "人才评价有哪几种方式？"
        body = json.dumps({"question": question}).encode()
        request = urllib.request.Request(
            f"{chat_address}/api/ask", body, {"Content-Type": "application/json"}
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as response:
            given = json.load(response)
        command = [sys.executable, "-m", "rag", "ask", question, "--json"]
        printed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
        assert given == json.loads(printed)

    def test_a_follow_up(self, desk: Desk):
        history = [
            {"role": "user", "content": "这份文件的文号是什么？"},
            {"role": "assistant", "content": "人社部函〔2021〕49号"},
        ]
        asked = {"question": "那成文日期呢？", "history": history}
        assert "2021年4月30日" in client(desk).post("/api/ask", json=asked).json()["text"]

    @pytest.mark.parametrize(
        ("asked", "status", "said"),
        [
            ({"question": "长" * 3000}, 422, "3,000 characters"),
            ({"question": " "}, 422, "question"),
            ({"question": "问", "history": [{"role": "x", "content": "y"}]}, 422, "role"),
            ({"question": "问", "history": [{"role": "user", "content": "y"}] * 201}, 422, "200"),
            ({"question": "问", "hstory": []}, 422, "hstory"),
            ({"question": "问", "index": "none"}, 404, "no index 'none' here; there is: youju"),
            ({"question": "问", "generator": "gpt"}, 404, "there is: extractive"),
            ({}, 422, "question"),
        ],
    )
    def test_what_cannot_be_asked(self, desk: Desk, asked: dict, status: int, said: str):
        response = client(desk).post("/api/ask", json=asked)
        assert response.status_code == status
        assert said in json.dumps(response.json(), ensure_ascii=False)

    def test_the_notice(self, desk: Desk, notice: Notice):
        rest = client(desk)
        whole = json.loads(json.dumps(asdict(notice)))
        assert rest.get("/api/notice").json() == whole
        assert rest.get("/api/notice", params={"id": notice.id}).json() == whole
        assert rest.get("/api/notice", params={"id": "none"}).status_code == 404

    def test_busy(self, desk: Desk):
        desk = replace(desk, line=Line.of(at_once=1, waiting=0))
        with desk.line.turn():
            response = client(desk).post("/api/ask", json={"question": "文号是什么？"})
        assert response.status_code == 503
        assert response.headers["retry-after"] == "2"
        assert "ask again" in response.json()["detail"]

    def test_many_at_once(self, desk: Desk):
        rest = client(desk)

        def one(_: int) -> int:
            return rest.post("/api/ask", json={"question": "文号是什么？"}).status_code

        with ThreadPoolExecutor(30) as pool:
            assert set(pool.map(one, range(120))) == {200}

    def test_health_and_counts(self, bot: Chatbot):
        rest = client(Desk({"youju": bot.index}, {"extractive": ExtractiveGenerator()}))
        assert rest.get("/healthz").json() == {"status": "ok"}
        rest.post("/api/ask", json={"question": "文号是什么？"})
        rest.post("/api/ask", json={"question": "今天天气怎么样？"})
        told = rest.get("/metrics").text
        assert 'youju_questions_total{outcome="answered",via="api"} 1.0' in told
        assert 'youju_questions_total{outcome="refused",via="api"} 1.0' in told
        assert "youju_answer_seconds_count 2.0" in told
        assert "process_resident_memory_bytes" in told

    def test_the_interface_is_described_from_this_machine(self, desk: Desk):
        rest = client(desk)
        html = rest.get("/docs").text
        linked = re.findall(r'(?:src|href)="([^"]+)"', html)
        assert linked and all(link.startswith("/") for link in linked)
        assert {rest.get(link).status_code for link in linked} == {200}
        paths = rest.get("/openapi.json").json()["paths"]
        assert {"/api/ask", "/api/notice", "/healthz", "/metrics"} <= set(paths)


class TestWhoMayAsk:
    USERS = {"甲": "open sesame", "b": "x:y"}
    TOKEN = "0123456789abcdef"

    @pytest.mark.parametrize("path", ["/api/notice", "/metrics"])
    def test_a_token(self, desk: Desk, path: str):
        rest = client(desk, token=self.TOKEN)
        assert rest.get(path).status_code == 401
        assert rest.get(path, headers={"Authorization": "Bearer wrong"}).status_code == 401
        right = {"Authorization": f"Bearer {self.TOKEN}"}
        assert rest.get(path, headers=right).status_code == 200
        assert rest.get("/healthz").status_code == 200

    def test_users(self, desk: Desk):
        rest = client(desk, users=self.USERS)
        asked = {"json": {"question": "文号是什么？"}}
        assert rest.post("/api/ask", **asked).status_code == 401
        assert rest.post("/api/ask", **asked, auth=("b", "x")).status_code == 401
        assert rest.post("/api/ask", **asked, auth=("c", "")).status_code == 401
        assert rest.post("/api/ask", **asked, auth=("b", "x:y")).status_code == 200
        assert rest.get("/api/notice", headers={"Authorization": "Basic ???"}).status_code == 401
        # Without a token nobody gets in by an empty one.
        assert rest.get("/api/notice", headers={"Authorization": "Bearer "}).status_code == 401

    def test_the_page_asks_for_them_too(self, desk: Desk):
        from fastapi.testclient import TestClient

        program = runpy.run_path(str(ROOT / "app.py"), run_name="app")
        with TestClient(program["build_app"](desk, self.USERS)) as rest:
            assert rest.get("/config").status_code == 401
            wrong = {"username": "b", "password": "x"}
            assert rest.post("/login", data=wrong).status_code == 400
            right = {"username": "甲", "password": "open sesame"}
            assert rest.post("/login", data=right).status_code == 200
            assert rest.get("/config").status_code == 200

    def test_files(self, tmp_path: Path):
        from rag.errors import SourceError
        from rag.web.api import read_token, read_users

        path = tmp_path / "users"
        path.write_text("# who may ask\n甲:open sesame\n\nb:x:y\n", encoding="utf-8")
        assert read_users(path) == self.USERS
        for bad in ("b", "b:", ":x", ""):
            path.write_text(bad, encoding="utf-8")
            with pytest.raises(SourceError, match="users"):
                read_users(path)
        path.write_text(f"{self.TOKEN}\n", encoding="utf-8")
        assert read_token(path) == self.TOKEN
        for bad in ("", "short", "two words of it are"):
            path.write_text(bad, encoding="utf-8")
            with pytest.raises(SourceError, match="holds no token"):
                read_token(path)
