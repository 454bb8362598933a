"""Chinese search terms for a question in another language.

The table, learned by ``train/translation.py`` from parallel lines, says how likely a Chinese word
is as the translation of a word. BM25 over those Chinese words, weighted by how likely they are, is
a probabilistic structured query (Darwish and Oard, 2003).
"""

from __future__ import annotations

import os
import re
import unicodedata
import zipfile
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import EncoderError
from rag.text import fold, language, tokens

TABLE = Path(__file__).with_name("embedded") / "translation" / "words.npz"
FORMAT = 1

_FLATTEN = 0.7
_LATIN = ("en", "es", "fr", "de")
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
            if (version := int(arrays["format"][0])) == FORMAT:
                return cls._of(arrays)
        except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
            raise EncoderError(f"The table {path} is damaged ({error}). {remedy}") from error
        raise EncoderError(
            f"The table {path} is of format {version}; this version reads format {FORMAT}. {remedy}"
        )

    @classmethod
    def _of(cls, arrays: Mapping[str, NDArray[Any]]) -> Translator:
        """A table from its arrays; ValueError where they do not belong together."""

        def unpacked(name: str) -> list[str]:
            return arrays[name].tobytes().decode("utf-8").split("\n")

        names = tuple(unpacked("chinese"))
        langs = [name.removesuffix(".words") for name in arrays if name.endswith(".words")]
        tables: dict[str, dict[str, tuple[int, int]]] = {}
        for lang in langs:
            start, chinese = arrays[f"{lang}.start"].tolist(), arrays[f"{lang}.chinese"]
            if not start[-1] == len(chinese) == len(arrays[f"{lang}.share"]):
                raise ValueError(f"rows of {lang} are missing")
            if len(chinese) and not 0 <= chinese.min() <= chinese.max() < len(names):
                raise ValueError(f"Chinese words of {lang} are missing")
            spans = zip(start[:-1], start[1:], strict=True)
            tables[lang] = dict(zip(unpacked(f"{lang}.words"), spans, strict=True))
        return cls(
            tables=tables,
            chinese={lang: arrays[f"{lang}.chinese"] for lang in langs},
            share={lang: arrays[f"{lang}.share"] for lang in langs},
            names=names,
        )

    def word(self, word: str, lang: str = "en") -> list[tuple[str, float]]:
        """Chinese words for a folded word, with probabilities, best first; empty if unknown.

        A word that its language's table lacks is looked up in English, in its base forms too; then
        in the other languages of the same script, since a short question hardly tells which it is;
        and last, unless it is English, as the English word that looks like it.
        """
        if found := self._listed(word, lang):
            return found
        for form in (word, *base_forms(word)):
            if found := self._listed(form, "en"):
                return found
        if lang in _LATIN:
            for other in _LATIN:
                if found := self._listed(word, other):
                    return found
            if lang != "en" and (like := self._cognate(word)):
                return self._listed(like, "en")
        return []

    def _listed(self, word: str, lang: str) -> list[tuple[str, float]]:
        span = self.tables.get(lang, {}).get(word)
        if not span:
            return []
        rows = slice(*span)
        names = (self.names[i] for i in self.chinese[lang][rows].tolist())
        return list(zip(names, self.share[lang][rows].tolist(), strict=True))

    @cached_property
    def _english(self) -> list[str]:
        return sorted(self.tables.get("en", {}))

    def _cognate(self, word: str) -> str | None:
        """The English word with the longest beginning in common, at least five letters and 60 %."""
        plain = "".join(c for c in unicodedata.normalize("NFD", word) if "a" <= c <= "z")
        place = bisect_left(self._english, plain)
        least = max(5, round(0.6 * len(plain)))
        best: tuple[int, int, str] | None = None
        for other in self._english[max(0, place - 8) : place + 8]:
            common = len(os.path.commonprefix([plain, other]))
            if common >= least:
                best = max(best or (0, 0, ""), (common, -abs(len(plain) - len(other)), other))
        return best[2] if best else None


def base_forms(word: str) -> list[str]:
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


def expand(
    question: str, translator: Translator | None = None, lang: str | None = None
) -> dict[str, float]:
    """Chinese search terms for a question in another language, with weights.

    The terms are those of ``rag.text.tokens`` (characters and bigrams), so that
    ``Lexicon.scores`` takes them as they are. Each word of the question has a weight of 1 to
    share among its translations.

    Args:
        question: In any language; Chinese words in it are left to the ordinary search.
        translator: None for the table that ships.
        lang: BCP 47 tag of the question, where that is known; else it is told from its words.

    Returns:
        Term -> weight; empty for a Chinese question or one without a known word.
    """
    lang = (lang or language(question))[:2]
    if lang == "zh":
        return {}
    table = translator or embedded()
    weights: dict[str, float] = {}
    for word in dict.fromkeys(words(question)):
        found = table.word(word, lang)
        # Flatter than the probabilities: a passage that uses a rarer translation is no worse.
        flat = [share**_FLATTEN for _, share in found]
        for (chinese, _), value in zip(found, flat, strict=True):
            for term in tokens(chinese):
                weights[term] = weights.get(term, 0.0) + value / sum(flat)
    return weights
