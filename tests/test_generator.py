from __future__ import annotations

import pytest

from rag.errors import GeneratorError
from rag.generator import ExtractiveGenerator, load_generator
from rag.phrases import _NOTES, note, phrases, place
from rag.types import Evidence, Passage


def evidence(text: str, section: str, heading: str = "", start: int = 0) -> Evidence:
    passage = Passage(
        id=f"{section}{start}", text=text, section=section, heading=heading, start=start
    )
    return Evidence(passage, start, start + len(text), text, 0.9)


def test_quotes_from_one_place_share_a_line() -> None:
    found = [
        evidence("甲。", "二（一）", "工作 / 加强力度", 0),
        evidence("乙。", "二（一）", "工作 / 加强力度", 9),
        evidence("丙。", "三", "宣传", 20),
    ]
    assert ExtractiveGenerator().generate("?", found, "zh-Hans") == (
        "“二（一） 加强力度”写明：“甲。”[1]“乙。”[2]\n“三 宣传”写明：“丙。”[3]"
    )


def test_the_words_around_a_quote_are_the_askers() -> None:
    found = [evidence("甲。", "二（一）", "加强力度")]
    write = ExtractiveGenerator().generate
    assert write("?", found, "zh-Hant") == "“二（一） 加强力度”寫明：“甲。”[1]"
    assert write("?", found, "en") == "Section 二（一） (加强力度) says: “甲。”[1]"
    assert write("?", found, "sw") == write("?", found, "en")


def test_a_passage_without_a_section() -> None:
    assert ExtractiveGenerator().generate("?", [evidence("甲。", "")], "zh-Hans") == (
        "原文写明：“甲。”[1]"
    )


@pytest.mark.parametrize("tag", ["zh-Hans", "zh-Hant", "en", "ja", "ko", "es", "fr", "de", "ru"])
def test_every_language_has_whole_frames(tag: str) -> None:
    frames = phrases(tag)
    assert "{place}" in frames.says and "{closest}" in frames.refusal
    assert "{places}" in frames.closest
    assert place("三", "", tag).strip("“”「」‘’") == "三"
    assert "宣传" in place("三", "宣传", tag) and "三" in place("三", "宣传", tag)


def test_every_language_has_every_note() -> None:
    for tag, notes in _NOTES.items():
        assert notes.keys() == _NOTES["en"].keys(), tag
        for kind, text in notes.items():
            wanted = {
                name for name in ("{count}", "{all}", "{detail}") if name in _NOTES["en"][kind]
            }
            assert {name for name in ("{count}", "{all}", "{detail}") if name in text} == wanted
    assert note("fewer", "sw", count=1, all=3) == note("fewer", "en", count=1, all=3)


def test_an_unknown_generator() -> None:
    assert load_generator("extractive").name == "extractive"
    with pytest.raises(GeneratorError, match="no generator 'oracle'; use `extractive`"):
        load_generator("oracle")


def test_an_address_without_a_server_to_ask() -> None:
    with pytest.raises(GeneratorError, match="--base-url goes with --generator openai:MODEL"):
        load_generator("extractive", "http://127.0.0.1:1/v1")


@pytest.mark.parametrize("spec", ["transformers", "openai", "", "Extractive", "llama:x"])
def test_names_that_are_none(spec: str) -> None:
    with pytest.raises(GeneratorError, match="There is no generator"):
        load_generator(spec)
