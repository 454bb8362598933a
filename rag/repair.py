"""A damaged source page -> the notice as issued, with a log that leads back to the source.

Pages of mirror sites carry damage in layers, and the layers come off one after another:

1. *Spliced pinyin* (``社會(huì)保障``): a syllable in brackets after the character it spells.
2. *Misaligned splices* (``當?shù)攸h委`` for ``當地黨委``). The mirror put the syllables in by
   replacing pairs of GBK bytes with no regard for where characters begin. A pair made of the
   second byte of one character and the first of the next was hit too; what followed was read one
   byte off, and a first byte left before the ``(`` took the bracket with it and became ``?``.
   A beam search over the bytes that can have stood there finds the text (see ``_Stretch``).
3. *Script and punctuation*: Traditional to Simplified, half-width marks back to full width.
4. *Page furniture*: navigation, forms and counters around the notice (see ``furniture``).

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
from functools import cache, lru_cache
from itertools import groupby
from typing import Any

from rag.errors import SourceError
from rag.furniture import furniture_spans
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
# An intact splice, or the rest of one whose bracket was taken by a stray byte. The bytes of a vowel
# and a letter can make a pair as well: then the syllable has another one in it.
_SPLICE = re.compile(
    rf"(?P<open>\(|\ufffd\(?|\?)(?P<syllable>{_LETTERS}{{1,7}})"
    rf"(?:\((?P<nested>{_LETTERS}{{1,7}})\)(?P<rest>{_LETTERS}{{0,3}}))?\)",
    re.I,
)
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
    found = [m for m in _SPLICE.finditer(source) if _is_splice(m)]
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


def _is_splice(match: re.Match[str]) -> bool:
    if match["nested"]:
        code = match["syllable"].encode("gb18030")[-2:]
        if len(code) < 2 or match["nested"] not in _readings(_pair(*code)):
            return False
    return _syllable(match) in _syllables()


def _syllable(match: re.Match[str]) -> str:
    syllable = match["syllable"] + (match["rest"] or "")
    return unicodedata.normalize("NFC", syllable.lower().translate(_VARIANTS))


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
    splice_ends: dict[int, re.Match[str]]

    @classmethod
    def read(cls, source: str, found: list[re.Match[str]]) -> _Page:
        """Collect the page's own evidence."""
        intact = [m for m in found if m["open"] == "("]
        heads = {m.start() - 1 for m in intact}
        table = {(source[m.start() - 1], _syllable(m)) for m in intact if m.start()}
        shifted = [m.start() for m in found if m["open"] != "("]
        garbled = {i for start in shifted for i in range(start, start + _GARBLED)}
        bare = Counter(c for i, c in enumerate(source) if i not in heads and i not in garbled)
        sound = "".join(c if i not in garbled else "\n" for i, c in enumerate(source))
        plain = _SPLICE.sub("", sound)
        toned = any(_is_toned(_syllable(m)) for m in found)
        pairs = frozenset((c, s) for c, s in table if s in _readings(c))
        starts, ends = {m.start(): m for m in found}, {m.end(): m for m in found}
        return cls(source, starts, pairs, bare, _Bigrams(plain), toned, ends)

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
        view = _view.__wrapped__(page)
        self.singles = Counter(view)
        self.pairs = Counter(zip(view, view[1:], strict=False))
        self.known: dict[tuple[str, str], float] = {}
        self.likely: dict[str, list[tuple[str, float]]] = {}

    def __call__(self, first: str, second: str) -> float:
        """Natural logarithm of P(second | first); both in the folded view."""
        key = (first, second)
        if key not in self.known:
            statutes = _statutes()
            if not first:
                return math.log(statutes.single(second))
            chance = 0.1 * statutes.single(second) + 0.6 * statutes.pair(first, second)
            if self.singles[first]:
                chance += 0.3 * self.pairs[key] / (self.singles[first] + 2)
            self.known[key] = math.log(chance + 1e-9)
        return self.known[key]

    def successors(self, first: str) -> list[tuple[str, float]]:
        """Characters that are likely after ``first``, with their chances."""
        if first not in self.likely:
            seen = {b for a, b in self.pairs if a == first}
            chances = ((c, math.exp(self(first, c))) for c in seen | set(_statutes().after(first)))
            self.likely[first] = [(c, p) for c, p in chances if p >= _LIKELY]
        return self.likely[first]

    def text(self, before: str, text: str) -> float:
        """Log probability of ``text`` after the character ``before``."""
        score = 0.0
        for char in text:
            score += self(before, char)
            before = char
        return score


@cache
def _undefined(first: int) -> tuple[int, ...]:
    """Second bytes, themselves first bytes, that make no character with ``first``."""
    return tuple(b for b in _ANY_LEAD if not _pair(first, b))


@cache
def _forms(view: str) -> tuple[str, ...]:
    """GBK characters that the model's view shows as ``view``."""
    return _all_forms().get(view, ())


@cache
def _all_forms() -> dict[str, tuple[str, ...]]:
    forms: dict[str, tuple[str, ...]] = {}
    for first in _ANY_LEAD:
        for second in range(0x40, 0xFF):
            if char := _pair(first, second):
                forms[fold(char)] = (*forms.get(fold(char), ()), char)
    return forms


@lru_cache(maxsize=65536)
def _view(text: str) -> str:
    """The model's view: folded, without spaces, digits as 0, letters as a."""
    shown = fold(text).replace(" ", "").replace("\t", "")
    return "".join("0" if c.isdigit() else "a" if "a" <= c <= "z" else c for c in shown)


class _Statutes:
    """The counts in ``embedded/bigrams.npz`` (see ``train/bigrams.py``)."""

    def __init__(self, arrays: Any) -> None:
        import numpy as np

        self.chars = [chr(c) for c in arrays["chars"]]
        self.ids = {c: i for i, c in enumerate(self.chars)}
        self.singles = np.exp(arrays["singles"] / 16.0)
        self.total = float(self.singles.sum())
        self.starts, self.seconds = arrays["starts"], arrays["seconds"]
        self.pairs = arrays["pairs"]
        self.rows: dict[str, dict[str, float]] = {}

    def single(self, char: str) -> float:
        """P(char)."""
        at = self.ids.get(char)
        return (float(self.singles[at]) if at is not None else 0.5) / self.total

    def pair(self, first: str, second: str) -> float:
        """P(second | first) without smoothing."""
        return self.after(first).get(second, 0.0)

    def after(self, first: str) -> dict[str, float]:
        """P(second | first) of every second that was seen."""
        if first not in self.rows:
            self.rows[first] = {}
            if (one := self.ids.get(first)) is not None:
                row = slice(self.starts[one], self.starts[one + 1])
                seconds = (self.chars[i] for i in self.seconds[row])
                chances = (math.exp(c / 16.0) / float(self.singles[one]) for c in self.pairs[row])
                self.rows[first] = dict(zip(seconds, chances, strict=True))
        return self.rows[first]


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
        leads: First byte of a character whose second byte is yet to come: none where the reading
            stands between two characters, several where a ``?`` leaves it open.
        last: The two bytes last read, for the splice that may follow them.
        emitted: What each token completed, and whether it was begun by a token before.
        tail: The last character emitted, in the model's view.
        score: Log probability so far.
    """

    leads: tuple[int, ...]
    last: tuple[int, ...]
    emitted: tuple[tuple[str, bool], ...]
    tail: str
    score: float


# Marks that a stray first byte can have taken with it when it became "?"
# (two digits stand for all ten: enough to be never sure which).
_TAKEN = tuple(',.:;()!?"%/- \n01')
_HALF_TO_FULL = {c: chr(ord(c) + 0xFEE0) for c in ",:;()?!"}
_ANY_LEAD = tuple(range(0x81, 0xFF))
_ANY_SECOND = (0x41, 0xA2, 0xAA, 0xF8)  # one for each set of bytes that may follow it unseen
_UNKNOWN = "\ufffc"  # some character that nothing suggests: what every guess has to beat
_SURPRISE = -5.0  # log probability that it is one
_BEAM = 160
_HOPELESS = 15.0  # log odds at which a reading is given up
_LIKELY = 0.002  # chance at which a character is tried of which both bytes are lost
_LOOKAHEAD = 3
_GARBLED = 40  # characters after a lost bracket that tell nothing of the page
_SURE = 300.0  # odds that a character must have over all others together
_SURE_OF_MARK = 3000.0  # and a swallowed mark: bigrams know less of what follows a character
_FOREIGN = -9.0  # a splice on a character that is read otherwise
_COMMON = -6.0  # a splice on a character that is not a Traditional form
_UNLISTED = -0.7  # a splice on a character that the page shows in no intact splice
_UNSPLICED = -3.0  # a splice on a character that the page shows without one
_UNSEEN = -3.0  # a swallowed mark, or a Simplified form, that the page has nowhere else


class _Stretch:
    """A stretch of the page that is read one byte off, from its first ``?`` to where it ends.

    The damaged characters give back their bytes, the splices are left out, and the bytes are read
    again from the right place. Unknown are only the bytes that a ``?`` hides: before a splice one
    byte X, such that (byte before, X) is a character read as the splice says; elsewhere X and what
    it swallowed, a mark or a byte that makes no character with X. A beam search keeps the readings
    in which every pair is a character, scored by character bigrams. A character that is not sure
    is left as it was.
    """

    def __init__(self, page: _Page, first: re.Match[str]) -> None:
        self.page = page
        self.tokens: list[_Token] = []
        self.states: list[_State] = []
        self.first = first
        self.end = first.end()
        self.floor = -math.inf
        head = self._head(first.start())
        code = _gbk(_HALF_TO_FULL.get(head, head))  # a mark may have been full-width at the time
        if len(code) == 2:
            self._search(_State((), (code[0], code[1]), (), _view(head), 0.0))

    def _head(self, place: int) -> str:
        """The character before ``place``, splices left out."""
        while (match := self.page.splice_ends.get(place)) is not None:
            place = match.start()
        return self.page.source[place - 1 : place] if place else ""

    def _search(self, start: _State) -> None:
        states = [start]
        calm = 0
        for token in self.page.tokens(self.first.start()):
            self.floor = -math.inf  # below this a reading need not be followed
            steps = [s for state in states for s in self._step(state, token)]
            if not steps:
                return
            steps.sort(key=lambda s: -s.score)
            states = [s for s in steps[:_BEAM] if steps[0].score - s.score < _HOPELESS]
            self.tokens.append(token)
            if token.syllable or any(s.leads for s in states):
                calm, self.end = 0, token.end
            else:
                calm += 1
                if calm == _LOOKAHEAD or token.text == "\n":
                    break
        self.states = [s for s in states if not s.leads]

    def _step(self, state: _State, token: _Token) -> Iterator[_State]:
        if token.syllable:
            return self._splice(state, token)
        if not state.leads:
            last = (*state.last, *(_gbk(token.text) or (0, 0)))[-2:]
            return iter([self._emit(state, token.text, (), last)])
        if token.text in "?\ufffd":
            return self._hole(state, swallows=token.text == "?")
        return self._shifted(state, token.text)

    def _shifted(self, state: _State, text: str) -> Iterator[_State]:
        """A character whose first byte is the second byte of the one that was there."""
        # A half-width mark here is one that was made so after the damage.
        code = _gbk(_HALF_TO_FULL.get(text, text))
        for lead in state.leads:
            if code and (char := _pair(lead, code[0])):
                yield self._emit(state, char, tuple(code[1:]), (lead, *code)[-2:])
        if len(state.leads) > 1 and code and _pair(0xB0, code[0]):
            after = self._emit(state, _UNKNOWN, tuple(code[1:]), (0, *code)[-2:])
            yield replace(after, tail="", score=state.score + _SURPRISE)

    def _emit(
        self, state: _State, text: str, leads: tuple[int, ...], last: tuple[int, ...]
    ) -> _State:
        view = _view(text)
        score = state.score + self.page.model.text(state.tail, view)
        if state.leads and self._is_unseen(text):
            score += _UNSEEN
        emitted = (*state.emitted, (text, bool(state.leads)))
        return _State(leads, last, emitted, view[-1:] or state.tail, score)

    def _is_unseen(self, char: str) -> bool:
        """Whether the page has reason to show a character and shows it nowhere undamaged."""
        return not self.page.bare[char] and (char in _TAKEN or _is_simplified(char))

    def _splice(self, state: _State, token: _Token) -> Iterator[_State]:
        if not token.swallowed:
            score = state.score + self._spliced(_pair(*state.last), token.syllable)
            yield replace(state, emitted=(*state.emitted, ("", False)), score=score)
            return
        for first in state.leads or state.last[1:]:
            for hidden in _ANY_LEAD:
                char = _pair(first, hidden)
                if not char or token.syllable not in _readings(char):
                    continue
                last = (first, hidden)
                if state.leads:
                    after = self._emit(state, char, (), last)
                else:
                    emitted = (*state.emitted, ("", False))
                    after = replace(state, leads=(hidden,), last=last, emitted=emitted)
                yield replace(after, score=after.score + self._spliced(char, token.syllable))

    def _spliced(self, char: str, syllable: str) -> float:
        """How likely the mirror's table has this character with this syllable."""
        if (char, syllable) in self.page.table:
            return 0.0
        if syllable not in _readings(char):
            return _FOREIGN
        score = _UNLISTED if _is_traditional(char) else _COMMON
        return score + (_UNSPLICED if self.page.bare[char] else 0.0)

    def _hole(self, state: _State, *, swallows: bool) -> Iterator[_State]:
        """A ``?`` in the stretch: a byte X that ends a character, and what it swallowed."""
        for char, hidden, cost in self._candidates(state):
            score = state.score + cost
            if score < self.floor:
                continue
            self.floor = max(self.floor, score - _HOPELESS)
            emitted = (*state.emitted, (char, True))
            tail = "" if char == _UNKNOWN else _view(char)
            whole = _State((), (0, hidden), emitted, tail, score)
            if hidden in (0x80, 0xFF) or not swallows:
                yield whole
                continue
            if leads := _undefined(hidden):
                yield replace(whole, leads=leads)
            for taken in _TAKEN:
                then = score + self.page.model.text(tail, _view(taken) or "\n")
                then += _UNSEEN if self._is_unseen(taken) else 0.0
                if then >= self.floor:
                    emitted = (*state.emitted, (char + taken, True))
                    yield _State(
                        (), (hidden, ord(taken)), emitted, _view(taken) or whole.tail, then
                    )

    def _candidates(self, state: _State) -> Iterator[tuple[str, int, float]]:
        """Characters that a hole can end, their second byte, and their log probability."""
        model = self.page.model
        if len(state.leads) == 1:
            for hidden in range(0x80, 0x100):
                if char := _pair(state.leads[0], hidden):
                    unseen = _UNSEEN if self._is_unseen(char) else 0.0
                    yield char, hidden, model(state.tail, _view(char)) + unseen
            yield from ((_UNKNOWN, hidden, _SURPRISE - math.log(4)) for hidden in _ANY_SECOND)
            return
        # Both bytes are lost: try what the character before suggests, and leave room for others.
        left = 1.0
        for view, chance in model.successors(state.tail):
            left -= chance
            for char in _forms(view):
                code = _gbk(char)
                if code[0] in state.leads and not self._is_unseen(char):
                    yield char, code[1], math.log(chance)
        for hidden in _ANY_SECOND:
            yield _UNKNOWN, hidden, math.log(max(left, 0.02) / 4)

    def edits(self) -> list[Repair]:
        """Edits for this stretch: repaired where sure, ``unresolved`` where not."""
        source, start = self.page.source, self.first.start()
        if not self.states:
            if not _is_toned(_syllable(self.first)):
                return []  # a question and a word in a bracket, not damage
            span = source[start : self.end]
            return [Repair("unresolved", start, self.end, span, span)]
        best = max(self.states, key=lambda s: s.score)
        texts = [text for text, _ in best.emitted]
        begun = [before for _, before in best.emitted]
        heads = self._doubtful(best, slice(1))  # the character itself is not sure
        doubtful = heads | self._doubtful(best, slice(None))  # or what a "?" swallowed after it
        # A doubtful character that began in the token before makes that one stay as well.
        stays = doubtful | {i - 1 for i in heads if begun[i]}
        edits: list[Repair] = []
        for stay, group in groupby(range(len(texts)), key=stays.__contains__):
            run = list(group)
            begin, end = self.tokens[run[0]].start, self.tokens[run[-1]].end
            before = source[begin:end]
            if stay:
                edits.append(Repair("unresolved", begin, end, before, before))
                continue
            after = "".join(texts[i] for i in run)
            follow = run[-1] + 1
            if follow < len(texts) and follow not in heads and begun[follow]:
                after += texts[follow][:1]  # completed by the first byte of what stays
            if before != after:
                edits.append(_trimmed(begin, before, after))
        return edits

    def _doubtful(self, best: _State, part: slice) -> set[int]:
        """Tokens on whose text, or this part of it, the readings do not agree."""
        weights = [math.exp(s.score - best.score) for s in self.states]
        doubtful: set[int] = set()
        for i, (text, _) in enumerate(best.emitted):
            view = fold(text[part])
            agree = others = 0.0
            for weight, state in zip(weights, self.states, strict=True):
                if fold(state.emitted[i][0][part]) == view:
                    agree += weight
                else:
                    others += weight
            bound = _SURE_OF_MARK if len(text[part]) > 1 else _SURE
            if _UNKNOWN in text or others * bound > agree:
                doubtful.add(i)
        return doubtful


def _trimmed(start: int, before: str, after: str) -> Repair:
    """A ``misaligned`` repair without the unchanged text at its ends."""
    room = min(len(before), len(after))
    head = next((i for i in range(room) if before[i] != after[i]), room)
    room -= head
    tail = next((i for i in range(room) if before[-1 - i] != after[-1 - i]), room)
    end = len(before) - tail
    return Repair(
        "misaligned", start + head, start + end, before[head:end], after[head : len(after) - tail]
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


def _cut(cells: list[_Cell]) -> None:
    """Mark what stands around the notice as furniture, in place."""
    text = "".join(c.text for c in cells)
    gone = [False] * (len(text) + 1)
    for start, end in furniture_spans(text):
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
def _converter(direction: str) -> Callable[[str], str]:
    import opencc

    convert: Callable[[str], str] = opencc.OpenCC(direction).convert
    return convert


def _to_simplified(text: str) -> str:
    """Any Traditional text in Simplified script: forms of Hong Kong and of Taiwan included."""
    return _converter("tw2s")(_converter("hk2t")(text))


@cache
def _is_simplified(char: str) -> bool:
    """Whether a character is a Simplified form that Traditional text does not use."""
    if not _IS_HAN.match(char) or char.encode("big5", "ignore"):
        return False
    return _converter("s2t")(char) != char


def _simplify(chars: list[str], fixed: list[bool]) -> list[str]:
    """Traditional text in Simplified script, one string for each place; else as it is."""
    counts = Counter(chars)
    traditional = sum(n for c, n in counts.items() if _is_traditional(c))
    if not traditional or traditional <= sum(n for c, n in counts.items() if _is_simplified(c)):
        return list(chars)
    out: list[str] = []
    for is_fixed, group in groupby(range(len(chars)), key=fixed.__getitem__):
        piece = "".join(chars[i] for i in group)
        out += piece if is_fixed else _aligned(piece, _to_simplified(piece))
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
    if char.isdigit() or char in "%‰.+-~":
        return "number"
    return "zh" if _IS_HAN.match(char) or not char.isascii() and not char.isalpha() else "latin"


def _mark_is_prose(line: str, place: int) -> bool:
    left, right = _side(line, place, -1), _side(line, place, 1)
    if left == "zh":
        return True
    if left == "number":
        return right == "zh"
    return left == "latin" and right == "zh" and not line[place + 1 : place + 2].isspace()


def _bracket_is_prose(outside: tuple[str, str], inside: tuple[str, str], *, paired: bool) -> bool:
    if not paired:
        return "zh" in outside and set(outside) <= {"zh", ""}
    if "zh" in inside:
        return True
    if "latin" in inside:
        return outside[0] == "zh" and outside[1] in ("zh", "")
    return "zh" in outside and set(outside) <= {"zh", ""}
