"""Measure thirty users at once: answer times beside one user's, start, and memory.

python eval/load.py

Each user asks ten questions, one after another, each with the conversation so far. The REST
interface answers from the same line as the page; ``/ask`` of the page goes through Gradio's queue.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
USERS, QUESTIONS = 30, 10
MEMORY_MB, START_S = 600, 10.0
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))

Answer = dict[str, Any]
Ask = Callable[[str, list[dict[str, str]]], Answer]


def questions() -> list[str]:
    """Ten questions of the dev half, of every kind."""
    lines = (ROOT / "eval/questions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["half"] == "dev"]
    return [row["question"] for row in rows[:: len(rows) // QUESTIONS]][:QUESTIONS]


@contextmanager
def program() -> Iterator[tuple[str, float]]:
    """The chat at its defaults: its address, and seconds from its start to its first answer."""
    started = time.perf_counter()
    command = [sys.executable, "app.py", "--port", "0", "--no-feedback"]
    server = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert server.stdout is not None
    try:
        found = re.search(r"http://\S+", server.stdout.readline())
        if found is None:
            raise SystemExit("the chat did not start")
        rest(found[0])("这份文件的文号是什么？", [])
        yield found[0], time.perf_counter() - started
    finally:
        server.terminate()
        server.wait()


def rest(address: str) -> Ask:
    """Asks by ``POST /api/ask``."""

    def ask(question: str, history: list[dict[str, str]]) -> Answer:
        body = json.dumps({"question": question, "history": history}).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{address}/api/ask", body, headers)
        with DIRECT.open(request, timeout=60) as response:
            return json.load(response)

    return ask


def page(address: str) -> Ask:
    """Asks as the page does, through Gradio's queue."""
    from gradio_client import Client

    client = Client(address, verbose=False, analytics_enabled=False)
    return lambda question, history: client.predict(question, history, api_name="/ask")


def one_user(ask: Ask) -> tuple[list[float], int]:
    """Seconds for each question, and how many failed."""
    history: list[dict[str, str]] = []
    times, errors = [], 0
    for question in questions():
        started = time.perf_counter()
        try:
            answer = ask(question, history)
        except Exception as error:
            errors += 1
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            continue
        times.append(time.perf_counter() - started)
        history += [
            {"role": "user", "content": question},
            {"role": "assistant", "content": answer["text"]},
        ]
    return times, errors


def many_users(asks: list[Ask]) -> tuple[list[float], int]:
    """The same of so many users at once."""
    with ThreadPoolExecutor(len(asks)) as pool:
        done = list(pool.map(one_user, asks))
    return [t for times, _ in done for t in times], sum(errors for _, errors in done)


def p95(times: list[float]) -> float:
    """The 95th percentile, in milliseconds."""
    return statistics.quantiles(times, n=20, method="inclusive")[-1] * 1000


def memory(address: str) -> float:
    """Resident memory of the program, in MB."""
    with DIRECT.open(f"{address}/metrics", timeout=30) as response:
        told = response.read().decode()
    found = re.search(r"^process_resident_memory_bytes (\S+)", told, re.M)
    return float(found[1]) / 1e6 if found else float("nan")


def main() -> int:
    """Measure and print; 1 if a question failed or a limit was passed."""
    failed = False
    with program() as (address, start):
        print(f"start to first answer   {start:7.1f} s   limit {START_S:5.0f} s")
        print(f"memory at first         {memory(address):7.0f} MB  limit {MEMORY_MB:5.0f} MB")
        for name, way in (("POST /api/ask", rest), ("page's /ask", page)):
            asks = [way(address) for _ in range(USERS)]
            one_user(asks[0])  # warm
            alone, missed = one_user(asks[0])
            together, errors = many_users(asks)
            failed |= bool(missed or errors) or len(together) != USERS * QUESTIONS
            print(
                f"{name:15} p95 {p95(together):8.0f} ms for {USERS} users x {QUESTIONS}, "
                f"{p95(alone):6.0f} ms for one; {errors} errors"
            )
        used = memory(address)
        print(f"memory after the load   {used:7.0f} MB  limit {MEMORY_MB:5.0f} MB")
    return int(failed or used > MEMORY_MB or start > START_S)


if __name__ == "__main__":
    sys.exit(main())
