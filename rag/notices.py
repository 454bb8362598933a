"""A file becomes a ``Notice``: its elements, its section tree, and the exact place of each.

The parts and their order are those of GB/T 9704-2012 (党政机关公文格式): above the body stand the
issuer's mark, 发文字号, 标题 and 主送机关; below it 附件说明, 发文机关署名, 成文日期, 附注 and the
annexes, each of which may be numbered anew.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from rag.errors import SourceError
from rag.numbering import CN, Mark, Rank, bare_number, mark, own_label
from rag.text import sentence_spans
from rag.types import Notice, Repair, Section

MAX_BYTES = 20_000_000

# Names of elements, as GB/T 9704 and this package call them.
TITLE, DOC_NO, ADDRESSEE, LEAD, PLAIN = "标题", "发文字号", "主送机关", "导语", "正文"
ANNEX_NOTE, ISSUER, DATE, NOTE = "附件说明", "发文机关署名", "成文日期", "附注"
ANNEX, ISSUER_MARK, SIGNER = "附件", "发文机关标志", "签发人"
SECRECY, URGENCY, COPIES, PRINTED = "密级", "紧急程度", "抄送机关", "印发机关和印发日期"
HEAD_NOTE, CONTENTS, OTHER = "题注", "目录", "其他"

FORM = frozenset(
    (TITLE, DOC_NO, ADDRESSEE, ISSUER, DATE, ISSUER_MARK, SIGNER, SECRECY, URGENCY, COPIES, PRINTED)
)
"""Elements that say what a notice is and not what it provides."""

# 文种: the kinds of document a title ends in, with what may stand after one.
_KINDS = (
    "决议|决定|命令|令|公报|公告|通告|意见|通知|通报|报告|请示|批复|议案|函|纪要|答复|办法|条例|规定"
    "|规则|细则|规程|规范|标准|准则|方案|规划|计划|纲要|要点|指引|指南|预案|章程|制度|措施|清单|目录"
    "|说明|解读|总结|讲话|倡议书|声明|公约|协议|合同|任务|名单|表|指标|图"
)
_TITLE_END = re.compile(rf"(?:{_KINDS})(?:\s*[（(〔][^（）()]{{1,20}}[）)〕])?$")
_DOC_NO = re.compile(
    r"[（(]?(?:发文字号|文号|发文号)?[：:]?\s*"
    r"([^\s，。；：（(]{1,20}?\s*[〔\[［(（【]\s*(?:19|20)\d{2}\s*年?\s*[〕\]］)）】]\s*第?\s*\d{1,5}\s*号)"
    r"[）)]?(?=\s|$)"
)
_ORDER_NO = re.compile(r"(第?\s*\d{1,4}\s*号|第\s*[一二三四五六七八九十百零〇]{1,7}\s*号)$")
_ORDER = re.compile(r"令$|命令$")
_YEAR = r"(?:[12]\d{3}|[１２][０-９]{3}|[一二][一二三四五六七八九零〇○ＯＯO0]{3})"
_DAY = rf"(?:[\d０-９]{{1,2}}|[{CN}]{{1,3}})"
_DATE = re.compile(rf"{_YEAR}\s*年\s*{_DAY}\s*月\s*{_DAY}\s*日")
_SIGNED_DATE = re.compile(rf"(\S[^。；：:，|]{{1,60}}?)\s+({_DATE.pattern})")
_BRACKETED = re.compile(r"[（(〔][^（）()]*(?:[（(][^（）()]*[）)][^（）()]*)*[）)〕]$")
_AGENCY = re.compile(
    r"(?:部|委|委员会|局|厅|院|署|会|办公厅|办公室|政府|中心|总局|银行|集团|公司|法院|检察院|大学|学院"
    r"|兵团|军|司令部|小组|协会|学会|总社|社|党组|办|组|国务院|工委|团)$"
)
_PERSON = re.compile(
    r"(?:总理|主席|部长|主任|省长|市长|县长|区长|州长|局长|厅长|行长|署长|审计长|院长|检察长|委员长)"
    r"\s*[\u4e00-\u9fff·]{1,2}\s*[\u4e00-\u9fff·]{1,4}$"
)
_ANNEX_NOTE = re.compile(r"附\s*件\s*[:：]\s*\S|附\s*件\s*[:：]?\s*1\s*[.．、]")
_ANNEX = re.compile(rf"附\s*件\s*([{CN}]{{1,3}}|\d{{0,2}})(?:\s*[:：.．]\s*|\s+|$)(.*)")
_TITLE_VERB = re.compile("关于|印发|转发|批转|对")
_TITLE_DOC_NO = re.compile(r"[\s（(]+([^\s，。；：（(]{1,12}〔\d{4}〕\s*\d{1,5}\s*号)[）)]?$")
_OF_MARK = re.compile(r"^中华人民共和国(?=国务院)|(?:文件|命?令)$")
_SENTENCE_MARK = re.compile(r"[。；！？;!?]")
# What a numbered line says in prose rather than names in a heading.
_PROSE = re.compile(r"应当|不得|必须|可以|所称|负责|是(?!非)|由.*[的，]|[（(]\d")
_LISTING = re.compile(r"(?:下列|以下|如下|包括|分别|即|为|是|有|由.*)$")
# A line that was broken inside a sentence: the next one cannot open a section. A heading may end
# with a word like 参与 or 意见.
_UNFINISHED = re.compile(
    r"(?:[，、（(《“]|第|按照|依据|根据|依照|参照|见|[和与或及至])"
    r"(?<!参与|意见|创见|普及|涉及|波及|触及|缓和|平和|总和|共和|饱和|调和)$"
)

_HEADING_LINE = 100  # longest heading that has a line to itself, in characters
_RUN_IN = 40  # longest run-in heading
_SPACED = 20  # longest heading that only a space or a colon divides from its text
_ALONE = 60  # longest heading that ends in a full stop and has a line to itself
_JUMP = 3  # a number may be this much above the last one


@dataclass(frozen=True)
class _Line:
    """A line with words on it: where it starts, and its words without white space around."""

    start: int
    begin: int
    text: str

    @property
    def end(self) -> int:
        return self.begin + len(self.text)


@dataclass
class _Item:
    """A line accepted as the opening of a section."""

    mark: Mark
    line: int
    label: str
    parent: int | None
    level: int
    children: dict[Rank, int] = field(default_factory=dict)


def load_notice(path: str | Path) -> Notice:
    """Read a notice from a text file, repairing what is damaged in it.

    Args:
        path: A ``.txt`` or ``.md`` file, or any other that holds plain text, in UTF-8, GB 18030 or
            UTF-16.

    Returns:
        The notice; its id is the file's stem.

    Raises:
        SourceError: The file is missing, a folder, empty, larger than 20 MB, or not text.
    """
    from rag.repair import restore

    path = Path(path)
    data = _read(path)
    restoration = restore(data, name=str(path))
    if not restoration.text.strip():
        raise SourceError(f"{path} holds no text; give a file with the words of a notice.")
    return parse_notice(
        restoration.text,
        id=path.stem,
        repairs=tuple(restoration.repairs),
        source_sha256=hashlib.sha256(data).hexdigest(),
    )


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise SourceError(f"{path} is a folder; name one file in it.")
    try:
        if path.stat().st_size > MAX_BYTES:
            size = path.stat().st_size / 1e6
            raise SourceError(f"{path} is too large ({size:.0f} MB, limit 20 MB); split it first.")
        data = path.read_bytes()
    except FileNotFoundError:
        raise SourceError(f"{path} does not exist; check the path.") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceError(f"{path} cannot be read ({reason}); check its permissions.") from error
    return data


def parse_notice(
    text: str,
    *,
    id: str = "notice",  # noqa: A002 - the name of the field it fills
    repairs: Sequence[Repair] = (),
    source_sha256: str = "",
) -> Notice:
    """Find the elements and the section tree of a notice.

    Args:
        text: The restored text, its lines ended by line feeds; it is kept as it is.
        id: ``Notice.id``.
        repairs: The log of repairs that led to ``text``.
        source_sha256: Hash of the source file's bytes.

    Returns:
        The notice; its sections partition ``text``. Text without numbering is one section 正文.
    """
    lines = list(_lines(text))
    parser = _Parser(text, lines)
    parser.run()
    sections = parser.sections()
    _check_partition(text, sections)
    return Notice(
        id=id,
        text=text,
        title=parser.title,
        doc_no=parser.doc_no,
        issuer=parser.issuer,
        date=parser.date,
        addressee=parser.addressee,
        sections=sections,
        repairs=tuple(repairs),
        source_sha256=source_sha256,
    )


def _lines(text: str) -> Iterator[_Line]:
    start = 0
    for raw in text.split("\n"):
        bare = raw.strip()
        if bare:
            yield _Line(start, start + raw.index(bare), bare)
        start += len(raw) + 1


def heading_span(notice: Notice, section: Section) -> tuple[int, int]:
    """Where a section's heading stands with its number, as it is to be quoted.

    ``（二）落实政策``, which a reader finds in the notice again; the number of an annex is a line
    of its own and stays out. Empty where the section has no heading.
    """
    before = notice.text[section.start : section.heading_start]
    number = before.lstrip()
    one_line = section.level and section.heading and "\n" not in number
    return section.heading_start - (len(number) if one_line else 0), section.heading_end


def _check_partition(text: str, sections: Sequence[Section]) -> None:
    """Raise if a character belongs to no section, or to two, or a label stands twice."""
    places = [0, *(p for s in sections for p in (s.start, s.end)), len(text)]
    if any(a != b for a, b in zip(places[0::2], places[1::2], strict=True)):
        raise RuntimeError("the sections of the notice do not partition its text")
    if len({s.label for s in sections}) != len(sections):
        raise RuntimeError("two sections of the notice have the same label")
    for s in sections:
        if not s.start <= s.heading_start <= s.heading_end <= max(s.end, s.start):
            raise RuntimeError(f"the heading of section {s.label} lies outside it")


class _Parser:
    """One pass over the lines of a notice, from the top to the annexes."""

    def __init__(self, text: str, lines: list[_Line]) -> None:
        self.text = text
        self.lines = lines
        self.found: list[Section] = []  # in order; ends are filled in by sections()
        self.seen: dict[str, int] = {}
        self.title = self.doc_no = self.date = self.addressee = ""
        self.marks: list[str] = []
        self.signature: list[str] = []

    def run(self) -> None:
        """Find every element and section."""
        body = self._head()
        tail, after = self._tail_span(body, len(self.lines))
        self._body(body, tail, "", "")
        numbered = any(s.level for s in self.found)
        after = self._tail(tail, after)
        self._annexes(after, numbered)
        if not self.date:
            dated = next((s for s in self.found if s.label == DATE), None)
            match = _DATE.search(self.text, dated.start) if dated else None
            self.date = match[0] if match else ""

    def sections(self) -> tuple[Section, ...]:
        """The sections found, each ending where the next one starts."""
        if not self.text:
            return ()
        found = self.found or [Section(PLAIN, "", 0, 0, 0)]
        starts = [0, *(s.start for s in found[1:]), len(self.text)]
        return tuple(
            replace(
                s,
                start=start,
                end=end,
                heading_start=s.heading_start if s.heading_end else start,
                heading_end=s.heading_end or start,
            )
            for s, (start, end) in zip(found, pairwise(starts), strict=True)
        )

    @property
    def issuer(self) -> str:
        """The signature; of an order signed by a person, or an unsigned text, the body named."""
        agencies = [s for s in self.signature if not _PERSON.search(s)]
        if agencies:
            return "、".join(agencies)
        if self.marks:
            return "、".join(_OF_MARK.sub("", m) for m in self.marks)
        named = re.match(r"(.{2,40}?)(?:关于|印发|转发|批转)", self.title)
        return named[1] if named and _AGENCY.search(named[1]) else ""

    def _add(
        self,
        label: str,
        start: int,
        heading: tuple[int, int] = (0, 0),
        level: int = 0,
        parent: str = "",
    ) -> str:
        """Open a section at ``start``; give back its label, made unique."""
        count = self.seen[label] = self.seen.get(label, 0) + 1
        if count > 1:
            label = f"{label}〔{count}〕"
        words = _joined(self.text[slice(*heading)].split("\n"))
        self.found.append(Section(label, words, start, start, level, parent, *heading))
        return label

    def _words(self, start: int, stop: int) -> list[str]:
        return [line.text for line in self.lines[start:stop]]

    # -- above the body ----------------------------------------------------------------------

    def _head(self) -> int:
        """Find the elements above the body; return the number of the body's first line."""
        lines = self.lines
        stop = next((i for i, line in enumerate(lines) if _ends_head(line.text)), len(lines))
        addressee_end = stop
        if stop < len(lines) and _is_addressee(lines[stop].text, alone=stop == 0):
            addressee_end += 1
            while stop and lines[stop - 1].text.endswith(("、", "，")):
                stop -= 1
        kinds = [self._head_kind(i) for i in range(min(stop, 20))]
        kinds = self._place_title(kinds, addressed=addressee_end > stop)
        if len(kinds) < stop:  # the body begins before the addressee, which is none then
            addressee_end = stop = len(kinds)
        for i, kind in enumerate(kinds):
            self._head_line(i, kind, new=i == 0 or kinds[i - 1] != kind)
        if addressee_end > stop:
            self._add(ADDRESSEE, lines[stop].start)
            self.addressee = "".join(self._words(stop, addressee_end)).rstrip("：: ")
        return addressee_end

    def _head_kind(self, i: int) -> str:
        """Name of the element a line above the body is by itself; 标题 for what it may be."""
        text = _bare(self.lines[i].text)
        if _DOC_NO.match(text):
            return DOC_NO
        if i and _ORDER_NO.fullmatch(text) and _ORDER.search(self.lines[i - 1].text):
            return DOC_NO
        if text.startswith("签发人"):
            return SIGNER
        if re.fullmatch(r"(?:绝密|机密|秘密)\s*(?:★.*)?|密级.*", text):
            return SECRECY
        if re.fullmatch(r"(?:特\s*急|加\s*急|平\s*急)(?:[·・].*)?", text):
            return URGENCY
        if _DATE.fullmatch(text) or _BRACKETED.match(text):
            return HEAD_NOTE
        if re.search(r"文\s*件$", text) or _ORDER.search(text) and "关于" not in text:
            return ISSUER_MARK
        return TITLE

    def _place_title(self, kinds: list[str], *, addressed: bool) -> list[str]:
        """Settle which of the lines that may be the title are; cut off what is body already."""
        runs = [i for i, k in enumerate(kinds) if k == TITLE]
        if not runs:
            return kinds
        formal = addressed or DOC_NO in kinds
        # Of several runs of lines the one that ends in a kind of document, else the first.
        groups = _contiguous(runs)
        titled = [g for g in groups if self._title_lines(g)]
        group = titled[0] if titled else groups[0]
        chosen = self._title_lines(group)
        if not chosen:
            leading = [i for i in group if not _is_agency(_bare(self.lines[i].text))]
            chosen = leading if formal else group[:1]
            if not formal and not self._opens_plain_text(group, len(kinds)):
                return kinds[: group[0]]
        for i in runs:
            if i in chosen:
                continue
            if _is_agency(_bare(self.lines[i].text)):
                kinds[i] = ISSUER_MARK
            elif formal and (i < chosen[0] or addressed or DOC_NO in kinds[i:]):
                kinds[i] = HEAD_NOTE
            else:
                return kinds[:i]
        return kinds

    def _title_lines(self, group: list[int]) -> list[int]:
        """The lines of ``group`` that make a title ending in a kind of document, [] if none."""
        words = [_bare(self.lines[i].text) for i in group]
        first = 0
        while first < len(words) - 1 and _is_agency(words[first]):
            first += 1
        if first < len(words) and _TITLE_VERB.match(words[first]):
            first = 0  # the issuer's name is the title's first words
        for last in range(len(words), first, -1):
            if last - first <= 8 and _TITLE_END.search(_joined(words[first:last])):
                return group[first:last]
        return []

    def _opens_plain_text(self, group: list[int], stop: int) -> bool:
        """Whether the first line of a text without 公文 elements can be its title."""
        text = self.lines[group[0]].text
        return len(group) <= 3 and len(text) <= 50 and stop < len(self.lines)

    def _head_line(self, i: int, kind: str, *, new: bool) -> None:
        line = self.lines[i]
        text = _bare(line.text)
        if new:
            self._add(kind, line.start)
        if kind == TITLE:
            inline = _TITLE_DOC_NO.search(text)
            if inline and not self.doc_no:
                self.doc_no = _squeezed(inline[1])
                text = text[: inline.start()]
                self._add(DOC_NO, line.begin + line.text.index(inline[0]))
            self.title = _joined([self.title, text])
        elif kind == DOC_NO:
            match = _DOC_NO.match(text)
            self.doc_no = _squeezed(match[1] if match else text)
            if (at := line.text.find("签发人")) > 0:
                self._add(SIGNER, line.begin + at)
        elif kind == ISSUER_MARK:
            self.marks.append(_joined([text]))

    # -- below the body ----------------------------------------------------------------------

    def _tail_span(self, body: int, stop: int) -> tuple[int, int]:
        """The lines from 附件说明 or the signature to the date: (first, one past the last)."""
        for i in range(body, stop):
            text = self.lines[i].text
            split = _SIGNED_DATE.fullmatch(text)
            if not (_DATE.fullmatch(text) or split):
                continue
            first = i
            while first > body and i - first < 12 and self._may_sign(first - 1):
                first -= 1
            signed = first < i and _signs(self.lines[i - 1].text)
            last = i + 3 >= stop or _annex_mark(self.lines[i + 1].text) is not None
            if signed or (split and _signs(split[1])) or last:
                return self._annex_note(body, first), i + 1
        after = next((i for i in range(body, stop) if _annex_mark(self._text(i))), stop)
        first = after
        while first > body + 1 and self._may_sign(first - 1) and _signs(self._text(first - 1)):
            first -= 1
        if first > body and not re.search(r"[。！？）)]$", self._text(first - 1)):
            noted = self._annex_note(body, first)
            first = first if noted < first else after
        return self._annex_note(body, first), after

    def _text(self, i: int) -> str:
        return self.lines[i].text

    def _may_sign(self, i: int) -> bool:
        """Whether a line can be part of a signature: short, unpunctuated, unnumbered."""
        text = self._text(i)
        if len(text) > 40 or re.search("[。；：:，！？!?|]", text) or _BRACKETED.match(text):
            return False
        return mark(text) is None and not text.startswith("附件")

    def _annex_note(self, body: int, stop: int) -> int:
        """First line of the list of annexes that ends at ``stop``; ``stop`` if there is none."""
        for i in range(max(body, stop - 40), stop):
            if _ANNEX_NOTE.match(self._text(i)):
                rest = self._words(i, stop)
                return stop if any(re.search("[。；]$", text) for text in rest) else i
        return stop

    def _tail(self, tail: int, after: int) -> int:
        """Add the elements below the body; return the first line after them."""
        lines = self.lines
        i = tail
        if i < after and _ANNEX_NOTE.match(lines[i].text):
            self._add(ANNEX_NOTE, lines[i].start)
            while i < after and not self._signature_from(i, after):
                i += 1
        signature = i
        while i < after:
            text = lines[i].text
            split = _SIGNED_DATE.fullmatch(text)
            if split and not _DATE.fullmatch(text):
                if i == signature:
                    self._add(ISSUER, lines[i].start)
                self.signature.extend(_names(split[1]))
                self._add(DATE, lines[i].begin + split.start(2))
            elif _DATE.fullmatch(text):
                self._add(DATE, lines[i].start)
            else:
                if i == signature:
                    self._add(ISSUER, lines[i].start)
                self.signature.extend(_names(text))
            i += 1
        return self._notes(after) if tail < after else after

    def _signature_from(self, i: int, after: int) -> bool:
        """Whether the signature begins at line ``i``: only lines of a signature follow."""
        rest = [t for t in self._words(i, after) if not _DATE.fullmatch(t)]
        return all(_SIGNED_DATE.fullmatch(t) or _signs(t) for t in rest)

    def _notes(self, i: int) -> int:
        """Add what may stand between the date and the annexes; return the next line."""
        previous = ""
        while i < len(self.lines):
            text = self._text(i)
            if _BRACKETED.match(text):
                kind = NOTE
            elif re.match(r"抄\s*[送报]\s*[:：]", text):
                kind = COPIES
            elif re.search(r"印发$", text) and _DATE.search(text):
                kind = PRINTED
            elif _ANNEX_NOTE.match(text) and not any(s.label == ANNEX_NOTE for s in self.found):
                kind = ANNEX_NOTE
            elif previous == ANNEX_NOTE and mark(text) and not re.search("[。；]", text):
                kind = ANNEX_NOTE
            else:
                return i
            if kind != previous:
                self._add(kind, self.lines[i].start)
            previous = kind
            i += 1
        return i

    # -- annexes -----------------------------------------------------------------------------

    def _annexes(self, after: int, numbered: bool) -> None:
        """Add the annexes, which begin at line ``after``.

        The sections of an annex carry its label before their own (``附件2·三（一）``); those of a
        text that a notice does nothing but issue (``印发``) keep the labels people know them by.
        """
        stop = len(self.lines)
        starts = [i for i in range(after, stop) if _annex_mark(self._text(i))]
        if after < stop and (not starts or starts[0] > after):
            if len(self._text(after)) > 60 or _SENTENCE_MARK.search(self._text(after)):
                self._add(OTHER, self.lines[after].start)
                after = starts[0] if starts else stop
            else:
                starts.insert(0, after)
        bare = len(starts) == 1 and not numbered
        for first, last in pairwise([*starts, stop]):
            self._annex(first, last, bare=bare)

    def _annex(self, first: int, stop: int, *, bare: bool) -> None:
        opening = _annex_mark(self._text(first))
        label = ANNEX + (opening[1] if opening else "")
        at = first
        if opening and not opening[2]:
            at += 1
        title = self._annex_title(at, stop)
        heading = (0, 0)
        if title > at:
            inner = opening.start(2) if opening and opening[2] else 0
            heading = (self.lines[at].begin + inner, self.lines[title - 1].end)
        label = self._add(label, self.lines[first].start, heading)
        if not self.title and any(_ORDER.search(m) for m in self.marks):
            # An order has no title of its own: the regulation it issues gives it.
            self.title = _joined(self.text[slice(*heading)].split("\n"))
        prefix = "" if bare else f"{label}·"
        tail, after = self._tail_span(title, stop)
        if after < stop:
            tail = after = stop
        self._body(title, tail, prefix, label)
        kept = list(self.signature), self.date
        for i in range(tail, after):
            text = self._text(i)
            kind = DATE if _DATE.fullmatch(text) else ISSUER
            if i == tail or kind == DATE:
                self._add(f"{label}·{kind}", self.lines[i].start, parent=label)
        self.signature, self.date = kept

    def _annex_title(self, at: int, stop: int) -> int:
        """One past the last line of an annex's title that begins at line ``at``."""
        last = at
        while last < min(stop, at + 4) and _may_be_title(self._text(last)):
            last += 1
        for end in range(at + 1, last + 1):
            if _TITLE_END.search(_joined(self._words(at, end))):
                return end
        return min(last, at + 1)

    # -- the body ----------------------------------------------------------------------------

    def _body(self, first: int, stop: int, prefix: str, parent: str) -> None:
        """Add the sections of the numbered text in lines ``first`` to ``stop``.

        Args:
            first: Its first line.
            stop: One past its last line.
            prefix: What stands before each label.
            parent: Label of the annex it belongs to, ``""`` for the notice itself.
        """
        if first >= stop:
            return
        items = _accepted(self._words(first, stop))
        before = items[0].line if items else stop - first
        contents = min((i for i in _contents(self._words(first, stop)) if i < before), default=-1)
        if not parent and before > 0 and contents != 0:
            self._add(LEAD if items else PLAIN, self.lines[first].start)
        if contents >= 0:
            self._add(prefix + CONTENTS, self.lines[first + contents].start, parent=parent)
        headings = _headings(self._words(first, stop), items)
        labels: dict[int, str] = {}
        for k, item in enumerate(items):
            line = self.lines[first + item.line]
            owner = parent if item.parent is None else labels[item.parent]
            begin, end = headings[k]
            span = (line.begin + begin, line.begin + end) if end else (0, 0)
            labels[k] = self._add(prefix + item.label, line.start, span, item.level, owner)
            self._paragraphs_of_article(first, stop, items, k, prefix, labels, headings)

    def _paragraphs_of_article(
        self,
        first: int,
        stop: int,
        items: list[_Item],
        k: int,
        prefix: str,
        labels: dict[int, str],
        headings: list[tuple[int, int]],
    ) -> None:
        """Paragraphs (款) of an article that follow its list of items are the article's own."""
        last = items[k + 1].line if k + 1 < len(items) else stop - first
        article = k
        while items[article].mark.rank > Rank.ARTICLE:
            above = items[article].parent
            if above is None:
                return
            article = above
        if items[article].mark.rank != Rank.ARTICLE or article == k or headings[k][1]:
            return
        for i in range(items[k].line + 1, last):
            # Of the lines since the article's first, its items are no paragraphs.
            count = 2 + (i - items[article].line - 1) - (k - article)
            label = f"{prefix}{items[article].label}{own_label(Rank.CLAUSE, count)}"
            level = items[article].level + 1
            self._add(label, self.lines[first + i].start, (0, 0), level, labels[article])


def _ends_head(text: str) -> bool:
    """Whether a line cannot stand above the body, or is the addressee, the last thing there."""
    if _ANNEX_NOTE.match(text) or mark(text) is not None or _squeezed(text) == CONTENTS:
        return True
    if (first := bare_number(text)) is not None and first.number == (1,):
        return True
    if text.endswith(("：", ":")) or len(text) > 120:
        return True
    return re.search("[。；！？]", re.sub("《[^》]*》|“[^”]*”", "", text)) is not None


def _is_addressee(text: str, *, alone: bool) -> bool:
    """Whether a line that ends in a colon names whom the notice is for."""
    words = text.rstrip("：: ")
    if words == text or _SENTENCE_MARK.search(words) or mark(text) is not None:
        return False
    if _LISTING.search(words) and not words.endswith("单位"):
        return False
    return len(words) <= (20 if alone else 600) and not words.startswith("附件")


def _is_agency(text: str) -> bool:
    return len(text) <= 40 and _AGENCY.search(text) is not None and "关于" not in text


def _signs(text: str) -> bool:
    """Whether a line reads as a signature: an office or a person with one."""
    return _AGENCY.search(text) is not None or _PERSON.search(text) is not None


def _names(text: str) -> list[str]:
    """Issuers in a line of a signature: several stand apart by white space."""
    if _PERSON.search(text):
        return [text]
    parts = text.split()
    return parts if all(len(p) > 1 for p in parts) else [_joined([text])]


def _may_be_title(text: str) -> bool:
    if len(text) > 60 or re.search("[。；！？|]", text) or text.endswith(("：", ":")):
        return False
    return mark(text) is None and not _BRACKETED.match(text) and not text.startswith(("（", "("))


def _annex_mark(text: str) -> re.Match[str] | None:
    """The opening of an annex: ``附件``, ``附件2``, ``附件2：名称``."""
    match = _ANNEX.fullmatch(text)
    if match is None or (match[2] and not _may_be_title(match[2])):
        return None
    return match


def _bare(text: str) -> str:
    """A line without the marks of Markdown."""
    return re.sub(r"^#+\s*|^\*\*|\*\*$", "", text).strip()


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def _joined(lines: Sequence[str]) -> str:
    """Words broken over lines, or spaced out to fill one (``通  知``), put together again."""
    out = ""
    for raw in lines:
        line = raw.strip()
        parts = line.split()
        if len(parts) > 1 and all(len(p) == 1 for p in parts):
            line = "".join(parts)
        gap = out and line and out[-1].isascii() and line[0].isascii()
        out += (" " if gap and out[-1].isalnum() and line[0].isalnum() else "") + line
    return out


def _contiguous(numbers: list[int]) -> list[list[int]]:
    """Runs of numbers that follow each other."""
    runs: list[list[int]] = []
    for n in numbers:
        if runs and runs[-1][-1] == n - 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    return runs


# -- numbering -------------------------------------------------------------------------------


def _accepted(lines: list[str]) -> list[_Item]:
    """The lines that open a section: those whose number is plausible where it stands."""
    marks = [mark(text) for text in lines]
    dotted = any(m and m.rank == Rank.DOTTED for m in marks)
    contents = _contents(lines)
    over = _over_articles(marks)
    items: list[_Item] = []
    stack: list[int] = []
    last: dict[Rank, int] = {}  # last number of each kind anywhere above
    top: dict[Rank, int] = {}  # and among the sections without a parent
    for i, text in enumerate(lines):
        found = marks[i] or (bare_number(text) if dotted else None)
        if found is not None and i in over:
            found = found._replace(rank=Rank.CHAPTER)
        if found is None or i in contents or (i and _UNFINISHED.search(lines[i - 1])):
            continue
        depth = len(stack)
        while depth and _encloses(found, items[stack[depth - 1]].mark):
            depth -= 1
        parent = stack[depth - 1] if depth else None
        siblings = top if parent is None else items[parent].children
        if not _plausible(found, siblings.get(found.rank), last.get(found.rank)):
            continue
        del stack[depth:]
        siblings[found.rank] = last[found.rank] = found.number[-1 if _is_dotted(found) else 0]
        label = _label(found, [items[k] for k in stack])
        items.append(_Item(found, i, label, parent, depth + 1))
        stack.append(len(items) - 1)
    return items


def _over_articles(marks: Sequence[Mark | None]) -> set[int]:
    """Lines ``一、`` that stand over articles as chapters do.

    Each is followed by an article, and the articles count on from one such line to the next: under
    an article they would begin anew, and not be articles.
    """
    numbered = [(i, m) for i, m in enumerate(marks) if m]
    runs: list[
        list[tuple[int, bool]]
    ] = []  # lines ``一、`` to the last; whether an article follows
    articles = 0
    for (i, here), (_, below) in pairwise(numbered):
        if here.rank == Rank.ARTICLE:
            articles = here.number[0]
        elif here.rank == Rank.FIRST:
            heads = below.rank == Rank.ARTICLE and below.number[0] == articles + 1
            if not runs or here.number[0] != len(runs[-1]) + 1:
                runs.append([])
            runs[-1].append((i, heads))
    return {i for run in runs if len(run) > 1 and all(heads for _, heads in run) for i, _ in run}


def _is_dotted(found: Mark) -> bool:
    return found.rank == Rank.DOTTED


def _encloses(new: Mark, old: Mark) -> bool:
    """Whether ``new`` ends the open section ``old``: it stands beside or above it."""
    if _is_dotted(new) and _is_dotted(old):
        return len(new.number) <= len(old.number)
    return new.rank <= old.rank


def _plausible(found: Mark, sibling: int | None, last: int | None) -> bool:
    """Whether a number can stand here: the first, the next, or a little further on.

    Args:
        found: The mark.
        sibling: The last number of its kind under the same parent.
        last: The last number of its kind anywhere above (some texts count on across parents).
    """
    number = found.number[-1 if _is_dotted(found) else 0]
    if not found.sure:
        return number == 1 + (sibling or last or 0)
    if sibling is None:
        return number <= _JUMP or (last is not None and last < number <= last + _JUMP)
    amended = len(found.number) > 1 and not _is_dotted(found) and number == sibling
    return amended or sibling < number <= sibling + _JUMP or number == 1


def _label(found: Mark, open_items: list[_Item]) -> str:
    """The path as people write it; articles and dotted numbers count through the whole text."""
    if found.rank in (Rank.ARTICLE, Rank.DOTTED, Rank.PART, Rank.BOOK) or not open_items:
        return found.label
    return open_items[-1].label + found.label


def _contents(lines: list[str]) -> set[int]:
    """Lines of a table of contents: from 目录 to where its first entry comes again."""
    for i, text in enumerate(lines[:-1]):
        if _squeezed(text) == CONTENTS:
            entry = _entry(lines[i + 1])
            again = (j for j in range(i + 2, len(lines)) if _entry(lines[j]) == entry)
            return set(range(i, next(again, i + 1)))
    return set()


def _entry(text: str) -> str:
    """A line of a table of contents without its dots and page number."""
    return _squeezed(re.sub(r"[.…·\s]*[-—]?\d*[-—]?$", "", text))


def _headings(lines: list[str], items: list[_Item]) -> list[tuple[int, int]]:
    """Where each item's heading stands in its line; (0, 0) for an item of prose.

    A heading in the same line as its text is told from a short first sentence by its siblings:
    either most of them have one, or none has.
    """
    candidates: list[_Candidate] = []
    for k, item in enumerate(items):
        following = item.line + 1
        heads = following < len(lines) and (
            k + 1 == len(items)
            or items[k + 1].line > following
            or items[k + 1].mark.rank > item.mark.rank
        )
        words = lines[item.line][item.mark.end :].rstrip(" *_\u3000")
        candidates.append(_candidate(words, item.mark.rank, heads))
    votes: dict[tuple[Rank, int | None], list[int]] = {}  # group: headings, members
    for item, found in zip(items, candidates, strict=True):
        if found.kind != "line":
            for group in (item.mark.rank, item.parent), (item.mark.rank, -1):
                vote = votes.setdefault(group, [0, 0])
                vote[0] += found.kind == "sure"
                vote[1] += 1
    out: list[tuple[int, int]] = []
    for item, found in zip(items, candidates, strict=True):
        vote = votes.get((item.mark.rank, item.parent), [0, 0])
        if vote[1] < 3:  # too few beside it: ask all of its kind
            vote = votes.get((item.mark.rank, -1), [0, 0])
        begin = item.mark.end + found.skip
        is_heading = found.kind == "line" or 2 * vote[0] > vote[1]
        out.append((begin, begin + found.length) if found.length and is_heading else (0, 0))
    return out


@dataclass(frozen=True)
class _Candidate:
    """A possible heading: its length, and what speaks for it.

    Attributes:
        length: In characters; 0 if there is none.
        kind: ``line`` has a line to itself, ``sure`` is short and followed by its text,
            ``maybe`` is short but heads nothing, ``none`` is prose.
        skip: Characters before it (an opening bracket).
    """

    length: int = 0
    kind: str = "none"
    skip: int = 0


def _candidate(words: str, rank: Rank, heads: bool) -> _Candidate:
    """The heading that a numbered line may begin with.

    Args:
        words: The line after its number.
        rank: Its kind of numbering.
        heads: Whether text or subsections follow before the next number of its kind.
    """
    if rank < Rank.ARTICLE:
        return _Candidate(len(words), "line")
    if bracket := re.match("【([^】]{1,40})】", words):
        return _Candidate(len(bracket[1]), "line", skip=1)
    spans = sentence_spans(words)
    if not spans:
        return _Candidate()
    end = spans[0][1]
    first, rest = words[:end], words[end:].strip()
    plain = not _SENTENCE_MARK.search(first[-1])
    if plain and not first.endswith(("，", "、", "：", ":")):
        limit = _RUN_IN if rank <= Rank.CLAUSE else _HEADING_LINE
        fits = len(first) <= limit and (heads or rank > Rank.CLAUSE)
        return _Candidate(len(first), "line") if fits else _Candidate()
    if rank <= Rank.CLAUSE:
        return _Candidate()
    divided = _divided(words, heads)
    return divided if divided.length else _run_in(first, rest, heads)


def _run_in(first: str, rest: str, heads: bool) -> _Candidate:
    """The first sentence as a heading."""
    length = len(first) - 1
    if first[-1] not in "。.":
        return _Candidate()
    if not rest and heads and length <= _ALONE:
        return _Candidate(length, "sure")
    if _PROSE.search(first):
        return _Candidate()
    if rest and length <= _RUN_IN:
        noted = _BRACKETED.fullmatch(rest) is not None
        return _Candidate(length, "maybe" if noted and not heads else "sure")
    if not rest and length <= _RUN_IN and "，" not in first:
        return _Candidate(length, "maybe")
    return _Candidate()


def _divided(words: str, heads: bool) -> _Candidate:
    """A heading that a colon or a space divides from its text."""
    match = re.match(rf"([^\s，。；：:]{{2,{_SPACED}}})(?:[：:]|\s+)(.*)$", words)
    if match is None or _PROSE.search(match[1]) or _LISTING.search(match[1]):
        return _Candidate()
    return _Candidate(len(match[1]), "sure") if match[2] or heads else _Candidate()
