"""Train the evidence scorer and its calibration; writes ``rag/embedded/evidence/``.

    python train/evidence.py [--data FOLDER] [--out FOLDER]

Each training question meets five passages: its own with four BM25 near-misses, the near-misses
alone, and its own with the answering sentences taken out. It is asked as it is, with everyday
synonyms (words that CC-CEDICT glosses alike), and word by word in English (CC-CEDICT's glosses),
since users ask in other words and languages than the text's. A logistic scorer learns which
sentence answers; a second one, fitted on folds that the first did not see, gives the probability
that the best sentence does. In the second and in the threshold the dev half of
``eval/questions.jsonl`` over our own notices joins in, since an encyclopaedia is asked other things
than a notice; the test half has no part in anything.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import os
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from rag import build_index, evidence
from rag.answer import DEPTH
from rag.dialogue import standalone
from rag.encoder import embedded_encoder
from rag.lexical import Lexicon, query_terms
from rag.questions import content, is_instruction
from rag.store import fuse
from rag.structure import structure_question
from rag.text import fold, sentence_spans, tokens
from rag.types import Hit, Passage

SETS = ("cmrc_trial", "drcd_dev")
SEED = 20210430
NEAR = 4
FOLDS = 5
FALSE_REFUSALS = 0.1
NOTICE_SHARE = 0.8
"""Weight in training of the dev questions about the notices, beside the encyclopaedia's."""
ROOT = Path(__file__).resolve().parent.parent
GENERAL_LENGTH = 100
"""Words of a document that jieba's counts, which know no documents, are put down to."""
REWORDED = 2
"""One in so many questions is asked in other wordings too."""


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a gzipped JSON-lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


@dataclass(frozen=True)
class Case:
    """A question over some passages, as the scorer meets it.

    Attributes:
        x: Features, shape (candidates, features).
        y: Whether each candidate holds the answer, shape (candidates,).
        group: Number of the question's passage; folds never share one.
        kind: ``present``, ``absent`` or ``removed``.
        asked: ``as is``, ``synonyms`` or ``glosses``.
    """

    x: np.ndarray
    y: np.ndarray
    group: int
    kind: str
    asked: str


class Pool:
    """The passages of a question set, searchable."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Index the rows' passages."""
        self.passages = [
            Passage(id=str(i), text=t)
            for i, t in enumerate(dict.fromkeys(r["passage"] for r in rows))
        ]
        texts = [p.text for p in self.passages]
        self.row = {t: i for i, t in enumerate(texts)}
        self.lexicon = Lexicon.build(texts)
        self.vectors = embedded_encoder().encode_passages(texts)

    def near_misses(self, question: str, gold: int) -> list[int]:
        """The passages that share most words with a question, without its own."""
        best = np.argsort(-self.lexicon.scores(query_terms(question)), kind="stable")
        return [int(i) for i in best[: NEAR + 1] if i != gold][:NEAR]

    def hits(self, question: str, chosen: Sequence[Passage]) -> list[Hit]:
        """Some passages as ``Index.search`` would rank and score them."""
        rows = [int(p.id) for p in chosen]
        cosines = self.vectors[rows] @ embedded_encoder().encode_queries([question])[0]
        scores = fuse(self.lexicon.scores(query_terms(question))[rows], cosines)
        return [Hit(chosen[i], float(scores[i])) for i in np.argsort(-scores, kind="stable")]


def cases(
    pool: Pool, rows: Sequence[Mapping[str, Any]], asked: str, ask: Mapping[str, str]
) -> Iterator[Case]:
    """The three kinds of case for each row.

    Args:
        pool: The passages of the set.
        rows: Questions with passage and answers.
        asked: Name of the wording.
        ask: Question -> that wording of it.
    """
    for row in rows:
        gold = pool.row[row["passage"]]
        question = ask[row["q"]]
        own, spans = pool.passages[gold], answer_spans(row)
        others = [pool.passages[i] for i in pool.near_misses(row["q"], gold)]
        for kind, chosen in (
            ("present", [own, *others]),
            ("absent", others),
            ("removed", [without(own, spans), *others]),
        ):
            found = evidence.candidates(pool.hits(question, chosen))
            answers = [
                kind == "present"
                and c.hit.passage is own
                and any(c.start < end and start < c.end for start, end in spans)
                for c in found
            ]
            x = evidence.features(question, found)
            yield Case(x, np.array(answers), gold, kind, asked)


def notice_cases(root: Path) -> Iterator[Case]:
    """The dev half of the question set over the notices it asks about, as the chatbot meets it.

    Questions that are answered from the structure, or are no questions, are left out.
    """
    index = build_index(sorted((root / "index/notices").glob("*.txt")))
    lines = (root / "eval/questions.jsonl").read_text(encoding="utf-8").splitlines()
    for number, row in enumerate(map(json.loads, lines)):
        if row["half"] != "dev" or is_instruction(row["question"]):
            continue
        question = standalone(row["question"], row["history"])
        if structure_question(question, tuple(index.notices.values())) is not None:
            continue
        found = evidence.candidates(index.search(question, k=DEPTH))
        if found:
            gold = [quote for needed in row["quotes"] for quote in needed]
            answers = np.array([any(quote in c.text for quote in gold) for c in found])
            kind = "present" if row["answerable"] else "absent"
            x = evidence.features(question, found)
            yield Case(x, answers, number, kind, "notice")


def answer_spans(row: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Where the gold answers of a row stand in its passage."""
    return [(a["start"], a["start"] + len(a["text"])) for a in row["answers"]]


def without(passage: Passage, spans: Sequence[tuple[int, int]]) -> Passage:
    """The passage without the sentences that hold an answer or repeat its words."""
    answers = {passage.text[start:end] for start, end in spans}
    sentences = [passage.text[a:b] for a, b in sentence_spans(passage.text)]
    kept = "".join(s for s in sentences if not any(answer in s for answer in answers))
    return Passage(id=passage.id, text=kept)


class Rewording:
    """Other wordings of a question from CC-CEDICT: synonyms, or English glosses."""

    INTERROGATIVES = (
        (r"什么时候|何时|哪一?[年天日]|几[年月日]", " when "),
        (r"为什么|为何|为啥", " why "),
        (r"多少|几[个种名人次]?", " how many "),
        (r"怎么样?|如何|怎样", " how "),
        (r"哪里|哪儿|何[地处]", " where "),
        (r"谁|哪位", " who "),
        (r"哪[些个种]|哪", " which "),
        (r"什么|何", " what "),
    )

    def __init__(self, cedict: Sequence[Mapping[str, Any]]) -> None:
        """Collect the dictionary's glosses."""
        self.random = random.Random(SEED)
        self.glosses: dict[str, list[str]] = defaultdict(list)
        words: dict[str, set[str]] = defaultdict(set)
        for entry in cedict:
            for gloss in entry["en"]:
                plain = re.sub(r"\([^)]*\)|\[[^\]]*\]", "", gloss).strip().lower()
                if plain and len(plain) <= 30 and not re.search(r"variant|surname|see ", plain):
                    self.glosses[entry["zh_hans"]].append(plain)
                    words[plain].add(entry["zh_hans"])
        self.alike = {g: sorted(w) for g, w in words.items() if 2 <= len(w) <= 8}

    @cached_property
    def _jieba(self) -> Any:
        import jieba

        jieba.setLogLevel("ERROR")
        jieba.initialize()
        return jieba

    def _words(self, question: str) -> list[str]:
        return list(self._jieba.cut(fold(question)))

    def synonyms(self, question: str) -> str:
        """Some content words replaced by common words with a gloss alike, some left out."""
        kept = set(tokens(content(question)))
        out = []
        for word in self._words(question):
            options = []
            if len(word) > 1 and word[:2] in kept:
                if self.random.random() < 0.1:
                    continue
                options = [
                    other
                    for gloss in self.glosses.get(word, ())
                    for other in self.alike.get(gloss, ())
                    if other != word and len(other) > 1 and (self._jieba.get_FREQ(other) or 0) > 50
                ]
            replaced = options and self.random.random() < 0.8
            out.append(self.random.choice(options) if replaced else word)
        return "".join(out)

    def english(self, question: str) -> str:
        """Word by word: a gloss for each word that has one; question words in English."""
        text = fold(question)
        for pattern, word in self.INTERROGATIVES:
            text = re.sub(pattern, word, text)
        out = []
        for word in self._words(text):
            glosses = self.glosses.get(word, [])[:2]
            if glosses and len(word) > 1:
                out.append(re.sub(r"^to ", "", self.random.choice(glosses)))
            elif re.match(r"[a-z0-9]", word):
                out.append(word)
        return " ".join(out) or question


def background(data: Path) -> dict[str, float]:
    """Inverse document frequencies of characters and of the commoner bigrams and words."""
    import jieba

    jieba.setLogLevel("ERROR")
    jieba.initialize()
    counts: Counter[str] = Counter()
    total = 0
    texts = [
        *(r["text"] for r in read(data / "train/laws_prc.jsonl.gz")),
        *{r["passage"] for name in SETS for r in read(data / f"train/{name}.jsonl.gz")},
        *(f"{r['zh_hans']} {r['en']}" for r in read(data / "train/tw_law_lines.jsonl.gz")),
    ]
    for text in texts:
        total += 1
        counts.update(set(tokens(text[:2000])))
    kept = {t: n for t, n in counts.items() if n >= (3 if len(t) == 1 else 150)}
    table = {t: math.log(total / n) for t, n in kept.items()}
    # Everyday words are rare in statutes: where they are common in general they count as common.
    general = sum(jieba.dt.FREQ.values()) / GENERAL_LENGTH
    for word, n in jieba.dt.FREQ.items():
        if 2 <= len(word) <= 4 and n >= 300:
            table[word] = min(table.get(word, math.inf), max(0.0, math.log(general / n)))
    return {
        "": round(math.log(total / 50), 2),
        **{t: round(v, 2) for t, v in sorted(table.items())},
    }


def fit(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray, strength: float
) -> tuple[np.ndarray, float]:
    """Logistic regression over standardised columns, as weights of the columns as they are.

    Args:
        x: Rows of figures.
        y: Whether each row is right.
        weight: How much each row counts.
        strength: Inverse of the ridge penalty.
    """
    from sklearn.linear_model import LogisticRegression

    mean, spread = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-6)
    model = LogisticRegression(C=strength, max_iter=2000)
    model.fit((x - mean) / spread, y, sample_weight=weight)
    weights = model.coef_[0] / spread
    return weights, float(model.intercept_[0] - mean @ weights)


def case_weights(seen: Sequence[Case]) -> np.ndarray:
    """How much each case counts: those over the notices together ``NOTICE_SHARE`` of all."""
    ours = np.array([c.asked == "notice" for c in seen])
    share = np.where(ours, NOTICE_SHARE / max(ours.sum(), 1), (1 - NOTICE_SHARE) / (~ours).sum())
    return share * len(seen)


def fit_ranking(seen: Sequence[Case]) -> tuple[np.ndarray, float]:
    """The scorer of candidates, from the encyclopaedia alone: notices have too few questions."""
    wiki = [c for c in seen if c.asked != "notice"]
    x, y = np.vstack([c.x for c in wiki]), np.concatenate([c.y for c in wiki])
    return fit(x, y, np.ones(len(y)), 0.01)


def out_of_fold(seen: Sequence[Case]) -> tuple[np.ndarray, np.ndarray]:
    """What the calibration sees of each case, from a scorer that did not see its passage.

    Returns:
        Summaries, shape (cases, summary), and whether the best sentence was right, (cases,).
    """
    fold_of = np.array([c.group % FOLDS for c in seen])
    summaries, right = np.zeros((len(seen), len(evidence.SUMMARY))), np.zeros(len(seen))
    for k in range(FOLDS):
        weights, bias = fit_ranking([c for c, f in zip(seen, fold_of, strict=True) if f != k])
        for i in np.flatnonzero(fold_of == k):
            scores = seen[i].x @ weights + bias
            summaries[i] = evidence.summary(scores, seen[i].x)
            right[i] = seen[i].y[np.argmax(scores)]
    return summaries, right


def out_of_fold_trust(seen: Sequence[Case], summaries: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Probability of each case from a calibration that did not see its passage, (cases,)."""
    fold_of, weight = np.array([c.group % FOLDS for c in seen]), case_weights(seen)
    out = np.zeros(len(seen))
    for k in range(FOLDS):
        rest = fold_of != k
        trust, bias = fit(summaries[rest], right[rest], weight[rest], 0.1)
        out[~rest] = 1 / (1 + np.exp(-(summaries[~rest] @ trust + bias)))
    return out


def gather(data: Path) -> list[Case]:
    """All cases of all sets in all wordings."""
    rewording = Rewording(list(read(data / "train/cc_cedict.jsonl.gz")))
    seen: list[Case] = []
    groups = 0
    for name in SETS:
        rows = list(read(data / f"train/{name}.jsonl.gz"))
        asked = [r["q"] for r in rows]
        pool = Pool(rows)
        for wording, ask in (
            ("as is", {q: q for q in asked}),
            ("synonyms", {q: rewording.synonyms(q) for q in asked[::REWORDED]}),
            ("glosses", {q: rewording.english(q) for q in asked[1::REWORDED]}),
        ):
            started = time.time()
            some = [r for r in rows if r["q"] in ask]
            new = [replace(c, group=c.group + groups) for c in cases(pool, some, wording, ask)]
            seen += new
            print(
                f"{name}, {wording}: {len(new)} cases in {time.time() - started:.0f} s", flush=True
            )
        groups = max(c.group for c in seen) + 1
    return seen + [replace(c, group=c.group + groups) for c in notice_cases(ROOT)]


def report(seen: Sequence[Case], probability: np.ndarray, right: np.ndarray) -> float:
    """Print the out-of-fold figures; gives the threshold for the stated false refusals."""
    from sklearn.metrics import roc_auc_score

    kind, asked = np.array([c.kind for c in seen]), np.array([c.asked for c in seen])
    present = kind == "present"
    threshold = float(np.quantile(probability[present & (asked == "notice")], FALSE_REFUSALS))
    print(f"threshold at {FALSE_REFUSALS:.0%} false refusals over the notices: {threshold:.3f}")
    for wording in dict.fromkeys(asked):
        rows = asked == wording
        print(f"{wording}: best sentence right {right[rows & present].mean():.3f}", end="")
        for other in ("absent", "removed"):
            both = rows & (present | (kind == other))
            if not np.any(both & ~present):
                continue
            refused = np.mean(probability[both & ~present] < threshold)
            area = roc_auc_score(present[both], probability[both])
            print(f", {other}: AUROC {area:.3f}, refused {refused:.3f}", end="")
        print(f", falsely refused {np.mean(probability[rows & present] < threshold):.3f}")
        order = np.argsort(probability[rows])
        bins = np.array_split(order, 10)
        gap = [abs(probability[rows][b].mean() - right[rows][b].mean()) for b in bins]
        print(f"  expected calibration error over ten equal bins {np.mean(gap):.3f}")
    return threshold


def main() -> None:
    """Read, train, calibrate, report, write."""
    parser = argparse.ArgumentParser(description="Train the evidence scorer.")
    parser.add_argument(
        "--data", type=Path, default=Path(os.environ.get("YOUJU_DATA", "../shared/data"))
    )
    parser.add_argument("--out", type=Path, default=evidence.WEIGHTS)
    options = parser.parse_args()
    if not (options.data / "train").is_dir():
        sys.exit(f"There is no training data in {options.data}; name its folder with --data.")
    options.out.mkdir(parents=True, exist_ok=True)
    table = json.dumps(background(options.data), ensure_ascii=False, separators=(",", ":"))
    (options.out / "idf.json").write_text(table + "\n", encoding="utf-8")
    seen = gather(options.data)
    summaries, right = out_of_fold(seen)
    trust, trust_bias = fit(summaries, right, case_weights(seen), 0.1)
    threshold = report(seen, out_of_fold_trust(seen, summaries, right), right)
    rank, rank_bias = fit_ranking(seen)
    model = {
        "features": evidence.FEATURES,
        "rank": [round(float(w), 5) for w in rank],
        "rank_bias": round(rank_bias, 5),
        "summary": evidence.SUMMARY,
        "trust": [round(float(w), 5) for w in trust],
        "trust_bias": round(trust_bias, 5),
        "refuse_below": round(threshold, 3),
    }
    (options.out / "model.json").write_text(json.dumps(model, indent=1) + "\n", encoding="utf-8")
    print(f"written to {options.out}")


if __name__ == "__main__":
    main()
