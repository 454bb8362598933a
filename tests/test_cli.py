from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "index/notices/rsbh-2021-49.txt"


def rag(*args: str, stdin: str = "", cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rag", *args],
        capture_output=True,
        text=True,
        encoding="utf-8",
        input=stdin,
        cwd=cwd,
    )


def test_ask_json_is_the_answer() -> None:
    run = rag("ask", "這份通知的文號是多少？", "--json")
    assert run.returncode == 0
    answer = json.loads(run.stdout)
    assert answer["refused"] is False
    assert answer["language"] == "zh-Hant"
    (citation,) = answer["citations"]
    assert citation["quote"] == "人社部函〔2021〕49号"
    assert citation["section"] == "发文字号"
    assert citation["marker"] in answer["text"]


def test_ask_text() -> None:
    run = rag("ask", "文号是多少？")
    assert run.returncode == 0
    assert "人社部函〔2021〕49号" in run.stdout
    assert "[1] 人社部函〔2021〕49号 发文字号" in run.stdout


def test_question_from_standard_input() -> None:
    assert "人社部函〔2021〕49号" in rag("ask", "-", stdin="文号是多少？\n").stdout


@pytest.mark.parametrize("question", ["", "   ", "🙂🎉", "\x07\x1b", "字" * 100_000])
def test_bad_questions_are_one_sentence_and_exit_code_2(question: str) -> None:
    run = rag("ask", "-", stdin=question)
    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr.startswith("Error: The question ")
    assert len(run.stderr.splitlines()) == 1


@pytest.mark.parametrize("question", ["<img src=x onerror=alert(1)>", "' OR 1=1; DROP TABLE x; --"])
def test_code_is_no_question_the_notice_answers(question: str) -> None:
    run = rag("ask", "-", "--json", stdin=question)
    assert run.returncode == 0
    assert json.loads(run.stdout)["refused"] is True


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("ask", "文号", "--index", "nowhere"), "There is no index folder nowhere"),
        (("ask", "文号", "--index", "rag"), "not an index folder"),
        (("ask", "文号", "--encoder", "nowhere/model"), "nowhere/model"),
        (("ask", "文号", "--generator", "oracle"), "There is no generator 'oracle'"),
        (("ask", "文号", "--generator", "transformers:./nowhere"), "no model folder './nowhere'"),
        (("ask", "文号", "--generator", "openai:qwen3"), "give one with --base-url"),
        (("ask", "文号", "--base-url", "http://127.0.0.1:1/v1"), "--base-url goes with"),
        (("chat", "--generator", "oracle"), "There is no generator 'oracle'"),
        (("ask", "文号", "--refuse-below", "7"), "less than or equal to 1"),
        (("build", "nowhere.txt", "--out", "unused"), "nowhere.txt does not exist"),
        (("build", "rag", "--out", "unused"), "rag is a folder"),
    ],
)
def test_bad_options(args: tuple[str, ...], message: str) -> None:
    run = rag(*args)
    assert run.returncode == 2
    assert message in run.stderr
    assert "Traceback" not in run.stderr
    assert not (ROOT / "unused").exists()


def test_build_then_ask(tmp_path: Path) -> None:
    built = rag("build", str(PAGE), "--out", "mine", cwd=tmp_path)
    assert built.returncode == 0, built.stderr
    assert "人社部函〔2021〕49号: 12 sections" in built.stdout
    assert "0 unresolved" in built.stdout
    assert "人社部函〔2021〕49号" in rag("ask", "文号？", "--index", "mine", cwd=tmp_path).stdout


BAD_FILES = {
    "empty.txt": b"",
    "blank.txt": b" \n\n",
    "image.txt": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "zeros.txt": b"\x00" * 5000,
    "large.txt": "通知。\n".encode() * 5_000_000,
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_sources_leave_nothing_behind(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(BAD_FILES[name])
    run = rag("build", name, "--out", "mine", cwd=tmp_path)
    assert run.returncode == 2
    assert run.stderr.startswith(f"Error: {name} ")
    assert len(run.stderr.splitlines()) == 1
    assert [p.name for p in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_give_the_same_notice(tmp_path: Path, encoding: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    (tmp_path / "n.txt").write_bytes(page.encode(encoding))
    run = rag("build", "n.txt", "--out", "mine", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    row = json.loads((tmp_path / "mine/notices.jsonl").read_text(encoding="utf-8"))
    original = rag("build", str(PAGE), "--out", "original", cwd=tmp_path)
    assert original.returncode == 0
    clean = json.loads((tmp_path / "original/notices.jsonl").read_text(encoding="utf-8"))
    assert row["text"] == clean["text"]


def test_chat_follows_up() -> None:
    run = rag("chat", stdin="文号是多少？\n\x07\n那日期呢？\n\n")
    assert run.returncode == 0
    assert "人社部函〔2021〕49号" in run.stdout
    assert "2021年4月30日" in run.stdout


def test_a_server_that_is_down_is_a_note() -> None:
    down = ("--generator", "openai:any", "--base-url", "http://127.0.0.1:9/v1")
    run = rag("ask", "工资怎么涨？", "--json", *down)
    assert run.returncode == 0 and run.stderr == ""
    answer = json.loads(run.stdout)
    assert answer["notes"] == ["连不上语言模型的服务。", "以下直接引用原文。"]
    assert answer["citations"][0]["section"] == "二（二）"


def test_info() -> None:
    run = rag("info")
    assert run.returncode == 0
    assert "二（三）" in run.stdout
    assert "人社部函〔2021〕49号" in run.stdout


@pytest.mark.parametrize("command", [(), ("ask",), ("chat",), ("build",), ("info",)])
def test_help(command: tuple[str, ...]) -> None:
    run = rag(*command, "--help")
    assert run.returncode == 0
    assert "Usage" in run.stdout
