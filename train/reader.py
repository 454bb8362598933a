"""Train the reader of sentences; writes ``rag/embedded/reader/``.

    python train/reader.py [--out FILE]

From questions over documents and passages. Each is read over sentences of its document, or of its
passage and the four nearest others, or else over their clauses, and over those of the other
questions in its batch: which of them answers? And over its own alone: does one of them answer? For
that it also learns from the questions that the documents do not answer. A piece's row starts as
the encoder's, turned to principal components. Seeded; needs the encoder's weights.

Two readers are made. The one that ships learns from all questions. The other, from the encoder's
half of them alone (``resources.documents``), is for ``train/evidence.py``: a scorer must learn what
a reader is worth over questions that the reader has not seen. Each is made of two runs that err
less together: each reads in an order of its own, its rows turned to axes of its own (Adam steps
along axes, so that it learns otherwise). Each reads its questions once: every question is new to it
when it is read, so that it learns how sure it may be.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import resources
import torch
from numpy.typing import NDArray
from resources import WORK
from torch.nn import functional

from rag import reader
from rag.encoder import embedded_encoder
from rag.notices import FORM
from rag.passages import clause_spans
from rag.text import sentence_spans

DIM = 256
BATCH = 20
"""Questions in a batch."""
OTHERS = 24
"""Sentences or clauses that are drawn for a question, beside those that answer."""
LONG = 100
"""Pieces of a sentence or clause that are read in training."""
ROWS, WEIGHTS, REST = 1e-3, 2e-3, 5e-3
"""Learning rates of pieces' rows, of their weights, of all else; they fall linearly to nothing."""
OUT = -1e9
"""Score of what is not to be chosen."""
NEAR = 4
MARKS = "，,；;：:。 "
"""Around a clause; without them it can be found in words that are quoted."""
SEEDS = (20210430, 7)
"""Of the runs that a reader is made of; as many learn side by side, each on one thread."""

HALF = WORK / "half.npz"
"""The reader that the evidence scorer is trained with."""

Pieces = NDArray[np.int64]
Weights = NDArray[np.float32]
Choice = tuple[list[Pieces], NDArray[np.bool_]]
"""Texts, and whether each of them answers a question; none does where it is not answered."""
Lesson = tuple[Pieces, list[Choice]]
"""A question, and what it may be read over: sentences or their clauses."""


def pieces(texts: Sequence[str]) -> list[Pieces]:
    """Of each text."""
    return embedded_encoder().pieces([text.replace("\n", " ") for text in texts])


def lesson(
    question: Pieces, units: Sequence[list[Pieces]], right: Sequence[list[bool]], answerable: bool
) -> Iterator[Lesson]:
    """One over those units of which one answers, if any should; none over no unit."""
    choices = [
        (texts, np.array(some))
        for texts, some in zip(units, right, strict=True)
        if any(some) or not answerable
    ]
    if choices:
        yield question, choices


def cut(texts: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Of texts with the names of their places: the sentences, and the clauses, likewise."""
    sentences = [(place, text[a:b]) for place, text in texts for a, b in sentence_spans(text)]
    clauses = [(place, text[a:b]) for place, text in sentences for a, b in clause_spans(text)]
    bare = [(place, text.strip(MARKS)) for place, text in clauses]
    return [sentences, [(place, text) for place, text in bare if text]]


def written(trains: str) -> Iterator[Lesson]:
    """Our questions over the sentences or clauses of their documents."""
    for document in resources.documents(trains):
        found = cut([(p.id, p.text) for p in document.passages if p.section not in FORM])
        units = [pieces([text for _, text in some]) for some in found]
        asked = pieces([q.question for q in document.questions])
        for question, q in zip(asked, document.questions, strict=True):
            right = [
                [
                    any(place == p.id and resources.answers(text, words) for p, words in q.gold)
                    for place, text in some
                ]
                for some in found
            ]
            yield from lesson(question, units, right, q.answerable)


def reading(trains: str) -> Iterator[Lesson]:
    """Questions over five passages of an encyclopaedia."""
    read = resources.reading(trains)
    texts = list(dict.fromkeys(r.passage for r in read))
    place = {text: i for i, text in enumerate(texts)}
    asked = embedded_encoder().encode_queries([r.question for r in read])
    likeness = asked @ embedded_encoder().encode_passages(texts).T
    found = [cut([("", text)]) for text in texts]
    units = [[pieces([text for _, text in some]) for some in both] for both in found]
    for n, (r, question) in enumerate(zip(read, pieces([r.question for r in read]), strict=True)):
        own = place[r.passage]
        best = np.argsort(-likeness[n], kind="stable")[: NEAR + 1]
        near = [own, *[int(i) for i in best if i != own][:NEAR]]
        yield from lesson(
            question,
            [[text for i in near for text in units[i][kind]] for kind in range(2)],
            [
                [i == own and any(w in t for w in r.words) for i in near for _, t in found[i][kind]]
                for kind in range(2)
            ],
            bool(r.words),
        )


class Flat:
    """The pieces of several texts, end to end."""

    def __init__(self, texts: Sequence[Pieces], longest: int) -> None:
        """Cut each text to so many pieces; one without any gets the unknown piece."""
        cut = [text[:longest] if len(text) else np.zeros(1, np.int64) for text in texts]
        lengths = np.array([len(text) for text in cut])
        first = np.zeros(lengths.sum(), np.float32)
        first[np.cumsum(lengths) - lengths] = 1
        self.pieces = torch.from_numpy(np.concatenate(cut))
        self.lengths = torch.from_numpy(lengths)
        self.has_before = torch.from_numpy(1 - first)
        self._own = torch.from_numpy(np.repeat(np.arange(len(cut)), lengths))

    def sums(self, values: Any) -> Any:
        """Of each text's rows of some values, shape (texts, …)."""
        return torch.zeros(len(self.lengths), values.shape[1]).index_add(0, self._own, values)


class Model(torch.nn.Module):
    """What ``rag.reader.Reader`` computes."""

    def __init__(self) -> None:
        """Start from the encoder's rows."""
        super().__init__()
        every = embedded_encoder().rows(np.arange(embedded_encoder().size))
        known = torch.from_numpy(every)
        length = known.norm(dim=1).clamp(min=1e-2).log()
        directions = functional.normalize(known, dim=1)
        order = torch.randperm(len(known))[:8000]
        _, _, axes = torch.linalg.svd(directions[order], full_matrices=False)
        table = torch.nn.Embedding.from_pretrained
        self.rows = table(directions @ axes[:DIM].T, freeze=False, sparse=True)
        self.weights = table(torch.stack([length] * 3, 1), freeze=False, sparse=True)
        self.beside = torch.nn.Parameter(torch.zeros(2, DIM))
        # The fields of a ``reader.Head`` but ``asks``, for which and for whether.
        start = [8.0, 0.4, 6.0, 0.5, 3.0, 0.0]
        self.figures = torch.nn.Parameter(torch.tensor([[*start, 0.0], [*start, 5.0]]))

    def _seen(self, text: Flat) -> tuple[Any, Any]:
        """Rows of a side's pieces, and what is seen of them beside their neighbours."""
        rows = self.rows(text.pieces)
        before, after = rows.roll(1, 0), rows.roll(-1, 0)
        seen = rows + before * self.beside[0] * text.has_before[:, None]
        seen = seen + after * self.beside[1] * text.has_before.roll(-1)[:, None]
        return rows, functional.normalize(seen, dim=-1)

    def forward(self, questions: Flat, sentences: Flat) -> Any:
        """Which and whether, shape (2, questions, sentences)."""
        (asked_rows, asked_seen), (given_rows, given_seen) = map(self._seen, (questions, sentences))
        fits = given_seen @ asked_seen.T
        best = torch.segment_reduce(fits, "max", lengths=sentences.lengths, unsafe=True)
        asked, given = self.weights(questions.pieces), self.weights(sentences.pieces)
        wholes = [
            functional.normalize(text.sums(torch.exp(weights[:, 2:]) * rows), dim=-1)
            for text, weights, rows in (
                (questions, asked, asked_rows),
                (sentences, given, given_rows),
            )
        ]
        alike = wholes[0] @ wholes[1].T
        long, asked_long = sentences.lengths.log(), questions.lengths[:, None].log()
        said = []
        for n, (steep, half, share, share_long, about, length, least) in enumerate(self.figures):
            weight = torch.exp(asked[:, n : n + 1])
            met = questions.sums(weight * torch.sigmoid(steep * (best.T - half)))
            met = met / questions.sums(weight) * (share + share_long * asked_long)
            said.append(met + about * alike + length * long - least)
        return torch.stack(said)


def total(scores: Any, some: Any = None) -> Any:
    """Logarithm of the odds of each row together, or of some in it."""
    return torch.logsumexp(scores if some is None else scores.masked_fill(~some, OUT), 1)


def train(lessons: list[Lesson], seed: int) -> Model:
    """Fit a model, reading each question once."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # others learn beside it
    draw = random.Random(seed)
    model = Model()
    rest = [model.beside, model.figures]
    optimisers: list[tuple[Any, float]] = [
        (torch.optim.SparseAdam(model.rows.parameters(), lr=ROWS), ROWS),
        (torch.optim.SparseAdam(model.weights.parameters(), lr=WEIGHTS), WEIGHTS),
        (torch.optim.Adam(rest, lr=REST), REST),
    ]
    steps, losses, began = len(lessons) // BATCH, [], time.time()
    draw.shuffle(lessons)
    for step in range(steps):
        sentences, own, right = [], [], []
        batch = lessons[step * BATCH : (step + 1) * BATCH]
        for n, (_, choices) in enumerate(batch):
            some, answers = draw.choice(choices)
            drawn = draw.sample(range(len(some)), min(len(some), OTHERS))
            for i in sorted({*np.flatnonzero(answers).tolist(), *drawn}):
                sentences.append(some[i])
                own.append(n)
                right.append(bool(answers[i]))
        which, whether = model(Flat([q for q, _ in batch], reader.LONGEST), Flat(sentences, LONG))
        mine = torch.tensor(own) == torch.arange(len(batch))[:, None]
        wanted = mine & torch.tensor(right)
        answered = wanted.any(1)
        loss = (total(which) - total(which, wanted))[answered].sum()
        # Beside the sentences of its document a question has "none of them", at 0.
        none = torch.zeros(len(batch), 1)
        every = torch.cat([whether.masked_fill(~mine, OUT), none], 1)
        held = torch.cat([whether, none], 1)
        right_or_none = torch.cat([wanted, ~answered[:, None]], 1)
        loss += (total(every) - total(held, right_or_none)).sum()
        loss /= len(batch)
        for optimiser, rate in optimisers:
            optimiser.param_groups[0]["lr"] = rate * (1 - step / steps)
            optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        for optimiser, _ in optimisers:
            optimiser.step()
        losses.append(loss.item())
        if step % 300 == 299:
            seconds = time.time() - began
            print(
                f"step {step + 1} of {steps}, loss {np.mean(losses[-300:]):.3f}, {seconds:.0f} s",
                flush=True,
            )
    return model


def learn(trains: Sequence[str], seed: int) -> dict[str, Weights]:
    """The weights of one run."""
    lessons = [one for some in trains for one in (*written(some), *reading(some))]
    print(f"{len(lessons)} questions of {' and '.join(trains)}, seed {seed}", flush=True)
    return {n: value.detach().numpy() for n, value in train(lessons, seed).state_dict().items()}


def save(runs: Sequence[dict[str, Weights]], path: Path) -> None:
    """Write what ``rag.reader.Reader.load`` reads; rows as bytes, each with a scale.

    The runs' rows and neighbours stand side by side; their weights (logarithms) and figures are
    averaged. Not compressed: bytes of learned rows hardly shrink, and every start would wait.
    """
    rows, beside = (np.hstack([run[name] for run in runs]) for name in ("rows.weight", "beside"))
    weights, figures = (
        np.mean([run[name] for run in runs], axis=0) for name in ("weights.weight", "figures")
    )
    scale = np.maximum(np.abs(rows).max(axis=1), 1e-6) / 127
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        format=np.array([reader.FORMAT]),
        encoder=np.array([embedded_encoder().fingerprint]),
        rows=np.round(rows / scale[:, None]).astype(np.int8),
        scale=scale.astype(np.float32),
        weights=weights.astype(np.float16),
        beside=beside,
        figures=figures,
    )
    print(f"written to {path}")


def main() -> None:
    """Train both, two runs side by side."""
    parser = argparse.ArgumentParser(description="Train the reader of sentences.")
    parser.add_argument("--out", type=Path, default=reader.WEIGHTS)
    options = parser.parse_args()
    with multiprocessing.get_context("spawn").Pool(len(SEEDS)) as workers:
        for trains, path in ((("encoder", "evidence"), options.out), (("encoder",), HALF)):
            save(workers.starmap(learn, [(trains, seed) for seed in SEEDS], 1), path)


if __name__ == "__main__":
    main()
