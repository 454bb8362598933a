"""What in a statement can be checked letter by letter: numbers, dates, titles, quotes, bodies, no.

Statement and evidence are compared in a view in which script, width, case, brackets and the way a
number is written (``三十``, ``30``, ``thirty``) no longer differ. What is read from a statement is
what surely is a number; from the evidence, whatever may be one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rag import translate
from rag.text import HAN, fold, language

_BRACKETS = str.maketrans("〔【〈[〕】〉]", "(((())))")
_NOT_SAID = re.compile(r"[\s。，、；：！？.,;:!?…]+")

_PARTNER = {"”": "“", "’": "‘", "」": "「", "』": "『", "»": "«", "“": "„"}
_QUOTE_MARK = re.compile('["“”„‘’「」『』«»\n]')


def view(text: str) -> str:
    """The text without differences of script, width, case and kind of brackets."""
    return fold(text).translate(_BRACKETS)


def _bare(text: str) -> str:
    """The view without white space and punctuation, for looking up a stretch of words."""
    return _NOT_SAID.sub("", view(text))


def lacking(statement: str, quotes: Sequence[str], names: Sequence[str] = ()) -> str:
    """The first fact of a statement that its evidence does not hold.

    Args:
        statement: One sentence without markers, in any language.
        quotes: The evidence it rests on.
        names: What the evidence may be called besides: title, document number, headings, labels.

    Returns:
        What is lacking, in English, for people; ``""`` if nothing is.
    """
    held = "\n".join((*quotes, *names))
    rest = without_names(statement, names)
    lacks = (
        *_words_lacking(statement, _bare(held)),
        *_numbers_lacking(rest, "\n".join(quotes)),
        *_bodies_lacking((*bodies_of(rest), *_latin_names(statement)), held),
    )
    if lacks:
        return f"{lacks[0]} is not in the evidence"
    if denies(rest) and not any(denies(quote) for quote in quotes):
        return "it says no where the evidence does not"
    return ""


def _words_lacking(statement: str, said: str) -> Iterator[str]:
    yield from (f"the title 《{title}》" for title in titles(statement) if _bare(title) not in said)
    for phrase in quoted(statement):
        if not _in_order(re.split(r"…+|\.{3,}", phrase), said):
            yield f"the quotation “{phrase}”"


def _numbers_lacking(statement: str, held: str) -> Iterator[str]:
    here, there = _Numbers.of(statement, sure=True), _Numbers.of(held, sure=False)
    for date in here.dates:
        if not any(_within(date, other) for other in there.dates):
            yield f"the date {_written(date)}"
    for value, unit in here.numbers:
        if not there.holds(value, unit):
            yield f"the number {value.normalize():f}"
    if (multiple := _MULTIPLE.search(statement)) and not re.search(r"[倍番半]", held):
        yield f"the number “{multiple.group()}”"


def _bodies_lacking(named: Sequence[str], held: str) -> Iterator[str]:
    yield from (f"the body “{body}”" for body in named if not _names_body(body, held))


def _in_order(parts: Sequence[str], said: str) -> bool:
    at = 0
    for part in map(_bare, parts):
        found = said.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True


# --- Names ----------------------------------------------------------------------------------------

_LABEL = re.compile(r"[第零〇一二三四五六七八九十百\d()条章节款项点]+")
_PART = r"(?:sections?|parts?|articles?|items?|chapters?|points?|paragraphs?)"
_OF = r"(?:部分|章|条|节|点|款|项)"


def without_names(statement: str, names: Sequence[str]) -> str:
    """The statement's view without the names of its sources: where it is from is no claim.

    A bare label (``三``) goes only beside a word for a part (``section 3``, ``第三部分``).
    """
    rest = _spelled(view(statement))
    for name in sorted({view(n) for n in names if n}, key=len, reverse=True):
        if not _LABEL.fullmatch(name):
            rest = rest.replace(name, " ")
            continue
        for form in (name, _digits(name, sure=False)):
            first, *more = re.findall(r"[^第条章节款项点()\s]+", form) or [""]
            below = "".join(
                rf"\s*{_OF}?的?\s*(?:第?\(\s*{n}\s*\)|第{n}{_OF}|(?<=\))\s*{n})" for n in more
            )
            own = f"{first}{below}"
            if more:
                rest = re.sub(rf"(?:{_PART}\s*|第)?(?<!\d){own}(?!\d){_OF}?", " ", rest)
            elif first:
                rest = re.sub(rf"{_PART}\s*{own}(?!\d)|第{own}{_OF}", " ", rest)
                rest = re.sub(rf"(?<!\d){own}(?:st|nd|rd|th)\s*{_PART}", " ", rest)
    return rest


# --- Titles and quotes ----------------------------------------------------------------------------


def titles(text: str) -> list[str]:
    """What stands in 《》, without the marks."""
    return re.findall(r"《([^《》]+)》", text)


def quoted(text: str) -> list[str]:
    """The outermost quoted stretches, without the marks: curly, corner, angle or straight ones.

    Straight single quotes count only around whole words, since apostrophes look the same.
    """
    return [text[a:b] for a, b in quoted_spans(text)]


def quoted_spans(text: str) -> list[tuple[int, int]]:
    """Where the quoted stretches stand, the marks left out; none goes beyond its line."""
    spans: list[tuple[int, int]] = []
    opened: list[int] = []
    for mark in _QUOTE_MARK.finditer(text):
        i, ch = mark.start(), mark.group()
        if ch == "\n":
            opened.clear()
        partner = '"' if ch == '"' else _PARTNER.get(ch, "")
        at = [k for k, j in enumerate(opened) if text[j] == partner]
        if partner and at:
            begin = opened[at[-1]]
            del opened[at[-1] :]
            if not opened:
                spans.append((begin + 1, i))
        elif ch in _PARTNER.values() or ch == '"':
            opened.append(i)
    single = re.finditer(r"(?<![\w'])'([^'\n]{2,}?)'(?!\w)", text)
    spans += [m.span(1) for m in single if not any(a <= m.start(1) < b for a, b in spans)]
    return sorted(span for span in spans if text[slice(*span)].strip())


# --- Numbers and dates ----------------------------------------------------------------------------

_HAN_NUMBER = re.compile(r"[零〇一二三四五六七八九十百千万亿两]+(?:点[零〇一二三四五六七八九]+)?")
_HAN_PIECE = re.compile(r"[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九两]")
_MEASURE = re.compile(
    r"\s*(?:[个项种类名人次所家年月日号级条倍成元块届章款批期轮周天岁份件大%]|小时|分钟|方面|部分)"
)
_AFTER_ONE = re.compile(r"\s*(?:[年月日号元块天周岁%]|小时|分钟|个月)")
_SPELLED = ("en", "fr", "de", "es")
_PER_CENT = re.compile(r"per\s?cent\b|percent(?:age points?)?\b|pour cent\b|por ciento\b|prozent\b")

_MULTIPLE = re.compile(
    r"翻[一两]?[倍番]|加倍|倍增|[减过]半|一半|\bdoubl\w*|\btripl\w*|\btwice\b|\bhal[fv]\w*"
)

_POWERS = {
    "万亿": 12, "亿": 8, "万": 4, "千": 3, "百": 2, "조": 12, "억": 8, "만": 4,
    "trillion": 12, "billion": 9, "million": 6, "thousand": 3, "hundred": 2,
}  # fmt: skip
_UNITS = {
    "percent": r"%|パーセント|퍼센트|процент",
    "money": r"元|块|人民币|円|원|[$€£¥]|yuan|rmb|cny|usd|dollar|euro|юан",
    "month": r"个月|か月|ヶ月|개월|months?\b|mois\b|monate?n?\b|mes(?:es)?\b|месяц",
    "year": r"周?年|년|years?\b|ans?\b|années?\b|jahre?n?\b|años?\b|год|лет\b",
    "day": r"天|日|일|days?\b|jours?\b|tage?n?\b|días?\b|дн|день",
}
_UNIT = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _UNITS.items()))
_NUMBER = re.compile(
    r"(?P<before>[$€£¥])?\s?(?P<digits>\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?P<part>\.\d+)?\s?"
    rf"(?P<power>{'|'.join(_POWERS)})?(?:余|多)?s?\s?(?:of\s|de\s)?(?P<unit>{_UNIT.pattern})?"
)

_POWER = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s?(trillion|billion|million|thousand|hundred)s?\b")

_MONTHS = {
    name: number
    for names in (
        "january february march april may june july august september october november december",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "januar februar märz april mai juni juli august september oktober november dezember",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
        "jan feb mar apr may jun jul aug sep oct nov dec",
    )
    for number, name in enumerate(names.split(), start=1)
} | {"апреле": 4, "апрель": 4, "sept": 9}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<!\d)(?P<y>\d{4})\s?[-/.]\s?(?P<m>\d{1,2})\s?[-/.]\s?(?P<d>\d{1,2})(?!\d)",
        r"(?:(?P<y>\d{2,4})\s?[年년]\s?)?(?<!\d)(?P<m>\d{1,2})\s?[月월](?:份|\s?(?P<d>\d{1,2})\s?[日号일])?",
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s(?:day\s)?(?:of\s|de\s)?(?P<n>{_MONTH})\b\.?"
        r"(?:,?\s(?:de\s|of\s)?(?P<y>\d{4}))?",
        rf"\b(?P<n>{_MONTH})\.?\s(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\s(?P<y>\d{{4}}))?",
        rf"\b(?P<n>{_MONTH})\.?,?\s(?:of\s|de\s)?(?P<y>\d{{4}})",
        rf"\b(?:in|since|from|by|until|of|en|im|seit|в|с)\s(?P<n>{_MONTH})\b",
    )
)

Date = tuple[int | None, int | None, int | None]
"""Year, month, day; None where it is not given."""


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The dates of a text and its other numbers, each with the kind of its unit or ``""``."""

    dates: tuple[Date, ...]
    numbers: tuple[tuple[Decimal, str], ...]

    @classmethod
    def of(cls, text: str, *, sure: bool) -> _Numbers:
        """Read a text: what surely is a number (a statement's), or whatever may be (evidence)."""
        rest = _digits(view(text), sure=sure)
        dates: list[Date] = []
        for pattern in _DATES:
            for match in pattern.finditer(rest):
                got = match.groupdict()
                month = _MONTHS[got["n"]] if got.get("n") else int(got["m"])
                year, day = got.get("y"), got.get("d")
                dates.append((int(year) if year else None, month, int(day) if day else None))
            rest = pattern.sub(" ; ", rest)
        return cls(tuple(dates), tuple(_numbers(rest)))

    def holds(self, value: Decimal, unit: str) -> bool:
        """Whether a number is here, with a unit of the same kind where it has one."""
        if any(value == v and unit in ("", u) for v, u in self.numbers):
            return True
        parts = (("year", 0), ("month", 1), ("day", 2))
        return any(
            date[i] == value for date in self.dates for kind, i in parts if unit in ("", kind)
        )


def _numbers(text: str) -> Iterator[tuple[Decimal, str]]:
    for match in _NUMBER.finditer(text):
        value = Decimal(match["digits"].replace(",", "") + (match["part"] or ""))
        value *= 10 ** _POWERS.get(match["power"] or "", 0)
        unit = next((name for name in _UNITS if match[name]), "")
        yield value, "money" if match["before"] else unit


def _within(date: Date, other: Date) -> bool:
    return all(a is None or a == b for a, b in zip(date, other, strict=True))


def _written(date: Date) -> str:
    year, month, day = date
    known = ((year, "04d"), (month, "02d"), (day, "02d"))
    return "-".join(format(part, form) for part, form in known if part is not None)


def _digits(text: str, *, sure: bool) -> str:
    """A view with its written-out numbers in digits."""
    text = re.sub(r"百分之([零〇一二三四五六七八九十百点两\d.]+)", r"\1%", _spelled(text))
    return _HAN_NUMBER.sub(lambda match: _han_digits(match, sure), text)


def _spelled(text: str) -> str:
    """A view with the numbers of Western languages in digits."""
    text = _POWER.sub(_with_power, _PER_CENT.sub("%", text))
    foreign = re.sub(f"[{HAN}]", " ", text)
    tag = language(foreign) if re.search(r"[^\W\d_]", foreign) else "zh"
    if tag not in _SPELLED:
        return text
    from text_to_num import alpha2digit

    return str(alpha2digit(text, tag, 1.5))  # one and first are hardly ever numbers


def _with_power(match: re.Match[str]) -> str:
    value = Decimal(match[1].replace(",", "")) * 10 ** _POWERS[match[2]]
    return f"{value.normalize():f}"


def _han_digits(match: re.Match[str], sure: bool) -> str:
    import cn2an

    run, after = match.group(), match.string[match.end() :]
    if match.start() and match.string[match.start() - 1].isdigit():
        return run  # the power of a number in digits
    if sure and len(run) == 1 and not (_AFTER_ONE if run == "一" else _MEASURE).match(after):
        return run
    try:
        return f"{Decimal(str(cn2an.cn2an(run, 'smart'))):f}"
    except ValueError:  # no one number, as in 十四五
        pieces = [str(cn2an.cn2an(piece, "smart")) for piece in _HAN_PIECE.findall(run)]
        return f" {' '.join(pieces)} " if pieces else run


# --- Bodies ---------------------------------------------------------------------------------------

_HAN_KIND = re.compile(
    r"国务院|委员会|办公室|检察院|法院|政府|党委|工会|协会|学会|联合会|基金会|理事会|公司|集团|大学|"
    r"学院|银行|部门|部(?![分门署队件长位首])|厅|局(?![面势部限长])|署(?!名)"
)
_NO_BODY = re.compile(
    r"(?:干|全|内|外|总|各|东|西|南|北|中|局|大|一|乐|支)部$|(?:布|格|大|结|全|开|新|僵|残|时)局$|"
    r"(?:部|签|联)署$|(?:大|餐|客)厅$|"
    r"(?:有关|相关|主管|职能|各级|各个|多个|其他|其它|政府|行政|工作|上级|下级|业务|个|各|级|本|该)部门$|"
    r"(?:有关|相关|各级|地方|当地|人民|级|本|该|家)(?:政府|党委|公司|集团|大学|学院|银行|法院)$"
)
_BODY_LENGTH = 16
_KINDS = frozenset(
    "ministry ministries commission committee bureau department council administration office "
    "agency university college academy institute company corporation group bank court association "
    "federation union government authority board center centre foundation ministère ministerio "
    "commission comité universität ministerium министерство комитет".split()
)
_WELL_KNOWN = {
    "state council": ("国务院",),
    "central committee": ("中央委员会", "党中央", "中全会"),
}
_CAPITALISED = r"[A-ZÀ-ÝА-Я][\w'’\-]*"
_NAME = re.compile(
    rf"{_CAPITALISED}(?:\s+(?:(?:of|and|for|the|on|&|de|du|des|la|der|für|und)\s+)*{_CAPITALISED})+"
)


def bodies_of(text: str) -> list[str]:
    """Names of Chinese bodies, found by how they end.

    Each is given by its kind and the two characters before it: where a name begins cannot be told
    from the letters alone (``由教育部``).
    """
    return [text[a:b] for a, b in _han_bodies(text, 2)]


def _latin_names(text: str) -> list[str]:
    """Runs of capitalised words with a word for a kind of body among them."""
    found = []
    for match in _NAME.finditer(text):
        name = match.group().lower().removeprefix("the ")
        words = name.split()
        if _KINDS.intersection(words) and (_own_words(words) or name in _WELL_KNOWN):
            found.append(match.group())
    return found


def _han_bodies(text: str, before: int) -> Iterator[tuple[int, int]]:
    for match in _HAN_KIND.finditer(text):
        if match.group() == "国务院":
            yield match.span()
            continue
        run = re.search(rf"[{HAN}]*$", text[max(0, match.start() - before) : match.start()])
        start = match.start() - len(run.group() if run else "")
        if match.start() - start >= 2 and not _NO_BODY.search(text[start : match.end()]):
            yield start, match.end()


def _own_words(words: Sequence[str]) -> list[str]:
    stop = {"of", "and", "for", "the", "on", "&", "de", "du", "des", "la", "der", "für", "und"}
    return [word for word in words if word not in stop | _KINDS]


def _names_body(name: str, text: str) -> bool:
    """Whether a text names a body: in full, shortened (人社部), or in another language.

    A shortened name has characters of the full one, in order; one in another language counts where
    most of its words have a translation in the name of one body.
    """
    said = view(text)
    if view(name) in said:
        return True
    for known, chinese in _WELL_KNOWN.items():
        if name.lower().endswith(known):
            return any(other in said for other in chinese)
    full = [said[start:end] for start, end in _han_bodies(said, _BODY_LENGTH)]
    if re.search(f"[{HAN}]", name):
        short = re.compile(".*".join(map(re.escape, name[:2])) + ".*" + re.escape(name[2:]) + "$")
        return any(short.search(body) for body in full)
    own = _own_words(name.lower().split())
    tag = language(name)
    terms = [[other for other, _ in translate.embedded().word(fold(w), tag)] for w in own]
    return any(
        2 * sum(any(term in body for term in words) for words in terms) > len(own) for body in full
    )


# --- No -------------------------------------------------------------------------------------------

_DENIES = re.compile(
    r"不(?![断仅但同少久妨论管只如光懈忘])|未(?!来|成年)|无[需须权]|没有|尚无|并非|严禁|禁止|取消|停止|"
    r"暂停|废止|拒绝|"
    r"\bnot\b(?! only| just| merely)|\bno\b(?![.°])|\bnever\b|\bnor\b|\bcannot\b|n['’]t\b|"
    r"\bwithout\b|\bprohibit|\bforb[ia]d|\bban(?:s|ned)?\b|\babolish|\bcancel|\bsuspen[ds]|\brefuse|"
    r"\bn['’e]\b|\bpas\b|\bjamais\b|\binterdi|\bnicht\b|\bkein|\bverb[io]|\bnunca\b|\bprohíb|\bне\b|"
    r"\bнет\b|\bзапре|ません|ない(?:。|$)|않|없|금지"
)
_FORBIDS = re.compile(r"不[得准许可能应]|严禁|禁止")


def denies(text: str) -> bool:
    """Whether a text says no to something."""
    return _DENIES.search(view(text)) is not None


def forbids(text: str) -> bool:
    """Whether a Chinese text forbids something."""
    return _FORBIDS.search(view(text)) is not None
