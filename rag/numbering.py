"""Numbering of 公文: numerals, the marks that open a numbered line, and section labels.

GB/T 9704 numbers the body ``一、`` ``（一）`` ``1.`` ``（1）``; regulations number it ``第一编``
``第一章`` ``第一节`` ``第一条``; plans number it ``1`` ``1.1`` ``1.1.1``. A line that opens with
such a mark may open a section; whether it does depends on the lines around it, which is the
business of ``notices``.
"""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from typing import NamedTuple

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2, "兩": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
CN = "一二三四五六七八九十百千零〇○两兩"
_NUM = rf"[{CN}]{{1,6}}|[\d０-９]{{1,4}}"


class Rank(IntEnum):
    """Kinds of numbering, from the outermost to the innermost."""

    PART = 0  # 第一部分
    BOOK = 1  # 第一编
    CHAPTER = 2  # 第一章
    SECTION = 3  # 第一节
    ARTICLE = 4  # 第一条
    CLAUSE = 5  # 第一款
    FIRST = 6  # 一、
    SECOND = 7  # （一）
    THIRD = 8  # 1.
    DOTTED = 9  # 1.1
    FOURTH = 10  # （1）
    FIFTH = 11  # ①


class Mark(NamedTuple):
    """The mark that opens a numbered line.

    Attributes:
        rank: The kind of numbering.
        number: Its number; several for ``1.2.3`` (and for ``第三条之一``).
        label: As people write it: ``一``, ``（一）``, ``1``, ``第三条``.
        end: Where the line's own words begin, an offset in the line.
        sure: False where only the sequence can tell a mark from prose (``第三条为了…``).
    """

    rank: Rank
    number: tuple[int, ...]
    label: str
    end: int
    sure: bool = True


_WORDS = {
    "部分": Rank.PART,
    "编": Rank.BOOK,
    "篇": Rank.BOOK,
    "章": Rank.CHAPTER,
    "节": Rank.SECTION,
    "条": Rank.ARTICLE,
    "款": Rank.CLAUSE,
}
# White space, and the marks of a Markdown heading, list or bold face.
_LEAD = r"[\s#>*_]*"
_NAMED = re.compile(rf"{_LEAD}第\s*({_NUM})\s*({'|'.join(_WORDS)})(?:之({_NUM}))?([\s：:【*]*)")
_FIRST = re.compile(rf"{_LEAD}([{CN}]{{1,5}})\s*[、．.]\s*")
_SECOND = re.compile(rf"{_LEAD}[（(]\s*([{CN}]{{1,5}})\s*[)）]\s*[、．.]?\s*")
_THIRD = re.compile(rf"{_LEAD}([\d０-９]{{1,3}})\s*(?:[．、]|\.(?!\d)|\.(?=(?:19|20)\d\d年))\s*")
_DOTTED = re.compile(rf"{_LEAD}(\d{{1,2}}(?:[.．]\d{{1,2}}){{1,4}})[.．]?(?![\d%％])\s*")
_BARE = re.compile(rf"{_LEAD}(\d{{1,2}})[ \u3000\t]+(?=[\u4e00-\u9fff])")
_FOURTH = re.compile(
    rf"{_LEAD}(?:[（(]\s*([\d０-９]{{1,3}})\s*[)）]|([\d０-９]{{1,3}})[)）])\s*[、．.]?\s*"
)
_ONE_CHARACTER = re.compile(rf"{_LEAD}([\u2460-\u249b\u3220-\u3229])\s*")
# What follows a mark that is named in a sentence rather than opening one.
_REFERENCE = re.compile(
    r"项(?!目)|款(?!项|待|式)|目(?!标|前|的|录)|条(?!件|例|目|块|理)|至第?[（(]|[、和及或与][（(第]|至第|中?规定|所[列述称]|中的"
)
_NAMED_REFERENCE = re.compile(
    r"的|第|至|[、和及或与，,]|中?规定|所[列述称]|以[上下外内]|[（(]?[一二三四五六七八九十]+[)）]?项"
)
# ``三、四年级``, ``1、2号``: two numbers side by side in a sentence.
_NEXT_NUMBER = re.compile(rf"[{CN}]{{1,3}}(?=[、季年个位线级类等方至])|[\d０-９]{{1,3}}(?![\d年])")


def to_int(numeral: str) -> int | None:
    """Value of a Chinese or Arabic numeral (``二十三``, ``２３``), None if it is none."""
    text = unicodedata.normalize("NFKC", numeral.strip())
    if text.isdecimal():
        return int(text)
    if not text or any(c not in _DIGITS and c not in _UNITS for c in text):
        return None
    if not any(c in _UNITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total = digit = 0
    for c in text:
        if c in _UNITS:
            total += (digit or 1) * _UNITS[c]
            digit = 0
        else:
            digit = _DIGITS[c]
    return total + digit


def to_chinese(number: int) -> str:
    """Chinese numeral: ``23`` gives ``二十三``; above 9,999 the number itself."""
    digits = "零一二三四五六七八九"
    if number > 9999:
        return str(number)
    if number >= 1000:
        thousands, rest = divmod(number, 1000)
        gap = "零" if 0 < rest < 100 else ""
        ten = "一" if 10 <= rest < 20 else ""
        return f"{digits[thousands]}千{gap}{ten}{to_chinese(rest) if rest else ''}"
    if number < 10:
        return digits[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return (digits[tens] if tens > 1 else "") + "十" + (digits[ones] if ones else "")
    hundreds, rest = divmod(number, 100)
    tail = to_chinese(rest) if rest else ""
    if 0 < rest < 10:
        tail = "零" + tail
    elif 10 <= rest < 20:
        tail = "一" + tail
    return digits[hundreds] + "百" + tail


def mark(line: str) -> Mark | None:
    """The numbering mark that opens a line, None where there is none.

    A mark that a sentence merely refers to (``（二）项``, ``第三条规定的``), a number with
    decimals, a row of a table and a mark without words after it (but ``第三章``) are none.
    """
    if " | " in line or "\t" in line.strip():
        return None
    found = _named(line) or _enumerated(line)
    if found is None or (found.rank > Rank.CLAUSE and not line[found.end :].strip(" \u3000*_")):
        return None
    return found


def bare_number(line: str) -> Mark | None:
    """The mark of ``1 总则``: a mark only in a text that also numbers ``1.1``."""
    match = _BARE.match(line)
    if match is None or len(line) - match.end() > 30 or re.search("[。；，：|]", line):
        return None
    return Mark(Rank.THIRD, (int(match[1]),), match[1], match.end())


def _named(line: str) -> Mark | None:
    match = _NAMED.match(line)
    if match is None or (number := to_int(match[1])) is None:
        return None
    rank = _WORDS[match[2]]
    rest = line[match.end() :]
    if _NAMED_REFERENCE.match(rest):
        return None
    if rank < Rank.ARTICLE and (len(rest) > 60 or re.search("[。；]", rest)):
        return None
    suffix = to_int(match[3]) if match[3] else None
    label = f"第{match[1]}{match[2]}" + (f"之{match[3]}" if match[3] else "")
    numbers = (number,) if suffix is None else (number, suffix)
    # A title in lenticular brackets belongs to the words.
    end = match.end() - (1 if match[4].endswith("【") else 0)
    return Mark(rank, numbers, label, end, sure=bool(match[4]) or not rest)


def _enumerated(line: str) -> Mark | None:
    if match := _ONE_CHARACTER.match(line):
        return _one_character(match)
    if match := _DOTTED.match(line):
        numbers = tuple(int(n) for n in re.split("[.．]", match[1]))
        rest = line[match.end() :]
        if not re.match("(?![万亿千百个倍项元])[\u4e00-\u9fff“《]", rest):
            return None
        return Mark(Rank.DOTTED, numbers, ".".join(map(str, numbers)), match.end())
    for pattern, rank in (
        (_FIRST, Rank.FIRST),
        (_SECOND, Rank.SECOND),
        (_THIRD, Rank.THIRD),
        (_FOURTH, Rank.FOURTH),
    ):
        if match := pattern.match(line):
            rest = line[match.end() :]
            numeral = next(g for g in match.groups() if g)
            number = to_int(numeral)
            bracketed = rank in (Rank.SECOND, Rank.FOURTH)
            if not number or (bracketed and _REFERENCE.match(rest)):
                return None
            if (beside := _NEXT_NUMBER.match(rest)) and to_int(beside[0]) == number + 1:
                return None
            return Mark(rank, (number,), own_label(rank, number), match.end())
    return None


def _one_character(match: re.Match[str]) -> Mark:
    ch = match[1]
    plain = unicodedata.normalize("NFKC", ch)
    number = to_int(plain.strip("().")) or 0
    if "\u2460" <= ch <= "\u2473":
        rank = Rank.FIFTH
    elif ch >= "\u3220":
        rank = Rank.SECOND
    else:
        rank = Rank.THIRD if plain.endswith(".") else Rank.FOURTH
    return Mark(rank, (number,), own_label(rank, number), match.end())


def own_label(rank: Rank, number: int) -> str:
    """How people write one number: ``一``, ``（一）``, ``1``, ``（1）``, ``①``, ``第一条``."""
    if rank == Rank.FIRST:
        return to_chinese(number)
    if rank == Rank.SECOND:
        return f"（{to_chinese(number)}）"
    if rank == Rank.FOURTH:
        return f"（{number}）"
    if rank == Rank.FIFTH:
        return chr(0x245F + number) if number <= 20 else f"（{number}）"
    if rank in (Rank.THIRD, Rank.DOTTED):
        return str(number)
    word = next(w for w, r in _WORDS.items() if r == rank)
    return f"第{to_chinese(number)}{word}"


_STEP = re.compile(
    rf"第({_NUM})({'|'.join(_WORDS)})(?:之[{CN}\d]+)?|（([{CN}]+)）|（(\d+)）|([①-⑳])"
    rf"|(\d+(?:\.\d+)+)|(\d+)|([{CN}]+)"
)


def steps(label: str) -> list[tuple[Rank, int]]:
    """The numbers in a label from the outside in: ``二（一）1`` gives ranks with 2, 1, 1.

    A name (``附件1``, ``标题``) before them is passed over; a dotted number gives one step for each
    of its numbers.
    """
    out: list[tuple[Rank, int]] = []
    body = re.sub(r"^附件\d*·?|〔\d+〕$", "", label)
    for m in _STEP.finditer(body):
        if m[1]:
            out.append((_WORDS[m[2]], to_int(m[1]) or 0))
        elif m[6]:
            out.extend((Rank.DOTTED, int(n)) for n in m[6].split("."))
        else:
            for i, rank in ((3, Rank.SECOND), (4, Rank.FOURTH), (7, Rank.THIRD), (8, Rank.FIRST)):
                if m[i]:
                    out.append((rank, to_int(m[i]) or 0))
            if m[5]:
                out.append((Rank.FIFTH, ord(m[5]) - 0x245F))
    return out
