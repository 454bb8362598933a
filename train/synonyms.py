"""Make the table of Chinese words that mean nearly the same, an everyday word for an official one.

    python train/synonyms.py [--data FOLDER] [--out FILE]

From three sources. ``words/everyday.tsv`` says which everyday words stand for an official one; two
everyday words for the same one are alike too, but less, and so are two words for the same notion in
``words/lexicon.tsv``. Two words of CC-CEDICT are alike as far
as their English glosses are: cosine of their gloss vectors, a whole gloss counting more than a word
in it, each weighted by how few words share it (tf-idf). And a word that people ask with is alike to
the words of the sentences that answer, as far as IBM model 1 translates it by them.
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
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import resources

from rag import questions
from rag.synonyms import FORMAT, TABLE
from rag.text import fold

LIKE = 0.3
"""Least cosine of two words in the table."""

MOST = 10
"""Words alike that are kept of a word's glosses."""

OFFICIAL, EVERYDAY, SIBLING = 0.8, 0.7, 0.5
"""How alike an official word is to an everyday one, the other way round, and two everyday words
for the same official one."""

MEANT = 2
"""An everyday word for more official words than this stands for each of them the less, by the root
of how many more."""

SIBLINGS = 12
"""An official word with more everyday words than this is too wide to make those alike."""

COMMON = 30
"""Least count of a word in jieba's dictionary."""

USUAL = 0.02
"""Share of answers that hold a word from which on it stands for nothing."""

EACH, ITERATIONS = 40, 5
"""IBM model 1: words of answers considered for a word of questions; rounds."""

ANSWERS, RARELY, ASKED = 6, 0.03, 1.5
"""Words of answers kept at most, their least probability, and what a probability counts."""

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


def alike(features: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
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
    out: dict[str, dict[str, float]] = {}
    for start in range(0, len(words), 2000):
        block = (matrix[start : start + 2000] @ matrix.T).tocsr()
        for i in range(block.shape[0]):
            others, cosines = block[i].indices, block[i].data
            kept = (cosines >= LIKE) & (others != start + i)
            others, cosines = others[kept], cosines[kept]
            best = np.lexsort((others, -cosines * known[others]))[:MOST]
            if len(best):
                out[words[start + i]] = {words[others[j]]: float(cosines[j]) for j in best}
    return out


def written() -> dict[str, dict[str, float]]:
    """Word -> words that stand for it, with how alike, from the list we wrote."""
    out: dict[str, dict[str, float]] = defaultdict(dict)
    everyday: dict[str, list[str]] = defaultdict(list)

    def add(word: str, other: str, likeness: float) -> None:
        if word != other:
            out[word][other] = max(out[word].get(other, 0.0), likeness)

    pairs = [(fold(word), fold(official)) for word, official in resources.everyday()]
    meanings = Counter(word for word, _ in pairs)
    surely = {word: min(1.0, math.sqrt(MEANT / n)) for word, n in meanings.items()}
    for word, official in pairs:
        everyday[official].append(word)
        add(word, official, OFFICIAL * surely[word])
        if len(word) > 1:
            add(official, word, EVERYDAY * surely[word])
    notions = [[fold(word) for word in words] for words in resources.notions()]
    for words in (*everyday.values(), *notions):
        if len(words) <= SIBLINGS:
            for word in words:
                for other in words:
                    if len(other) > 1:
                        add(word, other, SIBLING * surely.get(word, 1.0))
    return out


def asked() -> dict[str, dict[str, float]]:
    """Word of a question -> words of answers, by the questions that train the encoder.

    IBM model 1 in both directions, geometric mean: a word that answers everything stands for
    nothing. Frequent words of answers, such as 应当 and 按照, are left out before.
    """
    import jieba
    import translation

    jieba.setLogLevel("ERROR")
    jieba.initialize()

    def words(text: str, least: int) -> list[str]:
        cut = (w for w in jieba.cut(fold(text)) if least <= len(w) <= 6)
        return [w for w in cut if re.fullmatch(r"[\u4e00-\u9fff]+", w)]

    pairs = [
        (words(questions.content(q.question), 1), words("".join(quote for _, quote in q.gold), 2))
        for document in resources.documents("encoder")
        for q in document.questions
        if q.gold and q.lang.startswith("zh")
    ]
    lines = Counter(w for _, answer in pairs for w in set(answer))
    usual = {w for w, n in lines.items() if n > USUAL * len(pairs)}
    weight = np.ones(len(pairs), np.float32)
    left, left_names = translation.incidence([q for q, _ in pairs], 2)
    right, right_names = translation.incidence(
        [[w for w in answer if w not in usual] for _, answer in pairs], 2
    )
    allowed = translation.candidates(left, right, weight, EACH)
    forward = translation.model_1(left, right, weight, allowed, ITERATIONS)
    backward = translation.model_1(right, left, weight, allowed.T.tocsr(), ITERATIONS).T.tocsr()
    share = forward.multiply(backward).sqrt().tocsr()
    out: dict[str, dict[str, float]] = {}
    for i, word in enumerate(left_names):
        span = slice(share.indptr[i], share.indptr[i + 1])
        values, others = share.data[span], share.indices[span]
        best = [j for j in np.argsort(-values, kind="stable")[:ANSWERS] if values[j] >= RARELY]
        like = {right_names[others[j]]: min(OFFICIAL, ASKED * float(values[j])) for j in best}
        like.pop(word, None)
        if like:
            out[word] = like
    return out


def joined(
    *tables: Mapping[str, Mapping[str, float]],
) -> dict[str, list[tuple[str, float]]]:
    """All tables in one, the likest first."""
    every: dict[str, dict[str, float]] = defaultdict(dict)
    for table in tables:
        for word, like in table.items():
            for other, likeness in like.items():
                every[word][other] = max(every[word].get(other, 0.0), likeness)
    return {w: sorted(like.items(), key=lambda i: (-i[1], i[0])) for w, like in every.items()}


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
        table = joined(written(), alike(gloss_features(map(json.loads, lines))), asked())
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
