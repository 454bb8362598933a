"""Chinese search terms for a question in another language.

The table, learned by ``train/translation.py`` from parallel lines, says how likely a Chinese word
is as the translation of a word. BM25 over those Chinese words, weighted by how likely they are, is
a probabilistic structured query (Darwish and Oard, 2003).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.errors import EncoderError
from rag.text import fold, language, tokens

TABLE = Path(__file__).with_name("embedded") / "translation" / "words.npz"
FORMAT = 1

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[^\W\d_]+")
_KANA_KANJI = re.compile(r"[\u30a1-\u30ff]+|[\u3041-\u3096]+|[\u3400-\u9fff]+")
_JAPANESE = re.compile(r"[\u3041-\u30ff]")


def words(text: str) -> list[str]:
    """Words of a text that is not Chinese, folded: what the table is keyed by.

    Words of letters; Japanese is cut where kana and kanji meet.
    """
    out: list[str] = []
    for word in _WORD.findall(fold(text)):
        out.extend(_KANA_KANJI.findall(word) if _JAPANESE.search(word) else [word])
    return out


@dataclass(frozen=True)
class Translator:
    """Word translations into Chinese, by language.

    Attributes:
        tables: Language -> word -> half-open span of its rows.
        chinese: Language -> number of the Chinese word, for each row.
        share: Language -> its probability, for each row, best first within a word.
        names: The Chinese words by number.
    """

    tables: Mapping[str, Mapping[str, tuple[int, int]]]
    chinese: Mapping[str, NDArray[np.int32]]
    share: Mapping[str, NDArray[np.float16]]
    names: tuple[str, ...]

    @classmethod
    def load(cls, path: Path = TABLE) -> Translator:
        """Read the table.

        Raises:
            EncoderError: It is missing, damaged, or of another format version.
        """
        remedy = "Install the package again, or make it with: python train/translation.py"
        if not path.is_file():
            raise EncoderError(f"The translation table {path} is missing. {remedy}")
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            version = int(arrays["format"][0])
        except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile) as error:
            raise EncoderError(f"The table {path} is damaged ({error}). {remedy}") from error
        if version != FORMAT:
            raise EncoderError(
                f"The table {path} is of format {version}; this version reads format {FORMAT}. "
                f"{remedy}"
            )

        def unpacked(name: str) -> list[str]:
            return arrays[name].tobytes().decode("utf-8").split("\n")

        langs = [name.removesuffix(".words") for name in arrays if name.endswith(".words")]
        tables: dict[str, dict[str, tuple[int, int]]] = {}
        for lang in langs:
            start = arrays[f"{lang}.start"].tolist()
            spans = zip(start[:-1], start[1:], strict=True)
            tables[lang] = dict(zip(unpacked(f"{lang}.words"), spans, strict=True))
        return cls(
            tables=tables,
            chinese={lang: arrays[f"{lang}.chinese"] for lang in langs},
            share={lang: arrays[f"{lang}.share"] for lang in langs},
            names=tuple(unpacked("chinese")),
        )

    def word(self, word: str, lang: str = "en") -> list[tuple[str, float]]:
        """Chinese words for a folded word, with probabilities, best first; empty if unknown."""
        table = self.tables.get(lang, {})
        for form in (word, *(_base_forms(word) if lang == "en" else ())):
            if span := table.get(form):
                rows = slice(*span)
                names = (self.names[i] for i in self.chinese[lang][rows].tolist())
                return list(zip(names, self.share[lang][rows].tolist(), strict=True))
        return []


def _base_forms(word: str) -> list[str]:
    """Forms an inflected English word may be listed under, likeliest first."""
    out: list[str] = []
    for ending, endings in (
        ("ies", ("y",)), ("es", ("", "e")), ("s", ("",)), ("ied", ("y",)), ("ed", ("", "e")),
        ("ing", ("", "e")), ("er", ("", "e")), ("ly", ("",)),
    ):  # fmt: skip
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            stem = word.removesuffix(ending)
            out += [stem + new for new in endings]
            if len(stem) > 3 and stem[-1] == stem[-2]:
                out.append(stem[:-1])
    return out


@lru_cache(maxsize=1)
def embedded() -> Translator:
    """The table that ships, read once."""
    return Translator.load()


def expand(question: str, translator: Translator | None = None) -> dict[str, float]:
    """Chinese search terms for a question in another language, with weights.

    The terms are those of ``rag.text.tokens`` (characters and bigrams), so that
    ``Lexicon.scores`` takes them as they are. Each word of the question has a weight of 1 to
    share among its translations.

    Args:
        question: In any language; Chinese words in it are left to the ordinary search.
        translator: None for the table that ships.

    Returns:
        Term -> weight; empty for a Chinese question or one without a known word.
    """
    lang = language(question)[:2]
    if lang == "zh":
        return {}
    table = translator or embedded()
    weights: dict[str, float] = {}
    for word in dict.fromkeys(words(question)):
        found = table.word(word, lang) or (table.word(word) if lang != "ja" else [])
        for chinese, share in found:
            for term in tokens(chinese):
                weights[term] = weights.get(term, 0.0) + share
    return weights
