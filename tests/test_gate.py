"""The program that shows what the gate does: lies are caught, quotations pass."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from rag import Chatbot

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def gate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("eval_gate", ROOT / "eval/gate.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["eval_gate"] = module
    spec.loader.exec_module(module)
    return module


KINDS = {
    "number": "the number ",
    "date": ("the date ", "the number "),  # a year alone is a number
    "title": "the title ",
    "quotation": "the quotation ",
    "body": "the body ",
    "denial": "it says no",
    "marker that leads nowhere": "there is no evidence ",
    "no marker": "it has no marker",
}


def test_every_planted_lie_is_caught_for_what_it_is(gate: ModuleType, bot: Chatbot) -> None:
    found = gate.notice_sentences(bot)
    planted = Counter()
    for kind, check in gate.planted(gate.statements(found), found):
        planted[kind] += 1
        assert check.outcome in ("unsupported", "invented marker"), check
        assert check.reason.startswith(KINDS[kind]), check
    assert planted.keys() == KINDS.keys() and min(planted.values()) > 40


def test_true_statements_pass_and_others_do_not(gate: ModuleType, bot: Chatbot) -> None:
    found = gate.notice_sentences(bot)
    kept = Counter()
    for statement in gate.statements(found):
        given = gate.beside(statement.of or found[6], found)
        outcome = gate.judge(gate.marked(statement.text, "[1]"), given).outcome
        kept[statement.of is not None, statement.half, outcome == "supported"] += 1
    # In French, German and Russian word translations meet too little of three true ones.
    assert kept[True, "chosen-on", False] == 0 and kept[True, "held-out", False] <= 3
    assert kept[False, "chosen-on", True] == kept[False, "held-out", True] == 0


def test_no_exact_quotation_is_held_up(gate: ModuleType, bot: Chatbot) -> None:
    outcomes, answers = gate.quotations(bot)
    assert set(outcomes) == {"supported"}
    assert outcomes.total() >= answers > 200
