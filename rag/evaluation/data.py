"""Where the public development data lies, and its rows."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

from rag.errors import RagError


class DataError(RagError):
    """Public data that is missing or damaged."""


def data_folder(named: Path | None = None) -> Path:
    """The folder with ``dev/`` and ``train/``: as named, else ``YOUJU_DATA``, else beside us.

    Raises:
        DataError: There is no such folder.
    """
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    folder = named or Path(os.environ.get("YOUJU_DATA") or beside)
    if not (folder / "dev").is_dir():
        raise DataError(
            f"There is no public data in {folder} (no folder dev/ in it): "
            "name its folder with --data or in YOUJU_DATA."
        )
    return folder


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    """Rows of one file, such as ``dev/cmrc_dev``: JSON lines in gzip.

    Raises:
        DataError: The file is missing or damaged.
    """
    path = folder / f"{name}.jsonl.gz"
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]
    except FileNotFoundError:
        raise DataError(
            f"{path} is missing: name another folder with --data or in YOUJU_DATA."
        ) from None
    except (OSError, EOFError, ValueError) as error:
        raise DataError(f"{path} cannot be read ({error}): get the file again.") from error
