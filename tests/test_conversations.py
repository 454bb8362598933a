"""The sets over model notices, and how answers are held against them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from rag.types import Answer, Citation

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def sets() -> ModuleType:
    spec = importlib.util.spec_from_file_location("conversations", ROOT / "eval/conversations.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answer(text: str, *quotes: str, refused: bool = False) -> Answer:
    cited = tuple(
        Citation(f"[{i}]", "一", "", q, 0, len(q), "n", "", "") for i, q in enumerate(quotes, 1)
    )
    return Answer("", "", text, refused, 0.5, citations=cited)


def test_golds_stand_in_their_notices(sets: ModuleType) -> None:
    texts = {doc: sets.flat(text) for doc, text in sets.texts().items()}
    for row in sets.rows("form"):
        for gold in row["gold"] if row["kind"] != "count" else ():
            assert sets.flat(gold) in texts[row["doc"]], row
        assert row["kind"] != "count" or row["gold"][0].isdecimal()
    for row in sets.rows("conversations"):
        assert row["turns"][0]["kind"] == "first" and row["turns"][0]["quotes"]
        for turn in row["turns"]:
            assert (turn["kind"] == "none") == (not turn["quotes"])
            assert all(sets.flat(quote) in texts[row["doc"]] for quote in turn["quotes"])


def test_no_notice_is_asked_about_in_both_halves(sets: ModuleType) -> None:
    for name in ("form", "conversations"):
        half = {h: {r["doc"] for r in sets.rows(name) if r["half"] == h} for h in ("dev", "test")}
        assert half["dev"] and half["test"] and not half["dev"] & half["test"]


def test_what_counts_as_an_answer_about_form(sets: ModuleType) -> None:
    listed = answer("全文共有2个部分：“一、甲”[1]；“二、乙”[2]。", "一、甲", "二、乙")
    assert sets.has_form(listed, "count", ["2"])
    assert not sets.has_form(listed, "count", ["1"])  # a marker is no number
    assert not sets.has_form(answer("第2点共有1点：“甲”[1]。", "甲"), "count", ["2"])
    assert sets.bare("（三）丙") == "丙" and sets.bare("第三条") == "第三条"
    assert sets.has_form(listed, "outline", ["一、甲", "二、乙"])
    assert not sets.has_form(listed, "outline", ["一、甲", "三、丙"])
    assert sets.has_form(listed, "part", ["一、甲"])
    assert not sets.has_form(listed, "part", ["二、乙"])  # one of all that are listed
    assert not sets.has_form(answer("乙"), "part", ["二、乙"])  # it has to be cited
    assert sets.has_form(answer("标题是“关于\n做好工作的通知”[1]"), "title", ["关于做好工作的通知"])


def test_what_counts_as_an_answer_in_a_conversation(sets: ModuleType) -> None:
    gold = ["每名学生补贴三百元"]
    assert sets.has_quote(answer("写明：“按月发放，每名学生补贴三百元。”[1]"), gold)
    assert sets.has_quote(answer("写明……[1]", "每名学生补贴三百"), gold)
    assert not sets.has_quote(answer("写明……[1]", "学生补贴"), gold)  # too little to tell
    assert not sets.has_quote(answer("没有写明", refused=True), gold)
    assert sets.has_quote(answer("没有写明", refused=True), [])
    assert not sets.has_quote(answer("写明：“……”[1]"), [])
