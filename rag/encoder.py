"""Text to unit vectors: the embedded static encoder, or any sentence-transformers model.

The embedded encoder is a sentence-transformers folder (a ``StaticEmbedding`` module) read without
torch: the vector of a text is the mean of its pieces' rows, brought to length one. A text without a
known piece has a zero row, which is similar to nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.errors import EncoderError
from rag.hub import downloaded

EMBEDDED = Path(__file__).with_name("embedded") / "encoder"
FORMAT = 1
_BATCH = 512
_LONG = 4096
_FEW = 400
"""Texts that one thread cuts into pieces sooner than several."""


class Encoder(Protocol):
    """What the index and the search need of an encoder.

    Attributes:
        spec: What ``load_encoder`` takes to load it again; None for the embedded one.
        name: What it is, for people.
        dim: Length of a vector.
        fingerprint: Hex SHA-256 of what its vectors depend on; an index remembers it.
        averages: Whether a vector is a mean of words, vaguer the longer the text: a passage is
            then compared by its best sentence too.
    """

    @property
    def spec(self) -> str | None: ...  # noqa: D102

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def dim(self) -> int: ...  # noqa: D102

    @property
    def fingerprint(self) -> str: ...  # noqa: D102

    @property
    def averages(self) -> bool: ...  # noqa: D102

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of questions, shape (n, dim): unit rows, zero where nothing is known."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of passages, shape (n, dim): unit rows, zero where nothing is known."""
        ...


def load_encoder(spec: str | os.PathLike[str] | None = None) -> Encoder:
    """Load an encoder.

    Args:
        spec: None for the embedded one; else a folder or the name of a sentence-transformers
            model. A folder whose only parts are a static embedding and a normalisation is read
            without torch.

    Raises:
        EncoderError: It is missing, damaged, or of another format version.
    """
    if spec is None:
        return embedded_encoder()
    folder = Path(spec)
    if folder.is_dir():
        return StaticEncoder(folder) if _is_static(folder) else TransformerEncoder(str(spec))
    text = str(spec)
    if not text.strip() or folder.is_absolute() or text.startswith(("./", "../", "~")):
        raise EncoderError(
            f"There is no encoder folder at {text!r}: give the path of a sentence-transformers "
            "folder, the name of a model, or nothing for the embedded encoder."
        )
    return TransformerEncoder(text)


@cache
def embedded_encoder() -> StaticEncoder:
    """The encoder that ships, loaded once."""
    return StaticEncoder(EMBEDDED, name="youju-embedded")


def _is_static(folder: Path) -> bool:
    """Whether a folder holds nothing but a static embedding (and its normalisation)."""
    kinds = [str(m.get("type", "")).rsplit(".", 1)[-1] for m in _modules(folder)]
    return kinds in (["StaticEmbedding"], ["StaticEmbedding", "Normalize"])


def _modules(folder: Path) -> list[dict[str, Any]]:
    path = folder / "modules.json"
    if not path.is_file():
        raise EncoderError(
            f"{folder} is no sentence-transformers folder: it has no modules.json. Save the model "
            "with SentenceTransformer.save_pretrained, or run without --encoder."
        )
    modules = _json(path)
    if not isinstance(modules, list) or not all(isinstance(m, dict) for m in modules):
        raise EncoderError(f"{path} is damaged: it should be a list of modules. {_remedy(folder)}")
    return modules


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EncoderError(f"{path} cannot be read ({error}). {_remedy(path.parent)}") from error


def _remedy(folder: Path) -> str:
    if folder == EMBEDDED:
        return "Install the package again, or make the weights with: python train/encoder.py"
    return "Save the model again, or run without --encoder to use the embedded one."


class StaticEncoder:
    """A static embedding read with numpy, tokenizers and safetensors alone.

    The weights are mapped, not read: only the rows that a text uses are touched.
    """

    averages = True

    def __init__(self, folder: Path, name: str | None = None) -> None:
        """Open a sentence-transformers folder with a ``StaticEmbedding``.

        Raises:
            EncoderError: A file is missing or damaged, or the parts do not belong together.
        """
        for part in ("modules.json", "tokenizer.json", "model.safetensors"):
            if not (folder / part).is_file():
                raise EncoderError(f"The encoder in {folder} has no {part}. {_remedy(folder)}")
        self._folder = folder
        self.spec = None if folder == EMBEDDED else str(folder.resolve())
        self.name = name or folder.resolve().name
        config = folder / "config_sentence_transformers.json"
        settings = _json(config) if config.is_file() else {}
        ours = settings.get("youju", {}) if isinstance(settings, dict) else {}
        if ours and ours.get("format") != FORMAT:
            raise EncoderError(
                f"The encoder in {folder} is of format {ours.get('format')}; this version reads "
                f"format {FORMAT}. {_remedy(folder)}"
            )
        prompts = settings.get("prompts") or {} if isinstance(settings, dict) else {}
        default = prompts.get(settings.get("default_prompt_name") or "", "")
        self._query_prompt = prompts.get("query", default)
        self._passage_prompt = prompts.get("document", prompts.get("passage", default))
        from tokenizers import Tokenizer

        try:
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # tokenizers raises plain Exception
            raise EncoderError(
                f"{folder / 'tokenizer.json'} is damaged ({error}). {_remedy(folder)}"
            ) from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._weights = _weights(folder)
        size = self._tokenizer.get_vocab_size()
        if len(self._weights) != size:
            raise EncoderError(
                f"The encoder in {folder} does not fit together: {len(self._weights)} rows for "
                f"{size} pieces. {_remedy(folder)}"
            )
        self.size, self.dim = map(int, self._weights.shape)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the tokenizer and the weights."""
        return _fingerprint(self._folder / "tokenizer.json", self._folder / "model.safetensors")

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of questions, shape (n, dim)."""
        return self._encode(texts, self._query_prompt)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of passages, shape (n, dim)."""
        return self._encode(texts, self._passage_prompt)

    def pieces(self, texts: Sequence[str]) -> list[NDArray[np.int64]]:
        """Ids of each text's pieces, in order, shape (pieces,)."""
        return self.placed(texts)[0]

    def placed(
        self, texts: Sequence[str]
    ) -> tuple[list[NDArray[np.int64]], list[NDArray[np.int64]]]:
        """The pieces of each text, as ``pieces`` gives them, and where each of them starts."""
        clean = [_unicode(text) for text in texts]
        encoded = self._encoded(clean)
        ids = [np.array(pieces.ids, np.int64) for pieces in encoded]
        return ids, [np.array([a for a, _ in p.offsets], np.int64) for p in encoded]

    def _encoded(self, texts: list[str]) -> list[Any]:
        """One by one where they are few: threads take longer to begin than to end."""
        if len(texts) > _FEW:
            encoded: list[Any] = self._tokenizer.encode_batch(texts, add_special_tokens=False)
            return encoded
        return [self._tokenizer.encode(text, add_special_tokens=False) for text in texts]

    def piece_texts(self, text: str) -> list[str]:
        """A text's pieces as they stand in it."""
        clean = _unicode(text)
        encoded = self._tokenizer.encode(clean, add_special_tokens=False)
        return [clean[start:end] for start, end in encoded.offsets]

    def rows(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Vectors of pieces, shape (len(ids), dim); their lengths are the pieces' weights."""
        return np.asarray(self._weights[ids], np.float32)

    def _encode(self, texts: Sequence[str], prompt: str) -> NDArray[np.float32]:
        out = np.zeros((len(texts), self.dim), np.float32)
        for start in range(0, len(texts), _BATCH):
            batch = [prompt + text for text in texts[start : start + _BATCH]]
            out[start : start + len(batch)] = self._sums(batch)
        return unit(out)

    def _sums(self, texts: list[str]) -> NDArray[np.float32]:
        """Sum of the pieces' rows of each text; only its direction is used."""
        clean = [_unicode(text) for text in texts]
        encoded = self._tokenizer.encode_batch_fast(clean, add_special_tokens=False)
        out = np.zeros((len(texts), self.dim), np.float32)
        for row, pieces in zip(out, encoded, strict=True):
            ids = np.asarray(pieces.ids, np.int64)
            if len(ids) > _LONG:
                ids, counts = np.unique(ids, return_counts=True)
                row[:] = counts.astype(np.float32) @ self._weights[ids]
            else:
                # Text by text: the rows stay in the cache, which numpy's reduceat over all of
                # them does not manage (a tenth of the speed).
                np.add.reduce(self._weights[ids], axis=0, dtype=np.float32, out=row)
        return out


def _unicode(text: str) -> str:
    """The text without lone surrogates, which are no text: the tokenizer takes Unicode alone."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _weights(folder: Path) -> NDArray[Any]:
    """The rows of ``embedding.weight``, mapped from the file.

    The layout is safetensors': eight bytes of header length, a JSON header, then the arrays
    (https://huggingface.co/docs/safetensors). ``safe_open`` would read the whole array.
    """
    path = folder / "model.safetensors"
    kinds = {"F32": np.float32, "F16": np.float16}
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= min(10_000_000, path.stat().st_size - 8):
                raise ValueError("its header is cut off")
            header = json.loads(file.read(length))
        entry = header["embedding.weight"] if "embedding.weight" in header else header["embeddings"]
        rows, dim = entry["shape"]
        begin, end = entry["data_offsets"]
        kind = np.dtype(kinds[entry["dtype"]])
        if end - begin != rows * dim * kind.itemsize or 8 + length + end > path.stat().st_size:
            raise ValueError("it is cut off")
        return np.asarray(np.memmap(path, kind, "r", 8 + length + begin, (rows, dim)))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EncoderError(f"{path} is damaged ({error!r}). {_remedy(folder)}") from error


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows brought to length one; zero rows stay zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
    return scaled


def _fingerprint(*paths: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0")
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


class TransformerEncoder:
    """Any other sentence-transformers model, by path or by name; needs torch.

    A text longer than the model reads is cut into windows, each encoded, and their mean, weighted
    by length, is the text's vector: nothing is silently left out.
    """

    averages = False

    def __init__(self, spec: str) -> None:
        """Load the model.

        Raises:
            EncoderError: sentence-transformers is not installed, or cannot load the model.
        """
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise EncoderError(
                f"The encoder {spec!r} needs sentence-transformers: "
                "pip install sentence-transformers torch"
            ) from error
        is_folder = Path(spec).is_dir()
        # A name without an owner is one of sentence-transformers' own.
        name = spec if "/" in spec else f"sentence-transformers/{spec}"
        try:
            local = is_folder or downloaded(name)
            self._model = SentenceTransformer(spec if is_folder else name, local_files_only=local)
        except Exception as error:  # whatever the hub client, torch or transformers raise
            raise EncoderError(
                f"The encoder {spec!r} cannot be loaded ({_first_line(error)}). Give the path of a "
                "sentence-transformers folder or the name of a model that is in reach, or run "
                "without --encoder to use the embedded one."
            ) from error
        # A folder is remembered by its whole path: an index may be opened from anywhere.
        self.spec: str | None = str(Path(spec).resolve()) if is_folder else spec
        self.name = Path(spec).resolve().name if is_folder else spec
        self.dim = int(self._model.encode(["a"], show_progress_bar=False).shape[1])
        limit = getattr(self._model, "max_seq_length", None)
        self._limit = int(limit) if limit and limit < 1e6 else None

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the model's weights as loaded, and of its prompts and limit."""
        digest = hashlib.sha256()
        settings = [self._model.prompts, self._model.default_prompt_name, self._limit]
        digest.update(json.dumps(settings, sort_keys=True).encode())
        for key, tensor in sorted(self._model.state_dict().items()):
            digest.update(key.encode())
            digest.update(tensor.detach().cpu().float().numpy().tobytes())
        return digest.hexdigest()

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of questions, with the model's prompt for them, shape (n, dim)."""
        return self._encode(texts, self._prompt("query"))

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of passages, with the model's prompt for them, shape (n, dim)."""
        return self._encode(texts, self._prompt("document", "passage", "corpus"))

    def _prompt(self, *names: str) -> str:
        prompts = self._model.prompts or {}
        for name in names:
            if prompts.get(name):
                return str(prompts[name])
        return str(prompts.get(self._model.default_prompt_name or "", ""))

    def _encode(self, texts: Sequence[str], prompt: str) -> NDArray[np.float32]:
        windows: list[str] = []
        owner: list[int] = []
        length: list[int] = []
        for i, text in enumerate(texts):
            for window, pieces in self._windows(text, prompt):
                windows.append(window)
                owner.append(i)
                length.append(pieces)
        out = np.zeros((len(texts), self.dim), np.float32)
        if windows:
            vectors = self._model.encode(
                windows, prompt=prompt, show_progress_bar=False, convert_to_numpy=True
            )
            weighted = unit(np.asarray(vectors, np.float32)) * np.asarray(length)[:, None]
            np.add.at(out, owner, weighted)
        return unit(out)

    def _windows(self, text: str, prompt: str) -> Iterator[tuple[str, int]]:
        """Parts of a text that the model reads whole, and their lengths in pieces.

        None for a text without letters.
        """
        if not any(ch.isalnum() for ch in text):
            return
        tokenizer = getattr(self._model, "tokenizer", None)
        if self._limit is None or not callable(tokenizer):
            yield text, 1
            return
        used = len(tokenizer(prompt)["input_ids"]) if prompt else len(tokenizer("")["input_ids"])
        room = self._limit - used
        if room < 1:
            raise EncoderError(f"The prompt of {self.name} leaves no room in its {self._limit}.")
        encoded = tokenizer(
            text,
            add_special_tokens=False,
            truncation=False,
            return_offsets_mapping=True,
            verbose=False,
        )
        spans = encoded["offset_mapping"]
        for first in range(0, max(1, len(spans)), room):
            part = spans[first : first + room]
            yield (text[part[0][0] : part[-1][1]], len(part)) if part else (text, 1)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
