"""Count character bigrams of administrative Chinese for ``rag/repair.py``.

Reads ``train/laws_prc``, ``train/cc_cedict`` and ``train/cmrc_trial`` from the data folder and
writes ``rag/embedded/bigrams.npz``: counts of single characters and of pairs that occur at least
``--at-least`` times, in the folded view of ``rag.text`` with digits as ``0`` and letters as ``a``.

    python train/bigrams.py --data ../shared/data
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from rag.text import fold

FIELDS = {
    "laws_prc": ("text", "heading", "title"),
    "cc_cedict": ("zh_hans",),
    "cmrc_trial": ("passage",),
}


def lines(data: Path) -> Iterator[str]:
    """Every text of the sources, one string each."""
    for name, fields in FIELDS.items():
        with gzip.open(data / "train" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            for row in map(json.loads, file):
                yield from (row[field] for field in fields if row.get(field))


def main() -> None:
    """Count and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("YOUJU_DATA", "../shared/data"))
    parser.add_argument("--at-least", type=int, default=4)
    args = parser.parse_args()
    text = fold("\n".join(lines(Path(args.data))))
    text = re.sub(r"[^\S\n]+", "", re.sub(r"[a-z]", "a", re.sub(r"\d", "0", text)))
    text = re.sub(r"\n+", "\n", text)
    codes = np.frombuffer(text.encode("utf-16-le"), dtype="<u2")
    chars, ids, singles = np.unique(codes, return_inverse=True, return_counts=True)
    keys, pairs = np.unique(
        ids[:-1].astype(np.uint32) * len(chars) + ids[1:].astype(np.uint32), return_counts=True
    )
    often = pairs >= args.at_least
    keys, pairs = keys[often], pairs[often]
    starts = np.searchsorted(keys // len(chars), np.arange(len(chars) + 1))
    np.savez_compressed(
        Path(__file__).parent.parent / "rag" / "embedded" / "bigrams.npz",
        chars=chars.astype(np.uint16),
        # A count is kept as 16 times its natural logarithm: 6 % wide steps in one byte.
        singles=np.rint(16 * np.log(singles)).astype(np.uint8),
        starts=starts.astype(np.uint32),
        seconds=(keys % len(chars)).astype(np.uint16),
        pairs=np.rint(16 * np.log(pairs)).astype(np.uint8),
    )


if __name__ == "__main__":
    main()
