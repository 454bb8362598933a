"""What training reads: the texts of the data folder, and what we wrote ourselves.

``words/everyday.tsv``: words of official style and the everyday words for them.
``words/glossary.tsv``: administrative terms in eight languages, alternatives between ``|``.
``words/lexicon.tsv``: everyday words likewise, in the forms they are met in.
``questions/``: everyday questions over documents cut from ``laws_prc``; see the README there.
``notices/``: model notices and everyday questions over them; see the README there.
``reading/``: more questions over an encyclopaedia, and passages of one; see the README there.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.notices import parse_notice
from rag.passages import passages
from rag.text import sentence_spans
from rag.types import Passage

HERE = Path(__file__).resolve().parent
WORK = HERE / "work"
"""What training keeps for the next time; not in the repository."""


def data_folder() -> Path:
    """Folder of the training files: ``YOUJU_DATA`` or ``../shared/data`` beside the repository."""
    folder = Path(os.environ.get("YOUJU_DATA") or HERE.parent.parent / "shared" / "data")
    if not (folder / "train").is_dir():
        raise SystemExit(
            f"No training data in {folder}: set YOUJU_DATA to the folder that holds train/ "
            "(train/README.md lists the files and where they come from)."
        )
    return folder


def rows(name: str) -> Iterator[dict[str, Any]]:
    """Rows of one training file."""
    path = data_folder() / "train" / f"{name}.jsonl.gz"
    if not path.is_file():
        raise SystemExit(f"{path} is missing; train/README.md says where it comes from.")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def everyday_lines() -> list[tuple[str, list[str]]]:
    """(official word, everyday words for it)."""
    lines = (HERE / "words" / "everyday.tsv").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines)
    return [(official, words.split()) for official, words in pairs]


def everyday() -> list[tuple[str, str]]:
    """(everyday word, official word) pairs."""
    return [(word, official) for official, words in everyday_lines() for word in words]


def glossary(lang: str) -> list[tuple[str, str]]:
    """(term in another language, Chinese term) pairs, one for each alternative."""
    return [(term, r["zh-Hans"]) for r in _table("glossary") for term in r[lang].split("|") if term]


def lexicon(lang: str) -> list[tuple[str, tuple[str, ...]]]:
    """(word of another language, Chinese words it stands for, the likeliest first) pairs."""
    rows = _table("lexicon")
    return [(word, tuple(r["zh-Hans"].split("|"))) for r in rows for word in r[lang].split("|")]


def notions() -> list[list[str]]:
    """Chinese words that stand for the same notion."""
    return [r["zh-Hans"].split("|") for r in _table("lexicon")]


def _table(name: str) -> list[dict[str, str]]:
    with (HERE / "words" / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


HOLDS = 12
"""Characters of a needed quotation that a sentence must hold to be right."""


def answers(sentence: str, quote: str) -> bool:
    """Whether a sentence holds the beginning of the words that answer, or is a part of them."""
    return quote[:HOLDS] in sentence or sentence in quote


@dataclass(frozen=True)
class Asked:
    """A question written over a document.

    Attributes:
        question: As an ordinary person would ask.
        lang: BCP 47 tag.
        answerable: Whether the document answers it.
        gold: (passage, words in it that answer), several where several are needed.
    """

    question: str
    lang: str
    answerable: bool
    gold: tuple[tuple[Passage, str], ...]


@dataclass(frozen=True)
class Document:
    """A text that people have at hand, and what they ask of it.

    Attributes:
        name: Unique.
        source: ``statutes`` (articles of a law) or ``notices``.
        passages: In order.
        questions: Likewise.
    """

    name: str
    source: str
    passages: tuple[Passage, ...]
    questions: tuple[Asked, ...]


def documents(trains: str) -> list[Document]:
    """The documents we wrote questions over, statutes first.

    Args:
        trains: ``evidence``, or ``encoder`` (and the tables of words, and the reader that speaks to
            the scorer): what was trained on a pair knows it by heart and would look too good to a
            scorer on it.
    """
    return [*_statutes(trains), *_notices(trains)]


def _statutes(trains: str) -> Iterator[Document]:
    """Articles as passages; a quotation stands in the row that its question names."""
    articles = list(rows("laws_prc"))
    asked = _questions("questions")
    for r in _jsonl("questions/documents"):
        if r["trains"] == trains:
            cut = {
                n: Passage(
                    id=str(n),
                    text=articles[n]["text"],
                    heading=articles[n].get("heading") or "",
                    title=articles[n]["title"],
                )
                for n in r["rows"]
            }
            yield Document(
                f"statutes {r['doc']}",
                "statutes",
                tuple(cut.values()),
                tuple(
                    Asked(
                        q["q"], q["lang"], q["answerable"], tuple((cut[n], t) for n, t in q["gold"])
                    )
                    for q in asked[r["doc"]]
                ),
            )


def _notices(trains: str) -> Iterator[Document]:
    """Paragraphs as passages; a quotation stands in the first that holds it."""
    asked = _questions("notices")
    for r in _jsonl("notices/notices"):
        if r["trains"] == trains:
            notice = parse_notice(r["text"], id=f"notice-{r['doc']}")
            cut = tuple(passages(notice))
            yield Document(
                f"notices {r['doc']}",
                "notices",
                cut,
                tuple(
                    Asked(
                        q["q"],
                        q["lang"],
                        q["answerable"],
                        tuple((next(p for p in cut if t in p.text), t) for t in q["gold"]),
                    )
                    for q in asked[r["doc"]]
                ),
            )


ENCYCLOPAEDIA = ("cmrc_trial", "drcd_dev")
"""Sets of reading-comprehension questions."""


@dataclass(frozen=True)
class Read:
    """A question over one passage of an encyclopaedia.

    Attributes:
        question: As somebody asks who has several passages at hand.
        passage: The text.
        words: Words of it that answer, each within one sentence; none if it does not answer.
        sentence: The sentence that answers first; empty if none does.
    """

    question: str
    passage: str
    words: tuple[str, ...]
    sentence: str


def reading(trains: str) -> list[Read]:
    """The questions over encyclopaedia passages: those of the sets, and ours.

    Args:
        trains: As in ``documents``; half of the passages each.
    """
    texts: dict[str, str] = {}
    out = []
    for name in ENCYCLOPAEDIA:
        for r in rows(name):
            texts[r["id"]] = r["passage"]
            words = tuple(a["text"] for a in r["answers"])
            at = r["answers"][0]["start"]
            out.append(Read(r["q"], r["passage"], words, _sentence_at(r["passage"], at)))
    for r in _jsonl("reading/passages"):
        texts[r["id"]] = r["text"]
    for r in _jsonl("reading/questions"):
        text, gold = texts[r["passage"]], tuple(r["gold"])
        first = _sentence_at(text, text.index(gold[0])) if gold else ""
        out.append(Read(r["q"], text, gold, first))
    return [r for r in out if _half_of(r.passage) == trains]


def _sentence_at(text: str, offset: int) -> str:
    return next((text[a:b] for a, b in sentence_spans(text) if a <= offset < b), text)


def _half_of(passage: str) -> str:
    return "evidence" if hashlib.sha256(passage.encode()).digest()[0] % 2 else "encoder"


def _questions(folder: str) -> dict[int, list[dict[str, Any]]]:
    """Rows of a question file by document."""
    out: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in _jsonl(f"{folder}/questions"):
        out[row["doc"]].append(row)
    return out


def _jsonl(name: str) -> Iterator[dict[str, Any]]:
    """Rows of a file, or of the numbered files that a long one is kept in."""
    paths = sorted(HERE.glob(f"{name}*.jsonl"))
    if not paths:
        raise SystemExit(f"{HERE / name}.jsonl is missing: get the repository again.")
    for path in paths:
        with path.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)
