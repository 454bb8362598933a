"""What we wrote ourselves for training, beside the texts of the data folder.

``words/everyday.tsv``: words of official style and the everyday words for them.
``words/glossary.tsv``: administrative terms in eight languages, alternatives between ``|``.
``questions/``: everyday questions over documents cut from ``laws_prc``; see the README there.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def everyday() -> list[tuple[str, str]]:
    """(everyday word, official word) pairs."""
    lines = (HERE / "words" / "everyday.tsv").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines)
    return [(word, official) for official, words in pairs for word in words.split()]


def glossary(lang: str) -> list[tuple[str, str]]:
    """(term in another language, Chinese term) pairs, one for each alternative."""
    with (HERE / "words" / "glossary.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [(term, r["zh-Hans"]) for r in rows for term in r[lang].split("|") if term]


@dataclass(frozen=True)
class Asked:
    """A question written over a document.

    Attributes:
        doc: Number of the document.
        question: As an ordinary person would ask.
        lang: BCP 47 tag.
        answerable: Whether the document answers it.
        gold: (row of ``laws_prc``, words that answer), several where several are needed.
    """

    doc: int
    question: str
    lang: str
    answerable: bool
    gold: tuple[tuple[int, str], ...]


def documents(trains: str) -> dict[int, list[int]]:
    """Number of a document -> its rows of ``laws_prc`` (0-based lines), in order.

    Args:
        trains: ``encoder`` (and the tables of words) or ``evidence``. An encoder knows by heart the
            pairs it was trained on, and would look too good to a scorer on them.
    """
    return {r["doc"]: r["rows"] for r in _jsonl("documents.jsonl") if r["trains"] == trains}


def questions(trains: str) -> list[Asked]:
    """All questions over such documents, in order."""
    of = documents(trains)
    return [
        Asked(r["doc"], r["q"], r["lang"], r["answerable"], tuple((n, t) for n, t in r["gold"]))
        for r in _jsonl("questions.jsonl")
        if r["doc"] in of
    ]


def _jsonl(name: str) -> Iterator[dict[str, Any]]:
    with (HERE / "questions" / name).open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
