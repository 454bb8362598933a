from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.encoder import embedded_encoder
from rag.matching import Texts, asked_words, matches
from rag.passages import clause_spans

WEIGHTS = {"增长": 3.0, "工资": 2.0}


def test_texts_are_searched_together_and_told_apart() -> None:
    texts = Texts.of(["工资增长", "", "增长工资\n增长", "工 资"])
    for _ in range(2):  # the second time it is kept
        assert texts.holding("工资") == (0, 2)
        assert texts.holding("增长") == (0, 2)  # twice in the third, told once
        assert texts.holding("长增") == ()  # nothing runs over from one text into the next
        assert texts.holding("没有") == ()


@given(
    st.lists(st.text("工资增长 \n", max_size=8), min_size=1, max_size=6),
    st.text("工资增长", min_size=1, max_size=3),
)
def test_holding_is_a_plain_search(texts: list[str], term: str) -> None:
    assert [*Texts.of(texts).holding(term)] == [i for i, t in enumerate(texts) if term in t]


def test_words_and_their_weights() -> None:
    words = asked_words("工資什麼時候增長？", WEIGHTS, unknown=9.0)
    assert [(w.text, w.weight) for w in words] == [("工资", 2.0), ("增长", 3.0)]
    # An unknown word weighs as its heaviest pair of characters, a single character two fifths.
    assert asked_words("钱", {}, unknown=5.0)[0].weight == pytest.approx(2.0)


def test_each_way_of_being_met() -> None:
    words = asked_words("老师", WEIGHTS, unknown=1.0)
    met = matches(words, Texts.of(["老师", "教师", "师傅", "天气"]))
    assert met.same[0].tolist() == [1, 0, 0, 0]
    assert met.alike[0, 1] > 0.7  # the official word for it
    assert met.shared[0].tolist() == [1, 0.5, 0.5, 0]  # 师 of 老师
    assert met.best()[0, 0] == 1.0
    assert met.best()[0].argsort().tolist()[-1] == 0
    assert met.near[0, 0] == pytest.approx(1.0, abs=1e-5)


def test_translations_stand_for_words_of_other_languages() -> None:
    words = asked_words("teacher wages", WEIGHTS, unknown=1.0)
    assert [w.text for w in words] == ["teacher", "wages"]
    met = matches(words, Texts.of(["提高教师工资", "天气预报"]))
    assert met.alike[:, 0].min() > 0.2
    assert met.alike[:, 1].max() == 0


def test_vectors_are_the_encoders() -> None:
    texts = ["提高教师工资。", "", "🙂", "完善制度"]
    np.testing.assert_allclose(
        Texts.of(texts).vectors, embedded_encoder().encode_passages(texts), atol=1e-6
    )


@given(st.lists(st.text("工資增长abc ，：,:1（）《》\n🙂", max_size=14), min_size=1, max_size=4))
def test_parts_are_cut_as_if_they_were_read(texts: list[str]) -> None:
    spans = [clause_spans(text) or [(0, 0)] for text in texts]
    parts = Texts.of(texts).cut(spans)
    read = Texts.of(t[a:b] for t, some in zip(texts, spans, strict=True) for a, b in some)
    assert parts.pieces.tolist() == read.pieces.tolist()
    assert parts.piece_starts.tolist() == read.piece_starts.tolist()
    np.testing.assert_allclose(parts.vectors, read.vectors, atol=1e-5)


@given(st.lists(st.text("工资增长abc，\n", max_size=6), min_size=1, max_size=4), st.data())
def test_the_first_texts_are_as_if_they_were_alone(texts: list[str], data: st.DataObject) -> None:
    count = data.draw(st.integers(1, len(texts)))
    some, alone = Texts.of(texts).first(count), Texts.of(texts[:count])
    assert (some.folded, some.starts, len(some)) == (alone.folded, alone.starts, count)
    assert some.pieces.tolist() == alone.pieces.tolist()
    assert some.offsets.tolist() == alone.offsets.tolist()
    assert some.piece_starts.tolist() == alone.piece_starts.tolist()
    np.testing.assert_array_equal(some.sums, alone.sums)


def test_nothing_asked_or_nothing_to_ask() -> None:
    assert matches([], Texts.of(["工资"])).best().shape == (0, 1)
    words = asked_words("工资", WEIGHTS, unknown=1.0)
    assert matches(words, Texts.of(["", "🙂"])).best().tolist() == [[0, 0]]
