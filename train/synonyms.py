"""Make the table of Chinese words that mean nearly the same, an everyday word for an official one.

    python train/synonyms.py [--data FOLDER] [--out FILE]

From two sources. ``words/everyday.tsv`` says which everyday words stand for an official one; two
everyday words for the same one are alike too, but less. And two words of CC-CEDICT are alike as far
as their English glosses are: cosine of their gloss vectors, a whole gloss counting more than a word
in it, each weighted by how few words share it (tf-idf).
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import resources

from rag.synonyms import FORMAT, TABLE
from rag.text import fold

LIKE = 0.3
"""Least cosine of two words in the table."""

MOST = 10
"""Words alike that are kept of a word's glosses."""

OFFICIAL, EVERYDAY, SIBLING = 0.8, 0.7, 0.5
"""How alike an official word is to an everyday one, the other way round, and two everyday words
for the same official one."""

SIBLINGS = 12
"""An official word with more everyday words than this is too wide to make those alike."""

COMMON = 30
"""Least count of a word in jieba's dictionary."""

_SKIPPED = re.compile(
    r"surname|variant of|see |abbr\. for|CL:|old name|classifier|also pr|Taiwan pr"
)
_STOP = frozenset(
    "to a an the of in on at for from by with and or be is are was sb sth one's oneself as that "
    "etc used esp also abbr lit fig not no into up out off "
    "it its his her their this who which when "
    "having usually old".split()
)


def gloss_features(entries: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """Word -> what its glosses say: whole glosses (marked ``=``) and their content words.

    Later glosses, and words in longer ones, weigh less.
    """
    out: dict[str, dict[str, float]] = defaultdict(dict)
    for entry in entries:
        word = entry["zh_hans"]
        if not re.fullmatch(r"[\u4e00-\u9fff]{2,4}", word):
            continue
        features = out[word]
        for place, gloss in enumerate(entry["en"]):
            if _SKIPPED.search(gloss):
                continue
            weight = 1 / math.sqrt(1 + 0.3 * place)
            for part in re.sub(r"\([^)]*\)|\[[^\]]*\]", "", gloss).lower().split(";"):
                words = [_singular(w) for w in re.findall(r"[a-z']+", part) if w not in _STOP]
                if 0 < len(words) <= 6:
                    whole = "=" + " ".join(words)
                    features[whole] = max(features.get(whole, 0), 1.5 * weight)
                    for w in words:
                        features[w] = max(features.get(w, 0), weight / math.sqrt(len(words)))
    return out


def _singular(word: str) -> str:
    return re.sub(r"(?<=[a-z]{3})s$", "", re.sub(r"ies$", "y", word))


def alike(features: Mapping[str, Mapping[str, float]]) -> dict[str, list[tuple[str, float]]]:
    """Word -> words like it with cosines; of words equally alike the commoner come first."""
    import jieba
    from scipy import sparse

    jieba.setLogLevel("ERROR")
    jieba.initialize()
    count = {w: jieba.get_FREQ(w) or 0 for w in features}
    words = sorted(w for w in features if count[w] >= COMMON)
    shared = Counter(f for w in words for f in features[w])
    column = {f: i for i, f in enumerate(sorted(f for f in shared if 2 <= shared[f] <= 400))}
    cells = [
        (i, column[f], weight * math.log(len(words) / shared[f]))
        for i, w in enumerate(words)
        for f, weight in features[w].items()
        if f in column
    ]
    rows, columns, values = zip(*cells, strict=True)
    matrix = sparse.csr_matrix((values, (rows, columns)), shape=(len(words), len(column)))
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1))).ravel()
    matrix = sparse.diags(1 / np.maximum(lengths, 1e-9)) @ matrix
    known = np.array([min(1.0, math.log(1 + count[w]) / 8) for w in words])
    out: dict[str, list[tuple[str, float]]] = {}
    for start in range(0, len(words), 2000):
        block = (matrix[start : start + 2000] @ matrix.T).tocsr()
        for i in range(block.shape[0]):
            others, cosines = block[i].indices, block[i].data
            kept = (cosines >= LIKE) & (others != start + i)
            others, cosines = others[kept], cosines[kept]
            best = np.lexsort((others, -cosines * known[others]))[:MOST]
            if len(best):
                out[words[start + i]] = [(words[others[j]], float(cosines[j])) for j in best]
    return out


def written() -> dict[str, dict[str, float]]:
    """Word -> words that stand for it, with how alike, from the list we wrote."""
    out: dict[str, dict[str, float]] = defaultdict(dict)
    everyday: dict[str, list[str]] = defaultdict(list)

    def add(word: str, other: str, likeness: float) -> None:
        if word != other:
            out[word][other] = max(out[word].get(other, 0.0), likeness)

    for word, official in resources.everyday():
        word, official = fold(word), fold(official)
        everyday[official].append(word)
        add(word, official, OFFICIAL)
        if len(word) > 1:
            add(official, word, EVERYDAY)
    for words in everyday.values():
        if len(words) <= SIBLINGS:
            for word in words:
                for other in words:
                    if len(other) > 1:
                        add(word, other, SIBLING)
    return out


def joined(
    ours: Mapping[str, Mapping[str, float]], glossed: Mapping[str, Sequence[tuple[str, float]]]
) -> dict[str, list[tuple[str, float]]]:
    """Both tables in one, the likest first."""
    out: dict[str, list[tuple[str, float]]] = {}
    for word in ours.keys() | glossed.keys():
        both = dict(glossed.get(word, ()))
        for other, likeness in ours.get(word, {}).items():
            both[other] = max(both.get(other, 0.0), likeness)
        out[word] = sorted(both.items(), key=lambda item: (-item[1], item[0]))
    return out


def main() -> None:
    """Read the dictionary, compare its words, write the table."""
    parser = argparse.ArgumentParser(description="Make the table of synonyms.")
    parser.add_argument(
        "--data", type=Path, default=Path(os.environ.get("YOUJU_DATA", "../shared/data"))
    )
    parser.add_argument("--out", type=Path, default=TABLE)
    options = parser.parse_args()
    source = options.data / "train/cc_cedict.jsonl.gz"
    if not source.is_file():
        sys.exit(f"There is no {source}; name the data folder with --data.")
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        table = joined(written(), alike(gloss_features(map(json.loads, lines))))
    names = sorted(table | {other: 0 for like in table.values() for other, _ in like})
    number = {name: i for i, name in enumerate(names)}
    words = sorted(table)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        options.out,
        format=np.array([FORMAT]),
        names=np.frombuffer("\n".join(names).encode("utf-8"), np.uint8),
        words=np.array([number[w] for w in words], np.int32),
        start=np.cumsum([0] + [len(table[w]) for w in words]).astype(np.int32),
        other=np.array([number[o] for w in words for o, _ in table[w]], np.int32),
        cosine=np.array([c for w in words for _, c in table[w]], np.float16),
    )
    print(f"{len(words)} words, {sum(map(len, table.values()))} pairs, written to {options.out}")


if __name__ == "__main__":
    main()
