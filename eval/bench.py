"""Measure start and answer times beside their limits.

python eval/bench.py
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
QUESTION = "技能人才的工资怎么增长？"
PORT = 7869
COLD, WARM_MS, CHAT = 1.0, 5.0, 10.0
PASSAGES_A_SECOND, TIMES_A_TRANSFORMER = 5000, 100
LENGTH = 150
"""Characters of a passage that is encoded."""


def cold() -> float:
    """Median wall time of ``python -m rag ask``, seconds, of nine runs."""
    times = []
    for _ in range(9):
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "rag", "ask", QUESTION],
            check=True,
            capture_output=True,
            cwd=ROOT,
        )
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def warm() -> float:
    """Median time of an answer once everything is loaded, milliseconds, over the question set."""
    from rag import Chatbot

    bot = Chatbot.open()
    lines = (ROOT / "eval/questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [json.loads(line)["question"] for line in lines]
    for question in asked:
        bot.ask(question)
    times = []
    for question in asked:
        started = time.perf_counter()
        bot.ask(question)
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def chat() -> float:
    """Time from starting the chat to its first answer, seconds."""
    from gradio_client import Client

    started = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "app.py", "--port", str(PORT)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{PORT}"
        while time.perf_counter() - started < 60:
            try:
                urllib.request.urlopen(address, timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        Client(address, verbose=False).predict(QUESTION, api_name="/ask")
        return time.perf_counter() - started
    finally:
        server.terminate()
        server.wait()


def encoding() -> tuple[float, float]:
    """Passages a second, and how many times a transformer's that is, on the same cores.

    The transformer has multilingual-e5-small's shape and random weights; a piece of its tokenizer
    is taken to be 1.6 characters of Chinese.
    """
    import torch
    from transformers import BertConfig, BertModel

    from rag import load_notice
    from rag.encoder import load_encoder

    text = load_notice(ROOT / "index/notices/rsbh-2021-49.txt").text.replace("\n", "")
    passages = [(text[i % len(text) :] + text)[:LENGTH] for i in range(0, 37 * 10_000, 37)]
    encoder = load_encoder()
    encoder.encode_passages(passages[:500])
    rates = []
    for _ in range(3):
        started = time.perf_counter()
        encoder.encode_passages(passages)
        rates.append(len(passages) / (time.perf_counter() - started))
    shape = BertConfig(
        vocab_size=1000,
        hidden_size=384,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=1536,
    )
    model = BertModel(shape).eval()
    ids = torch.randint(0, 1000, (32, int(LENGTH / 1.6)))
    with torch.inference_mode():
        model(ids)
        started = time.perf_counter()
        for _ in range(3):
            model(ids)
    theirs = 3 * len(ids) / (time.perf_counter() - started)
    ours = statistics.median(rates)
    return ours, ours / theirs


def main() -> None:
    """Measure and print one line a figure, with its ratio to the limit."""
    import gradio_client  # noqa: F401  imported here so that its load time is not the server's

    for name, value, limit, unit in (
        ("cold `python -m rag ask`", cold(), COLD, "s"),
        ("warm answer, median", warm(), WARM_MS, "ms"),
        ("chat, start to first answer", chat(), CHAT, "s"),
    ):
        print(
            f"{name:30} {value:7.2f} {unit:2} limit {limit:5.1f} {unit:2} ratio {value / limit:.2f}"
        )
    rate, times = encoding()
    print(
        f"encoding {LENGTH} characters        {rate:7.0f} passages a second, at least "
        f"{PASSAGES_A_SECOND} wanted; {times:.0f} times a small transformer, at least "
        f"{TIMES_A_TRANSFORMER} wanted"
    )


if __name__ == "__main__":
    main()
