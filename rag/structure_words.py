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
    LEAD,
    SECRECY,
    SIGNER,
    TITLE,
    URGENCY,
)
from rag.numbering import CN, to_int
from rag.reach import PROVINCES
from rag.text import HAN, fold, language

# What the format does not name but readers ask for; and how a text says it where it does.
CONTACT, VALIDITY, EFFECT = "联系方式", "有效期", "施行日期"
ENDING = "结尾"  # the last paragraph of the body
SIGNATURE = "落款"
PARTS_OF = {SIGNATURE: (ISSUER, DATE)}  # elements that people name together
IN_TEXT = {
    CONTACT: r"联系(?:人|电话|方式|地址)|电话\s*[:：]|传真|邮箱|热线|@",
    VALIDITY: r"有效期|有效至|废止|失效|停止执行",
    EFFECT: r"施行|生效|(?:起|开始)(?:执行|实施|实行)|实施日期",
}
# What a text orders: parts of it are parts of the notice only where the notice is named.
SUBSTANCE = re.compile("任务|措施|举措|工作|要求|规定|安排|署名(?:文章|评论)")
UNIT_KINDS = ("part", "point", "chapter", "section", "article", "paragraph", "annex")
COUNT_UNITS: dict[str, frozenset[str]] = {
    "chapter": frozenset("章 编 chapter chapters capítulos chapitres kapitel глав".split()),
    "article": frozenset("条 article articles artículos artikel статей 条文".split()),
    "section": frozenset(["节"]),
}
SAMPLE = re.compile(
    rf"(?:就是|带有?|用|像|标了?)?[“\"]?(?:\(?[{CN}\d]\)?[、.]?){{2,4}}[”\"]?"
    r"(?:[这那][种样]的?(?:括号)?(?:编号|序号)?|(?:来?编号|开头))的?"
)
"""Marks that stand for their kind: ``（一）（二）这种小标题``."""
BELONGS = re.compile("(?:属于?|归|是)(?:于|在)?哪一?个?(?:大?部分|章节?|节|板块|大?标题)(?:的|里)?")
"""What asks for the part that a part stands in."""
PART_OF = re.compile("[那这]一?个?(?:部分|块|章|节)|里面?的?(?: |$)|(?:下面|底下|当中)的?(?: |$)")
"""What says behind a phrase that it names a part."""
LEVELS = re.compile(
    r"[两各]级|大小标题|连大带小|[大一]级?标题.{0,3}[小二]级?标题"
    r"|big and small|(?:both|all|two) levels"
)
"""What asks for the parts and their parts together."""
BELOW = re.compile(
    r"小点|小项|[分子细]项|小标题|小题目|下级|二级|带括号|second[- ](?:level|tier)"
    r"|\bsub-?(?:points?|sections?|headings?|parts?|items?)"
)
"""What asks for the parts of parts."""


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
        reference: A numbered part; groups are named as ``UNIT_KINDS``, with ``num`` and
            ``ordinal`` (one number or several), ``place`` (排第二的, ``placed`` without a unit),
            ``back`` (from the end), ``head`` and ``tail`` (so many from either end), ``mark1``,
            ``mark2``, ``point2`` (a bare mark).
        ordinals: Values of written-out numbers; negative from the end.
        joins: What stands between numbers, or parts, named together.
        after: What asks for the part that follows the one named; ``before``: that precedes it.
        titled: What follows a heading that is named as a part.
        which_part: What a question for a part holds that does not number it.
        of: What stands between an inner part and the outer one named after it.
        content: Words for what a part says.
        count: A question for how many parts there are; its groups give the unit.
        outline: A question for the parts themselves.
        outline_deep: Those that ask for all levels.
        summary: A question for what the whole is about.
        summary_alone: Those that need not name the notice.
        received: Questions whether the notice went to somebody.
        spaced: Whether words are divided by spaces.
    """

    notice: re.Pattern[str]
    issues: re.Pattern[str]
    neutral: re.Pattern[str]
    elements: tuple[Cue, ...]
    reference: re.Pattern[str]
    ordinals: Mapping[str, int]
    joins: re.Pattern[str]
    after: re.Pattern[str]
    before: re.Pattern[str]
    titled: re.Pattern[str]
    which_part: re.Pattern[str]
    of: re.Pattern[str]
    content: re.Pattern[str]
    count: re.Pattern[str]
    outline: re.Pattern[str]
    outline_deep: re.Pattern[str]
    summary: re.Pattern[str]
    summary_alone: re.Pattern[str]
    received: tuple[re.Pattern[str], ...] = ()
    spaced: bool = True

    def residue(self, rest: str) -> list[str]:
        """The pieces of ``rest`` that are neither neutral nor names for the notice."""
        bare = self.notice.sub(" ", rest)
        if self.spaced:
            return [w for w in _pieces(bare) if not self.neutral.fullmatch(w)]
        return _pieces(self.neutral.sub(" ", bare))

    def numbers(self, groups: Mapping[str, str | None]) -> tuple[int, ...]:
        """The numbers of a reference's match; negative from the end, empty if there is none."""
        if text := groups.get("head") or groups.get("head2"):
            return tuple(range(1, self._value(text) + 1))
        if text := groups.get("tail") or groups.get("tail2"):
            return tuple(range(-self._value(text), 0))
        if text := groups.get("back"):
            return (-self._value(text),)
        text = groups.get("num") or groups.get("ordinal") or groups.get("place") or ""
        if ends := _RANGE.fullmatch(text):
            return tuple(range(self._value(ends[1]), self._value(ends[2]) + 1))[:MOST]
        values = (self._value(piece) for piece in self.joins.split(text))
        return tuple(value for value in values if value)

    def number(self, groups: Mapping[str, str | None]) -> int:
        """The first of the numbers of a reference's match, 0 if there is none."""
        return next(iter(self.numbers(groups)), 0)

    def _value(self, text: str) -> int:
        text = text.strip(" ()第")
        value = self.ordinals.get(text) or to_int(text)
        if value is None and (digits := re.match(rf"\d+|[{CN}]+", text)):
            value = to_int(digits[0])
        if value is None:
            value = next((n for stem, n in self.ordinals.items() if re.fullmatch(stem, text)), 0)
        return value


UNTIL = re.compile(r"到|至|-|~|–|—|to|through")
"""What stands between the first and the last of several parts."""

MOST = 20
"""Parts named at once."""

_RANGE = re.compile(rf"第?([{CN}]+|\d+)(?:{UNTIL.pattern})第?([{CN}]+|\d+)")


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


def lexicons(question: str) -> list[Lexicon]:
    """The words to read a question with: its language's, then those it may be in as well.

    A few words do not tell the languages of Latin script apart, and a question about a Chinese
    notice may quote it.
    """
    tags = [language(question)]
    if (bare := re.sub(f"[{HAN}]+", " ", question)) != question and re.search(r"[^\W\d_]{3}", bare):
        tags.append(language(bare))
    if tags[-1] in _LATIN:
        tags += _LATIN
    return [lexicon(tag) for tag in dict.fromkeys(tags)]


_LATIN = ("en", "es", "fr", "de")


# -- Chinese ---------------------------------------------------------------------------------

_UNIT = "部门|单位|机关|机构|部委|主体|厅局|衙门"
_WHO = (
    rf"(?:谁家|谁|哪几家|哪一?级(?:政府|部门|单位|机关)|哪一?[个些几家]?(?:{_UNIT}|部|委|人|级)|什么(?:{_UNIT}|人)|何(?:{_UNIT}|人)"
    rf"|哪家|哪里|哪儿|哪)"
)
_WHOM = (
    rf"(?:谁|哪[些几]?个?(?:{_UNIT}|地方|人|省市?|[区市]县|县[区市]|系统)|什么(?:{_UNIT}|地方|人)|何人|哪里"
    rf"|哪儿|哪些?(?![年月日天一]))"
)
_WHEN = (
    r"(?:什么时候|啥时候|什么时间|啥时间|什么日子|何时|几时|哪一?[年天日]|哪个?月(?:哪[天日])?"
    r"|几月几[号日]"
    r"|几几年|啥日子|哪年哪月(?:哪[天日])?|几[号日月]|多会儿)"
)
_ISSUED = (
    r"发布|印发|发送|签发|下达|刊发|[下发出]的?文(?![号件字])|盖的?章|行文|下发|发出来|发出|颁发"
    r"|颁布|印的"
    r"|公布"
    r"|出台|成文|制发|制定|签署|发文|发行|写成|起草|拟定|落款|署名"
    r"|发出来|出来|发|出|写|署|发送|(?<![一看问查念列理捋])下"
)
_NOUN = "红头文件|通知|文件|公文|公函|复函|函件|批复|通报|公告|通告|条例|函"
_VAGUE = f"{_NOUN}|意见|决定|方案|办法|规定|规则|报告|请示|纪要|材料|文档|文章|东西|玩意儿?|文"


def _chinese() -> Lexicon:
    elements = _cues(
        [
            (
                DOC_NO,
                "",
                "发文字号|发文号|发文编号|文件字号|(?:文件|公文|通知)的?编号|(?:文件|公文)号码?",
            ),
            (
                DOC_NO,
                "",
                "文号|第?(?:几|多少|哪一?)号(?:文件?|通知|公文)"
                "|(?<=[\\u4e00-\\u9fff][发函字办令])第?(?:几|多少)号",
            ),
            (DOC_NO, "n", "第几号|多少号|编号|字号|号码"),
            (
                DOC_NO,
                "",
                "(?:我?(?:在?[写做])?(?:论文|材料|报告|文章)?[里中时]?[想需]?要?)?(?:引用|引文"
                "|参考文献|注明出处)"
                ".{0,12}(?:文号|编号|字号|号码)",
            ),
            (COPIES, "", f"抄送(?:机关|单位)?(?:给|到)?了?{_WHOM}?|抄报"),
            (
                ANNEX,
                "",
                "附件|附录|附表|(?:后面|文后)?附(?:带|上)?(?:了|的|有|着"
                "|什么|啥|哪些|东西|材料|文件|资料)+",
            ),
            (
                ADDRESSEE,
                "",
                f"(?:主送(?:机关|单位|部门|对象)?|收文(?:机关|单位|部门|对象|者|方)|抬头"
                f"|称呼栏?)(?:上?[写列]?的?是?{_WHOM})?",
            ),
            (
                ADDRESSEE,
                "",
                "受文(?:机关|单位|者|对象)|(?:发文|[发分]送|印发|[下分]发|送达)(?:对象|范围)",
            ),
            (ADDRESSEE, "n", f"收件(?:单位|人|方)|接收(?:单位|对象|方)|{_WHOM}(?:会|应该?)?收到"),
            (ADDRESSEE, "", rf"(?:给|至|到|往|面?向|予)了?(?:的是)?{_WHOM}(?:看|的|发)*"),
            (ADDRESSEE, "n", rf"(?:面向|针对|对象是)(?:的是)?{_WHOM}"),
            (
                DATE,
                "",
                "(?:成文|发文|发布|印发|落款|签[发署]|出台|颁布|下发|公布|文件|公文|通知|署名)的?"
                "(?:日期|时间|年月日|年份|日子)",
            ),
            (DATE, "v", _WHEN),
            (DATE, "n", f"{_WHEN}的|日期|年份|年月日|[和与及、]时间"),
            (SIGNER, "", rf"签发人|签批人|签署人|{_WHO}(?:来)?(?:签发|签批|签字|签的字|签署|签的)"),
            (
                ISSUER,
                "",
                "(?:发文|发布|印发|制发|颁布|下发|来文|出台)的?(?:机关|单位|部门|者|主体|机构|人)",
            ),
            (
                ISSUER,
                "",
                f"落款(?:单位|机关|(?:那里|处|上)?[写署盖]?的?(?:名字)?是?{_WHO})|盖(?:的"
                f"|了)?{_WHO}的?章|盖章的?[有是]?{_WHO}|出自{_WHO}",
            ),
            (SIGNATURE, "", "落款|署名(?:和|、|与|及)(?:日期|时间)"),
            (
                ISSUER,
                "",
                "(?:署名|签名)(?:单位|机关|者)?",
            ),
            (ISSUER, "v", _WHO),
            (ISSUER, "n", f"{_WHO}的|来自{_WHO}"),
            (TITLE, "", "(?:标题|题目|全称|题名)(?:是?叫做?)?|(?:文件|通知|公文)名称?(?![单字])"),
            (
                LEAD,
                "",
                "(?:导语|引言|前言|开场白?|引子|序言)(?:部分)?|(?:开头|开篇|最前面"
                "|最开头)的?[那这]?(?:个|一)?小?段(?:话|文字)?"
                "|首段|第[一1]自?然?段"
                "|(?:^|通知|文件|公文|函)的?(?:一?开头|开篇|最?前面)(?:部分)?(?:是?怎么)?(?=[讲说写])",
            ),
            (
                ENDING,
                "",
                "(?:最后|末尾|结尾|结束)的?[那这]?(?:个|一)?(?:自然)?段(?:话|文字)?|末段|结束语"
                "|结语"
                "|(?:^|通知|文件|公文|函)的?(?:最后|末尾|结尾|文末)(?:部分)?(?:是?怎么)?(?=[讲说写]|要求)",
            ),
            (TITLE, "n", "名称|名字|全名|叫做?(?:什么|啥)(?:名[字儿称]?)?|称为?什么|名为"),
            (SECRECY, "", "密级|保密(?:等级|级别|期限)?|涉密|机密|绝密"),
            (URGENCY, "", "紧急程度|加急件?|特急件?|急件|缓急"),
            (
                CONTACT,
                "",
                "联系(?:电话|方式|人|邮箱|地址)|咨询(?:电话|方式)|电话(?:号码)?|热线|邮箱|传真"
                "|承办人|联络人"
                "|联系|联络",
            ),
            (VALIDITY, "", "有效期限?(?:到|至)?|失效|到期|过期|管(?:到|几年|多久)"),
            (VALIDITY, "n", "有效"),
            (EFFECT, "n", f"{_WHEN}(?:开始|起|正式)?(?:生效|施行|实施|执行|实行)"),
            (EFFECT, "n", "(?:生效|施行|实施|执行)(?:日期|时间)"),
        ]
    )
    neutral = (
        f"{_WHEN}|(?:抄|念|贴|复制|背)(?:给我|一[下遍次份])*|一[遍次份]|重点|主要|标[注明]|有无|儿"
        f"|后面|后边|文后"
        f"|(?:19|20)\\d\\d年?|开头|还是|别的"
        f"|其他|结尾|文末|末尾|带有?|[不没](?=\\W*$)|以及|对了|顺便(?:问一?下?)?|另外"
        f"|话说|来着|联合|原样|写出|报出|主管|两个?(?=部门)|[省市县区]?政府|[省市县区][局厅]|精确到|上级|逐[个条]|[讲说看]完"
        "|急用|急需|给我|发给?我|发来|让我"
        f"|(?:问|念|查|列|理|捋|报|讲)一下|引用|包括|包含|大概|大约|把"
        "|老师好?|不好意思|打扰一?下?|主体部分|正文部分|正文|主体|红头|最后面?|请教|稿子里?|稿件里?|给下|问一?下|跪求|求"
        "|请问|麻烦|帮忙|帮我|告诉我?|想知道|想问|想了解|想要|查一?下|看一?[下看]|说一下|说说"
        "|一下|你好|您好"
        "|谢谢|到底|究竟|具体|准确|完整|正式|官方|的话|分别|怎么样|怎么|怎样|如何|什么|多少"
        "|哪[些个几里年天家]?"
        "|是不是|有没有|没有|是否|可不可以|可以|能不能|能否|能|会|应该|应|简单|简要|简短|一句话"
        "|我们|你们|咱们"
        "|单位|部门|机关|机构|地方|里头|里面|当中|文中|原文|全文|本身|上面|啥|谁|何|这|那|该|本"
        "|此|份|个|篇|其|都|还"
        "|又|也|就|呢|吗|么|啊|呀|嘛|吧|哦|请|查|是|为|的|了|在|于|由|被|有|到|至|上|里|中|您|你"
        "|我|几|号|和|与|及|要|年|月|日|用"
    )
    numeral = rf"(?:[{CN}]{{1,5}}|\d{{1,3}})"
    units = (
        r"(?:(?P<part>[大小]?部[分份]|大点|大条|大项|大块|大?方面|大?标题|一级标题|大段|大?板块|大类|块)"
        r"|(?P<point>小?点|件事?|[分子小细]项|小?项|小节|小标题|二级标题|小条|要点|小部分|小段|小?方面)"
        r"|(?P<chapter>章|编)|(?P<section>节)|(?P<article>条)|(?P<paragraph>款))"
    )
    and_ = "(?:、|,|和|与|及|跟|以及|到|至|-|~)"
    beside = "(?:大?部分|大?块|条|点|章|节|项|款)?"
    end = "(?:排?在?最后|最末尾?|末尾?|结尾|收尾|压轴)面?的?"
    start = (
        "(?:一?开头|开篇|打头|起头|最?开始|一上来|最前面?|最先|首|头(?=的?第?一)"
        "|(?<![下里上前后外])头)的?"
    )
    reference = (
        rf"(?:第\s*\(?(?P<num>{numeral}(?:\)?{and_}第?\(?{numeral})*)\)?|倒数第?(?P<back>{numeral})"
        rf"|{end}(?P<tail>(?!一){numeral})|(?:最?前面?|开头|头)的?(?P<head>(?!一){numeral})"
        rf"|(?P<ordinal>{end}(?:[那这]|是哪)?一?|{start}(?:第?一|[那这]一?|(?![点条项款节]))|末)"
        rf"|排(?:在|行)?第?(?P<place>{numeral})位?的?(?:是|那)?哪?一?)\s*个?{units}"
        rf"|排(?:在|行)?第(?P<placed>{numeral})位?(?=的[是那])"
        rf"|(?P<annex>附件)\s*(?P<annex_num>{numeral})"
        rf"|\(\s*(?P<mark2>[{CN}]{{1,3}}|\d{{1,2}})\s*\)"
        rf"|(?<=\d)\.(?P<point2>\d{{1,2}})(?![\d%])|(?<=[{CN})、])(?P<point3>\d{{1,2}})(?![\d%])"
        rf"|(?<![第下上前后每另同那这{CN}\d.])(?P<mark1>[{CN}]{{1,3}})(?:\s*、|(?=\(|\d"
        rf"|[”\"」』]?的?(?:第|里|下面|底下|中|之(?=\())))"
        r"|(?<![第\d.])(?P<digit1>\d{1,2})(?=\.\d|\s*\()"
    )
    listed = "大?部[分份]|大?块|[分子小细]项|小点|小节|小题目|要点"
    listed += "|章节?|节|大?方面|大?点|大?项|板块|大?条|大?标题|小标题|段落|层"
    return Lexicon(
        notice=re.compile(
            rf"(?:(?:这|该|本|此|那|上述|整)(?:一?[份个篇项则封条部])?(?:{_VAGUE})"
            rf"|[这那该][份篇则][{HAN}]{{1,8}}?(?:{_VAGUE})|(?:{_NOUN})"
            rf"|^(?!报告)(?:{_VAGUE})"
            r"|全文|它|这(?:份|个|篇)(?!部分|点|条|项|章|制度)|(?:本|该|此)(?:件|份))"
        ),
        issues=re.compile(_ISSUED),
        neutral=re.compile(neutral),
        elements=elements,
        reference=re.compile(reference),
        ordinals={f"{start}.*": 1, f"{end}.*|末": -1},
        joins=re.compile("和|、|,|与|以及|及|跟"),
        after=re.compile(
            rf"的?(?:后[面边头](?:那?一个?{beside})?|下[面边](?:[那这]一?个?(?=部分|[块章节])|一个?{beside})|之后|以后|[下后]一个?{beside}"
            rf"|[讲说]?完了?,?(?:接下来|然后|紧(?:接着|跟着?)|后面)|再?往[后下](?:一个?{beside})?|后)的?(?:紧?[接跟挨]着?)?"
        ),
        before=re.compile(
            rf"的?(?:前[面边头](?:那?一个?{beside})?|上[面边](?:[那这]一?个?(?=部分|[块章节])|那?一个?{beside}|紧?挨着)|之前|以前|[上前]一个?{beside}"
            rf"|再?往[前上](?:一个?{beside})?|前)的?(?:紧?挨着?)?"
        ),
        titled=re.compile("[这那]?一?个?(?:部分|章|节|块|板块|点|条|方面|项)"),
        which_part=re.compile(
            "(?:[哪那上下前后]一?|什么|[前后上下][面边头]的?一)个?(?:大|小)?"
            "(?:部分|标题|方面|板块|[章节条点项块段])"
        ),
        of=re.compile("(?!)"),
        content=re.compile(
            "一下|分别|主要|问题|事情|东西|[那这哪]?些|捋|梳理|整理|理|发给?我(?:看?[看下]?)?|从"
            "|出来|列出来?|名字|接着|部分|大体|核心|主体部分|正文部分|大标题|小标题|标题|题目"
            "|名称|讲述|讲|说|写|规定|要求|提到|提出|提|关于|内容|大意|意思|叫做?"
            "|介绍|包括|包含|涉及|概括|总结|归纳|大概|大致|念|读|列出|列|展开|解释|描述|叙述|谈"
            "|论述|阐述|指"
            "|强调|部署|安排|任务|措施|举措|工作|要点|方面|分为|分成|分|共有|总共|一共|共|总|整个"
            "|下面|底下|下头|不用?展开|光|只|就行|就够了?|主题|条目|[一二次]级|拆成?|拆分|设|占|[章节]名|名"
            "|其中|各|大|小|级|下|个|组成|构成|做"
        ),
        count=re.compile(
            r"(?<![第]|哪)(?:几|多少)(?:个|大|小|条)*"
            "(部[分份]|章节|章|编|节|条|点|项|[分子细]项|段|方面|大点|小点|标题|板块|款|层|要点|块)"
            "|((?:[一二]级|[大小])?标题|条目|大项|小项|大点|小点|要点|部分)(?:全文|通篇|全部|一共|总共|总计|统共|共|[全都]"
            "|加起来|数一?下?来?|[有是])*(?:几|多少)[个条项]?"
        ),
        outline=re.compile(
            rf"(?:{listed})(?:(?:都|分别|各)?[有是]哪[些几]个?|(?:都|分别|各)叫(?:什么|啥))|结构|目录|提纲|大纲|框架|章节|脉络|层次"
            rf"|(?:包括|包含|涵盖|含有?)哪[些几](?:条目|内容|方面|块|点|项|条)?|各个?(?:{listed})的?(?:标题|题目|名称|名字"
            rf"|内容)?"
            rf"|哪[二两三四五六七八九十\d]个?(?:{listed})"
            rf"|[二两三四五六七八九十\d][大个]?(?:大?部[分份]|大?方面|大?点|板块"
            rf"|小标题)?的?(?:(?:分别|各自?|都)(?:是|叫|讲|说)+|小?标题"
            rf"|题目|名称|内容)"
            rf"|(?:有没有|是否有|还?有|没有|再?分(?:没分|不分)?)(?:下级)?(?:小点|小标题|小项|分项"
            rf"|子项|小节|分点)"
            rf"|哪[几些]个?(?:{listed})|(?:所有|全部|一级|二级|各级|大|小)的?标题|(?:怎么"
            rf"|如何)(?:划分"
            rf"|分)"
        ),
        outline_deep=re.compile("结构|目录|提纲|大纲|框架|章节|脉络|层次|所有|全部|各级"),
        summary=re.compile(
            "主旨|主题|大意|中心思想|主要内容|内容提要|概要|摘要|概括|总结|归纳|简介|介绍|说明|内容"
            "|(?:主要)?(?:讲述?|说|写|谈|关于)(?:的|了)?(?:是|的是)?(?:什么|啥|哪些)(?:内容|事情?"
            "|问题|方面)?(?:的)?"
        ),
        summary_alone=re.compile("主旨|中心思想|内容提要"),
        received=_chinese_received(),
        spaced=False,
    )


def _chinese_received() -> tuple[re.Pattern[str], ...]:
    # Verbs of giving and getting, in a question that yes or no answers.
    notice = f"(?:[这该本此那](?:一?[份个篇则])?)?(?:{_NOUN})"
    whom = r"(?P<x>[^，,。？?谁哪啥何]{2,16}?)"
    whether = "(?:是不是|有没有|是否|会不会|也|都|能|会|应该|需要|要|可以|得)"
    ends = "(?:吗|么|没有?|嘛|不)?(?:啊|呀|呢)?"
    give = "(?:下发|印发|发送|发放|发|送|寄|传|抄送?|通知|主送)"
    return tuple(
        re.compile(pattern)
        for pattern in (
            rf"{whom}{whether}*(?:收到|接到|拿到|收得到|接收)了?{notice}了?(?:吗|么|没有?|嘛)",
            rf"{whom}(?:是不是|有没有|是否|会不会)(?:也|都|能|会)*(?:收到|接到|拿到)了?{notice}",
            # Without an object it is the notice that a body got, or did not get.
            rf"(?!.*[补款费钱薪资货信]|.*(?:申请|投诉|材料|情况|表|证|意见|报告))"
            rf"(?P<x>[^，,。？?谁哪啥何]{{0,14}}?(?:[省市州区县镇厅局部委办处院校司]|{PROVINCES}|部门|单位|机关"
            rf"|兵团|学校|企业|公司|总工会|协会))(?:那边|这边|方面)?(?:是不是|有没有|也|都)*(?:收到|接到)"
            rf"(?:没收到)?了?(?:吗|么|没有?|嘛)",
            rf"{notice}{whether}*{give}(?:没{give})?(?:给|到|至|往)了?{whom}了?(?:吗|么|没有?|嘛)",
            rf"{notice}(?:是不是|有没有|是否|会不会|发没|发不)(?:也|都)?{give}(?:给|到|至)了?{whom}",
            rf"{whom}(?:是不是|在不在|在|是|属于|算)(?:这份|该)?(?:{_NOUN})?的?"
            rf"(?:主送|收文|发文|发送|印发|下发)(?:机关|单位|对象|范围|名单|之列)(?:之?内|里"
            rf"|中)?{ends}",
        )
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


def mistyped(rest: str) -> tuple[str, str]:
    """An element's name typed with one wrong character of the same sound.

    Args:
        rest: A folded question.

    Returns:
        ``rest`` without the name, and the element; ``rest`` and ``""`` if there is none.
    """
    for name, element in _FULL_NAMES.items():
        for match in _one_off(name).finditer(rest):
            if _sound_alike(name, match.group(1)):
                i = match.start()
                return rest[:i] + " " * len(name) + rest[i + len(name) :], element
    return rest, ""


@cache
def _one_off(name: str) -> re.Pattern[str]:
    """A name with one wrong character, at every place where it stands."""
    wrong = (f"{name[:i]}[^{ch}]{name[i + 1 :]}" for i, ch in enumerate(name))
    return re.compile(f"(?=({'|'.join(wrong)}))")


def _sound_alike(one: str, other: str) -> bool:
    from pypinyin import lazy_pinyin

    sounds: tuple[list[str], list[str]] = lazy_pinyin(one), lazy_pinyin(other)
    return sounds[0] == sounds[1]


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
    joins: str,
    article: str,
    after: str,
    before: str,
    of: str,
    content: str,
    count: str,
    outline: str,
    outline_deep: str,
    summary: str,
    received: Sequence[str] = (),
) -> Lexicon:
    named = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in units.items())
    again = "|".join(f"(?:{pattern})" for pattern in units.values())
    and_ = rf"(?:\s*,\s*|\s+(?:{joins})\s+(?:{article})?)"
    one = rf"(?:\d{{1,3}}|[ivx]{{1,5}}(?!\w)|{'|'.join(numbers)})"
    number = rf"{one}(?:{and_}{one}\b)*"
    words = "|".join(sorted(ordinals, key=len, reverse=True))
    nth = rf"(?:{words}|\d{{1,2}}(?:st|nd|rd|th|er|e|[.ªºа-я]{{1,3}})?)"
    heads, tails = ("|".join(w for w, n in ordinals.items() if n == value) for value in (1, -1))
    marked = r"(?:n(?:o|r|º)?\.?\s*|number\s+)?"
    # A reference in either order; Python's re wants each group's name once, hence the lookahead.
    reference = (
        rf"(?:(?:\b(?:{heads})\s+(?P<head>{one})|\b(?P<head2>{one})\s+(?:{heads})"
        rf"|\b(?:{tails})\s+(?P<tail>{one})|\b(?P<tail2>{one})\s+(?:{tails})"
        rf"|\b(?P<ordinal>{nth}(?:{and_}{nth}(?!\w))*))[\s-]+(?=(?:{again})\b)"
        rf"|(?=\b(?:{again})\s+{marked}\(?(?:{number})\b))(?:{named})\b"
        rf"(?:(?<=\w)\s+{marked}\(?(?P<num>{number})\b\)?)?"
        rf"|(?<=[\divx])\s*\((?P<mark2>\d{{1,2}}|[{CN}]{{1,3}})\)|(?<=\d)\.(?P<point2>\d{{1,2}})"
    )
    return Lexicon(
        notice=re.compile(rf"\b(?:{notice})\b"),
        issues=re.compile(rf"\b(?:{issues})\b"),
        neutral=re.compile(rf"(?:{neutral})"),
        elements=_cues(elements),
        reference=re.compile(reference),
        ordinals={**_ROMAN, **numbers, **ordinals},
        joins=re.compile(rf"\s*(?:,|\b(?:{joins})\b)\s*(?:{article})?"),
        after=re.compile(rf"\b(?:{after})\b"),
        before=re.compile(rf"\b(?:{before})\b"),
        titled=re.compile(rf"\W*\b(?:{again})\b"),
        which_part=re.compile(rf"\b(?:{again}|what comes|what follows)\b"),
        of=re.compile(rf"(?:{of})"),
        content=re.compile(rf"\b(?:{content})\b"),
        count=re.compile(count),
        outline=re.compile(rf"(?:\b{one}\s+)?(?:{outline})"),
        outline_deep=re.compile(outline_deep),
        summary=re.compile(summary),
        summary_alone=re.compile("(?!)"),
        received=tuple(re.compile(pattern) for pattern in received),
    )


_ROMAN = {r: i for i, r in enumerate("i ii iii iv v vi vii viii ix x xi xii".split(), 1)}


def _numbered(names: str) -> dict[str, int]:
    """Words in order, from 1; alternatives stand together with a slash."""
    return {word: i for i, group in enumerate(names.split(), 1) for word in group.split("/")}


def _ordinals(names: str, *, last: str, last_but_one: str) -> dict[str, int]:
    """Written-out ordinal numbers, as regular expressions."""
    return {**_numbered(names), last: -1, last_but_one: -2}


_EN_NOTICE = "(?:it|(?:this|the) (?:notice|circular|document|letter|memo))"


def _english() -> Lexicon:
    agency = "ministry|ministries|department|agency|agencies|body|bodies|authority|authorities"
    agency += "|organi[sz]ations?|departments|office|offices|institutions?|organ|units?|government"
    issues = (
        "issu(?:e|es|ed|ing)|publish(?:es|ed)?|releas(?:e|es|ed)|promulgat(?:e|ed)|wr(?:ote|itten)"
        "|sen[dt]|came? out|dated|announced?|put out|made public|circulated?|drafted|adopted|signed"
        "|distributed|produced|posted|come out|coming out|put"
    )
    who = rf"who|by whom|(?:which|what) (?:government )?(?:{agency})"
    when = r"when|(?:on |in )?(?:what|which) (?:date|day|month|year|time)"
    number = r"number|no\.?|num|nr|id|code|symbol"
    subject = "document|doc|reference|ref|file|official|serial|issue|notice|circular|registration"
    return _spaced(
        notice=(
            "(?:notice|document|circular|letter|file|paper|memo|announcement|regulation|bulletin"
            "|directive|communication|plan|scheme|programme|program|guideline)s?|opinions|it|its|this|text"
        ),
        issues=issues,
        neutral=(
            "what|what['’]?s|whats|is|are|was|were|be|been|the|an?|of|in|on|at|that|these|it['’]?s"
            "|please|tell|give|get|got|make|provide|write|print|let|show|me|my|us|our|do|does|did"
            "|has|have|had|can|could|would|should|you|i|we|to"
            "|for|by|from|with|within|and|or|any|there|which|who|who['’]?s|whom|whose|when|where"
            "|how"
            "|exactly|exact|full|official|officially|formal|complete|actual|whole|entire|total"
            "|altogether|in|all|own|know|need|want|like|see|find|out|hi|hello|thanks|thank|so|then"
            f"|pls|plz|each|every|how['’]s|bears?|carry|hey|kindly|under|below|inside|bottom|end"
            f"|whats|quick|again|btw"
            f"|also|s|up|as|{agency}|copy|comes?|anything|something|top|level|top-level|briefly"
            f"|basically|footnote"
            f"|citation|bibliography|long|only|just|one|itself|more|thing|right|just|immediately|directly|sits"
            f"|chinese|government"
        ),
        elements=[
            (DOC_NO, "", rf"\b(?:{subject})\.? ?(?:{number})(?!\w)|\bdocument['’]s number"),
            (
                DOC_NO,
                "n",
                r"\b(?:what |its )?number(?: of| on)?\b|\breference\b|\bnumbered|\bcit(?:e|ing)\b",
            ),
            (ADDRESSEE, "", r"\baddressees?|\baddressed|\brecipients?|\bto whom|\bfor whom"),
            (ADDRESSEE, "n", rf"\bto (?:which|what) (?:{agency})s?\b"),
            (ADDRESSEE, "n", r"\b(?:receive[sd]?|directed|intended|meant|aimed|who .* for$)"),
            (ADDRESSEE, "n", r"\b(?:sent|issued|distributed|circulated|written) (?:out )?to\b"),
            (
                ADDRESSEE,
                "n",
                rf"\b(?:which|what) (?:{agency}|unions?|schools?|bureaus?) (?:is|was|were) "
                r"(?:it|this) (?:sent|addressed|issued|distributed|circulated|directed) to\b",
            ),
            (ADDRESSEE, "n", r"\bwho (?:is|was) (?:it|this|this notice|the notice) for"),
            (
                DATE,
                "",
                r"\b(?:issue|issuing|issuance|publication|release|signing|promulgation) date",
            ),
            (DATE, "", r"\bdate of (?:issue|issuance|publication|release|signing|promulgation)"),
            (DATE, "v", rf"\b(?:{when})"),
            (DATE, "n", r"\bdate(?:d)?\b|\bwhat (?:day|year) is"),
            (SIGNER, "", r"\bsignator(?:y|ies)|\bwho signed"),
            (ISSUER, "n", rf"\b(?:{who}) (?:is|are|was|stands?) behind"),
            (ISSUER, "n", r"\bwhose (?:name|signature|seal|stamp)\b"),
            (SIGNATURE, "", r"\bsignature(?: block)?\b"),
            (ISSUER, "", rf"\bissuing (?:{agency})|\bissuers?\b|\bpublishers?\b|\bauthors?\b"),
            (ISSUER, "v", rf"\b(?:{who})"),
            (
                ISSUER,
                "n",
                rf"\b(?:who|{who})(?: is| was)?(?: it| this(?: notice)?)?(?: come)? from",
            ),
            (ISSUER, "n", r"\bfrom whom|\bwhere .{0,20}come from|\bwhose\b"),
            (
                LEAD,
                "",
                r"\b(?:opening|introductory|lead|first) (?:paragraph|sentences?|lines?|passage)\b"
                r"|\bintroduction\b|\bpreamble\b|\blead-in\b",
            ),
            (TITLE, "", r"\btitles?\b|\bfull name"),
            (TITLE, "n", r"\bnamed?\b|\bcalled\b|\bentitled\b|\bheadline\b"),
            (SECRECY, "", r"\bclassif\w+|\bsecre\w+|\bconfidential\w*"),
            (URGENCY, "", r"\burgen\w+|\bpriority level"),
            (COPIES, "", r"\bcc\b|\bcopied\b|\bcarbon cop\w+"),
            (ANNEX, "", r"\bannex(?:es)?\b|\battach\w+|\bappendi\w+|\benclos\w+"),
            (
                CONTACT,
                "",
                r"\bcontact\w*(?: (?:person|number|details|info\w*|phone))*"
                r"|\b(?:tele)?phone(?: number)?"
                r"|\be-?mail(?: address)?|\bhotline|\bfax",
            ),
            (VALIDITY, "n", r"\bvalid\w*|\bexpir\w+|\bremain in force|\bin force until"),
            (
                EFFECT,
                "n",
                r"\btakes? effect|\beffective(?: date)?|\b(?:come|enter)s? into (?:force|effect)",
            ),
        ],
        units={
            "part": "(?:main |major |big )?(?:parts?|sections?)|(?:main |major |big )headings?",
            "point": "(?:sub-?sections?|sub-?headings?|sub-?points?|points?|items?|paragraphs?"
            "|clauses?|sub-?parts?|headings?)",
            "chapter": "chapters?",
            "article": "articles?",
            "annex": "(?:annex|attachment|appendix)",
        },
        ordinals=_ordinals(
            "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth",
            last="last|final|closing",
            last_but_one="penultimate|second[ -]to[ -]last|next[ -]to[ -]last",
        ),
        numbers=_numbered("one two three four five six seven eight nine ten eleven twelve"),
        joins="and|&|or",
        article="the ",
        after="after|follow(?:s|ed|ing)?|next",
        before="before|preced(?:es?|ed|ing)|previous",
        of="(?:of|in|under|from|within)(?: the)?",
        content=(
            "say|says|said|about|comes?|chapters?|sections?|points?|articles?|have|has|with"
            "|covered|regulates?|provides?|stipulates?|contained|subsections?|covers?|contains?"
            "|contents?|discuss(?:es)?|state[sd]?|means?"
            "|headings?|titles?|subheadings?|names?|called|titled|entitled|deals?|talks?"
            "|require[sd]?"
            "|describes?|main|summar\\w+|topics?|subjects?|asks?|mentions?|include[sd]?|addresse?s?"
            "|explain|list|listed|read|there|made|divided|into|parts?|numbered|many|number|words?"
        ),
        count=(
            r"how many (?:(?:main|major|numbered|top[- ]level|second[- ](?:level|tier)|big|sub)"
            r"[- ]?)*"
            r"(parts?|sections?|points?|chapters?|articles?|items?|headings?|subsections?"
            r"|subheadings?|paragraphs?)\b"
        ),
        outline=(
            r"\b(?:structure[d]?|outline|table of contents|contents|organi[sz]ed|layout"
            r"|(?:section |main "
            r"|chapter |part |all |sub-?)?(?:headings|titles)|(?:all )?(?:the )?(?:main |different "
            r")?sections|parts"
            r"|chapters|(?:each|every) (?:section|part|chapter)|sub-?sections"
            r"|(?:main |sub-?|key )?points|items)\b"
        ),
        outline_deep=r"structure|outline|table|contents|organi|layout|all|\bheadings$",
        received=(
            r"(?:did|has|have|does|will|do) .{2,60}? (?:also )?(?:receiv\w+|get|got|been sent) "
            rf"(?:a copy of )?{_EN_NOTICE}",
            rf"(?:was|is|did|has) {_EN_NOTICE} (?:also |been )*"
            r"(?:sent|issued|addressed|distributed|circulated|go|meant|intended)(?: also)? "
            r"(?:to|for) .{2,60}",
        ),
        summary=(
            r"\b(?:about|summar\w+|main (?:idea|point|purpose|topic|message|content)s?|purpose|gist"
            r"|subject|topic|overview|deals? with|concern(?:s|ed|ing)?)\b"
        ),
    )


def _spanish() -> Lexicon:
    when = "cuándo|cuando|(?:en |de )?qué (?:fecha|día|año)"
    who = "quién|quien|quiénes|qué (?:ministerio|organismo|departamento|autoridad|entidad)"
    return _spaced(
        notice=(
            "avisos?|circular|notificación|documentos?|comunicado|comunicación|texto|oficio"
            "|escrito|reglamento|este|esta|lo|la"
        ),
        issues=(
            "emit\\w+|public\\w+|expid\\w+|firm\\w+|envi\\w+|difund\\w+|promulg\\w+|dict\\w+"
            "|sali\\w+|salió|redact\\w+"
        ),
        neutral=(
            "por|cierto|me|nos|podrías?|podría|decir|dame|indica\\w*|muestra|lleva|llevan|consta|trae|toda"
            "|todo|todos|todas|cada|completa|oficial|exactamente|cuántas|cuántos|cuantas|cuantos"
            "|ministerio|organismo|entidad|autoridad|parte|sobre|tienen|incluye|incluyen|compone"
            "|componen|quien|qué|que|cuál|cual|cuáles|es|son|fue|fueron|se|el|los|las|un|una|de"
            "|del|a|al|en|por|para"
            "|y|o|con|su|sus|ha|han|sido|hay|tiene|está|va|van|quién|quiénes|cuándo|cómo|dónde|dime"
            "|favor|puede|decirme|me|le|exacto|completo|oficial|tiene|le"
        ),
        elements=[
            (DOC_NO, "", r"número (?:de|del) (?:documento|aviso|referencia|oficio|la circular)"),
            (DOC_NO, "n", r"\bnúmero\b|\breferencia\b"),
            (ADDRESSEE, "", r"\bdestinatari\w+"),
            (ADDRESSEE, "", r"\bdirigid\w+|\bse dirige\b"),
            (ADDRESSEE, "n", r"\b(?:a|para) (?:quiénes?|quién)\b(?: va dirigid\w+)?"),
            (DATE, "", r"fecha de (?:emisión|publicación|expedición)"),
            (DATE, "v", rf"\b(?:{when})"),
            (DATE, "n", r"\bfecha(?:do|da)?\b"),
            (
                ISSUER,
                "",
                r"(?:organismo|autoridad|ministerio|entidad) (?:emisora?|que \w+)|\bemisor\b",
            ),
            (ISSUER, "v", rf"\b(?:{who})"),
            (
                ISSUER,
                "n",
                r"\b(?:de|por) (?:quién|quien|qué (?:organismo|ministerio|entidad|autoridad"
                r"|departamento))(?: (?:procede|viene|proviene|es))?",
            ),
            (TITLE, "", r"\btítulo\b|nombre completo"),
            (TITLE, "n", r"\bnombre\b|\bllama\b|\btitula\w*"),
            (ANNEX, "", r"\banexos?\b|\badjunt\w+|\bacompaña\w*"),
            (CONTACT, "", r"(?:número de )?teléfono|\bcontact\w+|\bcorreo(?: electrónico)?"),
        ],
        units={
            "part": "(?:partes?|sección|secciones|apartados?)",
            "point": "(?:puntos?|incisos?|párrafos?|subapartados?)",
            "chapter": "capítulos?",
            "article": "artículos?",
            "annex": "anexos?",
        },
        ordinals=_ordinals(
            "primer[oa]?s? segund[oa] tercer[oa]? cuart[oa] quint[oa] sext[oa] séptim[oa] "
            "octav[oa] noven[oa] décim[oa]",
            last="últim[oa]s?",
            last_but_one="penúltim[oa]",
        ),
        numbers=_numbered("uno dos tres cuatro cinco seis siete ocho nueve diez"),
        joins="y|e",
        article="(?:la|el|los|las) ",
        after="después|tras|sigue|siguiente",
        before="antes|precede|anterior",
        of="(?:de|del|en)(?: la| el)?",
        content=(
            "titula|viene|prevé|establece|regula|partes?|secciones|sección|puntos?|capítulos?|artículos?"
            "|enumera|lista|encabezados?|tema|versa|resume|describe|explica|dice|trata|contiene"
            "|títulos?|titulos?|encabezado|habla|contenido|divide|apartados|nombre|llama"
        ),
        count=(
            r"cu[áa]nt[oa]s (?:grandes )?(partes|secciones|puntos|capítulos|artículos|apartados)\b"
        ),
        outline=(
            r"\b(?:estructura\w*|índice|esquema|encabezados|secciones|partes|apartados"
            r"|subapartados|capítulos|puntos|(?:sub)?títulos)\b"
        ),
        outline_deep="estructura|índice|esquema",
        summary=r"\b(?:trata|resumen|resume|tema|objeto|propósito)\b",
    )


def _french() -> Lexicon:
    when = "quand|(?:à |en )?quelle (?:date|année)|quel jour"
    who = "qui|par qui|quel(?:le)? (?:ministère|organisme|autorité|administration|service)"
    return _spaced(
        notice="avis|circulaire|notification|document|note|texte|lettre|règlement|ce|cette|il|elle",
        issues=(
            "émis\\w*|publi\\w+|diffus\\w+|sign\\w+|envoy\\w+|promulgu\\w+|paru\\w*|édicté\\w*"
            "|pris\\w*|sorti\\w*|rédig\\w+|adopt\\w+"
        ),
        neutral=(
            "fait|au|exacte?|exactement|pouvez|peux|peut|dire|montre\\w*|donne|donner|liste\\w*|sous|sur"
            "|porte|tout|toute|tous|toutes|chaque|ministère|autorité|organisme|administration"
            "|elle|s|n|au|lui|leur|on|quel|quelle|quels|quelles|que|qu|est|sont|été|a|ont|le|la"
            "|les|l|un|une|d|de|du|des|au"
            "|aux|cet|ces|à|en|par|pour|dans|et|ou|qui|quoi|quand|où|comment|c['’]est|est-ce"
            "|combien|y|t|s['’]il"
            "|vous|plaît|son|sa|ses|se|il|elle|complet|officiel|moi|donnez|dites|avec"
        ),
        elements=[
            (DOC_NO, "", r"numéro (?:de|du) (?:document|référence|la circulaire|l['’]avis)"),
            (DOC_NO, "n", r"\bnuméro\b|\bréférence\b|\bcote\b"),
            (ADDRESSEE, "", r"\bdestinataires?\b"),
            (ADDRESSEE, "n", r"\badressée?s?\b|\bà qui\b|s['’]adresse"),
            (DATE, "", r"date (?:de publication|d['’]émission|de signature)"),
            (DATE, "v", rf"\b(?:{when})"),
            (DATE, "n", r"\bdatée?\b|\bdate\b"),
            (ISSUER, "", r"(?:organisme|autorité|ministère) (?:émett\w+|signataire)|\bémetteur\b"),
            (ISSUER, "v", rf"\b(?:{who})"),
            (
                ISSUER,
                "n",
                r"\bde (?:qui|quel(?:le)? \w+) (?:vient|provient|émane)|\bà l['’]origine"
                r"|\bauteur\b",
            ),
            (TITLE, "", r"\btitre\b|nom complet|\bintitulé\b"),
            (TITLE, "n", r"\bnom\b|s['’]appelle|\bs['’]intitule"),
            (ANNEX, "", r"\bannexes?\b|pièces? jointes?|documents? joints?"),
            (CONTACT, "", r"(?:numéro de )?téléphone|\bcontact\w*|\bcourriel"),
        ],
        units={
            "part": "(?:parties?|sections?)",
            "point": "(?:points?|alinéas?|paragraphes?|sous-sections?)",
            "chapter": "chapitres?",
            "article": "articles?",
            "annex": "annexe",
        },
        ordinals=_ordinals(
            "premi[eè]re?s? deuxième/seconde? troisième quatrième cinquième sixième septième "
            "huitième neuvième dixième",
            last="derni[eè]re?s?",
            last_but_one="avant[- ]derni[eè]re?",
        ),
        numbers=_numbered("une? deux trois quatre cinq six sept huit neuf dix"),
        joins="et",
        article="(?:la|le|les) ",
        after="après|suit|suivante?",
        before="avant|précède|précédente?",
        of="(?:de|du|dans)(?: la| le)?",
        content=(
            "vient|dispose|stipule|énonce|sections?|partie|points?|chapitres?|articles?|parlent"
            "|appelle|nom|décrit|explique|résume\\w*|sujet|divisé|composée?|dit|traite|contient"
            "|titres?|(?:s['’])?intitul\\w+|parle|contenu|compte|comporte|prévoit|porte|parties|divisée?"
        ),
        count=r"combien (?:de |d['’])(parties|sections|points|chapitres|articles)\b",
        outline=(
            r"\b(?:structure|structurée?|plan|sommaire|table des matières|sections|parties"
            r"|chapitres|rubriques|(?:sous-)?titres|intitulés|(?:sous-)?points)\b"
        ),
        outline_deep="structur|plan|sommaire|table",
        summary=r"\b(?:parle|traite|porte|résumé|résumer|sujet|objet|thème)\b(?:[- ]t[- "
        r"]\w+)?(?: sur)?",
    )


def _german() -> Lexicon:
    when = "wann|an welchem (?:datum|tag)|in welchem jahr"
    who = "wer|von wem|welche[sr]? (?:behörde|ministerium|stelle|amt)"
    return _spaced(
        notice=(
            "bekanntmachung|mitteilung|dokuments?|rundschreibens?|schreibens?|bescheids?"
            "|verordnung|runderlass|erlass|dieses?|diese[rnm]?|es|textes|text|bekanntmachungen"
        ),
        issues=(
            "herausgegeben|herausgebracht|herausgekommen|publiziert|datiert|versendet|geschickt"
            "|verfasst|stammt|veröffentlicht|erlassen|ausgestellt|verschickt|erschienen"
            "|unterzeichnet"
            "|gab|heraus|herausgab"
        ),
        neutral=(
            "noch|kurz|überhaupt|übrigens|bestimmt|gedacht|einen|einem|einer|keinen?|dazugehör\\w+|aus|stammt|trägt|unter"
            "|genannt|nennen?|nenne"
            "|zeige|gib|liste|auf|alle|aller"
            "|jede[rsnm]?|exakt\\w*|voll\\w*|kann|können|du|sie|ich|sich|daran|dabei|dazu|ihm|ihr"
            "|beigefügt|behörde|ministerium|stelle|so|denn|einzelnen?|insgesamt|sagen|was|wie|ist"
            "|sind|war|wurde|wurden|hat|haben|der|die|das|den|dem|des|ein|eine|von|vom|im"
            "|in|an|am|zu|zum|für|auf|mit|und|oder|wer|wem|wen|wann|wo|welche[rsnm]?|lautet|heißt"
            "|bitte|genau|genaue|vollständige[rs]?|offizielle[rs]?|gibt|mir|sagen|viele|steht"
            "|worden"
        ),
        elements=[
            (DOC_NO, "", r"dokument(?:en)?nummer|aktenzeichen|geschäftszeichen|referenznummer"),
            (DOC_NO, "n", r"\bnummer\b"),
            (ADDRESSEE, "", r"\badressat\w*|\bempfänger\w*"),
            (
                ADDRESSEE,
                "n",
                r"\ban wen\b(?: (?:ist|geht|ging|wurde))?|\bgerichtet\b|\brichtet sich\b"
                r"|\badressiert\b|\bfür wen\b",
            ),
            (DATE, "", r"(?:ausstellungs|veröffentlichungs|erlass)datum"),
            (DATE, "v", rf"\b(?:{when})"),
            (DATE, "n", r"\bdatum\b|\bdatiert\b|\bvon wann\b"),
            (ISSUER, "", r"\bherausgeber\w*|(?:ausstellende|erlassende) (?:behörde|stelle)"),
            (ISSUER, "v", rf"\b(?:{who})"),
            (ISSUER, "n", r"\bvon (?:wem|welche[rmn] (?:behörde|ministerium|stelle|amt))\b"),
            (TITLE, "", r"\btitels?\b|vollständige name|\büberschrift\b"),
            (TITLE, "n", r"\bname\b|\bwie heißt\b"),
            (ANNEX, "", r"\banlagen?\b|\banhänge?\b|\banhang\b|\bbeilagen?\b|\bbeigefügt\b"),
            (CONTACT, "", r"telefon(?:nummer)?|\bkontakt\w*|ansprechpartner\w*"),
        ],
        units={
            "part": "(?:teile?s?|abschnitte?s?|abschnitten)",
            "point": "(?:punkte?s?|unterpunkte?s?|absatz|absätze|absatzes)",
            "chapter": "kapitels?",
            "article": "artikels?",
            "annex": "(?:anlage|anhang)",
        },
        ordinals=_ordinals(
            "erste[nrs]? zweite[nrs]? dritte[nrs]? vierte[nrs]? fünfte[nrs]? sechste[nrs]? "
            "siebte[nrs]? achte[nrs]? neunte[nrs]? zehnte[nrs]?",
            last="letzte[nrs]?",
            last_but_one="vorletzte[nrs]?",
        ),
        numbers=_numbered("eins zwei/beiden drei vier fünf sechs sieben acht neun zehn"),
        joins="und",
        article="(?:der|die|das|den|dem|des) ",
        after="nach|folgt|folgende[rsnm]?|nächste[rsnm]?",
        before="vor|vorher|vorangeh\\w+",
        of="(?:von|des|der|im|in)(?: dem| der)?",
        content=(
            "stehen|unter|regelt|besagt|bestimmt|kommt|teile?n?s?|abschnitte?n?s?|punkte?n?s?|kapiteln?"
            "|artikeln?|unterpunkte?n?|unterabschnitte?n?|überschriften|heißen|heißt"
            "|beschreib\\w+|erklär\\w+|behandelt|gegliedert|aufgeteilt|unterteilt|geteilt|thema"
            "|schreibt|sagt|handelt|enthält|titel|überschrift|inhalt|geht|worum|wovon|worüber|es"
            "|steht|gliedert|besteht|umfasst"
        ),
        count=(
            r"wie ?viele[nr]? (teilen?|abschnitten|punkten|kapiteln|artikeln|unterpunkte"
            r"|abschnitte|punkte|kapitel|artikel)\b"
        ),
        outline=(
            r"\b(?:struktur|gliederung|aufbau|aufgebaut|gegliedert|inhaltsverzeichnis|(?:zwischen"
            r"|unter)?überschriften|(?:unter|haupt)?abschnitte|(?:unter|haupt)?punkte"
            r"|(?:haupt)?teile|kapitel)\b"
        ),
        outline_deep="struktur|gliederung|auf(?:bau|gebaut)|gegliedert|inhaltsverzeichnis",
        summary=r"\b(?:worum geht|zusammenfassung|thema|worüber|wovon handelt)\b",
    )


def _russian() -> Lexicon:
    when = "когда|како(?:го|й) (?:числа|датой|дата|год)|в каком году"
    who = "кто|кем|как(?:ое|ой|ая) (?:ведомств\\w+|министерств\\w+|орган\\w*)"
    return _spaced(
        notice=(
            "постановлени\\w+|положени\\w+|распоряжени\\w+|уведомлени\\w+|документ\\w*"
            "|извещени\\w+|письм\\w+|циркуляр\\w*|эт\\w+|он[оа]?|текст\\w*"
        ),
        issues="выпу\\w+|изда\\w+|опубликова\\w+|подписа\\w+|разосла\\w+|выш\\w+|принят\\w*",
        neutral=(
            "под|из|к|ко|за|до|же|мне|назов\\w+|покаж\\w+|перечисл\\w+|дай\\w*|выведи\\w*"
            "|подскаж\\w+|можно|ведомств\\w+|министерств\\w+|орган\\w*|всех?|весь|всего|кажд\\w+"
            "|имеется|имеются|имеет|лежит|год\\w*|номер\\w*|что|чём|чем|как\\w*|кто|кем|кому"
            "|когда|где|в|во|на|о|об|от|у|с|по|и|или|был[аои]?|есть|для"
            "|пожалуйста|скажите|полн\\w+|официальн\\w+|точн\\w+|его|её|ли|сколько|дат\\w+|числ\\w+"
        ),
        elements=[
            (DOC_NO, "", r"номер (?:документа|уведомления|письма)"),
            (DOC_NO, "n", r"\bномер\w*"),
            (ADDRESSEE, "", r"\bадресат\w*|\bполучател\w+"),
            (ADDRESSEE, "n", r"\bкому\b|\bадресован\w*|\bдля кого\b"),
            (DATE, "", r"дата (?:издания|публикации|выпуска|подписания)"),
            (DATE, "v", rf"\b(?:{when})"),
            (DATE, "n", r"\bдат[аы]\b|\bдатирован\w*|\bот како(?:го|й) (?:числа|даты)"),
            (ISSUER, "v", rf"\b(?:{who})"),
            (
                ISSUER,
                "n",
                r"\bот (?:кого|какого (?:ведомства|министерства|органа))|\bавтор\w*|\bиздател\w+",
            ),
            (TITLE, "", r"\bзаголов\w+|\bназвани\w+"),
            (TITLE, "n", r"\bназыва\w+"),
            (ANNEX, "", r"\bприложен\w+|\bприлага\w+"),
            (CONTACT, "", r"\bтелефон\w*|\bконтакт\w*"),
        ],
        units={
            "part": "(?:част\\w+|раздел\\w*)",
            "point": "(?:пункт\\w*|подпункт\\w*|абзац\\w*)",
            "chapter": "глав\\w+",
            "article": "стать\\w+",
            "annex": "приложени\\w+",
        },
        ordinals=_ordinals(
            "перв\\w+ втор\\w+ трет\\w+ четв[её]рт\\w+ пят\\w+ шест\\w+ седьм\\w+ восьм\\w+ "
            "девят\\w+ десят\\w+",
            last="последн\\w+",
            last_but_one="предпоследн\\w+",
        ),
        numbers=_numbered("один/одна два/две/двух три/трёх/трех четыре пять шесть семь"),
        joins="и",
        article="",
        after="после|следу\\w+",
        before="перед|предшеству\\w+|до",
        of="(?:в|из|во|)",
        content=(
            "идёт|идет|стоит|прямо|сразу|речь|част\\w+|раздел\\w*|пункт\\w*|подпункт\\w*|глав\\w*|стать\\w*|статей"
            "|заголовк\\w+|гласит|назван\\w*|называются|состоит|делится|разделён|разделен"
            "|описыва\\w+|рассказыва\\w+|тем\\w|регулиру\\w+|предусматрива\\w+|говорит\\w*"
            "|сказано|содерж\\w+|заголовок|название|называется|посвящ\\w+|написано"
        ),
        count=(
            r"(?:сколько|скольких) (?:основных )?(частей|частях|разделов|пунктов|подпунктов|глав"
            r"|статей)\b"
        ),
        outline=(
            r"\b(?:структур\w+|оглавлени\w+|план|содержание|(?:под)?разделы|части|(?:под)?пункты"
            r"|главы|(?:под)?заголовки|построен\w*)\b"
        ),
        outline_deep="структур|оглавлени|план",
        summary=r"\b(?:о чём|о чем|тема|содержание|кратко)\b",
    )


# -- Japanese and Korean -----------------------------------------------------------------------


def _unspaced(
    *,
    notice: str,
    issues: str,
    neutral: str,
    elements: Sequence[tuple[str, str, str]],
    reference: str,
    ordinals: Mapping[str, int],
    joins: str,
    after: str,
    before: str,
    titled: str,
    content: str,
    count: str,
    outline: str,
    summary: str,
) -> Lexicon:
    return Lexicon(
        notice=re.compile(notice),
        issues=re.compile(issues),
        neutral=re.compile(neutral),
        elements=_cues(elements),
        reference=re.compile(reference),
        ordinals=ordinals,
        joins=re.compile(joins),
        after=re.compile(after),
        before=re.compile(before),
        titled=re.compile(titled),
        which_part=re.compile(rf"{titled}|点|条|項|항|점"),
        of=re.compile("(?!)"),
        content=re.compile(content),
        count=re.compile(count),
        outline=re.compile(outline),
        outline_deep=re.compile(outline),
        summary=re.compile(summary),
        summary_alone=re.compile("(?!)"),
        spaced=False,
    )


def _japanese() -> Lexicon:
    # Kanji that the folded view writes in Simplified script are folded here as well.
    numeral = rf"(?:[{CN}]{{1,3}}|\d{{1,2}})"
    nth = r"(?:番目|つ目|目)"
    units = (
        r"(?:(?P<part>部分|部|セクション|パート)|(?P<point>点|項目|項|号|ポイント|小見出し)"
        r"|(?P<chapter>章)|(?P<section>節)|(?P<article>条))"
    )
    and_ = "(?:と|、|,|および|及び)"
    return _unspaced(
        notice=fold(
            "(?:この|その|本|当該)?(?:通知書?|文書|公文書?|通達|書類|お知らせ|条例|規則|意見|文章"
            "|公文)"
            "|これ|それ|全文"
        ),
        issues=fold(
            "発行|発表|公布|公表|発出|発信|配布|出され?|出し|作成|通知され|出た|発せられ|送られ?"
            "|送付|送った|出て"
        ),
        neutral=fold(
            "教えて|知りたい|見せて|示して|並べて|挙げて|一覧に?|列挙|簡単|ください|下さい"
            "|お願いします?|お願い|ですか|ますか|でしたか"
            "|ましたか|ありますか|あります|ありません|でしょうか|でした|です|ました|ます|ません"
            "|いくつ|どこ|どの|どれ|どんな|どういう|だれ|誰|何"
            "|なん|なに|いつ|正式|完全|資料|部門|省庁|機関|官庁|部署|全部|すべて|全て|各|では"
            "|には|とは|ある|ない|いる|され|した|して|せて|という"
            "|って|から|まで|より|なって|なり|れ|た|だ|の|は|が|を|に|で|と|も|か|へ|や|よ|ね|宛"
            "|さ|し|番|号|な|う|い|て|る"
        ),
        elements=[
            (DOC_NO, "", fold("文書番号|発文番号|公文番号|文番号|通知番号|整理番号|発番|文書号")),
            (DOC_NO, "n", fold("番号|第?何号|何番")),
            (ADDRESSEE, "", fold("宛先|あて先|宛て先|受信者|名宛人?|送付先|送り先")),
            (ADDRESSEE, "n", fold("(?:誰|だれ|どこ)(?:に(?:宛て|向け)?|へ|宛て?)|宛て|向け")),
            (SIGNATURE, "", fold("署名欄|署名")),
            (DATE, "", fold("(?:発行|発表|公布|公表|発出|作成|通知)(?:日付|日|年月日)")),
            (DATE, "v", fold("いつ|何年|何月|何日")),
            (DATE, "", fold("日付は?いつ")),
            (DATE, "n", fold("日付|年月日|期日はいつ|いつの")),
            (ISSUER, "", fold("(?:発行|発出|公布|作成|発信)(?:機関|元|者|官庁|主体)|差出人")),
            (ISSUER, "v", fold("誰|だれ|どこ|どの(?:省庁|機関|部門|官庁|部署|省)")),
            (ISSUER, "n", fold("どこの|どの(?:省庁|機関|省)の")),
            (TITLE, "", fold("題名|タイトル|件名|表題|正式名称|標題|題目")),
            (TITLE, "n", fold("名称|名前|何という")),
            (ANNEX, "", fold("別添|添付|付属|別紙|附属|付録|別表")),
            (CONTACT, "", fold("電話番号|電話|連絡先|問い合わせ先|担当者")),
        ],
        reference=fold(
            rf"(?:第\s*(?P<num>{numeral}(?:{and_}第?{numeral})*)|(?P<ordinal>{numeral}{nth}|最初"
            rf"|冒頭"
            rf"|最後から(?:二|2)(?:番目|つ目)|最後)|(?:最初|はじめ"
            rf"|冒頭)の(?P<head>{numeral})(?:つの?)?"
            rf"|最後の(?P<tail>{numeral})(?:つの?)?)\s*{nth}?の?{units}"
            rf"|(?<=\d)\s*\((?P<mark2>\d{{1,2}}|[{CN}]{{1,3}})\)|(?<=\d)\.(?P<point2>\d{{1,2}})"
            rf"|(?<![第{CN}])(?P<mark1>[{CN}]{{1,3}})(?=\()"
        ).replace("(?p<", "(?P<"),
        ordinals={"最初": 1, fold("冒頭"): 1, fold("最後"): -1, fold("最後から.*"): -2},
        joins=fold("と|、|,|および|及び"),
        after=fold("の?(?:次|あと|後)"),
        before=fold("の?(?:前)"),
        titled=fold("の?(?:部分|章|節|項目|セクション)"),
        content=fold(
            "内容|述べ|について|に関する|何が|書かれてい?|書かれ|書いて|書い|言って|言っ|規定"
            "|定めて?|見出し|タイトル|題名|題|説明"
            "|分かれてい?|分けられ|構成|成り?立?|全部で?|全部|全体|部分|扱って|扱わ|触れ|語ら"
            "|要約|来る|来ます|続く|来|続き"
        ),
        count=fold(
            "(?:いくつ|何)(?:個)?の?(部分|部|章|節|条|点|項目|セクション)|(?:部分|章|条|項目"
            "|セクション|点)は?(?:いくつ|何個|何条)"
        ),
        outline=fold(
            "構成|構造|目次|見出し(?:の?一覧|を)|アウトライン|(?:各|どの(?:ような)?"
            "|どんな)(?:部分|章|節|項目)"
        ),
        summary=fold("要旨|概要|要約|主旨|趣旨|何についての?|主な内容"),
    )


def _korean() -> Lexicon:
    units = (
        r"(?:(?P<part>부분|부|섹션|파트)|(?P<point>항목|소제목|점|항|호|포인트)"
        r"|(?P<chapter>장)|(?P<section>절)|(?P<article>조))"
    )
    cardinal = r"(?:한|두|세|네|다섯|\d{1,2})"
    return _unspaced(
        notice=(
            "(?:이|그|본|해당)?\\s*(?:통지문?|통지서|공문|문서|공지문?|고시|안내문|통보|조례|규정"
            "|의견|글)"
        ),
        issues=(
            "발행|발표|공포|나왔|나온|작성|발송|배포|발신|보냈|보낸|냈|공고|내려|낸|발간|하달|나오"
        ),
        neutral=(
            "알려|어떻게|되|주세요|주시|줘|보여|나열|열거|해\\s*줘|무슨|입니까|인가요|습니까|합니까"
            "|ㅂ니까"
            "|나요|뭐예요|뭔가요|뭐야|뭐지|뭐|무엇|언제|누가"
            "|누구|어디|어느|어떤|몇|정식|전체|좀|모두|부처|기관|부서|정부|되었|되어|됐|했|하였"
            "|있|없|에서|에게|에는|에|의|은|는|이|가|을|를"
            "|로|으로|와|과|까|요|지|까지|인|된|한|하|었|였|습|니|개|야|죠|예|어|다|각|들|번|할"
            "|될|돼|도|써|며|고"
        ),
        elements=[
            (DOC_NO, "", "(?:문서|공문|발문|통지|문건)\\s*번호"),
            (DOC_NO, "n", "번호|몇\\s*호"),
            (ADDRESSEE, "", "수신\\s*(?:자|처|기관|인)|받는\\s*(?:사람|기관|곳)"),
            (ADDRESSEE, "n", "누구(?:에게|한테|앞)|어디로|어디에|대상"),
            (SIGNATURE, "", "서명"),
            (DATE, "", "(?:발행|발표|공포|작성|시행|발신)\\s*(?:일자|날짜|일)"),
            (DATE, "v", "언제|며칠|몇\\s*년|몇\\s*월"),
            (DATE, "n", "날짜|일자"),
            (ISSUER, "", "(?:발행|발신|작성|발표)(?:한|하는)?\\s*(?:기관|자|처|부처)"),
            (ISSUER, "v", "누가|어디서|어디에서|어느\\s*(?:부처|기관|부서)(?:에서)?"),
            (TITLE, "", "제목|정식\\s*명칭"),
            (TITLE, "n", "명칭|이름"),
            (ANNEX, "", "첨부\\s*(?:파일|문서|자료)?|별첨|부록|붙임\\s*(?:문서|자료)?"),
            (CONTACT, "", "전화번호|전화|연락처|담당자"),
        ],
        reference=(
            rf"(?:제?\s*(?P<num>\d{{1,2}}(?:\s*(?:와|과|및|,)\s*제?\s*\d{{1,2}})*)\s*(?:번째)?"
            rf"|(?P<ordinal>(?:첫|두|세|네|다섯|여섯|일곱|여덟)\s*번째|마지막에서\s*두\s*번째"
            rf"|마지막|맨\s*끝)"
            rf"|(?:처음|앞(?:의)?)\s*(?P<head>{cardinal})\s*(?:개의?)?"
            rf"|마지막\s*(?P<tail>{cardinal})\s*(?:개의?)?)"
            rf"\s*{units}(?!분)"
            r"|(?<=\d)\s*\((?P<mark2>\d{1,2})\)|(?<=\d)\.(?P<point2>\d{1,2})"
        ),
        ordinals={
            **{
                rf"{w}(?:\s*번째)?": n
                for w, n in _numbered("첫/한 두 세 네 다섯 여섯 일곱").items()
            },
            r"마지막|맨\s*끝": -1,
            r"마지막에서\s*두\s*번째": -2,
        },
        joins="와|과|및|,",
        after="\\s*(?:다음|뒤|이후)",
        before="\\s*(?:앞|이전|전)",
        titled="\\s*(?:부분|장|절|항목)",
        content=(
            "내용|말하|말해|설명|규정|제목|명칭|다루|나오|나뉘|나누|구성|이루어져|총|모두|전체"
            "|대한|대해|관한|것|이야|정하|쓰여|적혀|요약|오는|옵"
        ),
        count=(
            "몇\\s*(?:개의?|가지)?\\s*(부분|장|절|조|항목|섹션)"
            "|(?:부분|장|조|항목)\\s*(?:은|이)?\\s*몇\\s*(?:개|가지)"
        ),
        outline="각\\s*(?:부분|장|조|항목)|구조|목차|개요|구성|어떤\\s*(?:부분|항목|장)|소제목",
        summary="요지|요약|주제|취지|무엇에\\s*(?:대한|관한)|주요\\s*내용",
    )
