"""Learn the word-translation table for questions that are not Chinese.

    python train/translation.py

IBM model 1 (Brown et al., 1993) over the parallel lines and the dictionary's glosses: how likely a
Chinese word is as the translation of a word of a question. The Chinese side is cut up by the
encoder's tokenizer, so ``train/encoder.py`` runs first. Writes ``rag/embedded/translation``.
"""

from __future__ import annotations

import argparse
import logging
import math
import os
import re
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import resources
from encoder import PARALLEL, SHIPPED, gloss
from numpy.typing import NDArray
from resources import rows
from scipy import sparse
from tokenizers import Tokenizer

from rag.translate import FORMAT, TABLE, base_forms, words

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
log = logging.getLogger("train.translation")


def lines(lang: str, law: int) -> list[tuple[str, str, int]]:
    """Parallel lines (other language, Chinese, how often they count)."""
    out: list[tuple[str, str, int]] = []
    chinese: dict[str, str] = {}
    other: dict[str, str] = {}
    for name in PARALLEL:
        for r in rows(name):
            tag = r["lang"][:2]
            if tag == "zh":
                chinese.setdefault(r["en"], r["text"])
            elif tag == lang:
                other.setdefault(r["en"], r["text"])
    if lang != "en":
        return [(other[en], zh, 1) for en, zh in chinese.items() if en in other]
    out += [(en, zh, 1) for en, zh in chinese.items()]
    out += [(r["en"], r["zh"], 1) for r in rows("tatoeba_zh_en")]
    out += [(r["en"], r["zh_hans"], 1) for r in rows("tw_law_titles")]
    every = sorted({(r["en"], r["zh_hans"]) for r in rows("tw_law_lines") if len(r["en"]) < 300})
    rng = np.random.default_rng(5)
    kept = rng.permutation(len(every))[:law]
    out += [(*every[i], 1) for i in sorted(kept)]
    for r in rows("cc_cedict"):
        if len(r["zh_hans"]) > 1:
            out += [(g, r["zh_hans"], 2) for g in map(gloss, r["en"]) if 0 < len(g) < 60]
    return out


def incidence(texts: list[list[str]], least: int) -> tuple[sparse.csr_matrix, list[str]]:
    """Which words stand in which lines (0/1), and the words, those in at least so many lines."""
    counts = Counter(w for ws in texts for w in set(ws))
    names = sorted(w for w, n in counts.items() if n >= least)
    column = {w: i for i, w in enumerate(names)}
    cells = [sorted({column[w] for w in ws if w in column}) for ws in texts]
    indptr = np.concatenate(([0], np.cumsum([len(c) for c in cells])))
    indices = np.fromiter((i for c in cells for i in c), np.int32, int(indptr[-1]))
    data = np.ones(len(indices), np.float32)
    return sparse.csr_matrix((data, indices, indptr), (len(texts), len(names))), names


def candidates(
    left: sparse.csr_matrix, right: sparse.csr_matrix, weight: NDArray[np.float32], each: int
) -> sparse.csr_matrix:
    """For every word its likeliest partners by Dice's coefficient, as a 0/1 matrix."""
    counts_l = np.asarray(left.T @ weight).ravel()
    counts_r = np.asarray(right.T @ weight).ravel()
    weighted = sparse.diags(weight) @ right
    keep_l, keep_r, block = [], [], 2000
    for first in range(0, left.shape[1], block):
        together = (left[:, first : first + block].T @ weighted).tocsr()
        together.data /= (
            np.repeat(counts_l[first : first + block], np.diff(together.indptr))
            + counts_r[together.indices]
        )
        for i in range(together.shape[0]):
            span = slice(together.indptr[i], together.indptr[i + 1])
            best = np.argsort(-together.data[span], kind="stable")[:each]
            keep_l.append(np.full(len(best), first + i))
            keep_r.append(together.indices[span][best])
    cell = np.concatenate(keep_l), np.concatenate(keep_r)
    shape = (left.shape[1], right.shape[1])
    return sparse.csr_matrix((np.ones(len(cell[0]), np.int32), cell), shape)


def model_1(
    left: sparse.csr_matrix,
    right: sparse.csr_matrix,
    weight: NDArray[np.float32],
    allowed: sparse.csr_matrix,
    iterations: int,
) -> sparse.csr_matrix:
    """Probability of a right word given a left word, by expectation maximisation.

    Each right word of a line came from one left word of the line, or from none.
    """
    allowed = allowed.tocsr()
    allowed.sort_indices()
    width = right.shape[1]
    keys = np.repeat(np.arange(allowed.shape[0], dtype=np.int64), np.diff(allowed.indptr)) * width
    keys += allowed.indices
    pair_of, slot_of = [], []
    right_slots = right.indptr.astype(np.int64)
    block = 4000
    for first in range(0, left.shape[0], block):
        last = min(first + block, left.shape[0])
        n_l = np.diff(left.indptr[first : last + 1]).astype(np.int64)
        n_r = np.diff(right.indptr[first : last + 1]).astype(np.int64)
        cells = n_l * n_r
        line = np.repeat(np.arange(last - first), cells)
        inside = np.arange(cells.sum()) - np.repeat(np.cumsum(cells) - cells, cells)
        l_at = left.indptr[first:last][line] + inside // n_r[line]
        r_at = right_slots[first:last][line] + inside % n_r[line]
        key = left.indices[l_at].astype(np.int64) * width + right.indices[r_at]
        place = np.searchsorted(keys, key)
        place[place == len(keys)] = 0
        found = keys[place] == key
        pair_of.append(place[found].astype(np.int32))
        slot_of.append(r_at[found].astype(np.int32))
    pair, slot = np.concatenate(pair_of), np.concatenate(slot_of)
    log.info("%d cells in %d lines", len(pair), left.shape[0])
    slot_weight = np.repeat(weight, np.diff(right.indptr))[slot]
    line_length = np.repeat(np.diff(left.indptr), np.diff(right.indptr))
    share = np.asarray(right.sum(0)).ravel()
    none = (share / share.sum())[right.indices] + 1e-7
    t = np.full(len(keys), 1e-2)
    row = np.repeat(np.arange(allowed.shape[0]), np.diff(allowed.indptr))
    del line_length
    for _ in range(iterations):
        total = np.bincount(slot, t[pair], len(right.indices)) + none
        expected = np.bincount(pair, t[pair] / total[slot] * slot_weight, len(keys))
        # A little is taken off each count: what was seen once proves nothing.
        expected = np.maximum(expected - 0.1, 0)
        t = expected / np.maximum(np.bincount(row, expected, allowed.shape[0])[row], 1e-9)
    return sparse.csr_matrix((t, allowed.indices, allowed.indptr), allowed.shape)


def learned(
    data: list[tuple[list[str], list[str], int]], args: argparse.Namespace
) -> dict[str, list[tuple[str, float]]]:
    """Translations of each word by IBM model 1 in both directions, best first, summing to one."""
    weight = np.asarray([n for _, _, n in data], np.float32)
    left, left_names = incidence([ws for ws, _, _ in data], 2)
    right, right_names = incidence([ws for _, ws, _ in data], 2)
    log.info("%d lines, %d and %d words", len(data), len(left_names), len(right_names))
    allowed = candidates(left, right, weight, args.each)
    forward = model_1(left, right, weight, allowed, args.iterations)
    backward = model_1(right, left, weight, allowed.T.tocsr(), args.iterations).T.tocsr()
    # Both directions must agree: a word that goes with everything translates nothing.
    score = forward.multiply(backward).sqrt().tocsr()
    out: dict[str, list[tuple[str, float]]] = {}
    for i, word in enumerate(left_names):
        span = slice(score.indptr[i], score.indptr[i + 1])
        values, targets = score.data[span], score.indices[span]
        best = np.argsort(-values, kind="stable")[: args.top]
        best = best[values[best] >= args.least]
        mass = float(values[best].sum())
        if len(best):
            out[word] = [(right_names[targets[j]], float(values[j]) / mass) for j in best]
    return out


# Words that a gloss opens with or strings its meaning together by, and that carry none of it.
FILLERS = frozenset("a an the to of in for and or with by on at be one s from as etc esp".split())


def dictionary() -> dict[str, list[tuple[str, float]]]:
    """Translations of English words by CC-CEDICT: short glosses, common Chinese words first."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    found: dict[str, Counter[str]] = {}
    for r in rows("cc_cedict"):
        chinese = r["zh_hans"]
        if not HAN.fullmatch(chinese) or len(chinese) > 6:
            continue
        for place, g in enumerate(map(gloss, r["en"])):
            content = [w for w in words(re.sub(r"\(.*?\)", " ", g)) if w not in FILLERS]
            if 1 <= len(content) <= 3:
                common = math.log(3 + jieba.dt.FREQ.get(chinese, 0))
                for word in dict.fromkeys(content):
                    value = common / len(content) ** 2 / (1 + place)
                    found.setdefault(word, Counter())[chinese] += value  # type: ignore[assignment]
    out = {}
    for word, counts in found.items():
        best = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:5]
        mass = sum(value for _, value in best)
        out[word] = [(chinese, value / mass) for chinese, value in best]
    return out


def glossary(lang: str) -> dict[str, list[tuple[str, float]]]:
    """Translations of words by our glossary and word list.

    A term of several words shares itself among them; of Chinese words the first count most.
    """
    found: dict[str, Counter[str]] = {}
    terms = [(term, (chinese,)) for term, chinese in resources.glossary(lang)]
    for term, every in [*terms, *resources.lexicon(lang)]:
        content = [w for w in words(term) if w not in FILLERS]
        for word in dict.fromkeys(content):
            for place, chinese in enumerate(every):
                value = 1 / len(content) ** 2 / (1 + 0.5 * place)
                found.setdefault(word, Counter())[chinese] += value  # type: ignore[assignment]
    out = {}
    for word, counts in found.items():
        best = counts.most_common(8)
        out[word] = [(chinese, value / sum(v for _, v in best)) for chinese, value in best]
    return out


def mixed(
    parts: list[tuple[float, dict[str, list[tuple[str, float]]]]], top: int
) -> dict[str, list[tuple[str, float]]]:
    """Tables joined; a word that one of them lacks is left to the others."""
    out: dict[str, list[tuple[str, float]]] = {}
    for word in sorted({w for _, part in parts for w in part}):
        sums: Counter[str] = Counter()
        for share, part in parts:
            for chinese, p in part.get(word, []):
                sums[chinese] += share * p  # type: ignore[assignment]
        best = sorted(sums.items(), key=lambda item: (-item[1], item[0]))[:top]
        mass = sum(p for _, p in best)
        if mass:
            out[word] = [(chinese, p / mass) for chinese, p in best]
    return out


def with_english(lang: str) -> list[tuple[str, str]]:
    """Parallel lines of a language and English."""
    pairs = ((r["text"], r["en"]) for n in PARALLEL for r in rows(n) if r["lang"] == lang)
    return list(dict.fromkeys(pairs))


def tables(
    tokenizer: Tokenizer, args: argparse.Namespace
) -> dict[str, list[tuple[str, str, float]]]:
    """(word, Chinese word, probability) rows by language."""

    def chinese(texts: list[str]) -> list[list[str]]:
        encoded = tokenizer.encode_batch(texts, add_special_tokens=False)
        return [[p for p in e.tokens if HAN.fullmatch(p)] for e in encoded]

    english: dict[str, list[tuple[str, float]]] = {}
    out = {}
    for lang in ["en", *(tag for tag in args.languages if tag != "en")]:
        log.info("%s", lang)
        data = lines(lang, args.law)
        cut = chinese([zh for _, zh, _ in data])
        pairs = zip(data, cut, strict=True)
        table = learned([(words(text), ws, n) for (text, _, n), ws in pairs], args)
        if lang == "en":
            table = mixed([(0.5, table), (0.25, dictionary()), (0.25, glossary(lang))], args.top)
            # An inflected word has a fourth of its mass from its base form, seen more often.
            base = {
                word: next((table[f] for f in base_forms(word) if f in table), []) for word in table
            }
            table = english = mixed([(0.75, table), (0.25, base)], args.top)
        else:
            # By way of English too: its table has seen far more.
            pivot = learned([(words(x), words(en), 1) for x, en in with_english(lang)], args)
            by_english = {
                word: [(zh, p * q) for en, p in found for zh, q in english.get(en, [])]
                for word, found in pivot.items()
            }
            table = mixed([(0.4, table), (0.4, by_english), (0.4, glossary(lang))], args.top)
        out[lang] = [(word, zh, p) for word, found in table.items() for zh, p in found if p >= 0.02]
    return out


def save(by_language: dict[str, list[tuple[str, str, float]]], path: Path) -> None:
    """Write all tables into one file of plain arrays, whole or not at all."""
    arrays: dict[str, NDArray[np.generic]] = {"format": np.asarray([FORMAT])}

    def packed(names: list[str]) -> NDArray[np.uint8]:
        return np.frombuffer("\n".join(names).encode("utf-8"), np.uint8)

    targets = sorted({zh for rows_ in by_language.values() for _, zh, _ in rows_})
    number = {zh: i for i, zh in enumerate(targets)}
    arrays["chinese"] = packed(targets)
    for lang, rows_ in by_language.items():
        names = sorted({w for w, _, _ in rows_})
        place = {w: i for i, w in enumerate(names)}
        ordered = sorted(rows_, key=lambda r: (place[r[0]], -r[2]))
        counts = np.bincount([place[w] for w, _, _ in ordered], minlength=len(names))
        arrays[f"{lang}.words"] = packed(names)
        arrays[f"{lang}.start"] = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
        arrays[f"{lang}.chinese"] = np.asarray([number[zh] for _, zh, _ in ordered], np.int32)
        arrays[f"{lang}.share"] = np.asarray([p for _, _, p in ordered], np.float16)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as file:
        np.savez_compressed(file, **arrays)
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def main() -> None:
    """Learn the tables and write them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--languages", nargs="+", default=["en", "es", "fr", "ja", "ko", "ru", "de"]
    )
    parser.add_argument("--law", type=int, default=60000, help="statute lines to use")
    parser.add_argument("--each", type=int, default=40, help="candidates of a word")
    parser.add_argument("--iterations", type=int, default=6)
    parser.add_argument("--top", type=int, default=10, help="translations kept of a word")
    parser.add_argument("--least", type=float, default=0.03, help="least score of one kept")
    parser.add_argument("--tokenizer", type=Path, default=SHIPPED / "tokenizer.json")
    parser.add_argument("--out", type=Path, default=TABLE)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    began = time.time()
    tokenizer = Tokenizer.from_file(str(args.tokenizer))
    save(tables(tokenizer, args), args.out)
    log.info("written to %s in %.0f s", args.out, time.time() - began)


if __name__ == "__main__":
    main()
