"""The reader of sentences: worked examples over rows of our own, and the rows that ship."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import reader
from rag.encoder import embedded_encoder
from rag.errors import EvidenceError
from rag.matching import Texts
from rag.reader import Head, Reader, Reading

A, B = "猫", "狗"  # each is one piece


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def made(*, beside: tuple[float, float] = (0.0, 0.0), length: float = 0.0) -> Reader:
    """Two pieces at right angles, all others without a direction."""
    encoder = embedded_encoder()
    rows = np.zeros((encoder.size, 2), np.int8)
    (a,), (b,) = encoder.pieces([A, B])
    rows[a], rows[b] = (1, 0), (0, 1)
    ones = np.ones(encoder.size, np.float32)
    neighbours = np.array([[beside[0]] * 2, [beside[1]] * 2], np.float32)
    which = Head(ones, 8.0, 0.4, 2.0, 0.0, 1.0, length, 0.0)
    whether = Head(ones, 8.0, 0.4, 3.0, 0.0, 0.0, 0.0, 2.0)
    return Reader(rows, ones, ones, neighbours, which, whether)


def wholes(ours: Reader, question: str, texts: list[str]) -> Reading:
    """What a reader says of texts that are not cut."""
    return ours.read(question, Texts.of(texts).cut([((0, len(text)),) for text in texts]))[0]


def test_a_piece_is_met_by_itself_and_not_by_another() -> None:
    scores = wholes(made(), A, [A, B, ""]).best
    # Cosine 1: 2 logistic(8 (1 - 0.4)) for what is met, 1 for the wholes. Cosine 0: the logistic at
    # -3.2, wholes at right angles. Nothing to read: as little as the worst.
    assert scores == pytest.approx([2 * logistic(4.8) + 1, 2 * logistic(-3.2), 2 * logistic(-3.2)])


def test_whether_a_text_answers_is_weighed_by_itself() -> None:
    # 3 for all that is met, and 2 have to be reached.
    sure = wholes(made(), A, [A, B]).sure
    assert sure == pytest.approx([3 * logistic(4.8) - 2, 3 * logistic(-3.2) - 2])


def test_what_is_met_of_each_piece_of_a_question() -> None:
    ours = made()
    (a,) = embedded_encoder().pieces([A])[0]
    asks = np.ones(embedded_encoder().size, np.float32)
    asks[a] = 3
    said = wholes(replace(ours, whether=replace(ours.whether, asks=asks)), A + B, [A, B + A, ""])
    met, unmet = logistic(4.8), logistic(-3.2)
    # 猫 matters three times as much as 狗; the second text holds both, the third is empty.
    assert said.matters == pytest.approx([0.75, 0.25])
    assert said.met == pytest.approx(np.array([[met, unmet], [met, met], [0, 0]]))
    assert said.sure[0] == pytest.approx(3 * (0.75 * met + 0.25 * unmet) - 2)
    # Nothing to read: as many rows and columns as there are texts and pieces.
    assert wholes(ours, A, ["", ""]).met.shape == (2, 1)
    assert wholes(ours, "", [A]).met.shape == (1, 0)


def test_a_neighbour_turns_a_piece() -> None:
    # What comes after is added: 猫 before 狗 is (1, 1), at 45 degrees to 猫 alone.
    scores = wholes(made(beside=(0.0, 1.0)), A, [A + B]).best
    cosine = math.sqrt(0.5)
    assert scores == pytest.approx([2 * logistic(8 * (cosine - 0.4)) + cosine])


def test_the_length_of_a_sentence_counts() -> None:
    short, long = wholes(made(length=-1.0), A, [A, A * 4]).best
    assert short - long == pytest.approx(math.log(4))


def test_a_part_is_read_where_it_stands() -> None:
    # Two texts: 狗、猫 in two parts, and 狗 in one. 猫 alone answers best; in its text what stands
    # before it is added, so that it is (1, 1), at 45 degrees to the 猫 that is asked.
    parts = Texts.of([B + A, B]).cut([((0, 1), (1, 2)), ((0, 1),)])
    ours = made(beside=(1.0, 0.0))
    whole, of_parts = ours.read(A, parts)
    met, unmet = 2 * logistic(8 * (math.sqrt(0.5) - 0.4)), 2 * logistic(-3.2)
    # What a text is about is the sum of its own rows, without neighbours: (1, 1), or (1, 0) alone.
    assert whole.best == pytest.approx([met + math.sqrt(0.5), unmet])
    assert of_parts.best == pytest.approx([unmet, met + 1, unmet])
    assert parts in ours._seen
    # What is kept of them answers the next question: 狗 alone, all of it met; and beside 猫.
    again, of_parts = ours.read(B, parts)
    assert again.best == pytest.approx([2 * logistic(4.8) + math.sqrt(0.5), 2 * logistic(4.8) + 1])
    assert of_parts.best[0] == pytest.approx(2 * logistic(4.8) + 1)


words = st.text(alphabet="工资培训学校abc 。，", max_size=12)


@settings(deadline=None)  # the first reads the rows
@given(question=words, texts=st.lists(words, min_size=1, max_size=6))
def test_a_text_is_read_alike_alone_and_among_others(question: str, texts: list[str]) -> None:
    # Two with the same rows: neither has what the other keeps of the texts.
    among, single = replace(reader.embedded()), replace(reader.embedded())
    together = wholes(among, question, texts).best
    alone = [wholes(single, question, [t]).best[0] for t in texts]
    read = [bool(len(p)) for p in embedded_encoder().pieces(texts)]
    assert np.isfinite(together).all()
    if embedded_encoder().pieces([question])[0].size:
        assert together[read] == pytest.approx(np.array(alone)[read], abs=1e-4)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("多久发一次工钱？", "劳动报酬应当按月足额支付给劳动者本人。"),
        ("小孩子看病能便宜点吗", "对未成年人就医费用按照规定予以减免。"),
        ("Who pays for the repair of the road?", "公路养护经费由县级人民政府承担。"),
    ],
)
def test_the_reader_that_ships_knows_other_words(question: str, answer: str) -> None:
    others = [
        "本办法自公布之日起施行。",
        "各地要加强组织领导，明确责任分工。",
        "企业应当建立安全生产档案。",
    ]
    said = wholes(reader.embedded(), question, [*others, answer])
    assert int(said.best.argmax()) == 3
    # As it was learned: of the odds of all and of "none", at 0, more than half is its own.
    odds = np.exp(said.sure)
    assert odds[3] / (1 + odds.sum()) > 0.5


def test_a_damaged_file_is_named_with_its_remedy(tmp_path: Path) -> None:
    whole = reader.WEIGHTS.read_bytes()
    (cut := tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    (empty := tmp_path / "empty.npz").write_bytes(b"")
    with np.load(reader.WEIGHTS, allow_pickle=False) as file:
        np.savez(few := tmp_path / "few.npz", **({**file} | {"rows": file["rows"][:100]}))
    for path in (cut, empty, few, tmp_path / "none.npz"):
        with pytest.raises(EvidenceError, match=r"train/reader\.py"):
            Reader.load(path)


@pytest.mark.parametrize(("name", "value"), [("format", [99]), ("encoder", ["0" * 64])])
def test_rows_of_another_version_are_refused(
    tmp_path: Path, name: str, value: list[object]
) -> None:
    with np.load(reader.WEIGHTS, allow_pickle=False) as file:
        held = {key: file[key] for key in file.files}
    np.savez(tmp_path / "other.npz", **(held | {name: np.array(value)}))
    with pytest.raises(EvidenceError, match="another version"):
        Reader.load(tmp_path / "other.npz")
