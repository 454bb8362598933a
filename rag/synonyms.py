"""Chinese words that mean nearly the same: an everyday word for an official one.

The table is made by ``train/synonyms.py`` from a list of everyday and official words and from a
dictionary's glosses. Words in a text are found
by longest match, since a question is short and the table's words are what matters in it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.errors import EncoderError
from rag.text import fold

TABLE = Path(__file__).with_name("embedded") / "translation" / "synonyms.npz"
FORMAT = 1


@dataclass(frozen=True)
class Synonyms:
    """The table.

    Attributes:
        spans: Word -> half-open span of its rows.
        names: All words by number.
        other: For each row, the number of the word alike.
        cosine: For each row, how alike, in (0, 1].
    """

    spans: Mapping[str, tuple[int, int]]
    names: tuple[str, ...]
    other: NDArray[np.int32]
    cosine: NDArray[np.float16]

    @classmethod
    def load(cls, path: Path = TABLE) -> Synonyms:
        """Read the table.

        Raises:
            EncoderError: It is missing, damaged, or of another format version.
        """
        remedy = "Install the package again, or make it with: python train/synonyms.py"
        try:
            with np.load(path, allow_pickle=False) as file:
                version = int(file["format"][0])
                names = tuple(file["names"].tobytes().decode("utf-8").split("\n"))
                words, start = file["words"].tolist(), file["start"].tolist()
                other, cosine = file["other"], file["cosine"]
        except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile) as error:
            raise EncoderError(f"The table {path} cannot be read ({error}). {remedy}") from error
        if version != FORMAT:
            raise EncoderError(
                f"The table {path} is of format {version}; this version reads {FORMAT}. {remedy}"
            )
        spans = {names[w]: (a, b) for w, a, b in zip(words, start, start[1:], strict=False)}
        return cls(spans, names, other, cosine)

    def alike(self, word: str) -> list[tuple[str, float]]:
        """Words like a folded word, with cosines; empty if unknown."""
        rows = slice(*self.spans.get(word, (0, 0)))
        names = (self.names[i] for i in self.other[rows].tolist())
        return list(zip(names, self.cosine[rows].tolist(), strict=True))

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self.spans), default=0)

    def words(self, text: str) -> list[tuple[int, int]]:
        """Where words of the table, of two characters or more, stand in a text.

        By longest match from the left: half-open spans in order.
        """
        folded = fold(text)
        out: list[tuple[int, int]] = []
        at = 0
        while at < len(folded):
            for size in range(min(self._longest, len(folded) - at), 1, -1):
                if folded[at : at + size] in self.spans:
                    out.append((at, at + size))
                    at += size - 1
                    break
            at += 1
        return out


@lru_cache(maxsize=1)
def embedded() -> Synonyms:
    """The table that ships, read once."""
    return Synonyms.load()
