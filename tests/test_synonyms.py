from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.errors import EncoderError
from rag.synonyms import TABLE, Synonyms, embedded


def test_an_everyday_word_finds_the_official_one() -> None:
    alike = dict(embedded().alike("老师"))
    assert alike["教师"] == pytest.approx(1.0, abs=0.01)  # both glossed "teacher"
    assert "工资" in dict(embedded().alike("薪水"))
    # Written down as an everyday word for an official one, a phrase and a single character too.
    assert dict(embedded().alike("就通知这些"))["特此通知"] == pytest.approx(0.8, abs=0.01)
    # 涨 stands in the lines of six official words: 0.8 * sqrt(2 / 6) for each; 给钱 in those of 14.
    assert dict(embedded().alike("涨"))["增长"] == pytest.approx(0.462, abs=0.001)
    assert dict(embedded().alike("给钱"))["补贴"] == pytest.approx(0.302, abs=0.001)
    assert embedded().alike("没有这个词条") == []


def test_words_are_found_by_longest_match_in_either_script() -> None:
    assert embedded().words("老師的薪水") == [(0, 2), (3, 5)]  # 老师, 薪水
    assert embedded().words("") == []


def test_likeness_is_a_cosine_and_never_of_a_word_with_itself() -> None:
    table = embedded()
    assert 0 < table.cosine.min() and table.cosine.max() <= 1.001
    for word in list(table.spans)[::500]:
        assert word not in dict(table.alike(word))


def test_other_versions_and_damage(tmp_path: Path) -> None:
    with np.load(TABLE) as file:
        arrays = dict(file)
    np.savez(tmp_path / "new.npz", **(arrays | {"format": np.array([99])}))
    with pytest.raises(EncoderError, match="format 99; this version reads 1.*train/synonyms.py"):
        Synonyms.load(tmp_path / "new.npz")
    (tmp_path / "bad.npz").write_bytes(TABLE.read_bytes()[:1000])
    with pytest.raises(EncoderError, match="cannot be read"):
        Synonyms.load(tmp_path / "bad.npz")
    with pytest.raises(EncoderError, match="cannot be read"):
        Synonyms.load(tmp_path / "missing.npz")
