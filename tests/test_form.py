"""Questions about a notice's form in words that no rule knows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag import form
from rag.encoder import embedded_encoder
from rag.errors import EvidenceError
from rag.form import KINDS, Classifier


def test_runs_of_pieces_and_characters() -> None:
    assert form.runs_of("第3部分") == form.runs_of("第12部分")
    pieces = [p.strip() for p in embedded_encoder().piece_texts("编号多少")]
    runs = form.runs_of("编号多少")
    # Of n pieces between the two ends: n single ones, n + 1 pairs, n threes; of four characters
    # between theirs: five pairs, four threes, three fours.
    assert runs[: len(pieces)] == pieces
    assert len(runs) == 3 * len(pieces) + 1 + 5 + 4 + 3
    assert runs[len(pieces)] == f"^\t{pieces[0]}"
    assert runs[-3:] == ["^编号多", "编号多少", "号多少$"]


def test_probabilities_by_hand() -> None:
    encoder = embedded_encoder()
    (piece,) = encoder.piece_texts("猫")
    kinds = len(KINDS)
    runs = np.zeros((1, kinds), np.float32)
    runs[0, 4] = 3.0
    made = Classifier({piece: 0}, runs, np.zeros((encoder.dim, kinds), np.float32), np.zeros(kinds))
    # One run of weight 3 over the root of 1 + 1: odds exp(3 / sqrt 2) to nine times 1.
    odds = np.exp(3 / np.sqrt(2))
    assert made.probabilities("猫")[4] == pytest.approx(odds / (odds + kinds - 1))
    assert made.probabilities("狗") == pytest.approx(np.full(kinds, 1 / kinds))


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("引用时该写它的哪个号", "doc_no"),
        ("落款那儿写的是哪一天", "date"),
        ("红头上印的是哪家单位", "issuer"),
        ("开头那行写给的是哪些单位", "addressee"),
        ("Could you read me its full heading, as printed?", "title"),
        ("几点上班", "none"),
        ("补贴哪天到账", "none"),
        ("How do I renew my licence?", "none"),
    ],
)
def test_kinds(question: str, kind: str) -> None:
    assert form.kind(question, names_notice="它" in question) == kind


def test_who_speaks_of_the_notice_is_sooner_taken_to_ask_about_its_form(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for share, alone, named in (
        (form.SURE, "doc_no", "doc_no"),
        (form.SURE_NAMED, "none", "doc_no"),
        (form.SURE_NAMED - 0.01, "none", "none"),
    ):
        monkeypatch.setattr(form, "_likeliest", lambda _, share=share: ("doc_no", share))
        assert (form.kind("哪个号"), form.kind("哪个号", names_notice=True)) == (alone, named)


def test_a_damaged_file_is_named_with_its_remedy(tmp_path: Path) -> None:
    (cut := tmp_path / "cut.npz").write_bytes(form.WEIGHTS.read_bytes()[:1000])
    for path in (cut, tmp_path / "none.npz"):
        with pytest.raises(EvidenceError, match=r"train/form\.py"):
            Classifier.load(path)


@pytest.mark.parametrize(("name", "value"), [("format", [99]), ("encoder", ["0" * 64])])
def test_weights_of_another_version_are_refused(
    tmp_path: Path, name: str, value: list[object]
) -> None:
    with np.load(form.WEIGHTS, allow_pickle=False) as file:
        held = {key: file[key] for key in file.files}
    np.savez(tmp_path / "other.npz", **(held | {name: np.array(value)}))
    with pytest.raises(EvidenceError, match="another version"):
        Classifier.load(tmp_path / "other.npz")
