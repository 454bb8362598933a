"""The word-translation table: lookups and weights by hand, the shipped table, damaged files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import EncoderError
from rag.text import language, tokens
from rag.translate import FORMAT, Translator, base_forms, embedded, expand, words


def write(
    path: Path, tables: dict[str, dict[str, list[tuple[str, float]]]], version=FORMAT
) -> Path:
    """A table file written out by hand, as the format says."""
    chinese = sorted(
        {zh for table in tables.values() for found in table.values() for zh, _ in found}
    )
    packed = {"chinese": chinese}
    arrays: dict[str, np.ndarray] = {"format": np.asarray([version])}
    for lang, table in tables.items():
        packed[f"{lang}.words"] = sorted(table)
        found = [table[word] for word in sorted(table)]
        arrays[f"{lang}.start"] = np.cumsum([0, *map(len, found)], dtype=np.int32)
        flat = [pair for pairs in found for pair in pairs]
        arrays[f"{lang}.chinese"] = np.asarray([chinese.index(zh) for zh, _ in flat], np.int32)
        arrays[f"{lang}.share"] = np.asarray([p for _, p in flat], np.float16)
    for name, entries in packed.items():
        arrays[name] = np.frombuffer("\n".join(entries).encode(), np.uint8)
    np.savez(path, **arrays)
    return path


TABLES = {
    "en": {
        "wage": [("工资", 0.75), ("薪", 0.25)],
        "train": [("火车", 0.5), ("培训", 0.5)],
        "certificate": [("证书", 1.0)],
        "policy": [("政策", 1.0)],
    },
    "es": {"salario": [("工资", 1.0)]},
}


@pytest.fixture
def table(tmp_path) -> Translator:
    return Translator.load(write(tmp_path / "t.npz", TABLES))


def test_a_word_has_its_translations_best_first(table):
    assert table.word("wage") == [("工资", 0.75), ("薪", 0.25)]
    assert table.word("salario", "es") == [("工资", 1.0)]
    assert table.word("unheard") == []


@pytest.mark.parametrize(
    ("form", "base"),
    [("wages", "wage"), ("training", "train"), ("trained", "train"), ("policies", "policy")],
)
def test_an_inflected_word_is_found_by_its_base(table, form, base):
    assert table.word(form) == table.word(base) != []


def test_base_forms_undouble_consonants():
    # "stopped": without -ed it ends in a doubled letter, which the base form lacks.
    assert base_forms("stopped") == ["stopp", "stoppe", "stop"]
    assert base_forms("is") == []


def test_a_cognate_stands_in_for_a_word_the_language_lacks(table):
    # certificado / certificate: nine letters in common, 60 % of eleven being seven.
    assert table.word("certificado", "es") == [("证书", 1.0)]
    # certeza: "certi" would be needed; only "cert" is shared.
    assert table.word("certeza", "es") == []
    assert table.word("certificado", "ja") == []


def test_weights_of_search_terms(table):
    weights = expand("wages", table)
    # Probabilities to the power 0.7, brought back to a sum of one: .75 ** .7 = .8176 and
    # .25 ** .7 = .3789, so 工资 has .8176 / 1.1965 = .6833 and 薪 has .3167. A word's characters
    # and pairs each have its weight.
    assert weights == pytest.approx(
        {"工": 0.6833, "资": 0.6833, "工资": 0.6833, "薪": 0.3167}, abs=1e-3
    )


def test_a_repeated_word_counts_once_and_shared_terms_add_up(table):
    once, twice = expand("the wage", table), expand("the wage, the wage", table)
    assert once == twice
    # 训 stands in no other translation; each of two equally likely ones has half.
    assert expand("training", table)["训"] == pytest.approx(0.5)


@pytest.mark.parametrize("question", ["", "工资由谁支付？", "學徒的工資", "123", "🎉", "？！"])
def test_nothing_is_added_to_a_chinese_or_empty_question(table, question):
    assert expand(question, table) == {}


def test_words_are_folded_and_japanese_is_cut_where_scripts_meet():
    assert words("The WAGES of ２ apprentices") == ["the", "wages", "of", "apprentices"]
    assert words("職業訓練のコース") == ["职业训练", "の", "コース"]
    assert words("") == []


@pytest.mark.parametrize(
    ("question", "lang", "term"),
    [
        ("wages", "en", "工资"),
        ("subsidies", "en", "补贴"),
        ("training", "en", "培训"),
        ("skills", "en", "技能"),
        ("competition", "en", "竞赛"),
        ("evaluation", "en", "评估"),
        ("remuneration", "en", "报酬"),
        ("enterprises", "en", "企业"),
        ("empresa", "es", "企业"),
        ("formación", "es", "培训"),
    ],
)
def test_the_shipped_table_knows_the_vocabulary_of_labour_policy(question, lang, term):
    found = [chinese for chinese, _ in embedded().word(question, lang)]
    assert term in found


def test_shares_of_the_shipped_table_are_probabilities():
    for lang, share in embedded().share.items():
        starts = [start for start, _ in embedded().tables[lang].values()]
        sums = np.add.reduceat(share.astype(np.float64), starts)
        assert share.min() > 0, lang
        assert sums.max() < 1.01, lang


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_weights_are_positive_and_terms_are_what_the_lexicon_holds(question):
    weights = expand(question)
    assert all(0 < w < np.inf for w in weights.values())
    assert all(tokens(term)[-1] == term for term in weights)
    if language(question).startswith("zh"):
        assert weights == {}


def test_missing_file(tmp_path):
    with pytest.raises(EncoderError, match="none[.]npz is missing"):
        Translator.load(tmp_path / "none.npz")


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04" + b"\0" * 40])
def test_damaged_file(tmp_path, content):
    path = tmp_path / "t.npz"
    path.write_bytes(content)
    with pytest.raises(EncoderError, match="damaged"):
        Translator.load(path)


def test_parts_that_do_not_belong_together(tmp_path):
    path = write(tmp_path / "t.npz", TABLES)
    with np.load(path) as file:
        arrays = dict(file)
    arrays["en.share"] = arrays["en.share"][:-1]
    np.savez(path, **arrays)
    with pytest.raises(EncoderError, match="damaged"):
        Translator.load(path)


def test_file_of_another_format(tmp_path):
    with pytest.raises(EncoderError, match="format 99"):
        Translator.load(write(tmp_path / "t.npz", TABLES, version=99))
