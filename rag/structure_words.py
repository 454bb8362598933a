"""How people ask for the elements and the structure of a notice: tables, language by language.

Every pattern is matched on the folded view (Simplified script, half width, lower case).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from rag.notices import (
    ADDRESSEE,
    ANNEX,
    COPIES,
    DATE,
    DOC_NO,
    ISSUER,
    SECRECY,
    SIGNER,
    TITLE,
    URGENCY,
)
from rag.numbering import CN, to_int
from rag.text import fold

# What the format does not name but readers ask for; and how a text says it where it does.
CONTACT, VALIDITY, EFFECT = "联系方式", "有效期", "施行日期"
IN_TEXT = {
    CONTACT: r"联系(?:人|电话|方式|地址)|电话\s*[:：]|传真|邮箱|热线|@",
    VALIDITY: r"有效期|有效至|废止|失效|停止执行",
    EFFECT: r"施行|生效|(?:起|开始)(?:执行|实施|实行)|实施日期",
}
UNIT_KINDS = ("part", "point", "chapter", "section", "article", "paragraph", "annex")
COUNT_UNITS: dict[str, frozenset[str]] = {
    "chapter": frozenset("章 编 章节 chapter chapters capítulos chapitres kapitel глав".split()),
    "article": frozenset("条 article articles artículos artikel статей 条文".split()),
    "section": frozenset(["节"]),
}


@dataclass(frozen=True)
class Cue:
    """A way to ask for an element.

    Attributes:
        element: Its name.
        pattern: The words that name it.
        issues: Whether a word for issuing must stand in the question as well.
        needs_notice: Whether the question must name the notice.
    """

    element: str
    pattern: re.Pattern[str]
    issues: bool = False
    needs_notice: bool = False


@dataclass(frozen=True)
class Lexicon:
    """The words of one language.

    Attributes:
        notice: Names for the notice itself.
        issues: Words for issuing one.
        neutral: Words that ask, link or are polite.
        elements: Ways to ask for the elements, the more special first.
        reference: A numbered part; groups are named as ``UNIT_KINDS``, with ``num``, ``ordinal``,
            ``last``, ``back``, ``mark1``, ``mark2``.
        ordinals: Values of written-out numbers.
        of: What stands between an inner part and the outer one named after it.
        content: Words for what a part says.
        count: A question for how many parts there are; its groups give the unit.
        outline: A question for the parts themselves.
        outline_deep: Those that ask for all levels.
        summary: A question for what the whole is about.
        summary_alone: Those that need not name the notice.
        spaced: Whether words are divided by spaces.
    """

    notice: re.Pattern[str]
    issues: re.Pattern[str]
    neutral: re.Pattern[str]
    elements: tuple[Cue, ...]
    reference: re.Pattern[str]
    ordinals: Mapping[str, int]
    of: re.Pattern[str]
    content: re.Pattern[str]
    count: re.Pattern[str]
    outline: re.Pattern[str]
    outline_deep: re.Pattern[str]
    summary: re.Pattern[str]
    summary_alone: re.Pattern[str]
    spaced: bool = True

    def residue(self, rest: str) -> list[str]:
        """The pieces of ``rest`` that are neither neutral nor names for the notice."""
        bare = self.notice.sub(" ", rest)
        if self.spaced:
            return [w for w in _pieces(bare) if not self.neutral.fullmatch(w)]
        return _pieces(self.neutral.sub(" ", bare))

    def number(self, groups: Mapping[str, str | None]) -> int:
        """The number of a reference's match; negative from the end, 0 if there is none."""
        if groups.get("last"):
            return -1
        text = (groups.get("num") or groups.get("ordinal") or groups.get("back") or "").strip()
        value = self.ordinals.get(text) or to_int(text)
        if value is None:
            value = next((n for stem, n in self.ordinals.items() if re.fullmatch(stem, text)), 0)
        return -value if groups.get("back") else value


def _pieces(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text)


def _cues(table: Sequence[tuple[str, str, str]]) -> tuple[Cue, ...]:
    """Cues from rows (element, flags, pattern); flags ``v`` issues, ``n`` needs the notice."""
    return tuple(Cue(e, re.compile(p), "v" in flags, "n" in flags) for e, flags, p in table)


@cache
def lexicon(tag: str) -> Lexicon:
    """The words for a BCP 47 tag; those of English where a language has none."""
    makers: dict[str, Callable[[], Lexicon]] = {
        "zh-Hans": _chinese,
        "zh-Hant": _chinese,
        "ja": _japanese,
        "ko": _korean,
        "es": _spanish,
        "fr": _french,
        "de": _german,
        "ru": _russian,
    }
    return makers.get(tag, _english)()


# -- Chinese ---------------------------------------------------------------------------------

_UNIT = "部门|单位|机关|机构|部委|主体|厅局|衙门"
_WHO = rf"(?:谁|哪一?[个些几家]?(?:{_UNIT}|部|委|人|级)|什么(?:{_UNIT}|人)|何(?:{_UNIT}|人)|哪里|哪儿|哪)"
_WHOM = rf"(?:谁|哪[些几]?个?(?:{_UNIT}|地方|人|省市?)|什么(?:{_UNIT}|地方|人)|何人|哪里|哪儿|哪些?)"
_WHEN = (
    r"(?:什么时候|啥时候|什么时间|啥时间|什么日子|何时|几时|哪一?[年天日]|哪个?月(?:哪[天日])?|几月几[号日]"
    r"|几[号日月]|多会儿)"
)
_ISSUED = (
    r"发布|印发|下发|发出|颁发|颁布|公布|出台|成文|制发|制定|签署|发文|发行|写成|起草|拟定|落款|署名"
    r"|出来|发|出|写|署|下"
)
_NOUN = "通知|文件|公文|公函|复函|函件|批复|通报|公告|通告|条例|函"
_VAGUE = f"{_NOUN}|意见|决定|方案|办法|规定|规则|报告|请示|纪要|政策|材料|文档|文章|东西|玩意儿?|文"


def _chinese() -> Lexicon:
    elements = _cues(
        [
            (DOC_NO, "", "发文字号|发文号|发文编号|文件字号|(?:文件|公文|通知)的?编号|(?:文件|公文)号码?"),
            (DOC_NO, "", "文号|几号文件?|多少号文件?|哪号文件?"),
            (DOC_NO, "n", "第几号|编号|字号|号码"),
            (ADDRESSEE, "", "主送(?:机关|单位|部门|对象)?|收文(?:机关|单位|部门|对象|者|方)|抬头"),
            (ADDRESSEE, "", "受文(?:机关|单位|者|对象)|(?:发文|发送|印发|下发)(?:对象|范围)"),
            (ADDRESSEE, "n", f"收件(?:单位|人|方)|接收(?:单位|对象|方)|{_WHOM}(?:会|应该?)?收到"),
            (ADDRESSEE, "", rf"(?:给|至|到|往|向|予)了?(?:的是)?{_WHOM}(?:看|的|发)*"),
            (ADDRESSEE, "n", rf"(?:面向|针对|对象是)(?:的是)?{_WHOM}"),
            (
                DATE,
                "",
                "(?:成文|发文|发布|印发|落款|签发|出台|颁布|下发|公布|文件|公文|通知|署名)的?"
                "(?:日期|时间|年月日|年份|日子)",
            ),
            (DATE, "v", _WHEN),
            (DATE, "n", rf"{_WHEN}的|日期|年份|年月日"),
            (SIGNER, "", rf"签发人|签批人|签署人|{_WHO}(?:来)?(?:签发|签批|签字|签的字|签署|签的)"),
            (ISSUER, "", "(?:发文|发布|印发|制发|颁布|下发|来文|出台)的?(?:机关|单位|部门|者|主体|机构|人)"),
            (ISSUER, "", f"落款(?:单位|机关)?(?:是{_WHO})?|署名(?:单位|机关)?|出自{_WHO}"),
            (ISSUER, "v", _WHO),
            (ISSUER, "n", f"{_WHO}的|来自{_WHO}"),
            (TITLE, "", "标题|题目|全称|题名"),
            (TITLE, "n", "名称|名字|全名|叫做?(?:什么|啥)|称为?什么|名为"),
            (SECRECY, "", "密级|保密(?:等级|级别|期限)?|涉密|机密|绝密"),
            (URGENCY, "", "紧急程度|加急|特急|急件|缓急"),
            (COPIES, "", f"抄送(?:机关|单位)?(?:给|到)?了?{_WHOM}?|抄报"),
            (ANNEX, "", "附件|附录|附表"),
            (
                CONTACT,
                "",
                "联系(?:电话|方式|人|邮箱|地址)|咨询(?:电话|方式)|电话(?:号码)?|热线|邮箱|传真|承办人|联络人"
                "|联系|联络",
            ),
            (VALIDITY, "", "有效期限?(?:到|至)?|失效|到期|过期|管(?:到|几年|多久)"),
            (VALIDITY, "n", "有效"),
            (EFFECT, "n", f"{_WHEN}(?:开始|起|正式)?(?:生效|施行|实施|执行|实行)"),
            (EFFECT, "n", "(?:生效|施行|实施|执行)(?:日期|时间)"),
        ]
    )
    neutral = (
        "请问|麻烦|帮忙|帮我|告诉我?|想知道|想问|想了解|想要|查一?下|看一?[下看]|说一下|说说|一下|你好|您好"
        "|谢谢|到底|究竟|具体|准确|完整|正式|官方|的话|分别|怎么样|怎么|怎样|如何|什么|多少|哪[些个几里年天]?"
        "|是不是|有没有|没有|是否|可不可以|可以|能不能|能否|能|会|应该|应|简单|简要|简短|一句话|我们|你们|咱们"
        "|单位|部门|机关|机构|地方|里面|当中|文中|原文|全文|本身|上面|啥|谁|何|这|那|该|本|此|份|个|篇|其|都|还"
        "|又|也|就|呢|吗|么|啊|呀|嘛|吧|哦|请|查|是|为|的|了|在|于|由|被|有|到|至|上|里|中|您|你|我|几|号|年|月|日|用"
    )
    numeral = rf"[{CN}]{{1,5}}|\d{{1,3}}"
    units = (
        r"(?:(?P<part>大?部分|大点|大条|大项|大块|方面|大标题|一级标题|大段|板块|块)"
        r"|(?P<point>小?点|小?项|小节|小标题|二级标题|小条|要点|标题|小部分)"
        r"|(?P<chapter>章|编)|(?P<section>节)|(?P<article>条)|(?P<paragraph>款))"
    )
    reference = (
        rf"(?:第\s*(?P<num>{numeral})|倒数第?(?P<back>{numeral})|(?P<last>最后一?|末尾?一?)"
        rf"|(?P<ordinal>首|头一|开头))\s*个?{units}"
        rf"|(?P<annex>附件)\s*(?P<annex_num>{numeral})"
        rf"|\(\s*(?P<mark2>[{CN}]{{1,3}}|\d{{1,2}})\s*\)"
        rf"|(?<![第{CN}])(?P<mark1>[{CN}]{{1,3}})(?:\s*、|(?=\())"
    )
    listed = "大?部分|章节?|节|大?方面|大?点|大?项|板块|大?条|大?标题|小标题|段落|层"
    return Lexicon(
        notice=re.compile(
            rf"(?:(?:这|该|本|此|那|上述|整)(?:一?[份个篇项则封条])?(?:{_VAGUE})|(?:{_NOUN})|^(?:{_VAGUE})"
            r"|全文|它|这(?:份|个|篇)(?!部分|点|条|项|章|制度)|(?:本|该|此)(?:件|份))"
        ),
        issues=re.compile(_ISSUED),
        neutral=re.compile(neutral),
        elements=elements,
        reference=re.compile(reference),
        ordinals={"首": 1, "头一": 1, "开头": 1},
        of=re.compile("(?!)"),
        content=re.compile(
            "主要|大标题|小标题|标题|题目|名称|讲述|讲|说|写|规定|要求|提到|提出|提|关于|内容|大意|意思|叫做?"
            "|介绍|包括|包含|涉及|概括|总结|归纳|大概|大致|念|读|列出|列|展开|解释|描述|叙述|谈|论述|阐述|指"
            "|强调|部署|安排|任务|措施|举措|工作|要点|方面|分为|分成|分|共有|总共|一共|共|总|整个|下面|底下"
            "|其中|各|大|小|级|下|个|组成|构成|做"
        ),
        count=re.compile(
            r"(?<![第]|哪)(?:几|多少)(?:个|大|小|条)*"
            "(部分|章节|章|编|节|条|点|项|方面|大点|小点|标题|板块|款|层|要点|块)"
        ),
        outline=re.compile(
            rf"结构|目录|提纲|大纲|框架|章节|脉络|层次|各个?(?:{listed})的?(?:标题|题目|名称|内容)?"
            rf"|哪[几些]个?(?:{listed})|(?:所有|全部|一级|二级|各级|大|小)的?标题|(?:怎么|如何)(?:划分|分)"
        ),
        outline_deep=re.compile("结构|目录|提纲|大纲|框架|章节|脉络|层次|所有|全部|各级"),
        summary=re.compile(
            "主旨|主题|大意|中心思想|主要内容|内容提要|概要|摘要|概括|总结|归纳|简介|介绍|说明|内容"
            "|(?:主要)?(?:讲述?|说|写|谈|关于)(?:的|了)?(?:是|的是)?(?:什么|啥|哪些)(?:内容|事情?|问题|方面)?(?:的)?"
        ),
        summary_alone=re.compile("主旨|中心思想|内容提要"),
        spaced=False,
    )


_FULL_NAMES = {
    "发文字号": DOC_NO,
    "主送机关": ADDRESSEE,
    "成文日期": DATE,
    "发文日期": DATE,
    "发布日期": DATE,
    "印发日期": DATE,
    "落款日期": DATE,
    "发文机关": ISSUER,
    "发文单位": ISSUER,
    "发布机关": ISSUER,
    "印发机关": ISSUER,
}


def mistyped(pieces: Sequence[str], rest: str) -> tuple[str, str]:
    """An element's name typed with a wrong character of the same sound.

    Args:
        pieces: What is left of a question.
        rest: The question they are left of.

    Returns:
        ``rest`` without the name and the element; ``rest`` and ``""`` if there is none.
    """
    if len(pieces) != 1 or not any(len(pieces[0]) == len(name) for name in _FULL_NAMES):
        return rest, ""
    piece = pieces[0]
    near = [n for n in _FULL_NAMES if sum(a != b for a, b in zip(n, piece, strict=False)) == 1]
    near = [n for n in near if len(n) == len(piece)]
    if near:
        from pypinyin import lazy_pinyin

        for name in near:
            if lazy_pinyin(name) == lazy_pinyin(piece):
                return rest.replace(piece, " "), _FULL_NAMES[name]
    return rest, ""


# -- languages with spaces between words -------------------------------------------------------


def _spaced(
    *,
    notice: str,
    issues: str,
    neutral: str,
    elements: Sequence[tuple[str, str, str]],
    units: Mapping[str, str],
    ordinals: Mapping[str, int],
    numbers: Mapping[str, int],
    last: str,
    of: str,
    content: str,
    count: str,
    outline: str,
    outline_deep: str,
    summary: str,
) -> Lexicon:
    named = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in units.items())
    again = "|".join(f"(?:{pattern})" for pattern in units.values())
    number = rf"\d{{1,3}}|[ivx]{{1,5}}(?!\w)|{'|'.join(numbers)}"
    order = "|".join(sorted(ordinals, key=len, reverse=True))
    # A reference in either order; Python's re wants each group's name once, hence the lookahead.
    reference = (
        rf"(?:\b(?P<ordinal>{order}|\d{{1,2}}(?:st|nd|rd|th|er|e|[.ªºа-я]{{1,3}})?)[\s-]+"
        rf"(?=(?:{again})\b)|\b(?P<last>{last})\s+(?=(?:{again})\b)|(?=\b(?:{again})\s+"
        rf"(?:n(?:o|r|º)?\.?\s*|number\s+)?(?:{number})\b))(?:{named})\b"
        rf"(?:(?<=\w)\s+(?:n(?:o|r|º)?\.?\s*|number\s+)?(?P<num>{number})\b)?"
        rf"|(?<=\d)\s*\((?P<mark2>\d{{1,2}}|[{CN}]{{1,3}})\)|(?<=\d)\.(?P<point2>\d{{1,2}})"
    )
    return Lexicon(
        notice=re.compile(rf"\b(?:{notice})\b"),
        issues=re.compile(rf"\b(?:{issues})\b"),
        neutral=re.compile(rf"(?:{neutral})"),
        elements=_cues(elements),
        reference=re.compile(reference),
        ordinals={**_ROMAN, **numbers, **ordinals},
        of=re.compile(rf"(?:{of})"),
        content=re.compile(rf"\b(?:{content})\b"),
        count=re.compile(count),
        outline=re.compile(outline),
        outline_deep=re.compile(outline_deep),
        summary=re.compile(summary),
        summary_alone=re.compile("(?!)"),
    )


_ROMAN = {r: i for i, r in enumerate("i ii iii iv v vi vii viii ix x xi xii".split(), 1)}


def _numbered(names: str) -> dict[str, int]:
    """Words in order, from 1; alternatives stand together with a slash."""
    return {word: i for i, group in enumerate(names.split(), 1) for word in group.split("/")}
