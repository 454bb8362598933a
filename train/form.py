"""Train the classifier of questions about a notice's form; writes ``rag/embedded/form/``.

    python train/form.py [--out FILE]

From ``words/form.tsv`` (kind, language, question), and for questions about contents from half of
those over documents (``questions/``, ``notices/``) that train the encoder. Needs the encoder's
weights. Prints what five folds say of each threshold; the last figure is of questions over
documents that no fold saw.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import resources
from scipy import sparse

from rag import form
from rag.encoder import embedded_encoder

FOLDS = 5
LEAST = 2
"""Questions about the form in which a run of pieces must stand."""
CONTENT = 12_000
"""Questions about contents, at most, and how much each of them counts."""
CONTENT_COUNTS = 0.3
LIKE_COUNTS = 2.0
"""How much a question counts that only looks as if it were about the form."""
STRENGTH = 30.0
"""Inverse of the regularisation."""
SEED = 20210430


def phrasings() -> list[tuple[str, str]]:
    """(kind, question)."""
    lines = (resources.HERE / "words" / "form.tsv").read_text(encoding="utf-8").splitlines()
    cells = (line.split("\t") for line in lines)
    return [("part" if kind == "point" else kind, question) for kind, _, question in cells]


def contents(trains: str) -> list[str]:
    """Questions about contents, shuffled."""
    asked = [q.question for d in resources.documents(trains) for q in d.questions]
    order = np.random.default_rng(SEED).permutation(len(asked))
    return [asked[i] for i in order[:CONTENT]]


def figures(questions: Sequence[str], number: dict[str, int]) -> Any:
    """What the classifier sees, as ``form.Classifier`` computes it."""
    rows, columns, values = [], [], []
    for i, question in enumerate(questions):
        held = {number[run] for run in form.runs_of(question) if run in number}
        rows += [i] * len(held)
        columns += held
        values += [(len(held) + 1) ** -0.5] * len(held)
    shape = len(questions), len(number)
    runs = sparse.csr_matrix((values, (rows, columns)), shape)
    vectors = embedded_encoder().encode_queries(questions)
    return sparse.hstack([runs, sparse.csr_matrix(vectors)]).tocsr()


def fit(x: Any, kinds: np.ndarray, others: Any) -> Any:
    """Logistic regression over phrasings and questions about contents."""
    from sklearn.linear_model import LogisticRegression

    weight = np.concatenate(
        [np.where(kinds > 0, 1.0, LIKE_COUNTS), np.full(others.shape[0], CONTENT_COUNTS)]
    )
    every = np.concatenate([kinds, np.zeros(others.shape[0], int)])
    model = LogisticRegression(C=STRENGTH, max_iter=300)
    return model.fit(sparse.vstack([x, others]), every, sample_weight=weight)


def report(kinds: np.ndarray, shares: np.ndarray, unseen: np.ndarray) -> None:
    """Print how many are understood at each threshold."""
    best, sure = shares.argmax(axis=1), shares.max(axis=1)
    about = kinds > 0
    for threshold in (0.5, 0.6, 0.7, 0.8):
        told = (best > 0) & (sure >= threshold)
        print(
            f"at {threshold}: right kind {np.mean((told & (best == kinds))[about]):.3f}, wrong "
            f"kind {np.mean((told & (best != kinds))[about]):.3f}, look-alikes taken "
            f"{np.mean(told[~about]):.3f}, contents taken "
            f"{np.mean((unseen.argmax(axis=1) > 0) & (unseen.max(axis=1) >= threshold)):.4f}"
        )


def main() -> None:
    """Read, check by folds, train on all, write."""
    from sklearn.model_selection import StratifiedKFold

    parser = argparse.ArgumentParser(description="Train the classifier of questions about form.")
    parser.add_argument("--out", type=Path, default=form.WEIGHTS)
    options = parser.parse_args()
    names, questions = zip(*phrasings(), strict=True)
    kinds = np.array([form.KINDS.index(name) for name in names])
    stood = Counter(run for q in questions for run in set(form.runs_of(q)))
    number = {run: i for i, run in enumerate(sorted(r for r, n in stood.items() if n >= LEAST))}
    x = figures(questions, number)
    others, unseen = (figures(contents(half), number) for half in ("encoder", "evidence"))
    shares = np.zeros((len(kinds), len(form.KINDS)))
    for seen, held in StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(kinds, kinds):
        shares[held] = fit(x[seen], kinds[seen], others).predict_proba(x[held])
    model = fit(x, kinds, others)
    report(kinds, shares, model.predict_proba(unseen))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        options.out,
        format=np.array([form.FORMAT]),
        encoder=np.array([embedded_encoder().fingerprint]),
        names=np.frombuffer("\n".join(number).encode("utf-8"), np.uint8),
        runs=model.coef_[:, : len(number)].T.astype(np.float16),
        vector=model.coef_[:, len(number) :].T.astype(np.float32),
        bias=model.intercept_.astype(np.float32),
    )
    print(f"{len(number)} runs of pieces, written to {options.out}")


if __name__ == "__main__":
    main()
