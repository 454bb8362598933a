"""Chinese word vectors, a teacher of what Chinese words mean to those who use them every day.

Statutes and notices do not say 薪水 or 打工; an encyclopaedia does. These are word2vec vectors of
100 numbers over the Chinese Wikipedia, as the package ``synonyms`` 3.10.2 (MIT) on PyPI carries
them. A training tool: nothing of it ships.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import metadata
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

COMMON = 60_000
"""The file is in order of frequency; words behind this are too rare to be trusted."""

LIKE, MOST = 0.62, 4
"""Least cosine of two words alike, and how many of a word's are taken."""


@cache
def read() -> tuple[list[str], NDArray[np.float32]]:
    """Words in Chinese characters, and their vectors less the mean, of length one."""
    try:
        package = metadata.distribution("synonyms")
    except metadata.PackageNotFoundError:
        raise SystemExit("Chinese word vectors are missing: pip install 'youju[train]'") from None
    data = Path(str(package.locate_file("synonyms/data/words.vector"))).read_bytes()
    # The format of word2vec: a line of two numbers, then each word, a blank and its numbers.
    at = data.index(b"\n") + 1
    count, dim = map(int, data[:at].split())
    words, vectors = [], np.empty((count, dim), np.float32)
    for row in range(count):
        blank = data.index(b" ", at)
        words.append(data[at:blank].strip().decode("utf-8", "replace"))
        at = blank + 1 + 4 * dim
        vectors[row] = np.frombuffer(data, np.float32, dim, blank + 1)
    kept = [i for i, word in enumerate(words) if re.fullmatch(r"[\u4e00-\u9fff]+", word)]
    vectors = vectors[kept] - vectors[kept].mean(axis=0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return [words[i] for i in kept], vectors


def neighbours() -> list[tuple[str, str]]:
    """Pairs of common words of two to four characters that mean nearly the same."""
    words, vectors = read()
    common = vectors[:COMMON]
    good = [2 <= len(word) <= 4 for word in words]
    out = []
    for start in range(0, len(common), 1000):
        cosines = common[start : start + 1000] @ common.T
        near = np.argpartition(-cosines, MOST, axis=1)[:, : MOST + 1]
        for row, (others, own) in enumerate(zip(near, cosines, strict=True), start):
            ranked = sorted((-own[j], j) for j in others.tolist() if j != row and own[j] >= LIKE)
            out += [(words[row], words[j]) for _, j in ranked[:MOST] if good[row] and good[j]]
    return out
