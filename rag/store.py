"""Passages, vectors and lexicon as one index: built in memory, kept as a folder, searched.

An index folder holds::

    manifest.json            format version, encoder name, fingerprint and dimension, counts,
                             hash of every source file and of every file of the folder
    notices.jsonl            the restored notices with their sections and repairs
    passages.jsonl           one passage a line, in row order
    vectors.faiss            FAISS index over unit vectors (half precision, inner product, every
                             row compared), row i = passage i
    bm25.*.npy, bm25.vocabulary.json

No pickle anywhere. A folder is written beside its place and renamed into it, so that a reader
never sees half of one. Whatever does not fit raises: a shifted row would be a wrong citation.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag import evidence, lexical, reach
from rag.encoder import Encoder, embedded_encoder, load_encoder
from rag.errors import IndexFolderError, QuestionError
from rag.lexical import Lexicon
from rag.matching import Texts
from rag.text import sentence_spans
from rag.types import Hit, Notice, Passage, Repair, Section

FORMAT = 3
MANIFEST = "manifest.json"
FILES = ("notices.jsonl", "passages.jsonl", "vectors.faiss", *lexical.FILES)

CANDIDATES = 100
"""Passages each of the two searches puts forward for fusion."""

READ, LEAST_READ = 16, 8
"""Passages, the best of those found, whose sentences are read: as many as are asked for, at most
the first number and at least the second."""

REFINED = 16
"""Passages, the best after fusion, that are compared by their best sentence too."""

KEPT = 2000
"""Passages whose sentences' vectors are kept for the next question."""

MANY = 10_000
"""Passages from which a second thread compares ``BESIDE`` of them."""

BESIDE = 0.62
"""More than half: the first thread looks words up meanwhile."""

LEXICAL_SHARE = 0.4
"""Weight of the lexical score in the fused score; the dense score has the rest."""

SENTENCE_SHARE = 0.75
"""Weight of the best sentence's cosine in the dense score of a passage."""


@dataclass(frozen=True)
class Index:
    """A searchable set of passages.

    Attributes:
        passages: In row order.
        notices: The notices they come from, by id; empty for ad-hoc passages.
        encoder: Made the vectors and encodes the questions.
        lexicon: BM25 over what is searched.
        vectors: A ``faiss.IndexScalarQuantizer`` over unit vectors of shape (passages,
            encoder.dim), in half precision: an exact scan in less than half the time and
            memory of single precision, with cosines within 1e-3.
    """

    passages: tuple[Passage, ...]
    notices: Mapping[str, Notice]
    encoder: Encoder
    lexicon: Lexicon
    vectors: Any
    _sentences: dict[int, NDArray[np.float32]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """Vectors of the sentences of passages that were compared by them, by row."""

    @classmethod
    def build(
        cls,
        passages: Sequence[Passage],
        notices: Sequence[Notice] = (),
        encoder: Encoder | None = None,
    ) -> Index:
        """Index passages in memory.

        Args:
            passages: What can be found; ids must be unique.
            notices: The notices that passages with a ``notice_id`` stand in.
            encoder: The embedded one if left out.

        Raises:
            IndexFolderError: No passages, an id twice, or a passage that is not where it says.
        """
        by_id = {notice.id: notice for notice in notices}
        _check_passages(passages, by_id)
        encoder = encoder or load_encoder()
        searched = [p.searched for p in passages]
        faiss = _faiss()
        vectors = faiss.IndexScalarQuantizer(
            encoder.dim, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        vectors.add(np.ascontiguousarray(encoder.encode_passages(searched), np.float32))
        return cls(tuple(passages), by_id, encoder, Lexicon.build(searched), vectors)

    @classmethod
    def open(cls, folder: str | Path, encoder: Encoder | None = None) -> Index:
        """Open an index folder.

        Args:
            folder: What ``save`` wrote.
            encoder: Loaded by the name in the manifest if left out.

        Raises:
            IndexFolderError: The folder is missing, incomplete, damaged, of another format
                version, or was made with another encoder; the message names the remedy.
        """
        folder = Path(folder)
        manifest = _read_manifest(folder)
        _check_files(folder, manifest)
        made_with = manifest["encoder"]
        encoder = encoder or load_encoder(made_with["spec"])
        if encoder.fingerprint != made_with["fingerprint"]:
            raise IndexFolderError(
                f"The index in {folder} was made with encoder {made_with['name']} "
                f"({made_with['fingerprint'][:12]}), not with {encoder.name} "
                f"({encoder.fingerprint[:12]}); build it again with `python -m rag build`."
            )
        try:
            return _load(cls, folder, manifest, encoder)
        except (ValueError, KeyError, TypeError, RuntimeError, OSError) as error:
            raise IndexFolderError(
                f"The index in {folder} cannot be read ({error}); "
                "build it again with `python -m rag build`."
            ) from error

    def save(self, folder: str | Path) -> Path:
        """Write the index as a folder, in place of an older index there if there is one.

        Raises:
            IndexFolderError: Something that is not an index stands there, or it cannot be written.
        """
        folder = Path(folder)
        if folder.exists() and not (folder / MANIFEST).is_file() and _occupied(folder):
            raise IndexFolderError(
                f"{folder} exists and is not an index folder; choose another place for the index."
            )
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        except OSError as error:
            raise IndexFolderError(f"Cannot write the index to {folder}: {error}.") from error
        try:
            work.chmod(0o755)
            self._write(work)
            old = work.with_name(work.name + ".old")
            if folder.exists():
                folder.rename(old)
            work.rename(folder)
            shutil.rmtree(old, ignore_errors=True)
        except OSError as error:
            raise IndexFolderError(f"Cannot write the index to {folder}: {error}.") from error
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return folder

    def _write(self, folder: Path) -> None:
        _write_jsonl(folder / "notices.jsonl", [asdict(n) for n in self.notices.values()])
        _write_jsonl(folder / "passages.jsonl", [asdict(p) for p in self.passages])
        _faiss().write_index(self.vectors, str(folder / "vectors.faiss"))
        self.lexicon.save(folder)
        manifest = {
            "format": FORMAT,
            "encoder": {
                "spec": self.encoder.spec,
                "name": self.encoder.name,
                "fingerprint": self.encoder.fingerprint,
                "dim": self.encoder.dim,
            },
            "passages": len(self.passages),
            "notices": [
                {
                    "id": n.id,
                    "title": n.title,
                    "doc_no": n.doc_no,
                    "source_sha256": n.source_sha256,
                    "sections": len(n.sections),
                    "repairs": len(n.repairs),
                }
                for n in self.notices.values()
            ],
            "files": {name: _sha256(folder / name) for name in FILES},
        }
        (folder / MANIFEST).write_text(
            json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )

    def search(self, question: str, k: int = 10) -> list[Hit]:
        """The k passages that answer a question best, best first.

        Those that ``retrieve`` finds; the first ``READ`` of them, if so many are asked for, in the
        order of how well their sentences answer (``evidence.read``), before the others.

        Args:
            question: In any language; script, width and case do not matter.
            k: How many at most, at least 1.

        Raises:
            QuestionError: ``k`` is below 1.
        """
        hits = self.retrieve(question, max(k, LEAST_READ) if k > 0 else k)
        rest = [replace(hit, score=round(hit.score / 2, 6)) for hit in hits[READ:]]
        return [*evidence.read(question, hits[:READ]), *rest][:k]

    def retrieve(self, question: str, k: int = 10) -> list[Hit]:
        """The k passages that match a question best by words and vectors, best first.

        Args:
            question: In any language; script, width and case do not matter.
            k: How many at most, at least 1.

        Returns:
            Hits with scores in [0, 1]: a weighted mean of the BM25 score relative to the best
            passage's and of the cosine similarity, of the passage and of its best sentence where
            the encoder averages words; less for what holds for a place that the question does not
            name, or is no law where laws are found (``reach.shares``). A passage with neither a
            word nor a direction in common with the question is left out, so an empty or meaningless
            question has no hits.

        Raises:
            QuestionError: ``k`` is below 1.
        """
        if k < 1:
            raise QuestionError(f"k must be at least 1, not {k}.")
        vector = self._vectors([question], self.encoder.encode_queries)
        depth = min(max(k, CANDIDATES), len(self.passages))
        nearest = _nearest(self.vectors, vector, depth)
        words = self.lexicon.scores(lexical.query_terms(question))
        near, rows = nearest()
        by_words = np.argpartition(-words, depth - 1)[:depth]
        found = np.union1d(rows, by_words[words[by_words] > 0])
        cosines = self._cosines(vector[0], found, dict(zip(rows, near, strict=True)))
        bound = reach.shares(question, [self.passages[row].title for row in found])
        fused = fuse(words[found], cosines) * bound
        if self.encoder.averages:
            best = np.lexsort((found, -fused))[: max(k, REFINED)]
            by_sentence = self._best_sentence(vector[0], found[best])
            cosines[best] += SENTENCE_SHARE * (by_sentence - cosines[best])
            fused = np.zeros_like(fused)
            fused[best] = (fuse(words[found], cosines) * bound)[best]
        order = np.lexsort((found, -fused))[:k]
        return [
            Hit(self.passages[found[i]], round(float(fused[i]), 6)) for i in order if fused[i] > 0
        ]

    def _vectors(
        self, texts: Sequence[str], encode: Callable[[Sequence[str]], NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        """Vectors of texts; the embedded encoder's are kept where the texts will be read."""
        return Texts.of(texts).vectors if self.encoder is embedded_encoder() else encode(texts)

    def _best_sentence(
        self, vector: NDArray[np.float32], rows: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Cosine of the question with the nearest sentence of each row's passage, shape (rows,)."""
        # Asked for once: another thread may clear what is kept.
        known = {r: kept for r in rows.tolist() if (kept := self._sentences.get(r)) is not None}
        new = [row for row in rows.tolist() if row not in known]
        if new:
            texts = [self.passages[row].text for row in new]
            cut = [[t[a:b] for a, b in sentence_spans(t)] or [t] for t in texts]
            flat = [s for sentences in cut for s in sentences]
            encoded = self._vectors(flat, self.encoder.encode_passages)
            ends = np.cumsum([len(sentences) for sentences in cut])
            known |= dict(zip(new, np.split(encoded, ends[:-1]), strict=True))
            if len(self._sentences) > KEPT:
                self._sentences.clear()
            self._sentences.update((row, known[row]) for row in new)
        return np.array([(known[r] @ vector).max() for r in rows.tolist()], np.float32)

    def _cosines(
        self, vector: NDArray[np.float32], rows: NDArray[np.int64], known: Mapping[int, float]
    ) -> NDArray[np.float32]:
        """Cosine of the question with each row, computed only where FAISS did not give it."""
        return np.array(
            [known[r] if r in known else self.vectors.reconstruct(int(r)) @ vector for r in rows],
            np.float32,
        )


_BESIDE = ThreadPoolExecutor(1, "nearest")


def _nearest(
    vectors: Any, vector: NDArray[np.float32], depth: int
) -> Callable[[], tuple[NDArray[np.float32], NDArray[np.int64]]]:
    """Begins to look; what it gives, called, gives inner products and rows, best first.

    FAISS does not share out the one scan that a question is; most of many is scanned beside, while
    words are looked up here.
    """
    if vectors.ntotal < MANY:
        near, rows = vectors.search(vector, depth)
        return lambda: _best(near, rows, depth)
    first = int(BESIDE * vectors.ntotal)

    def scan(start: int, end: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        faiss = _faiss()  # in each thread, which has its own number of threads
        part = faiss.SearchParameters(sel=faiss.IDSelectorRange(start, end))
        found: tuple[NDArray[np.float32], NDArray[np.int64]]
        found = vectors.search(vector, depth, params=part)
        return found

    beside = _BESIDE.submit(scan, 0, first)

    def both() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        here, there = scan(first, vectors.ntotal), beside.result()
        return _best(np.hstack([there[0], here[0]]), np.hstack([there[1], here[1]]), depth)

    return both


def _best(
    near: NDArray[np.float32], rows: NDArray[np.int64], depth: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The best of one question's inner products and their rows; -1 is no row."""
    near, rows = near[0][rows[0] >= 0], rows[0][rows[0] >= 0]
    best = np.lexsort((rows, -near))[:depth]
    return near[best], rows[best]


def fuse(lexical_scores: NDArray[np.float32], dense: NDArray[np.float32]) -> NDArray[np.float32]:
    """One score in [0, 1] from two: convex combination, BM25 scaled by its best candidate.

    After Bruch, Gai & Ingber (2023), "An Analysis of Fusion Functions for Hybrid Retrieval", with
    BM25's theoretical minimum 0 and the largest score as its range; cosines are cut at 0.
    """
    if not len(lexical_scores):
        return np.zeros(0, np.float32)
    top = float(lexical_scores.max())
    words = lexical_scores / top if top > 0 else np.zeros_like(lexical_scores)
    return LEXICAL_SHARE * words + (1 - LEXICAL_SHARE) * np.clip(dense, 0, 1)


def _check_passages(passages: Sequence[Passage], notices: Mapping[str, Notice]) -> None:
    if not passages:
        raise IndexFolderError("There is nothing to index: no passages were given.")
    ids: set[str] = set()
    for passage in passages:
        if passage.id in ids:
            raise IndexFolderError(f"Passage id {passage.id!r} is given twice; make ids unique.")
        ids.add(passage.id)
        notice = notices.get(passage.notice_id)
        if passage.end - passage.start != len(passage.text) or (
            notice is not None and notice.text[passage.start : passage.end] != passage.text
        ):
            raise IndexFolderError(
                f"Passage {passage.id!r} is not the text at {passage.start}:{passage.end} "
                "of its notice; cut passages with rag.passages."
            )
        if notices and notice is None:
            raise IndexFolderError(
                f"Passage {passage.id!r} names the notice {passage.notice_id!r}, "
                "which is not among the notices given."
            )


def _occupied(path: Path) -> bool:
    return path.is_file() or any(path.iterdir())


def _write_jsonl(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def _read_jsonl(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="\n") as lines:
        return [json.loads(line) for line in lines]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_manifest(folder: Path) -> dict[str, Any]:
    rebuild = "build it with `python -m rag build NOTICE --out FOLDER`"
    if not folder.is_dir():
        raise IndexFolderError(f"There is no index folder {folder}; {rebuild}.")
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise IndexFolderError(
            f"{folder} is not an index folder: no {MANIFEST}; {rebuild}."
        ) from None
    except (OSError, ValueError) as error:
        raise IndexFolderError(
            f"{folder / MANIFEST} cannot be read ({error}); {rebuild}."
        ) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        version = manifest.get("format") if isinstance(manifest, dict) else None
        raise IndexFolderError(
            f"The index in {folder} has format {version!r}, this program reads {FORMAT}; {rebuild}."
        )
    return manifest


def _check_files(folder: Path, manifest: Mapping[str, Any]) -> None:
    hashes = manifest.get("files", {})
    for name in FILES:
        path = folder / name
        if not path.is_file():
            problem = f"{name} is missing"
        elif _sha256(path) != hashes.get(name):
            problem = f"{name} was changed or damaged"
        else:
            continue
        raise IndexFolderError(
            f"The index in {folder} is not whole: {problem}; "
            "build it again with `python -m rag build`."
        )


def _load(cls: type[Index], folder: Path, manifest: Mapping[str, Any], encoder: Encoder) -> Index:
    passages = tuple(Passage(**row) for row in _read_jsonl(folder / "passages.jsonl"))
    notices = [_notice(row) for row in _read_jsonl(folder / "notices.jsonl")]
    vectors = _faiss().read_index(str(folder / "vectors.faiss"))
    if not len(passages) == manifest["passages"] == vectors.ntotal or vectors.d != encoder.dim:
        raise ValueError("passages, vectors and manifest do not agree")
    lexicon = Lexicon.load(folder, size=len(passages))
    return cls(passages, {n.id: n for n in notices}, encoder, lexicon, vectors)


def _faiss() -> Any:
    """FAISS on one thread: others that wait for more would keep a core from the answer."""
    import faiss

    if not hasattr(_SET, "threads"):
        faiss.omp_set_num_threads(1)
        _SET.threads = 1
    return faiss


_SET = threading.local()
"""Each thread has its own number of threads; setting it takes a while."""


def _notice(row: dict[str, Any]) -> Notice:
    row["sections"] = tuple(Section(**s) for s in row["sections"])
    row["repairs"] = tuple(Repair(**r) for r in row["repairs"])
    return Notice(**row)
