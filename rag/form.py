"""Whether a question is about a notice's form, in whatever words.

People ask for the 发文字号 as "the number one quotes it by" and for the outline as "the skeleton".
The rules of ``structure`` know the usual words; here a linear classifier, learned from phrasings
(``train/form.py``), tells the kind from runs of pieces and characters and from the question's
vector. It says only what is asked for: the answer comes from the section tree either way.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.encoder import embedded_encoder
from rag.errors import EvidenceError
from rag.text import fold

WEIGHTS = Path(__file__).parent / "embedded" / "form" / "form.npz"
FORMAT = 2
KINDS = (
    "none", "addressee", "attachment", "count", "date", "doc_no", "issuer", "located", "outline",
    "part", "title",
)  # fmt: skip
"""What can be asked for. ``part`` is what a numbered part says: the rules see to it, since a
question for one thing in a part is too much like it. ``located`` is where something is spoken of:
the text is read for it, as for ``none``, which is what the text says."""

SURE, SURE_NAMED = 0.76, 0.65
"""Probability from which a question is taken to be about the form; the second number where it
speaks of the notice, as few do that only look like one."""

_NUMBER = re.compile(r"\d+|[一二三四五六七八九十]+(?=[、章节条点部分项款大小个])")


@dataclass(frozen=True)
class Classifier:
    """Multinomial logistic regression.

    Attributes:
        number: Row of a run of pieces.
        runs: Weights of runs, shape (runs, kinds).
        vector: Weights of the question's vector, shape (dim, kinds).
        bias: Shape (kinds,).
    """

    number: Mapping[str, int]
    runs: NDArray[np.float32]
    vector: NDArray[np.float32]
    bias: NDArray[np.float32]

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> Classifier:
        """Read the weights.

        Raises:
            EvidenceError: They are missing, damaged, of another version or another encoder's.
        """
        again = "install youju again, or make it with `python train/form.py`"
        try:
            with np.load(path, allow_pickle=False) as file:
                held = {name: file[name] for name in file.files}
            version, encoder = int(held["format"][0]), str(held["encoder"][0])
            names = held["names"].tobytes().decode("utf-8").split("\n")
            runs, vector, bias = (held[n].astype(np.float32) for n in ("runs", "vector", "bias"))
            if runs.shape != (len(names), len(KINDS)) or len(bias) != len(KINDS):
                raise ValueError("its parts do not fit together")
        except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile) as error:
            raise EvidenceError(f"{path} cannot be read ({error}); {again}.") from error
        if version != FORMAT or encoder != embedded_encoder().fingerprint:
            raise EvidenceError(f"{path} belongs to another version; {again}.")
        return cls({name: i for i, name in enumerate(names)}, runs, vector, bias)

    def probabilities(self, question: str) -> NDArray[np.float64]:
        """Of each of ``KINDS``, shape (kinds,)."""
        rows = sorted({self.number[run] for run in runs_of(question) if run in self.number})
        logits = self.bias + embedded_encoder().encode_queries([question])[0] @ self.vector
        logits = logits + self.runs[rows].sum(axis=0) / np.sqrt(len(rows) + 1)
        odds = np.exp((logits - logits.max()).astype(np.float64))
        shares: NDArray[np.float64] = odds / odds.sum()
        return shares


def runs_of(question: str) -> list[str]:
    """Runs of one to three pieces of a question and of two to four characters.

    Numbers are all alike; its ends are pieces, and characters, too.
    """
    view = _NUMBER.sub("0", fold(question))
    bare = [piece.strip() for piece in embedded_encoder().piece_texts(view)]
    marked, letters = ["^", *bare, "$"], f"^{view}$"
    pairs = ("\t".join(run) for run in pairwise(marked))
    threes = ("\t".join(run) for run in zip(marked, marked[1:], marked[2:], strict=False))
    characters = (letters[i : i + n] for n in (2, 3, 4) for i in range(len(letters) - n + 1))
    return [*bare, *pairs, *threes, *characters]


def kind(question: str, names_notice: bool = False) -> str:
    """What a question asks for, one of ``KINDS``; ``none`` where that is not sure.

    Args:
        question: Standalone.
        names_notice: Whether it speaks of the notice.
    """
    best, share = _likeliest(question)
    return best if share >= (SURE_NAMED if names_notice else SURE) else "none"


@lru_cache(maxsize=64)
def _likeliest(question: str) -> tuple[str, float]:
    shares = embedded().probabilities(question)
    best = int(shares.argmax())
    return KINDS[best], float(shares[best])


@cache
def embedded() -> Classifier:
    """The weights that ship, read once."""
    return Classifier.load()
