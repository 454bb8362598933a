"""The offline line: files -> notices -> passages -> index folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rag.documents import PRINTED, read_document
from rag.encoder import Encoder
from rag.errors import SourceError
from rag.notices import load_notice
from rag.passages import passages
from rag.store import Index
from rag.types import Notice


def build_index(
    notices: Sequence[str | Path | Notice] | str | Path | Notice,
    out: str | Path | None = None,
    encoder: Encoder | None = None,
) -> Index:
    """Index notices and, if ``out`` is given, write the index folder.

    Args:
        notices: Notices, or files to read them from (plain text, HTML, Word, PDF); one or several.
        out: Folder to write; an index that stands there is replaced.
        encoder: The embedded one if left out.

    Returns:
        The index, ready to be asked.

    Raises:
        SourceError: A file cannot be read as a notice, or two notices have the same id.
        IndexFolderError: The folder cannot be written.
    """
    given = [notices] if isinstance(notices, str | Path | Notice) else list(notices)
    loaded = [n if isinstance(n, Notice) else _loaded(Path(n)) for n in given]
    ids = [n.id for n in loaded]
    if twice := next((i for i in ids if ids.count(i) > 1), None):
        raise SourceError(f"Two notices have the id {twice!r}; give the files different names.")
    index = Index.build([p for n in loaded for p in passages(n)], loaded, encoder)
    if out is not None:
        index.save(out)
    return index


def _loaded(path: Path) -> Notice:
    if path.suffix.lower() not in PRINTED:
        return load_notice(path)
    *_, notice = read_document(path)
    assert isinstance(notice, Notice)  # it raises or ends with one
    return notice
