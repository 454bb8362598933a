"""A reader's file becomes a notice: plain text, HTML, Word or PDF, within limits.

What somebody hands over may be damaged or hostile, so it is read by a process of its own that is
given so much time and memory and no more: ``python -m rag.documents FILE`` writes one JSON object
a line, progress first, the notice last.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import subprocess
import sys
import threading
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rag.errors import SourceError
from rag.notices import MAX_BYTES, parse_notice
from rag.repair import restore
from rag.types import Notice, Repair, Section

PRINTED = (".html", ".htm", ".docx", ".pdf")
"""What holds more than text, by the end of a file's name."""

KINDS = (".txt", ".md", *PRINTED)
"""What can be read."""

MAX_PAGES = 300
MAX_CHARACTERS = 1_000_000
MAX_SECONDS = 60.0
MAX_MEMORY = 2_000_000_000
"""Bytes of address space of the reading process, where the system can limit it."""

_MAX_UNZIPPED = 200_000_000  # bytes of a .docx file once unpacked


REASONS = {
    "kind": "{name} cannot be read; open one of {kinds}.",
    "old_word": "{name} is an old Word file; save it as .docx and open that.",
    "missing": "{name} cannot be found; check the path.",
    "large": "{name} is too large ({size} MB, the limit is {limit} MB); split it first.",
    "unpacked": "{name} is too large once unpacked; split it first.",
    "pages": "{name} has {pages} pages, the limit is {limit}; split it first.",
    "characters": "{name} has {characters} characters, the limit is {limit}; split it first.",
    "slow": "{name} took longer than {seconds} s to read; open a shorter one.",
    "empty": "{name} holds no text; if it is a scan, run text recognition first.",
    "not_text": "{name} is empty or not a text; open a file with the words of a notice.",
    "locked": "{name} is locked by a password; save it without one.",
    "html": "{name} holds no HTML that can be read; save the page again.",
    "docx": "{name} is not a Word file that can be read; save it as .docx again.",
    "pdf": "{name} is not a PDF file that can be read; save it as .pdf again.",
    "damaged": "{name} cannot be read; it is damaged or needs too much memory.",
}
"""Why a file is refused, and what to do."""


class DocumentError(SourceError):
    """A file that cannot be opened, by one of ``REASONS``."""

    def __init__(self, reason: str, **values: str) -> None:
        """Say why in English; ``reason`` and ``values`` are there to say it otherwise."""
        super().__init__(REASONS[reason].format(**values))
        self.reason = reason
        self.values = values


@dataclass(frozen=True, slots=True)
class Progress:
    """How far reading has come, in pages (a file without pages tells none)."""

    done: int
    total: int


def read_document(path: str | Path, *, seconds: float = MAX_SECONDS) -> Iterator[Progress | Notice]:
    """Read a file as a notice, repairing what is damaged in it.

    Args:
        path: The file.
        seconds: Time it may take; closing the iterator stops it too.

    Yields:
        Progress, then the notice, once.

    Raises:
        DocumentError: It is not one of ``KINDS``, empty, damaged, locked, a scan, or beyond a
            limit.
    """
    path = Path(path)
    _check(path)
    for line in _lines(path, seconds):
        if "reason" in line:
            raise DocumentError(line["reason"], **line["values"])
        if "notice" in line:
            row = line["notice"]
            sections = tuple(Section(**s) for s in row.pop("sections"))
            repairs = tuple(Repair(**r) for r in row.pop("repairs"))
            yield Notice(**row, sections=sections, repairs=repairs)
        else:
            yield Progress(line["done"], line["total"])


def _check(path: Path) -> None:
    """Raise for what need not be opened to be refused."""
    name, kind = path.name, path.suffix.lower()
    if kind == ".doc":
        raise DocumentError("old_word", name=name)
    if kind not in KINDS:
        raise DocumentError("kind", name=name, kinds=", ".join(KINDS))
    if not path.is_file():
        raise DocumentError("missing", name=name)
    size = path.stat().st_size
    if size > MAX_BYTES:
        megabytes = {"size": f"{size / 1e6:.0f}", "limit": f"{MAX_BYTES / 1e6:.0f}"}
        raise DocumentError("large", name=name, **megabytes)


def _lines(path: Path, seconds: float) -> Iterator[dict[str, Any]]:
    """What the reading process says, line by line; it ends with the iterator at the latest."""
    command = [sys.executable, "-X", "utf8", "-m", "rag.documents", str(path.resolve())]
    late = threading.Event()
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).resolve().parent.parent,  # where this very package is found
        encoding="utf-8",
    ) as process:

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds, stop)
        timer.start()
        try:
            assert process.stdout is not None
            for line in process.stdout:
                with suppress(ValueError):  # half a line of a process that was stopped
                    yield json.loads(line)
            failed = process.wait() != 0
        finally:
            timer.cancel()
            process.kill()
    if late.is_set():
        raise DocumentError("slow", name=path.name, seconds=f"{seconds:.0f}")
    if failed:
        raise DocumentError("damaged", name=path.name)


# -- in the reading process ----------------------------------------------------------------


def extract(path: Path) -> Iterator[Progress | str]:
    """Progress, then the text of a file, once.

    Raises:
        DocumentError: It is damaged, locked or beyond a limit.
    """
    readers = {".pdf": _pdf, ".docx": _docx, ".html": _html, ".htm": _html}
    reader = readers.get(path.suffix.lower(), _plain)
    for item in reader(path):
        if isinstance(item, str) and len(item) > MAX_CHARACTERS:
            counts = {"characters": f"{len(item):,}", "limit": f"{MAX_CHARACTERS:,}"}
            raise DocumentError("characters", name=path.name, **counts)
        yield item


def _plain(path: Path) -> Iterator[Progress | str]:
    from rag.repair import decode_source

    yield decode_source(path.read_bytes(), path.name)[0]


def _html(path: Path) -> Iterator[Progress | str]:
    """The text of an HTML page as a browser lays it out; scripts and forms hold none."""
    import lxml.html
    from inscriptis import Inscriptis
    from inscriptis.model.config import ParserConfig

    data = path.read_bytes()
    try:
        tree = lxml.html.document_fromstring(_decoded(data, path.name))
    except (lxml.etree.LxmlError, ValueError) as error:
        raise DocumentError("html", name=path.name) from error
    for element in tree.xpath("//script|//style|//noscript|//template|//select|//button|//iframe"):
        element.drop_tree()
    text = Inscriptis(tree, ParserConfig()).get_text()
    yield "\n".join(line.strip() for line in text.splitlines())


def _decoded(data: bytes, name: str) -> str:
    """An HTML page as text: by the character set it declares, else as any text is."""
    from rag.repair import decode_source

    named = re.search(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]+)", data[:4096], re.I)
    if named:
        charset = named[1].decode("ascii").lower()
        # As browsers do: pages that say gb2312 use characters beyond it.
        charset = "gb18030" if charset in ("gb2312", "gbk") else charset
        with suppress(LookupError, UnicodeDecodeError):
            return data.decode(charset)
    return decode_source(data, name)[0]


def _docx(path: Path) -> Iterator[Progress | str]:
    """The paragraphs of a Word file in order, those of its tables among them."""
    import docx
    from docx.table import Table

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MAX_UNZIPPED:
                raise DocumentError("unpacked", name=path.name)
        document = docx.Document(str(path))
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise DocumentError("docx", name=path.name) from error
    lines: list[str] = []
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                cells = dict.fromkeys(cell.text.strip() for cell in row.cells)
                lines.append(" ".join(filter(None, cells)))
        else:
            lines.append(block.text)
    yield "\n".join(lines)


def _pdf(path: Path) -> Iterator[Progress | str]:
    """The text of a PDF file page by page, its broken lines joined to paragraphs."""
    import logging

    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise DocumentError("locked", name=path.name)
        total = len(reader.pages)
        if total > MAX_PAGES:
            raise DocumentError("pages", name=path.name, pages=str(total), limit=str(MAX_PAGES))
        pages = []
        for number in range(total):
            yield Progress(number, total)
            pages.append(reader.pages[number].extract_text())
        yield Progress(total, total)
    except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, OSError) as error:
        raise DocumentError("pdf", name=path.name) from error
    yield paragraphs([page.translate(_radicals()) for page in pages])


# Signs of the block CJK Radicals Supplement that look like characters, with these.
_LOOK_ALIKES = (
    "⺟母⺠民⻁虎⻄西⻅见⻆角⻉贝⻋车⻑長⻓长⻔门⻗雨⻘青⻙韦"
    "⻚页⻛风⻜飞⻝食⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻬齐⻮齿⻰龙⻳龟"
)


def _radicals() -> dict[int, str]:
    """Radical -> character: PDF writers take one for the other where a font draws both alike."""
    kangxi = {c: unicodedata.normalize("NFKC", chr(c)) for c in range(0x2F00, 0x2FD6)}
    return kangxi | {ord(a): b for a, b in zip(_LOOK_ALIKES[::2], _LOOK_ALIKES[1::2], strict=True)}


_PAGE_NUMBER = re.compile(
    r"[\s\-—–－一·]*第?\s*\d{1,4}\s*页?(?:\s*[/／共]\s*\d{1,4}\s*页?)?[\s\-—–－一·]*"
)
_ENDS = tuple("。！？；：")
# What opens a line of its own: 一、 （一） 1. 第一条 附件
_OPENS = re.compile(
    r"\s*(?:[一二三四五六七八九十百]{1,4}、|[（(][一二三四五六七八九十\d]{1,4}[）)]|\d{1,3}[.．、]"
    r"|第[一二三四五六七八九十百零\d]{1,6}[章节条编部]|附\s*件)"
)


def paragraphs(pages: list[str]) -> str:
    """The lines of pages joined to paragraphs; page numbers and running heads left out.

    A line as long as lines here are goes on in the next, across pages too, unless that opens a
    numbered part.
    """
    bare = [[line.strip() for line in page.splitlines() if line.strip()] for page in pages]
    edges = Counter(line for page in bare for line in {*page[:1], *page[-1:]})
    running = {line for line, n in edges.items() if n >= 3 and n > len(bare) / 2}
    kept = [
        [
            line
            for i, line in enumerate(page)
            if not (i in (0, len(page) - 1) and (line in running or _PAGE_NUMBER.fullmatch(line)))
        ]
        for page in bare
    ]
    lines = [line for page in kept for line in page]
    full = _full([_width(line) for line in lines])
    out: list[str] = []
    goes_on = False
    for line in lines:
        if goes_on and not _OPENS.match(line):
            latin = re.search(r"[A-Za-z,.;]$", out[-1]) and re.match("[A-Za-z]", line)
            out[-1] += f" {line}" if latin else line
        else:
            out.append(line)
        ended = line.endswith(_ENDS) and _width(line) < full + _RAGGED
        goes_on = _width(line) >= full and not ended or line.endswith(("，", "、", ","))
    return "\n".join(out)


_RAGGED = 3  # a full line may be this much shorter than the longest, in Chinese characters


def _full(widths: list[float]) -> float:
    """Least width of a line that fills the page; infinite where the longest are not alike."""
    enough = max(3, len(widths) / 10)
    for width in sorted(set(widths), reverse=True):
        if sum(w > width for w in widths) > len(widths) / 50:
            break
        if sum(width - _RAGGED <= w <= width for w in widths) >= enough:
            return width - _RAGGED
    return math.inf


def _width(line: str) -> float:
    """Width of a line in Chinese characters."""
    return sum(1.0 if ord(c) > 0x2E7F else 0.5 for c in line)


def _limit_memory() -> None:
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))


def _read(path: Path) -> Iterator[Progress | Notice]:
    """Progress, then the notice.

    Raises:
        SourceError: As for ``extract``, or there is no text.
    """
    for item in extract(path):
        if isinstance(item, Progress):
            yield item
        elif not item.strip():
            raise DocumentError("empty", name=path.name)
        else:
            restoration = restore(item, name=path.name)
            yield parse_notice(
                restoration.text,
                id=path.stem,
                repairs=restoration.repairs,
                source_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            )


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _main(path: Path) -> int:
    _limit_memory()
    try:
        for item in _read(path):
            _say({"notice": asdict(item)} if isinstance(item, Notice) else asdict(item))
    except DocumentError as error:
        _say({"reason": error.reason, "values": error.values})
    except SourceError:
        _say({"reason": "not_text", "values": {"name": path.name}})
    except (MemoryError, RecursionError):
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main(Path(sys.argv[1])))
