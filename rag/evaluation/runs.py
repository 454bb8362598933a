"""A run on disk: its folder, where it came from, and the journal that lets it go on.

A run folder holds::

    run.json        kind, settings, seed, figures; commit, index manifest, versions, machine
    answers.jsonl   one record a question, with its scores: what ``compare`` pairs
    report.md       for reading in a terminal or a code review
    report.html     the same with plots, in one file
    timing.json     times and memory

With the same settings ``answers.jsonl`` and the ``figures`` in ``run.json`` repeat byte for byte,
and on the same machine and checkout all of ``run.json`` does. Times stand in ``timing.json`` and in
the reports.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import rag
from rag.errors import RagError

PACKAGE = Path(rag.__file__).resolve().parent
LIBRARIES = (
    "bm25s", "faiss-cpu", "ir-measures", "matplotlib", "numpy", "opencc", "pytrec-eval-terrier",
    "sentence-transformers", "tokenizers", "torch", "transformers",
)  # fmt: skip
"""Libraries that can change a figure."""


class RunError(RagError):
    """A run folder that cannot be written, or read."""


def to_json(value: object) -> str:
    """JSON for people and diffs: two spaces, innermost objects and lists on one line."""
    text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    flat = re.sub(r"([{\[])\s+([^{}\[\]]*?)\s+([}\]])", _flatten, text)
    return flat + "\n"


def _flatten(match: re.Match[str]) -> str:
    inside = re.sub(r"\n\s+", " ", match.group(2))
    # A string may hold a bracket or a line's length: then the object stays as it was.
    whole = match.group(1) + inside + match.group(3)
    return whole if len(whole) <= 110 else match.group(0)


def to_lines(rows: Sequence[Mapping[str, Any]]) -> str:
    """JSON lines."""
    lines = (json.dumps(row, ensure_ascii=False, allow_nan=False) for row in rows)
    return "".join(line + "\n" for line in lines)


# --- Where a run came from ------------------------------------------------------------------------


def provenance() -> dict[str, Any]:
    """Commit, code, versions and machine; the same for every run of one checkout on one machine."""
    return {
        "commit": commit(),
        "code_sha256": code_sha256(),
        "versions": {
            "youju": rag.__version__,
            "python": platform.python_version(),
            **{name: v for name in LIBRARIES if (v := _version(name))},
        },
        "machine": machine(),
    }


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def commit() -> str | None:
    """The checkout's commit, ``-dirty`` if ``rag/`` or the questions differ; none outside git."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(PACKAGE.parent), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        changed = git("status", "--porcelain", "--", "rag", "eval/questions.jsonl", "eval/run.py")
        return git("rev-parse", "HEAD") + ("-dirty" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return None


@cache
def code_sha256() -> str:
    """Hash of the package as it runs, weights and all: what an answer can depend on."""
    total = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            total.update(path.relative_to(PACKAGE).as_posix().encode())
            total.update(path.read_bytes())
    return total.hexdigest()


def machine() -> dict[str, Any]:
    """The machine, as far as it says."""
    processor = platform.processor()
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        processor = re.search(r"model name\s*:\s*(.+)", text).group(1)  # type: ignore[union-attr]
    except (OSError, AttributeError):
        pass
    memory = None
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        memory = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "processor": processor,
        "cores": os.cpu_count(),
        "memory_gib": memory,
    }


def peak_memory_mib() -> float | None:
    """The most memory this process has held at once; none where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1)


def load_average() -> float | None:
    """Processes that wanted to run in the last minute: above the cores, times are too long."""
    try:
        return round(os.getloadavg()[0], 2)
    except (AttributeError, OSError):  # Windows
        return None


# --- The folder -----------------------------------------------------------------------------------


def check_place(out: Path) -> None:
    """Refuse a place that holds something other than a run, before any time is spent.

    Raises:
        RunError: ``out`` exists and is no run folder.
    """
    if out.exists() and not (out / "run.json").is_file() and (out.is_file() or any(out.iterdir())):
        raise RunError(f"{out} exists and is no run folder: name another with --out")


def write_run(out: Path, files: Mapping[str, str]) -> None:
    """Write a run folder as a whole: a reader sees the old one, or the new one, never a half.

    Raises:
        RunError: ``out`` exists and is not a run folder, or cannot be written.
    """
    check_place(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as scratch:
            fresh = Path(scratch) / "run"
            fresh.mkdir()
            for name, text in files.items():
                (fresh / name).write_text(text, encoding="utf-8", newline="\n")
            if out.exists():
                out.rename(Path(scratch) / "old")
            fresh.rename(out)
        journal_path(out).unlink(missing_ok=True)
    except OSError as error:
        raise RunError(f"cannot write {out}: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class Run:
    """A run as read back: ``run.json`` and the lines of ``answers.jsonl``."""

    folder: Path
    run: dict[str, Any]
    records: list[dict[str, Any]]


def read_run(folder: Path) -> Run:
    """Read a run folder.

    Raises:
        RunError: It is none, or its files are damaged.
    """
    try:
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        text = (folder / "answers.jsonl").read_text(encoding="utf-8")
        records = [json.loads(line) for line in text.split("\n") if line]
        scored = all(isinstance(r["scores"], dict) and isinstance(r["id"], str) for r in records)
        if not (records and scored and isinstance(run, dict)):
            raise ValueError("no records with scores")
    except FileNotFoundError as error:
        name = Path(error.filename).name
        raise RunError(f"{folder} is no run folder: there is no {name} in it") from None
    except NotADirectoryError:
        raise RunError(f"{folder} is no run folder") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"the run in {folder} cannot be read ({error}): run it again") from error
    return Run(folder, run, records)


# --- The journal ----------------------------------------------------------------------------------


class Journal:
    """What a run has done so far, in a file beside its folder, so that a stopped run goes on.

    Attributes:
        done: Rows of an earlier run with the same key that was stopped, by id.
    """

    def __init__(self, path: Path, key: Mapping[str, Any]) -> None:
        """Read what is there; a journal of another key is not used."""
        self._path = path
        self._key = json.dumps(key, ensure_ascii=False, sort_keys=True)
        self.done: dict[str, Any] = {}
        lines = path.read_text(encoding="utf-8").split("\n") if path.is_file() else []
        if lines and lines[0] == self._key:
            # The last line is empty, or was cut off when the run was stopped.
            for line in lines[1:-1]:
                row = json.loads(line)
                self.done[row["id"]] = row["row"]
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "".join([self._key + "\n", *(self._line(i, row) for i, row in self.done.items())])
        path.write_text(text, encoding="utf-8", newline="\n")
        self._file = path.open("a", encoding="utf-8", newline="\n")

    @staticmethod
    def _line(name: str, row: Any) -> str:
        return json.dumps({"id": name, "row": row}, ensure_ascii=False, allow_nan=False) + "\n"

    def add(self, name: str, row: Any) -> None:
        """Keep a row at once."""
        self.done[name] = row
        self._file.write(self._line(name, row))
        self._file.flush()

    def close(self) -> None:
        """Let go of the file; remove it if nothing was done."""
        self._file.close()
        if not self.done:
            self._path.unlink(missing_ok=True)


def journal_path(out: Path) -> Path:
    """Where the journal of the run that goes to ``out`` lies."""
    return out.parent / f".{out.name}.journal"


@contextmanager
def journal(out: Path, key: Mapping[str, Any]) -> Iterator[Journal]:
    """The journal of the run that goes to ``out``; ``write_run`` removes it.

    Raises:
        RunError: It cannot be read or written.
    """
    try:
        kept = Journal(journal_path(out), key)
    except (OSError, ValueError, KeyError) as error:
        raise RunError(f"cannot keep a journal beside {out}: {error}") from error
    try:
        yield kept
    finally:
        kept.close()
