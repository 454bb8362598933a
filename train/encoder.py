"""Train the embedded static encoder from the training data, end to end, with one command.

    python train/encoder.py                 # everything, with the defaults the shipped weights have
    python train/encoder.py --steps 500 --out /tmp/encoder      # a quick look

Stages, each kept in ``train/work/`` and skipped where its result is already there and was made with
the same settings: pieces (the vocabulary and the tokenizer), corpus (the training text as piece
ids), weights (contrastive training, with checkpoints), and the export to ``rag/embedded/encoder``.
The README beside this file says what goes in and what comes out.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import math
import os
import random
import re
import shutil
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import resources
import teachers
import word_vectors
from numpy.typing import NDArray
from resources import WORK, rows
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

from rag.text import sentence_spans

HERE = Path(__file__).resolve().parent
SHIPPED = HERE.parent / "rag" / "embedded" / "encoder"
FORMAT = 1
UNKNOWN = "[UNK]"
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")

log = logging.getLogger("train.encoder")


@dataclass(frozen=True)
class Settings:
    """Everything the weights depend on, beside the data and the versions of the libraries.

    Attributes:
        dim: Length of a vector.
        chinese_words: Chinese words of two characters or more in the vocabulary.
        written_words: Of the words in our lists, those that are in it beside.
        characters: Chinese characters in it.
        english_words: Whole English words in it.
        english: Pieces that other English words are made of.
        spanish: Pieces of a language, learned by byte-pair merges; likewise the ones below.
        batch: Pairs in a batch; every other pair's partner is a negative.
        block: Neighbouring rows of a source that come into a batch together: hard negatives.
        temperature: Divisor of the cosines inside the softmax.
        rate: Learning rate at the start; it falls linearly to nothing.
        teacher: Whether teachers are used at all.
        steps: Batches.
        seed: Of everything that is drawn.
    """

    dim: int = 256
    chinese_words: int = 9000
    written_words: int = 2900
    characters: int = 4800
    english_words: int = 6600
    english: int = 1500
    spanish: int = 1300
    french: int = 1300
    german: int = 400
    russian: int = 500
    japanese: int = 1100
    korean: int = 1500
    batch: int = 1024
    block: int = 8
    temperature: float = 0.05
    rate: float = 5e-3
    teacher: int = 1
    steps: int = 8000
    seed: int = 7


# ----------------------------------------------------------------------------- data


PARALLEL = ("python_docs", "mozilla_legal", "bitcoin_org", "udhr", "tico19")


def gloss(text: str) -> str:
    """A CC-CEDICT gloss without what is about the entry and not its meaning."""
    text = re.sub(r"\[[a-zA-Zü:0-9 ·,]+\]", "", text)
    text = re.sub(r"\b(sb|sth)\b", lambda m: {"sb": "somebody", "sth": "something"}[m[1]], text)
    return re.sub(r"^(CL:|see |variant of |old variant of |abbr\. for |also written ).*", "", text)


def pairs() -> dict[str, list[tuple[str, str]]]:
    """Text pairs by source; each pair says the same, or is a question and what answers it."""
    out: dict[str, list[tuple[str, str]]] = {}
    # In the order of the files: neighbours are of one statute, and each other's hard negatives.
    law = ((r["zh_hans"], r["en"]) for r in rows("tw_law_lines") if r["zh_hans"] and r["en"])
    out["law zh-en"] = list(dict.fromkeys(law))
    titles = ((r["zh_hans"], r["en"]) for r in rows("tw_law_titles"))
    out["titles zh-en"] = list(dict.fromkeys(titles))
    words: list[tuple[str, str]] = []
    for r in rows("cc_cedict"):
        glosses = [g for g in map(gloss, r["en"]) if g]
        if glosses:
            words.append((r["zh_hans"], "; ".join(glosses)))
            words += [(r["zh_hans"], g) for g in glosses] if len(glosses) > 1 else []
    out["words zh-en"] = words
    # Few lines of one language still deserve batches of their own, very few do not.
    out.update({k: v for k, v in parallel_lines().items() if len(v) >= 400})
    articles = rows("laws_prc")
    out["laws"] = [(f"{r['title']} {r.get('heading') or ''}", r["text"]) for r in articles]
    read = [r for r in resources.reading("encoder") if r.words]
    out["reading"] = [(r.question, r.passage) for r in read]
    out["reading sentence"] = [(r.question, r.sentence) for r in read]
    out["everyday"] = resources.everyday()
    out["like zh"] = word_vectors.neighbours()
    for lang in ("en", "ja", "ko", "es", "fr", "de", "ru"):
        out[f"terms {lang}-zh"] = resources.glossary(lang)
    answered = [
        (q.question, *gold)
        for document in resources.documents("encoder")
        for q in document.questions
        for gold in q.gold
    ]
    out["asked"] = [
        (question, f"{passage.title} {passage.text}") for question, passage, _ in answered
    ]
    out["asked sentence"] = [
        (question, quote if len(quote) > 20 else passage.text)
        for question, passage, quote in answered
    ]
    return out


def parallel_lines() -> dict[str, list[tuple[str, str]]]:
    """Lines of every language with English, and with Chinese where both translate one line."""
    by_english: dict[str, dict[str, str]] = {}
    out: dict[str, list[tuple[str, str]]] = {}
    for name in PARALLEL:
        kind = "docs" if name == "python_docs" else "web"
        for r in rows(name):
            lang = r["lang"][:2]
            if r["en"] and r["text"] and r["en"] != r["text"]:
                out.setdefault(f"{kind} {lang}-en", []).append((r["text"], r["en"]))
                by_english.setdefault(r["en"], {}).setdefault(lang, r["text"])
    for r in rows("tatoeba_zh_en"):
        out.setdefault("web zh-en", []).append((r["zh"], r["en"]))
    for texts in by_english.values():
        zh = texts.get("zh")
        for lang, text in texts.items():
            if zh and lang != "zh" and text != zh:
                kind = "docs" if lang in ("ja", "ko", "es", "fr") else "web"
                out.setdefault(f"{kind} {lang}-zh", []).append((text, zh))
    return out


def long_texts() -> dict[str, list[str]]:
    """Texts from which a piece is cut to be found again."""
    wiki = dict.fromkeys(r["passage"] for n in resources.ENCYCLOPAEDIA for r in rows(n))
    english = dict.fromkeys(r["en"] for r in rows("tw_law_lines") if len(r["en"]) > 250)
    for name in PARALLEL:
        english |= dict.fromkeys(r["en"] for r in rows(name) if len(r["en"]) > 200)
    laws = [f"{r['title']} {r['text']}" for r in rows("laws_prc") if len(r["text"]) > 60]
    return {"crop wiki": list(wiki), "crop en": list(english), "crop laws": laws}


# ----------------------------------------------------------------------------- pieces


def folded_characters() -> Callable[[str], str]:
    """A function from a character to what is read in its place.

    Compatibility forms and capitals are undone; Traditional characters become Simplified (OpenCC,
    character by character, as ``rag.text.fold`` does), and so do Japanese forms that Simplified
    Chinese does not use (験 -> 验).
    """
    import opencc

    han = [chr(c) for c in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    column = "\n".join(han)
    simplified = dict(zip(han, opencc.OpenCC("t2s").convert(column).split("\n"), strict=True))
    japanese = dict(zip(han, opencc.OpenCC("jp2t").convert(column).split("\n"), strict=True))

    def is_simplified(ch: str) -> bool:
        try:
            return bool(ch.encode("gb2312"))
        except UnicodeEncodeError:
            return False

    def folded(ch: str) -> str:
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", ch).lower())
        out = []
        for c in text:
            if simplified.get(c, c) == c and not is_simplified(c):
                c = japanese.get(c, c)
            out.append(simplified.get(c, c))
        return "".join(out)

    return folded


def fold_rules() -> dict[str, str]:
    """What the tokenizer reads in place of a character, where that is not itself."""
    folded = folded_characters()
    rules: dict[str, str] = {}
    for code in (*range(1, 0xD800), *range(0xE000, 0x30000)):
        ch = chr(code)
        new = folded(ch)
        if unicodedata.category(ch) in ("Cc", "Cf"):
            new = " " if ch in "\t\n\r\x0b\x0c" else ""
        if new != ch:
            rules[ch] = new
    for code in (*range(0xC0, 0x250), *range(0x3040, 0x3100), *range(0x400, 0x460)):
        apart = unicodedata.normalize("NFD", chr(code))
        if apart != chr(code):
            rules[apart] = folded(chr(code))
    return rules


def _protobuf_fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Length-delimited fields of a protocol-buffer message."""
    i = 0

    def varint() -> int:
        nonlocal i
        value = shift = 0
        while True:
            byte = message[i]
            i += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while i < len(message):
        tag = varint()
        if tag & 7 == 2:
            size = varint()
            yield tag >> 3, message[i : i + size]
            i += size
        elif tag & 7 == 0:
            varint()
        else:
            i += 4 if tag & 7 == 5 else 8


def normalizer() -> Any:
    """``fold_rules`` compiled into a trie: the tokenizer folds millions of characters a second.

    SentencePiece compiles it; a model file is a protocol buffer whose field 3 (normalizer_spec)
    holds the compiled map in its field 2.
    """
    import sentencepiece

    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder, "rules.tsv")
        lines = (
            " ".join(f"{ord(c):X}" for c in old) + "\t" + " ".join(f"{ord(c):X}" for c in new)
            for old, new in fold_rules().items()
        )
        table.write_text("\n".join(lines) + "\n", encoding="utf-8")
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(["a b c d e f g h i j k l m n o p"] * 10),
            model_prefix=f"{folder}/rules",
            vocab_size=30,
            hard_vocab_limit=False,
            normalization_rule_tsv=str(table),
            minloglevel=2,
        )
        model = Path(folder, "rules.model").read_bytes()
    return normalizers.Precompiled(dict(_protobuf_fields(dict(_protobuf_fields(model))[3]))[2])


def splitter() -> Any:
    """Runs of one script, numbers on their own; punctuation and spaces are dropped."""
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Punctuation("removed"),
            pre_tokenizers.UnicodeScripts(),
            pre_tokenizers.Digits(individual_digits=False),
        ]
    )


def word_counts(texts: Iterable[str], fold: Any, split: Any) -> Counter[str]:
    """How often each run stands in the texts."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(w for w, _ in split.pre_tokenize_str(fold.normalize_str(text)))
    return counts


def merged_pieces(counts: Counter[str], size: int) -> Counter[str]:
    """Byte-pair pieces of words, with how often each is used."""
    bpe = Tokenizer(models.BPE(unk_token=UNKNOWN))
    trainer = trainers.BpeTrainer(
        vocab_size=size, min_frequency=3, special_tokens=[UNKNOWN], show_progress=False,
        limit_alphabet=200, max_token_length=24,
    )  # fmt: skip
    # A word counts by the root of its frequency: a piece should serve many words, and the
    # training text repeats its own trade's words endlessly.
    words = sorted(counts.items())
    bpe.train_from_iterator((w for w, n in words for _ in range(math.ceil(n**0.5))), trainer)
    used: Counter[str] = Counter()
    for (_, n), encoded in zip(words, bpe.encode_batch([w for w, _ in words]), strict=True):
        for piece in encoded.tokens:
            used[piece] += n
    used.pop(UNKNOWN, None)
    return used


def chinese_pieces(
    size: int, written: int, singles: int, fold: Any
) -> tuple[Counter[str], Counter[str]]:
    """Chinese words and characters with counts: jieba's dictionary, CC-CEDICT, and the text."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    general = Counter[str]()
    for word, count in jieba.dt.FREQ.items():
        if count and HAN.fullmatch(word):
            general[fold.normalize_str(word)] += count
    listed = {fold.normalize_str(r["zh_hans"]) for r in rows("cc_cedict")}
    listed = {w for w in listed if HAN.fullmatch(w)}
    for word in listed - general.keys():
        general[word] = 2
    own = Counter[str]()
    draw = random.Random(1)
    texts = [r["text"] for r in rows("laws_prc") if draw.random() < 0.12]
    texts += [r["zh_hans"] for r in rows("tw_law_lines") if draw.random() < 0.12]
    texts += [r["text"] for r in rows("python_docs") if r["lang"] == "zh-Hans"][::4]
    texts += sorted({r["passage"] for n in resources.ENCYCLOPAEDIA for r in rows(n)})
    texts += [r["zh"] for r in rows("tatoeba_zh_en")]
    for text in texts:
        for run in HAN.findall(fold.normalize_str(text)):
            own.update(jieba.cut(run, HMM=False))
    scale = sum(general.values()) / max(1, sum(own.values()))
    both = Counter({w: n + 0.5 * scale * own[w] for w, n in general.items()})
    for word in own.keys() - general.keys():
        both[word] = 0.5 * scale * own[word]
    characters = Counter({w: n for w, n in both.items() if len(w) == 1})
    for word, n in both.items():
        for ch in word if len(word) > 1 else "":
            # A character of a word is not worth the word's count: words are to be preferred.
            characters[ch] += 0.01 * n
    longer = {w: n for w, n in both.items() if 2 <= len(w) <= 6}
    ranked = sorted(longer, key=lambda w: (-longer[w] * (2 if w in listed else 1), w))[:size]
    # Of the words we wrote down, those that are words by themselves, of two characters or listed:
    # the ones that stand in most of our lines (the glossary's count as two), and of these the
    # commonest.
    lines = [{official, *words} for official, words in resources.everyday_lines()]
    lines += [{word} for word in dict.fromkeys(w for _, w in resources.glossary("en"))] * 2
    ours = Counter(fold.normalize_str(w) for line in lines for w in line)
    fit = (w for w in ours.keys() - set(ranked) if HAN.fullmatch(w))
    fit = (w for w in fit if len(w) == 2 or (len(w) < 5 and w in longer))
    ranked += sorted(fit, key=lambda w: (-ours[w], -longer.get(w, 0), w))[:written]
    commonest = sorted(characters, key=lambda c: (-characters[c], c))[:singles]
    return (
        Counter({w: longer.get(w, 2.0) for w in ranked}),
        Counter({c: characters[c] for c in commonest}),
    )


def english_words(counts: Sequence[Counter[str]], size: int) -> Counter[str]:
    """The English words most worth a row, with how often they are met, in parts of one.

    Every source has the same say, whatever its length; so have the teacher's vocabulary, which is
    in order of frequency and knows the general words that statutes and manuals lack, and our own
    glossary.
    """
    share: Counter[str] = Counter()
    for source in counts:
        total = sum(source.values())
        for word, n in source.items():
            share[word] += n / total / (len(counts) + 1)  # type: ignore[assignment]
    lines = (teachers.minilm_folder() / "vocab.txt").read_text(encoding="utf-8").split("\n")
    general = [w for w in lines if re.fullmatch("[a-z]{2,}", w)]
    mass = sum(1 / (i + 30) for i in range(len(general))) * (len(counts) + 1)
    for i, word in enumerate(general):
        share[word] += 1 / (i + 30) / mass  # type: ignore[assignment]
    ours = Counter(w for term, _ in resources.glossary("en") for w in re.findall("[a-z]{3,}", term))
    for word, n in ours.items():
        share[word] += n / ours.total() / (len(counts) + 1)  # type: ignore[assignment]
    ranked = sorted(share, key=lambda w: (-share[w], w))
    return Counter({w: share[w] for w in [w for w in ranked if len(w) > 1][:size]})


def counted(texts: Iterable[str], pattern: str, fold: Any, split: Any) -> Counter[str]:
    """How often each match of a pattern stands in the texts, each text taken once."""
    counts: Counter[str] = Counter()
    for run, n in word_counts(dict.fromkeys(texts), fold, split).items():
        for part in re.findall(pattern, run):
            counts[part] += n
    return counts


def english_pieces(settings: Settings, fold: Any, split: Any) -> Counter[str]:
    """Whole English words, and pieces for the others, in parts of one."""
    docs = (r["en"] for r in rows("python_docs"))
    web = (r["en"] for name in PARALLEL[1:] for r in rows(name))
    sources = [
        (g for r in rows("cc_cedict") for g in map(gloss, r["en"])),
        (r["en"] for r in rows("tatoeba_zh_en")),
        (r["en"] for r in rows("tw_law_lines")),
        (*docs, *web),
    ]
    counts = [counted(texts, "[a-z]+", fold, split) for texts in sources]
    words = english_words(counts, settings.english_words)
    rest: Counter[str] = Counter()
    for source in counts:
        rest.update(source)
    whole = sum(rest.values())
    rest = Counter({w: n for w, n in rest.items() if w not in words})
    out: Counter[str] = Counter(words)
    for piece, n in merged_pieces(rest, settings.english).items():
        if piece not in words:
            out[piece] = n / whole  # type: ignore[assignment]
    log.info("English: %d words, %d pieces", len(words), len(out) - len(words))
    return out


def build_tokenizer(settings: Settings) -> Tokenizer:
    """The tokenizer: fold, split, then the likeliest pieces (a unigram model over given counts)."""
    fold, split = normalizer(), splitter()
    words, characters = chinese_pieces(
        settings.chinese_words, settings.written_words, settings.characters, fold
    )
    log.info("%d Chinese words, %d characters", len(words), len(characters))
    total = english_pieces(settings, fold, split)
    others = {
        "es": (r"[a-zà-ÿ]+", settings.spanish),
        "fr": (r"[a-zà-ÿœ]+", settings.french),
        "de": (r"[a-zà-ÿ]+", settings.german),
        "ru": (r"[\u0400-\u04ff]+", settings.russian),
        "ja": (r"[\u3041-\u3096]+|[\u30a1-\u30ff]+", settings.japanese),
        "ko": (r"[\uac00-\ud7af]+", settings.korean),
    }
    for lang, (pattern, size) in others.items():
        texts = (r["text"] for name in PARALLEL for r in rows(name) if r["lang"] == lang)
        pieces = merged_pieces(counted(texts, pattern, fold, split), size)
        for piece, n in pieces.items():
            # In parts of one, so that a word of a language with little text is not cut up in
            # favour of English fragments.
            total[piece] = max(total[piece], n / sum(pieces.values()))  # type: ignore[assignment]
        log.info("%s: %d pieces", lang, len(pieces))
    scores: dict[str, float] = {}
    han_total = sum(words.values()) + sum(characters.values())
    for piece, n in (*words.items(), *characters.items()):
        scores[piece] = math.log(max(n, 0.5) / han_total)
    for piece, n in total.items():
        scores[piece] = math.log(max(n, 1e-8))
    numbers = (*range(1000), *(f"{n:02d}" for n in range(100)), *range(1800, 2040))
    for number in numbers:
        scores[str(number)] = -10.0  # Nothing to go by but length: the fewest pieces win.
    vocabulary = [(UNKNOWN, 0.0), *sorted(scores.items(), key=lambda item: (-item[1], item[0]))]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=0, byte_fallback=False))
    tokenizer.normalizer = fold
    tokenizer.pre_tokenizer = split
    return tokenizer


# ----------------------------------------------------------------------------- corpus


@dataclass
class Ragged:
    """Rows of piece ids laid end to end: row ``i`` is ``ids[start[i]:start[i + 1]]``."""

    ids: NDArray[np.int32]
    start: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.start) - 1

    def lengths(self) -> NDArray[np.int64]:
        """Pieces in each row."""
        return np.diff(self.start)

    def take(
        self, rows: NDArray[np.int64], first: NDArray[np.int64], last: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pieces ``first`` to ``last`` (exclusive) of some rows, end to end, and their offsets."""
        count = last - first
        offsets = np.concatenate(([0], np.cumsum(count)[:-1]))
        places = np.arange(count.sum()) - np.repeat(offsets - (self.start[rows] + first), count)
        return self.ids[places].astype(np.int64), offsets


def tokenised(tokenizer: Tokenizer, texts: Sequence[str]) -> Ragged:
    """Piece ids of texts, without unknown ones."""
    ids: list[NDArray[np.int32]] = []
    for i in range(0, len(texts), 8192):
        for encoded in tokenizer.encode_batch(list(texts[i : i + 8192]), add_special_tokens=False):
            row = np.asarray(encoded.ids, np.int32)
            ids.append(row[row != 0])
    start = np.concatenate(([0], np.cumsum([len(r) for r in ids]))).astype(np.int64)
    return Ragged(np.concatenate(ids), start)


def build_corpus(tokenizer: Tokenizer) -> dict[str, tuple[Ragged, Ragged]]:
    """Training pairs as piece ids, by source; texts to crop are paired with themselves."""
    corpus: dict[str, tuple[Ragged, Ragged]] = {}
    for name, rows_ in pairs().items():
        left, right = (tokenised(tokenizer, side) for side in zip(*rows_, strict=True))
        corpus[name] = (left, right)
        log.info("%s: %d pairs, %d pieces", name, len(left), len(left.ids) + len(right.ids))
    for name, texts in long_texts().items():
        both = tokenised(tokenizer, texts)
        corpus[name] = (both, both)
        log.info("%s: %d texts, %d pieces", name, len(both), len(both.ids))
    return corpus


SHARES = {
    "law zh-en": 16, "titles zh-en": 2, "words zh-en": 16, "web zh-en": 8, "docs zh-en": 5,
    "laws": 6, "reading": 5, "reading sentence": 7, "asked": 7, "asked sentence": 11,
    "everyday": 10, "like zh": 3, "terms en-zh": 4, "crop wiki": 8, "crop en": 12, "crop laws": 10,
}  # fmt: skip
OTHER_SHARES = {"docs": 1.6, "web": 0.8, "terms": 1.5}


def shares(names: Iterable[str]) -> dict[str, float]:
    """How often each source gives a batch."""
    return {n: float(SHARES.get(n, OTHER_SHARES.get(n.split()[0], 1.0))) for n in names}


def draw_batch(
    name: str, pair: tuple[Ragged, Ragged], size: int, block: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], ...]:
    """One batch: ids and offsets of both sides, and a key of each right side (equal = same)."""
    left, right = pair
    places = max(1, len(left) // block)
    first = rng.choice(places, size=min(size // block, places), replace=False) * block
    chosen = (first[:, None] + np.arange(block)).ravel() + rng.integers(0, block)
    chosen = chosen[chosen < len(left)].astype(np.int64)
    zero = np.zeros(len(chosen), np.int64)
    a, b = left.lengths()[chosen], right.lengths()[chosen]
    keep = (a > 0) & (b > 0)
    if name.startswith("crop"):
        keep &= a >= 12
        chosen, zero, a, b = chosen[keep], zero[keep], a[keep], b[keep]
        count = np.minimum(rng.integers(3, 16, len(chosen)), a // 2)
        first = (rng.random(len(chosen)) * (a - count + 1)).astype(np.int64)
        ids_a, off_a = left.take(chosen, first, first + count)
        # The passage: a window round the crop, so that lengths vary.
        before = (rng.random(len(chosen)) * (first + 1)).astype(np.int64)
        last = first + count + (rng.random(len(chosen)) * (b - first - count + 1)).astype(np.int64)
        ids_b, off_b = right.take(chosen, np.minimum(before, first), np.maximum(last, 1))
    else:
        chosen, zero, a, b = chosen[keep], zero[keep], a[keep], b[keep]
        ids_a, off_a = left.take(chosen, zero, a)
        ids_b, off_b = right.take(chosen, zero, b)
    return ids_a, off_a, ids_b, off_b


# ----------------------------------------------------------------------------- lessons


@dataclass
class Lesson:
    """What a teacher knows.

    Attributes:
        said: Pieces, each a row of its own, or texts of pieces.
        vectors: The teacher's of each, centred and of length one, shape (rows, its dim).
        weight: How much it counts in the loss.
    """

    said: Ragged
    vectors: NDArray[np.float32]
    weight: float = 0.3

    @classmethod
    def of_pieces(cls, ids: Sequence[int], vectors: NDArray[np.float32]) -> Lesson:
        """Of single pieces, in the order of the vocabulary."""
        order = np.argsort(ids)
        said = Ragged(np.asarray(ids, np.int32)[order], np.arange(len(ids) + 1))
        return cls(said, centred(vectors[order]))


def centred(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors less their mean, of length one."""
    away = vectors - vectors.mean(axis=0)
    scaled: NDArray[np.float32] = away / (np.linalg.norm(away, axis=1, keepdims=True) + 1e-9)
    return scaled


def english_lessons(tokenizer: Tokenizer) -> Lesson:
    """Pieces with a meaning that all-MiniLM can be asked for.

    English words as they are; Chinese words and characters by their glosses in CC-CEDICT.
    """
    fold = tokenizer.normalizer
    glosses: dict[str, list[str]] = {}
    for r in rows("cc_cedict"):
        found = [g.replace("\n", " ") for g in map(gloss, r["en"]) if g and "surname " not in g]
        glosses.setdefault(fold.normalize_str(r["zh_hans"]), []).extend(found)
    ids, texts = [], []
    for piece, i in tokenizer.get_vocab().items():
        if re.fullmatch("[a-z]{2,}", piece):
            ids.append(i)
            texts.append(piece)
        elif found := glosses.get(piece):
            text = found[0]
            for other in dict.fromkeys(found[1:4]):
                text += f"; {other}" if len(text) < 60 else ""
            ids.append(i)
            texts.append(text[:120])
    return Lesson.of_pieces(ids, teachers.minilm(texts))


def chinese_lessons(tokenizer: Tokenizer) -> Lesson:
    """Chinese pieces that Chinese word vectors know."""
    words, vectors = word_vectors.read()
    place = {word: i for i, word in enumerate(words)}
    pieces = tokenizer.get_vocab()
    found = sorted((pieces[word], place[word]) for word in pieces.keys() & place.keys())
    ids, rows_ = zip(*found, strict=True)
    return Lesson.of_pieces(ids, vectors[list(rows_)])


WORD = r"[\u4e00-\u9fff]{2,}|[a-z]{3,}"
"""Pieces of the vocabulary that it is asked for as well."""
ASKED, TOLD, SPOKEN = 0.4, 0.08, 0.15
"""Shares of our questions, of the sentences they are asked of, and of Tatoeba's lines that
multilingual-e5 is asked for: with the words, half an hour of its time on a busy machine."""


def text_lessons(tokenizer: Tokenizer) -> Lesson:
    """Questions, sentences and words in the vectors of multilingual-e5."""

    def some(texts: Iterable[str], share: float, longest: int) -> list[str]:
        flat = dict.fromkeys(" ".join(text.split()) for text in texts)
        return [t for t in flat if 1 < len(t) <= longest and _drawn(t) < share]

    documents, read = resources.documents("encoder"), resources.reading("encoder")
    questions = [q.question for d in documents for q in d.questions]
    passages = [p.text for d in documents for p in d.passages] + [r.passage for r in read]
    sentences = (text[a:b] for text in passages for a, b in sentence_spans(text))
    lines = [text for r in rows("tatoeba_zh_en") for text in (r["zh"], r["en"])]
    words = sorted(w for w in tokenizer.get_vocab() if re.fullmatch(WORD, w))
    asked = [
        (some(questions + [r.question for r in read], ASKED, 120), "query"),
        (some(sentences, TOLD, 80), "passage"),
        (some(lines, SPOKEN, 120), "query"),
        (words, "query"),
    ]
    vectors = np.concatenate([centred(teachers.e5(texts, kind)) for texts, kind in asked])
    said = tokenised(tokenizer, [text for texts, _ in asked for text in texts])
    return Lesson(said, vectors, weight=1.0)


def _drawn(text: str) -> float:
    """A number in [0, 1) that is always the text's."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") / 2**32


# ----------------------------------------------------------------------------- training


def bags(side: Ragged, size: int, rows_: slice) -> Any:
    """How often each piece stands in some rows, as a sparse matrix."""
    from scipy import sparse

    start = side.start[rows_.start : rows_.stop + 1]
    ids = side.ids[start[0] : start[-1]]
    data = np.ones(len(ids), np.float32)
    return sparse.csr_matrix((data, ids, start - start[0]), (len(start) - 1, size))


def initial_weights(
    size: int,
    corpus: dict[str, tuple[Ragged, Ragged]],
    settings: Settings,
    lesson: Lesson | None = None,
) -> NDArray[np.float32]:
    """Where training starts.

    Directions: the teacher's, in as many principal components as there is room for; for other
    pieces the mean of the English lines that translate the lines they stand in. Lengths: shorter
    for frequent pieces, a / (a + p) of Arora et al. (2017).
    """
    counts = np.ones(size)
    for left, right in corpus.values():
        for side in (left, right):
            counts += np.bincount(side.ids, minlength=size)
    weight = (1e-3 / (1e-3 + counts / counts.sum())).astype(np.float32)
    rng = np.random.default_rng(settings.seed)
    out = rng.standard_normal((size, settings.dim)).astype(np.float32)
    if lesson:
        known, vectors = lesson.said.ids, lesson.vectors
        _, axes = np.linalg.eigh(vectors.T @ vectors)
        out[known] = vectors @ axes[:, ::-1][:, : settings.dim].astype(np.float32)
        out[known] /= np.linalg.norm(out[known], axis=1, keepdims=True) + 1e-9
        sums = np.zeros_like(out)
        seen = np.zeros(size, np.float32)
        for name in sorted(corpus):
            if not name.endswith("-en"):
                continue
            left, right = corpus[name]
            for first in range(0, min(len(left), 60000), 8192):
                rows_ = slice(first, min(first + 8192, len(left)))
                english = bags(right, size, rows_) @ (out * weight[:, None])
                english /= np.linalg.norm(english, axis=1, keepdims=True) + 1e-9
                english -= english.mean(0)
                other = bags(left, size, rows_)
                sums += other.T @ english
                seen += np.asarray(other.sum(0)).ravel()
        learned = np.flatnonzero(seen >= 2)
        learned = learned[~np.isin(learned, known)]
        out[learned] = sums[learned] + 0.05 * out[learned]
    out /= np.linalg.norm(out, axis=1, keepdims=True) + 1e-9
    # Three is about how long the rows of well-trained pieces become.
    return out * 3 * weight[:, None]


LEARNED = 512
"""Rows of a lesson that are drawn for a step."""


def draw_lesson(lesson: Lesson, rng: np.random.Generator) -> tuple[NDArray[Any], ...]:
    """Ids and offsets of some rows of a lesson, and the teacher's vectors of them."""
    some = rng.integers(0, len(lesson.said), LEARNED)
    length = lesson.said.lengths()[some]
    some, length = some[length > 0], length[length > 0]
    ids, offsets = lesson.said.take(some, np.zeros_like(length), length)
    return ids, offsets, lesson.vectors[some]


def train(
    settings: Settings,
    corpus: dict[str, tuple[Ragged, Ragged]],
    start: NDArray[np.float32],
    taught_by: Sequence[Lesson],
    checkpoint: Path,
) -> NDArray[np.float32]:
    """Contrastive training of the piece vectors; goes on from the checkpoint where there is one."""
    import torch
    from torch.nn import functional

    torch.manual_seed(settings.seed)
    # One thread: a step is mostly one long scatter, and two threads wait for each other where the
    # machine has other work to do.
    torch.set_num_threads(1)
    bag = torch.nn.EmbeddingBag.from_pretrained(torch.from_numpy(start), freeze=False, mode="mean")
    back = torch.nn.ModuleList(
        torch.nn.Linear(start.shape[1], lesson.vectors.shape[1], bias=False) for lesson in taught_by
    )
    groups = [{"params": bag.parameters()}, {"params": back.parameters(), "lr": 1e-3}]
    adam = torch.optim.Adam(groups, lr=settings.rate, fused=True)
    done = 0
    if checkpoint.is_file():
        state = torch.load(checkpoint, weights_only=True)
        bag.load_state_dict(state["bag"])
        back.load_state_dict(state["back"])
        adam.load_state_dict(state["adam"])
        done = state["step"]
        log.info("going on from step %d", done)
    names = sorted(corpus)
    weight = np.asarray([shares(names)[n] for n in names])
    weight /= weight.sum()
    began, saved, mean = time.time(), time.time(), 0.0
    for step in range(done, settings.steps):
        # Each step draws from its own generator, so that a resumed run is the same run.
        rng = np.random.default_rng((settings.seed, step))
        name = names[rng.choice(len(names), p=weight)]
        batch = draw_batch(name, corpus[name], settings.batch, settings.block, rng)
        ids_a, off_a, ids_b, off_b = map(torch.from_numpy, batch)
        a = functional.normalize(bag(ids_a, off_a), dim=1)
        b = functional.normalize(bag(ids_b, off_b), dim=1)
        similarity = a @ b.T
        # Another row with (nearly) the same text is no negative.
        with torch.no_grad():
            same = ((a @ a.T > 0.97) | (b @ b.T > 0.97)).fill_diagonal_(False)
        logits = (similarity / settings.temperature).masked_fill(same, -1e4)
        target = torch.arange(len(a))
        loss = (
            functional.cross_entropy(logits, target) + functional.cross_entropy(logits.T, target)
        ) / 2
        for image, lesson in zip(back, taught_by, strict=True):
            ids, offsets, vectors = map(torch.from_numpy, draw_lesson(lesson, rng))
            near = functional.cosine_similarity(
                image(functional.normalize(bag(ids, offsets), dim=1)), vectors
            )
            loss = loss + lesson.weight * (1 - near).mean()
        adam.param_groups[0]["lr"] = settings.rate * (1 - step / settings.steps)
        adam.zero_grad()
        loss.backward()
        adam.step()
        mean += 0.02 * (loss.item() - mean) if step > done else loss.item()
        if step % 100 == 99:
            pace = (step + 1 - done) / (time.time() - began)
            left = (settings.steps - step - 1) / pace / 60
            log.info(
                "step %d of %d, loss %.3f, %.1f min left", step + 1, settings.steps, mean, left
            )
        if time.time() - saved > 120:
            saved = time.time()
            state = {
                "bag": bag.state_dict(),
                "back": back.state_dict(),
                "adam": adam.state_dict(),
                "step": step + 1,
            }
            torch.save(state, checkpoint.with_suffix(".new"))
            os.replace(checkpoint.with_suffix(".new"), checkpoint)
    return bag.weight.detach().numpy()


# ----------------------------------------------------------------------------- export


def export(folder: Path, tokenizer: Tokenizer, weights: NDArray[np.float32], note: Any) -> None:
    """Write the sentence-transformers folder, whole or not at all."""
    from safetensors.numpy import save_file

    weights = np.ascontiguousarray(weights, np.float32)
    weights[0] = 0  # The unknown piece says nothing.
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    st = "sentence_transformers."
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": f"{st}models.StaticEmbedding"},
        {"idx": 1, "name": "1", "path": "1_Normalize", "type": f"{st}models.Normalize"},
    ]
    config = {
        "model_type": "SentenceTransformer",
        "prompts": {"query": "", "document": ""},
        "default_prompt_name": None,
        "similarity_fn_name": "cosine",
        "youju": {"format": FORMAT, "dim": int(weights.shape[1]), **note},
    }
    save_file({"embedding.weight": weights}, fresh / "model.safetensors")
    (fresh / "model.safetensors").chmod(0o644)  # safetensors keeps it to its owner
    tokenizer.save(str(fresh / "tokenizer.json"), pretty=False)
    (fresh / "1_Normalize").mkdir()
    (fresh / "1_Normalize" / "config.json").write_text("{}\n", encoding="utf-8")
    for name, value in (("modules", modules), ("config_sentence_transformers", config)):
        text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
        (fresh / f"{name}.json").write_text(text, encoding="utf-8")
    old = folder.with_name(folder.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


# ----------------------------------------------------------------------------- the command


def kept(path: Path, make: Callable[[], Any], save: Callable[[Any], None], load: Callable) -> Any:
    """The result of a stage: from ``path`` where it is there, else made and kept."""
    if path.exists():
        log.info("%s is there already", path.relative_to(WORK))
        return load()
    began = time.time()
    result = make()
    save(result)
    log.info("%s made in %.0f s", path.relative_to(WORK), time.time() - began)
    return result


def _save_corpus(path: Path, corpus: dict[str, tuple[Ragged, Ragged]]) -> None:
    arrays = {}
    for name, sides in corpus.items():
        for side, ragged in zip("ab", sides, strict=True):
            arrays[f"{name}|{side}|ids"] = ragged.ids
            arrays[f"{name}|{side}|start"] = ragged.start
    np.savez(path.with_suffix(".new.npz"), **arrays)
    os.replace(path.with_suffix(".new.npz"), path)


def _load_corpus(path: Path) -> dict[str, tuple[Ragged, Ragged]]:
    with np.load(path, allow_pickle=False) as arrays:
        names = sorted({key.split("|")[0] for key in arrays.files})
        side = lambda n, s: Ragged(arrays[f"{n}|{s}|ids"], arrays[f"{n}|{s}|start"])  # noqa: E731
        return {n: (side(n, "a"), side(n, "b")) for n in names}


def main() -> None:
    """Run every stage that has not been run with these settings."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    defaults = Settings()
    for name, value in asdict(defaults).items():
        flag = "--" + name.replace("_", "-")
        parser.add_argument(flag, type=type(value), default=value, help=f"default {value}")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="folder to write the weights to")
    parser.add_argument("--fresh", action="store_true", help="forget what earlier runs kept")
    args = vars(parser.parse_args())
    out, fresh = args.pop("out"), args.pop("fresh")
    settings = Settings(**args)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    key = hashlib.sha256(
        json.dumps({k: v for k, v in args.items() if k not in TRAINING}).encode()
    ).hexdigest()[:8]
    whole = hashlib.sha256(json.dumps(args).encode()).hexdigest()[:8]
    folder = WORK / key
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    pieces, corpus_file = folder / "tokenizer.json", folder / "corpus.npz"
    tokenizer = kept(
        pieces,
        lambda: build_tokenizer(settings),
        lambda t: t.save(str(pieces), pretty=False),
        lambda: Tokenizer.from_file(str(pieces)),
    )
    corpus = kept(
        corpus_file,
        lambda: build_corpus(tokenizer),
        lambda c: _save_corpus(corpus_file, c),
        lambda: _load_corpus(corpus_file),
    )
    size = tokenizer.get_vocab_size()
    log.info("%d pieces x %d = %.1f MB", size, settings.dim, size * settings.dim * 4 / 1e6)
    give = (english_lessons, chinese_lessons, text_lessons) if settings.teacher else ()
    taught_by = [lesson(tokenizer) for lesson in give]
    for lesson in taught_by:
        log.info("a teacher gave %d pieces or texts their meaning", len(lesson.said))
    start = initial_weights(size, corpus, settings, *taught_by[:1])
    weights = train(settings, corpus, start, taught_by, folder / f"checkpoint-{whole}.pt")
    export(out, tokenizer, weights, {"settings": args})
    log.info("written to %s", out)


# Settings that change neither the pieces nor the corpus.
TRAINING = (
    "dim", "batch", "block", "temperature", "rate", "teacher", "steps", "seed",
)  # fmt: skip

if __name__ == "__main__":
    main()
