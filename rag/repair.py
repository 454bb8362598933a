"""A damaged source page -> the notice as issued, with a log that leads back to the source.

Pages of mirror sites carry damage in layers, and the layers come off one after another:

1. *Spliced pinyin* (``社會(huì)保障``): a syllable in brackets after the character it spells.
2. *Misaligned splices* (``當?shù)攸h委`` for ``當地黨委``). The mirror put the syllables in by
   replacing pairs of GBK bytes with no regard for where characters begin. A pair made of the
   second byte of one character and the first of the next was hit too; what followed was read one
   byte off, and a first byte left before the ``(`` took the bracket with it and became ``?``.
   A beam search over the bytes that can have stood there finds the text (see ``_Stretch``).
3. *Script and punctuation*: Traditional to Simplified, half-width marks back to full width.
4. *Page furniture*: navigation, forms and counters around the notice (see ``_furniture``).

Every edit is logged against the source, edits do not overlap, and what cannot be decided is left
as it was and logged as ``unresolved``. A clean notice passes through unchanged.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import cache
from itertools import groupby
from typing import Any

from rag.errors import SourceError
from rag.text import HAN, fold
from rag.types import Repair

MAX_SOURCE_BYTES = 20_000_000

_IS_HAN = re.compile(rf"[{HAN}]")


@dataclass(frozen=True, slots=True)
class Restoration:
    """A restored text and the way back to its source.

    Attributes:
        source: The decoded source, with its byte order mark if it has one.
        encoding: Codec that ``source`` was decoded with; ``utf-8-sig`` for UTF-8 with a mark.
        text: The restored text.
        repairs: Edits in source order, not overlapping: applied to ``source`` they give ``text``,
            applied in reverse to ``text`` they give ``source``.
    """

    source: str
    encoding: str
    text: str
    repairs: tuple[Repair, ...] = field(repr=False)

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """Where a span of the restored text stands in the source.

        Args:
            start: First code point in ``text``.
            end: End (exclusive) in ``text``.

        Returns:
            The smallest source span that holds what the span was restored from. An edit that is
            not character for character counts as a whole.
        """
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"span {start}:{end} is outside the text (length {len(self.text)})")
        begin = self._to_source(start, is_end=False)
        return begin, max(begin, self._to_source(end, is_end=True)) if end > start else begin

    def source_bytes(self) -> bytes:
        """The file's bytes, rebuilt from the restored text and the log in reverse."""
        return encode_source(undo(self.text, self.repairs), self.encoding)

    def _to_source(self, place: int, *, is_end: bool) -> int:
        shift = 0  # restored offset + shift = source offset, after the repairs passed so far
        for repair in self.repairs:
            start = repair.start - shift
            end = start + len(repair.after)
            if place < start or (place == start and is_end):
                break
            if place < end or (place == end and is_end):
                if len(repair.before) == len(repair.after):
                    return repair.start + place - start
                return repair.end if is_end else repair.start
            shift += len(repair.before) - len(repair.after)
        return place + shift


def undo(text: str, repairs: Iterable[Repair]) -> str:
    """The source that ``repairs`` (sorted, not overlapping) turned into ``text``."""
    out: list[str] = []
    done = 0  # restored offset
    shift = 0
    for repair in repairs:
        start = repair.start - shift
        out += (text[done:start], repair.before)
        done = start + len(repair.after)
        shift += len(repair.before) - len(repair.after)
    return "".join((*out, text[done:]))


def restore(source: str | bytes, name: str = "source", encoding: str = "utf-8") -> Restoration:
    """Restore a damaged source page.

    Args:
        source: The page: its bytes, or its text already decoded.
        name: What error messages call the page.
        encoding: Codec of a ``source`` that is given as text.

    Returns:
        The restored text, the log of repairs and the way back.

    Raises:
        SourceError: If bytes cannot be read as text.
    """
    if isinstance(source, bytes):
        source, encoding = decode_source(source, name)
    cells = _cells(source, sorted([*_line_ends(source), *_splices(source)], key=_place))
    _cut(cells)
    _rewrite(cells)
    text = "".join(cell.text for cell in cells)
    return Restoration(source, encoding, text, tuple(_log(source, cells)))


def _place(repair: Repair) -> tuple[int, int]:
    return repair.start, repair.end


# --- bytes -> text ------------------------------------------------------------------------------

_MAGIC = {
    b"%PDF": "a PDF file",
    b"PK\x03\x04": "a ZIP archive or Office document",
    b"\xd0\xcf\x11\xe0": "an Office document",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
    b"\x1f\x8b": "a gzip archive",
    b"{\\rtf": "a rich-text document",
}
_BOMS = {
    b"\xef\xbb\xbf": "utf-8",
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
}


def decode_source(data: bytes, name: str) -> tuple[str, str]:
    """Decode a source file.

    Args:
        data: The file's bytes.
        name: What error messages call the file.

    Returns:
        The text (with its byte order mark, if any) and the codec: ``utf-8``, ``utf-8-sig``,
        ``utf-16-le``, ``utf-16-be`` or ``gb18030`` (which covers GBK and GB2312).

    Raises:
        SourceError: If the file is empty, too large, binary, or in another encoding.
    """
    if not data.strip():
        raise SourceError(f"{name} is empty; give a text file that holds a notice.")
    if len(data) > MAX_SOURCE_BYTES:
        raise SourceError(
            f"{name} is {len(data) / 1e6:.0f} MB, more than the {MAX_SOURCE_BYTES / 1e6:.0f} MB "
            "allowed; give the notice alone as a text file."
        )
    for magic, what in _MAGIC.items():
        if data.startswith(magic):
            raise SourceError(f"{name} is {what}, not text; save the notice as plain text (UTF-8).")
    text, encoding = _decode(data, name)
    if "\0" in text:
        raise SourceError(f"{name} is binary, not text; save the notice as plain text (UTF-8).")
    if not text.strip("\ufeff \t\r\n\u3000"):
        raise SourceError(f"{name} is empty; give a text file that holds a notice.")
    return text, encoding


def encode_source(text: str, encoding: str) -> bytes:
    """The bytes that ``decode_source`` read as ``text`` in ``encoding``."""
    return text.encode("utf-8" if encoding == "utf-8-sig" else encoding)


def _decode(data: bytes, name: str) -> tuple[str, str]:
    for bom, codec in _BOMS.items():
        if data.startswith(bom):
            if (text := _try(data, codec)) is None:
                raise SourceError(f"{name} is damaged {codec.upper()}; save it again as UTF-8.")
            return text, "utf-8-sig" if codec == "utf-8" else codec
    if (text := _try(data, "utf-8")) is not None and ("\0" not in text or len(data) % 2):
        return text, "utf-8"
    # What is left looks alike to a decoder: take the reading that looks most like Chinese.
    readings = [(t, c) for c in ("gb18030", "utf-16-le", "utf-16-be") if (t := _try(data, c))]
    text, codec = max(readings, key=lambda r: _plainness(r[0]), default=("", ""))
    if _plainness(text) < 0.8:
        what = "binary, not text" if b"\0" in data else "in an encoding that is not known here"
        raise SourceError(f"{name} is {what}; save the notice as plain text (UTF-8).")
    return text, codec


def _try(data: bytes, codec: str) -> str | None:
    """``data`` decoded, or ``None`` where that fails or does not lead back to the same bytes."""
    try:
        text = data.decode(codec)
        return text if text.encode(codec) == data else None
    except UnicodeError:
        return None


def _plainness(text: str) -> float:
    """Share of characters that everyday Chinese text is made of."""
    sample = text[:20_000]
    plain = sum(c.isascii() and (c.isprintable() or c in "\t\r\n") for c in sample)
    wide = "".join(c for c in sample if not c.isascii())
    plain += sum(c in _everyday() for c in fold(wide))
    return plain / max(1, len(sample))


@cache
def _everyday() -> frozenset[str]:
    """GB2312's symbols and its first level of characters, and the letters of pinyin."""
    rows = [*range(0xA1, 0xA4), *range(0xB0, 0xD8)]
    pairs = (bytes([a, b]) for a in rows for b in range(0xA1, 0xFF))
    return frozenset("".join(p.decode("gb2312", "ignore") for p in pairs) + _TONED)


# --- layers 1 and 2: splices --------------------------------------------------------------------

_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜǹńňḿếềê̄ê̌"
_LETTERS = rf"[a-zêüɑɡ{_TONED}]"
# An intact splice; or the rest of one whose bracket was taken by a stray byte.
_SPLICE = re.compile(rf"(?P<open>\(|\ufffd\(?|\?)(?P<syllable>{_LETTERS}{{1,7}})\)", re.I)
_VARIANTS = str.maketrans("ɑɡ", "ag")


@cache
def _readings(char: str) -> frozenset[str]:
    """Every pinyin reading of a character, with tone marks."""
    from pypinyin.constants import PINYIN_DICT

    return frozenset(PINYIN_DICT.get(ord(char), "").split(",")) - {""} if char else frozenset()


@cache
def _syllables() -> frozenset[str]:
    """Every syllable that some character is read as."""
    from pypinyin.constants import PINYIN_DICT

    return frozenset(s for readings in PINYIN_DICT.values() for s in readings.split(","))


@cache
def _pair(first: int, second: int) -> str:
    """The GBK character of two bytes, ``""`` where there is none."""
    try:
        char = bytes((first, second)).decode("gbk")
    except UnicodeError:
        return ""
    return char if len(char) == 1 else ""


@cache
def _gbk(char: str) -> bytes:
    """GBK bytes of a character, ``b""`` where it has none."""
    try:
        code = char.encode("gb18030")
    except UnicodeError:
        return b""
    return code if len(code) <= 2 else b""


@cache
def _in_gb2312(char: str) -> bool:
    return bool(char.encode("gb2312", "ignore"))


def _is_traditional(char: str) -> bool:
    """Whether a character is a Traditional form that Simplified text does not use."""
    return _IS_HAN.match(char) is not None and not _in_gb2312(char) and fold(char) != char


@dataclass(frozen=True, slots=True)
class _Token:
    """One unit of the damaged page: a character, or a splice with the ``?`` before it."""

    start: int
    end: int
    text: str
    syllable: str = ""
    swallowed: bool = False  # the opening bracket is lost, and a byte with it


def _line_ends(source: str) -> list[Repair]:
    edits = [Repair("bom", 0, 1, "\ufeff", "")] if source.startswith("\ufeff") else []
    for match in re.finditer(r"\r\n?", source):
        edits.append(Repair("newline", *match.span(), match.group(), "\n"))
    return edits


def _splices(source: str) -> list[Repair]:
    """Edits that take out intact splices and undo misaligned ones."""
    found = [m for m in _SPLICE.finditer(source) if _syllable(m) in _syllables()]
    if not found:
        return []
    page = _Page.read(source, found)
    edits: list[Repair] = []
    done = 0
    for match in found:
        if match.start() < done:
            continue
        if match["open"] == "(":
            if page.is_noise(match):
                edits.append(Repair("pinyin", *match.span(), match.group(), ""))
            continue
        stretch = _Stretch(page, match)
        edits += stretch.edits()
        done = max(done, stretch.end)
    return edits


def _syllable(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", match["syllable"].lower().translate(_VARIANTS))


def _is_toned(syllable: str) -> bool:
    return not syllable.isascii() and any(c in _TONED for c in syllable)


@dataclass(frozen=True, slots=True)
class _Page:
    """The damaged page and what it says of itself."""

    source: str
    splices: dict[int, re.Match[str]]  # by start
    table: frozenset[tuple[str, str]]  # (character, syllable) of intact splices
    bare: Counter[str]  # characters not followed by a splice
    model: _Bigrams
    toned: bool  # some splice carries a tone mark: the page went through the mirror

    @classmethod
    def read(cls, source: str, found: list[re.Match[str]]) -> _Page:
        """Collect the page's own evidence."""
        intact = [m for m in found if m["open"] == "("]
        heads = {m.start() - 1 for m in intact}
        table = {(source[m.start() - 1], _syllable(m)) for m in intact if m.start()}
        bare = Counter(c for i, c in enumerate(source) if i not in heads)
        plain = _SPLICE.sub("", source)
        toned = any(_is_toned(_syllable(m)) for m in found)
        pairs = frozenset((c, s) for c, s in table if s in _readings(c))
        return cls(source, {m.start(): m for m in found}, pairs, bare, _Bigrams(plain), toned)

    def is_noise(self, match: re.Match[str]) -> bool:
        """Whether a syllable in intact brackets was spliced in."""
        before = self.source[: match.start()][-2:]
        head, syllable = before[-1:], _syllable(match)
        if not head:
            return False
        if _IS_HAN.match(head):
            if _is_toned(syllable):
                return True
            # Without a tone mark (們(men)) it may be anything; the reading decides.
            return syllable in _readings(head) and (self.toned or _is_traditional(head))
        # A letter can be the second byte of a character that the splice was made for.
        code = _gbk(before[0])
        return (
            len(code) == 2
            and head.isascii()
            and head.isalpha()
            and syllable in _readings(_pair(code[1], ord(head)))
        )

    def tokens(self, place: int) -> Iterator[_Token]:
        """The page from ``place`` on."""
        while place < len(self.source):
            match = self.splices.get(place)
            if match:
                swallowed = match["open"] != "("
                yield _Token(place, match.end(), match.group(), _syllable(match), swallowed)
                place = match.end()
            else:
                yield _Token(place, place + 1, self.source[place])
                place += 1


class _Bigrams:
    """Log probability of a character after another, from statutes and from the page itself."""

    def __init__(self, page: str) -> None:
        view = _view(page)
        self.singles = Counter(view)
        self.pairs = Counter(zip(view, view[1:], strict=False))
        self.known: dict[tuple[str, str], float] = {}

    def __call__(self, first: str, second: str) -> float:
        """Natural logarithm of P(second | first); both in the folded view."""
        key = (first, second)
        if key not in self.known:
            statutes = _statutes()
            chance = 0.1 * statutes.single(second) + 0.6 * statutes.pair(first, second)
            if self.singles[first]:
                chance += 0.3 * self.pairs[key] / (self.singles[first] + 2)
            self.known[key] = math.log(chance + 1e-9)
        return self.known[key]

    def text(self, before: str, text: str) -> float:
        """Log probability of ``text`` after the character ``before``."""
        score = 0.0
        for char in text:
            score += self(before, char)
            before = char
        return score


def _view(text: str) -> str:
    """The model's view: folded, digits as 0, letters as a."""
    return "".join("0" if c.isdigit() else "a" if "a" <= c <= "z" else c for c in fold(text))


class _Statutes:
    """The counts in ``embedded/bigrams.npz`` (see ``train/bigrams.py``)."""

    def __init__(self, arrays: Any) -> None:
        import numpy as np

        self.ids = {chr(c): i for i, c in enumerate(arrays["chars"])}
        self.singles = np.exp(arrays["singles"] / 16.0)
        self.total = float(self.singles.sum())
        self.starts, self.seconds = arrays["starts"], arrays["seconds"]
        self.pairs = arrays["pairs"]
        self.rows: dict[int, dict[int, float]] = {}

    def single(self, char: str) -> float:
        """P(char)."""
        at = self.ids.get(char)
        return (float(self.singles[at]) if at is not None else 0.5) / self.total

    def pair(self, first: str, second: str) -> float:
        """P(second | first) without smoothing."""
        one, two = self.ids.get(first), self.ids.get(second)
        if one is None or two is None:
            return 0.0
        if one not in self.rows:
            row = slice(self.starts[one], self.starts[one + 1])
            counts = (math.exp(c / 16.0) for c in self.pairs[row])
            self.rows[one] = dict(zip(self.seconds[row].tolist(), counts, strict=True))
        return min(1.0, self.rows[one].get(two, 0.0) / float(self.singles[one]))


@cache
def _statutes() -> _Statutes:
    from importlib.resources import files

    import numpy as np

    with (files("rag") / "embedded" / "bigrams.npz").open("rb") as file:
        return _Statutes(np.load(file, allow_pickle=False))


@dataclass(frozen=True, slots=True)
class _State:
    """One reading of a stretch so far.

    Attributes:
        pending: First byte of a character whose second byte is yet to come, or -1.
        last: The two bytes last read, for the splice that may follow them.
        emitted: What each token completed.
        tail: The last character emitted, in the model's view.
        score: Log probability so far.
    """

    pending: int
    last: tuple[int, ...]
    emitted: tuple[str, ...]
    tail: str
    score: float


# Marks that a stray first byte can have taken with it when it became "?".
_TAKEN = tuple(",.:;()!?\"'%/<>-+*=& \n0123456789")
_HALF_TO_FULL = {c: chr(ord(c) + 0xFEE0) for c in ",:;()?!"}
_BEAM = 128
_SURE = math.log(200)  # odds that the best reading must have over all others together
_LOOKAHEAD = 3
_FOREIGN = -9.0  # a splice on a character that is read otherwise
_COMMON = -6.0  # a splice on a character that is not a Traditional form
_UNLISTED = -0.7  # a splice on a character that the page shows in no intact splice
_UNSPLICED = -3.0  # a splice on a character that the page shows without one


class _Stretch:
    """A stretch of the page that is read one byte off, from its first ``?`` to where it ends.

    The damaged characters give back their bytes, the splices are left out, and the bytes are read
    again from the right place. Unknown are only the bytes that a ``?`` hides: before a splice one
    byte X, such that (byte before, X) is a character read as the splice says; elsewhere X and what
    it swallowed. A beam search keeps the readings in which every pair is a character, scored by
    character bigrams; a character that is not sure is left as it was.
    """

    def __init__(self, page: _Page, first: re.Match[str]) -> None:
        self.page = page
        self.tokens: list[_Token] = []
        self.states: list[_State] = []
        self.end = first.end()
        self.first = first
        head = self._head(first.start())
        code = _gbk(head)
        if len(code) == 2:
            state = _State(-1, (code[0], code[1]), (), _view(head), 0.0)
            self._search([state])

    def _head(self, place: int) -> str:
        """The character before ``place``, splices left out."""
        starts = {m.end(): m.start() for m in self.page.splices.values()}
        while place in starts:
            place = starts[place]
        return self.page.source[place - 1 : place]

    def _search(self, states: list[_State]) -> None:
        calm = 0
        for token in self.page.tokens(self.first.start()):
            states = self._best(s for state in states for s in self._step(state, token))
            if not states:
                return
            self.tokens.append(token)
            if token.syllable or any(s.pending >= 0 for s in states):
                calm, self.end = 0, token.end
            else:
                calm += 1
                if calm == _LOOKAHEAD or token.text == "\n":
                    break
        self.states = [s for s in states if s.pending < 0]

    def _best(self, states: Iterator[_State]) -> list[_State]:
        best: dict[tuple[int, tuple[int, ...], tuple[str, ...]], _State] = {}
        for state in states:
            key = (state.pending, state.last, state.emitted[-3:])
            if key not in best or best[key].score < state.score:
                best[key] = state
        return sorted(best.values(), key=lambda s: -s.score)[:_BEAM]

    def _step(self, state: _State, token: _Token) -> Iterator[_State]:
        if token.syllable:
            yield from self._splice(state, token)
        elif token.text in "?\ufffd" and state.pending >= 0:
            yield from self._hole(state, token.text)
        else:
            code = _gbk(token.text)
            if state.pending < 0:
                last = (*state.last, *code)[-2:] if code else (0, 0)
                yield self._emit(state, token.text, -1, last)
                return
            if token.text in _HALF_TO_FULL:  # made half-width after the damage
                code = _gbk(_HALF_TO_FULL[token.text])
            if code and (char := _pair(state.pending, code[0])):
                pending = code[1] if len(code) == 2 else -1
                yield self._emit(state, char, pending, (state.pending, *code)[-2:])

    def _emit(self, state: _State, text: str, pending: int, last: tuple[int, ...]) -> _State:
        view = _view(text)
        score = state.score + self.page.model.text(state.tail, view)
        return _State(pending, last, (*state.emitted, text), view[-1:] or state.tail, score)

    def _splice(self, state: _State, token: _Token) -> Iterator[_State]:
        if not token.swallowed:
            score = state.score + self._spliced(_pair(*state.last), token.syllable)
            yield replace(state, emitted=(*state.emitted, ""), score=score)
            return
        first = state.pending if state.pending >= 0 else state.last[1]
        for hidden in range(0x81, 0xFF):
            char = _pair(first, hidden)
            if not char or token.syllable not in _readings(char):
                continue
            score = self._spliced(char, token.syllable)
            last = (first, hidden)
            if state.pending >= 0:
                following = self._emit(state, char, -1, last)
            else:
                following = replace(state, pending=hidden, last=last, emitted=(*state.emitted, ""))
            yield replace(following, score=following.score + score)

    def _spliced(self, char: str, syllable: str) -> float:
        """How likely the mirror's table has this character with this syllable."""
        if (char, syllable) in self.page.table:
            return 0.0
        if syllable not in _readings(char):
            return _FOREIGN
        score = _UNLISTED if _is_traditional(char) else _COMMON
        return score + (_UNSPLICED if self.page.bare[char] else 0.0)

    def _hole(self, state: _State, mark: str) -> Iterator[_State]:
        """A ``?`` in the stretch: a first byte X and whatever it swallowed."""
        for hidden in range(0x80, 0x100):
            char = _pair(state.pending, hidden)
            if not char:
                continue
            last = (state.pending, hidden)
            whole = self._emit(state, char, -1, last)
            if hidden in (0x80, 0xFF) or mark == "\ufffd":
                yield whole
            if hidden in (0x80, 0xFF):
                continue
            for taken in _TAKEN:
                yield self._emit(state, char + taken, -1, (hidden, ord(taken)))
            for taken_byte in range(0x81, 0xFF):
                if not _pair(hidden, taken_byte):
                    yield replace(whole, pending=taken_byte, last=(hidden, taken_byte))

    def edits(self) -> list[Repair]:
        """Edits for this stretch: repaired where sure, ``unresolved`` where not."""
        source, start = self.page.source, self.first.start()
        if not self.states:
            self.end = self.first.end()
            if not _is_toned(_syllable(self.first)):
                return []  # a question and a word in a bracket, not damage
            span = source[start : self.end]
            return [Repair("unresolved", start, self.end, span, span)]
        texts = self._settled()
        doubt = [text is None for text in texts]
        # A doubtful character began in the token before, which then has to stay as well.
        keep = [i for i, t in enumerate(texts) if doubt[i] or (i + 1 < len(doubt) and doubt[i + 1])]
        edits: list[Repair] = []
        kept = set(keep)
        for stays, group in groupby(range(len(self.tokens)), key=kept.__contains__):
            indices = list(group)
            begin, end = self.tokens[indices[0]].start, self.tokens[indices[-1]].end
            before = source[begin:end]
            if stays:
                edits.append(Repair("unresolved", begin, end, before, before))
                continue
            following = indices[-1] + 1
            after = "".join(texts[i] or "" for i in indices)
            if following < len(texts):
                after += texts[following] or ""  # completed by the first byte of what stays
            edits.append(Repair("misaligned", begin, end, before, after))
        return [_trim(e) for e in edits if e.before != e.after or e.kind == "unresolved"]

    def _settled(self) -> list[str | None]:
        """What each token completed, ``None`` where the readings do not agree."""
        best = max(self.states, key=lambda s: s.score)
        weights = [math.exp(s.score - best.score) for s in self.states]
        settled: list[str | None] = []
        for i, text in enumerate(best.emitted):
            view = fold(text)
            agree = sum(
                w for w, s in zip(weights, self.states, strict=True) if fold(s.emitted[i]) == view
            )
            others = sum(weights) - agree
            sure = others <= 0 or math.log(agree / others) >= _SURE
            settled.append(text if sure else None)
        return settled


def _trim(repair: Repair) -> Repair:
    """A repair without the unchanged text at its ends."""
    if repair.kind == "unresolved":
        return repair
    before, after = repair.before, repair.after
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return Repair(
        repair.kind,
        repair.start + head,
        repair.end - tail,
        before[head : len(before) - tail],
        after[head : len(after) - tail],
    )


# --- edits as cells -----------------------------------------------------------------------------


@dataclass(slots=True)
class _Cell:
    """A piece of the source and what now stands for it."""

    start: int
    end: int
    text: str
    kind: str = ""


def _cells(source: str, edits: list[Repair]) -> list[_Cell]:
    """One cell for each edit and for each character between them."""
    cells: list[_Cell] = []
    done = 0
    for edit in edits:
        cells += (_Cell(i, i + 1, source[i]) for i in range(done, edit.start))
        cells.append(_Cell(edit.start, edit.end, edit.after, edit.kind))
        done = edit.end
    cells += (_Cell(i, i + 1, source[i]) for i in range(done, len(source)))
    return cells


def _log(source: str, cells: list[_Cell]) -> Iterator[Repair]:
    """The repairs that the cells stand for; neighbours of one script run or cut are one."""
    one_edit = {"script", "furniture"}
    counter = 0

    def key(cell: _Cell) -> object:
        nonlocal counter
        counter += 1
        return cell.kind if cell.kind in one_edit else counter

    for _, group in groupby(cells, key):
        run = list(group)
        start, end, kind = run[0].start, run[-1].end, run[0].kind
        if kind:
            after = "".join(cell.text for cell in run)
            yield Repair(kind, start, end, source[start:end], after)


def _rewrite(cells: list[_Cell]) -> None:
    """Script and punctuation, in place."""
    kept = [c for c in cells if c.kind != "furniture"]
    owners = [cell for cell in kept for _ in cell.text]
    chars = [char for cell in kept for char in cell.text]
    fixed = [cell.kind == "unresolved" for cell in owners]
    damaged = any(cell.kind in ("pinyin", "misaligned", "unresolved") for cell in kept)
    after_script = _simplify(chars, fixed)
    marks = _widen(after_script, fixed, force=damaged or after_script != chars)
    place = 0
    for cell in kept:
        size = len(cell.text)
        span = slice(place, place + size)
        place += size
        if "".join(marks[span]) == cell.text:
            continue
        if not cell.kind:
            cell.kind = "script" if after_script[span] != chars[span] else "punctuation"
        cell.text = "".join(marks[span])


# --- layer 3: script and punctuation ------------------------------------------------------------


@cache
def _converter() -> Callable[[str], str]:
    import opencc

    convert: Callable[[str], str] = opencc.OpenCC("t2s").convert
    return convert


@cache
def _is_simplified(char: str) -> bool:
    """Whether a character is a Simplified form that Traditional text does not use."""
    import opencc

    if not _IS_HAN.match(char) or char.encode("big5", "ignore"):
        return False
    return bool(opencc.OpenCC("s2t").convert(char) != char)


def _simplify(chars: list[str], fixed: list[bool]) -> list[str]:
    """Traditional text in Simplified script, one string for each place; else as it is."""
    counts = Counter(chars)
    traditional = sum(n for c, n in counts.items() if _is_traditional(c))
    if not traditional or traditional <= sum(n for c, n in counts.items() if _is_simplified(c)):
        return list(chars)
    out: list[str] = []
    for is_fixed, group in groupby(range(len(chars)), key=fixed.__getitem__):
        piece = "".join(chars[i] for i in group)
        out += piece if is_fixed else _aligned(piece, _converter()(piece))
    return out


def _aligned(before: str, after: str) -> list[str]:
    """``after`` cut up so that each character of ``before`` has its share."""
    if len(before) == len(after):
        return list(after)
    lines = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if len(lines[0]) == len(lines[1]) > 1:
        return [c for b, a in zip(*lines, strict=True) for c in _aligned(b, a)]
    out: list[str] = []
    for _, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if i2 - i1 == j2 - j1:
            out += after[j1:j2]
        elif i1 == i2:
            if out:
                out[-1] += after[j1:j2]
        else:
            out += [after[j1:j2], *[""] * (i2 - i1 - 1)]
    return out if "".join(out) == after else [after, *[""] * (len(before) - 1)]


_WIDE = "，：；（）？！、。“”‘’《》〈〉〔〕【】「」『』—…"
_URL = re.compile(r"(?:https?://|www\.)[\x21-\x7e]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.A)


def _widen(chars: list[str], fixed: list[bool], *, force: bool) -> list[str]:
    """Half-width marks of Chinese prose at full width.

    Unless ``force`` is set (the page is known to be damaged), only where most of the text's marks
    are half-width: in a clean notice a stray one is the author's.
    """
    out = list(chars)
    text = "".join(c if len(c) == 1 else "\ue000" for c in chars)  # keeps one place for each
    marks: list[int] = []
    start = 0
    for line in text.split("\n"):
        marks += (start + i for i in _prose_marks(line) if not fixed[start + i])
        start += len(line) + 1
    if not force and len(marks) <= sum(text.count(c) for c in _HALF_TO_FULL.values()):
        return out
    for i in marks:
        out[i] = _HALF_TO_FULL[out[i]]
    return out


def _prose_marks(line: str) -> list[int]:
    """Places of half-width marks in a line that belong to Chinese prose."""
    places = [i for i, c in enumerate(line) if c in _HALF_TO_FULL]
    if not places:
        return []
    latin = {i for m in _URL.finditer(line) for i in range(m.start(), _url_end(m))}
    partner = _brackets(line)
    found: list[int] = []
    for i in places:
        if i in latin:
            continue
        if line[i] in "()":
            j = partner.get(i, i)
            first, last = min(i, j), max(i, j)
            outside = (_side(line, first, -1), _side(line, last, 1))
            inside = (_side(line, first, 1), _side(line, last, -1)) if first < last else ("",) * 2
            if _bracket_is_prose(outside, inside, paired=first < last):
                found.append(i)
        elif _mark_is_prose(line, i):
            found.append(i)
    return found


def _url_end(match: re.Match[str]) -> int:
    return match.start() + len(match.group().rstrip(",;:?!()."))


def _brackets(line: str) -> dict[int, int]:
    """Each bracket's partner, of those that pair up in the line."""
    stack: list[int] = []
    partner: dict[int, int] = {}
    for i, char in enumerate(line):
        if char in "(（":
            stack.append(i)
        elif char in ")）" and stack:
            j = stack.pop()
            partner[i], partner[j] = j, i
    return partner


def _side(line: str, place: int, step: int) -> str:
    """What stands next to ``place``, spaces and other half-width marks passed over.

    Returns:
        ``zh``, ``number``, ``latin``, or ``""`` at the end of the line.
    """
    place += step
    while 0 <= place < len(line) and (line[place].isspace() or line[place] in _HALF_TO_FULL):
        place += step
    if not 0 <= place < len(line):
        return ""
    char = line[place]
    if _IS_HAN.match(char) or char in _WIDE:
        return "zh"
    return "number" if char.isdigit() or char in "%‰.+-~" else "latin"


def _mark_is_prose(line: str, place: int) -> bool:
    left, right = _side(line, place, -1), _side(line, place, 1)
    if left == "zh":
        return True
    if left == "number":
        return right == "zh"
    return left == "latin" and right == "zh" and not line[place + 1 : place + 2].isspace()


def _bracket_is_prose(outside: tuple[str, str], inside: tuple[str, str], *, paired: bool) -> bool:
    if not paired:
        return outside == ("zh", "zh")
    if "zh" in inside:
        return True
    if "latin" in inside:
        return outside[0] == "zh" and outside[1] in ("zh", "")
    return "zh" in outside and set(outside) <= {"zh", ""}


# --- layer 4: page furniture --------------------------------------------------------------------

_DIGIT = "一二三四五六七八九十百〇零○o0-9"
_DOC_NO = re.compile(
    rf"[{HAN}a-z]{{1,24}}[〔\[(【]\d{{4}}[〕\])】]第?\d+号|(?:\d{{4}}年)?第[{_DIGIT}]+号"
)
_DATE = re.compile(
    rf"[{HAN}、()]{{0,60}}?(?:\d{{4}}|[{_DIGIT}]{{4}})年[{_DIGIT}]{{1,3}}月[{_DIGIT}]{{1,3}}日(?:印发)?"
)
_TITLE = re.compile(
    r"[^。;!?,:|>»]*(?:通知|意见|决定|公告|通告|通报|报告|请示|批复|函|纪要|议案|命令|令|公报|决议"
    r"|办法|规定|条例|方案|细则|规则|规划|纲要|要点|答复|章程|制度|规范|指引|准则|计划|预案|措施"
    r"|办法|公约|宣言|名单|目录|清单)[》”]?(?:\([^()]{1,30}\))?"
)
_BODY_NAME = r"(?:院|部|委|厅|局|府|会|室|办|署|行|组|团|社|司|处|所|中心|大学|中央|军委|人大|政协|兵团|集团)"
_ISSUERS = re.compile(rf"[{HAN}、()]{{1,40}}{_BODY_NAME}")
_ISSUED = re.compile(rf"{_ISSUERS.pattern}(?:关于|印发|转发|批转|发布|对|令|公告|通告)|.*令")
_NUMBERED = re.compile(
    rf"[一二三四五六七八九十]{{1,3}}、|\([一二三四五六七八九十]{{1,3}}\)|第[{_DIGIT}]+[编章节条]"
)
_ATTACHED = re.compile(r"附(?:件|表|图|录|:)|抄送|主题词|联系(?:人|电话|方式)|\(.*\)$")
_HEAD = re.compile(
    rf"[{HAN}]{{2,30}}文件|签发人:.{{1,12}}|特急|加急|平急|[机秘绝]密.{{0,6}}|\d{{6}}"
)
# What the pages of any site are furnished with; only a hint, and never on a numbered line.
_WIDGET = re.compile(
    r"打印|关闭|分享|收藏|返回|回到|顶部|首页|[上下]一[篇条页]|相关\w\w|推荐|延伸阅读|热门|热点|评论|回复"
    r"|发表|跟帖|楼主|点赞|登录|注册|版权所有|备案|icp|copyright|©|主办|承办|地图|联系我们|关于我们|扫一扫"
    r"|二维码|微信|微博|客户端|责任编辑|责编|编辑:|来源:|作者:|浏览|阅读[次量数:]|点击|次数|字[号体]:?|纠错"
    r"|举报|下载|积分|提交|ctrl|https?:|www\.|网友|用户|广告|订阅|关注|(?:发布|更新|发文)?(?:时间|日期):"
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the page that is not blank; ``view`` is folded and without spaces."""

    start: int
    end: int  # with the line end
    view: str
    adjacent: bool  # no blank line above

    @property
    def is_title(self) -> bool:
        """Whether a notice's title may end here."""
        view = self.view
        return 4 <= len(view) <= 120 and bool(_TITLE.fullmatch(view)) and not self.is_numbered

    @property
    def is_numbered(self) -> bool:
        """Whether the line begins with a number as the parts of a notice do."""
        return _NUMBERED.match(self.view) is not None

    @property
    def is_prose(self) -> bool:
        """Whether the line is a paragraph."""
        return len(self.view) >= 15 and ("。" in self.view or self.view[-1] in ":;")

    @property
    def is_body(self) -> bool:
        """Whether a notice's text may begin with this line."""
        return self.is_prose or self.is_numbered or self.view.startswith(("(", "目录"))

    @property
    def is_addressee(self) -> bool:
        """Whether the line names whom the notice is sent to."""
        return bool(re.fullmatch(rf"[{HAN}][^。;!?]{{1,500}}:", self.view)) and not self.is_widget

    @property
    def is_widget(self) -> bool:
        """Whether the line looks like a page's controls, counters or links."""
        if len(self.view) > 60 or self.view.endswith("。") or self.is_numbered:
            return False
        found = [m.group() for m in _WIDGET.finditer(self.view)]
        return len(set(found)) > 1 or sum(map(len, found)) >= 0.3 * len(self.view)


def _cut(cells: list[_Cell]) -> None:
    """Mark what stands around the notice as furniture, in place."""
    text = "".join(c.text for c in cells)
    gone = [False] * (len(text) + 1)
    for start, end in _furniture(text):
        gone[start:end] = [True] * (end - start)
    if not any(gone):
        return
    place = 0
    for cell in cells:
        size = len(cell.text)
        # A cell without text (a splice) goes with the character before it.
        if cell.kind != "bom" and all(
            gone[place : place + size] or gone[max(0, place - 1) : place]
        ):
            cell.kind, cell.text = "furniture", ""
        place += size


def _furniture(text: str) -> list[tuple[int, int]]:
    """Spans of a page's text that are not the notice, found by the notice's own structure.

    A title line, followed by a document number or an addressee and then a paragraph (or straight
    by numbered parts), begins the notice; the date ends it, with what is attached behind it. Where
    there is no such structure, or what would go looks like text of a notice, nothing is cut.
    """
    lines = _lines(text)
    found = _title(lines)
    if found is None:
        return []
    first, title_end, body = found
    before = lines[:first]
    if sum(x.is_numbered for x in before) > 1 or sum(x.is_prose for x in before) > 2:
        return []
    spans = [(0, lines[first].start)] if before else []
    spans += ((x.start, x.end) for x in lines[title_end + 1 : body] if _is_meta(x))
    kept = _tail(lines, body)
    for is_kept, group in groupby(range(body, len(lines)), key=kept.__contains__):
        run = list(group)
        if not is_kept:
            after = run[-1] + 1
            spans.append(
                (lines[run[0] - 1].end, lines[after].start if after < len(lines) else len(text))
            )
    return spans


def _lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    start = 0
    blank = True
    for raw in re.findall(r"[^\n]*\n|[^\n]+$", text):
        view = re.sub(r"[\s\ufeff]+", "", fold(raw))
        if view:
            lines.append(_Line(start, start + len(raw), view, not blank))
        blank = not view
        start += len(raw)
    return lines


def _is_meta(line: _Line) -> bool:
    """Whether a line between title and text is the page's (source, time, size of type)."""
    return line.is_widget and not line.is_addressee and not _DOC_NO.fullmatch(line.view)


def _title(lines: list[_Line]) -> tuple[int, int, int] | None:
    """First line of the notice, last line of its title, first line after title and number."""
    weak: tuple[int, int, int] | None = None
    for i, line in enumerate(lines):
        if not line.is_title:
            continue
        body = i + 1
        numbered = addressed = False
        while body < len(lines) and body <= i + 6:
            here = lines[body]
            if _DOC_NO.fullmatch(here.view) and not numbered:
                numbered = True
            elif here.is_addressee and not addressed:
                addressed = True
            elif not _is_meta(here):
                break
            body += 1
        if body >= len(lines) or not lines[body].is_body:
            continue
        first, above = _first_line(lines, i)
        if not numbered:
            first, numbered = above, above < first
        if numbered or addressed or re.match("第[一1][章条]", lines[body].view):
            return first, i, body
        dated = any(_DATE.fullmatch(x.view) for x in lines[body + 1 :])
        if weak is None and dated and re.match(rf"关于|{_ISSUED.pattern}", lines[first].view):
            weak = (first, i, body)
    return weak


def _first_line(lines: list[_Line], last: int) -> tuple[int, int]:
    """Where a title that ends in line ``last`` begins, and where the number above it does."""
    first = last
    while first and lines[first].adjacent and not _ISSUED.match(lines[first].view):
        above = lines[first - 1].view
        only_issuers = _ISSUERS.fullmatch(above) is not None
        opened = lines[first].view.startswith("关于") or _ISSUERS.fullmatch(lines[first].view)
        if len(above) > 45 or re.search(r"[。;!?:|>»•]", above) or (opened and not only_issuers):
            break
        first -= 1
    start = lines[first].view
    if first < last and not (start.startswith("关于") or _ISSUERS.match(start)):
        first = last  # nothing above makes it a title
    head = first
    while (
        head
        and _HEAD.fullmatch(lines[head - 1].view)
        or head
        and _DOC_NO.fullmatch(lines[head - 1].view)
    ):
        head -= 1
    has_number = any(_DOC_NO.fullmatch(x.view) for x in lines[head:first])
    return first, head if has_number else first


def _tail(lines: list[_Line], body: int) -> set[int]:
    """Indices of the lines from ``body`` on that belong to the notice."""
    date = next((i for i in range(body + 1, len(lines)) if _DATE.fullmatch(lines[i].view)), None)
    if date is None:
        stop = next((i for i in range(body + 1, len(lines)) if _ends_here(lines, i)), len(lines))
        return set(range(body, stop))
    kept = set(range(body, date + 1))
    attached = False
    waiting: list[int] = []
    for i in range(date + 1, len(lines)):
        line = lines[i]
        if line.is_widget and not _ATTACHED.match(line.view):
            attached, waiting = False, []
            if not any(x.view.startswith("附件") or x.is_numbered for x in lines[i:]):
                break
            continue
        remark = _ATTACHED.match(line.view) is not None
        opens = remark and line.view.startswith("附") or line.is_numbered or _heads(lines, i)
        attached = attached or opens
        waiting.append(i)
        if attached or remark or _DATE.fullmatch(line.view):
            kept.update(waiting)
            waiting = []
        elif len(waiting) > 4:
            break
    return kept


def _heads(lines: list[_Line], i: int) -> bool:
    """Whether line ``i`` is the title of a text, not a link to one."""
    following = lines[i + 1 : i + 3]
    return lines[i].is_title and any(
        x.is_body or _DOC_NO.fullmatch(x.view) is not None for x in following
    )


def _ends_here(lines: list[_Line], i: int) -> bool:
    """Whether, in a notice without a date, the page's furniture begins at line ``i``."""
    return lines[i].is_widget and not any(
        x.is_numbered or x.view.startswith("附") for x in lines[i:]
    )
