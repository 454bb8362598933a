"""Build the index of the notices in ``index/notices/``.

python index/build.py [--out FOLDER] [--encoder NAME]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rag import RagError, build_index
from rag.encoder import load_encoder

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Read the options, build, say what was built."""
    parser = argparse.ArgumentParser(description="Build the index of the notices kept here.")
    parser.add_argument("--out", type=Path, default=HERE / "built", help="index folder to write")
    parser.add_argument("--encoder", help="sentence-transformers model instead of the embedded one")
    options = parser.parse_args()
    try:
        sources = sorted((HERE / "notices").glob("*.txt"))
        index = build_index(sources, options.out, load_encoder(options.encoder))
    except RagError as error:
        sys.exit(f"Error: {error}")
    for notice in index.notices.values():
        unresolved = sum(repair.kind == "unresolved" for repair in notice.repairs)
        print(f"{notice.doc_no} {notice.title}")
        print(
            f"  {len(notice.sections)} sections, {len(notice.repairs)} repairs of the source, "
            f"{unresolved} unresolved"
        )
    print(f"{len(index.passages)} passages, encoder {index.encoder.name}, in {options.out}")


if __name__ == "__main__":
    main()
