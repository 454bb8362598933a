"""A question and the conversation before it become one standalone question, by rules.

A question stands alone if it names a topic; then it comes back as it is, so that a change of topic
is not dragged back to the old one. One that names none takes the topic of the earlier question, its
words without what was asked of them: all of it where a subject is missing (``谁来管？``), the
thing where it points with a pronoun (``它由谁负责？``), what is left beside a new focus
(``那学校呢？``). What it points at by name or number (``这个制度``, ``第二个``) may stand in the
last answer's quotes. More of the same (``还有呢？``) and the next part of the notice
(``下一点呢？``) have rules of their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rag.numbering import to_chinese, to_int
from rag.structure import by_rules
from rag.structure_words import UNIT_KINDS, Lexicon, lexicon
from rag.text import fold, language
from rag.types import Notice

_TURNS = 8  # questions looked back on
_LONGEST = 300  # characters of an earlier question that are of use
_LONGEST_ANSWER = 2000  # and of an answer
_NOTICE_NOUN = r"通知|文件|公文|notice|document|circular"
_NO_NOTICE = (Notice(id="", text=""),)
_PREFIX = re.compile("^(?:(?:除此之外|具体来说)，|(?:Besides that|In more detail): )+")
_END = "？?。.！!；;，, \u3000"


def standalone(question: str, history: Sequence[Mapping[str, Any]] = ()) -> str:
    """The question with what it takes from the conversation filled in.

    Args:
        question: What the user asks now.
        history: OpenAI-style messages, oldest first; a content may be text or a list of parts.
            The user's turns are read, and of the last answer what it quotes before a ``[1]``.

    Returns:
        A question to be understood by itself; ``question`` itself where it already is.
    """
    before = answer = ""
    for turn in turns(history)[-_TURNS:]:
        before, answer = _resolve(turn.asked, before, answer), turn.answer
    return _resolve(question, before, answer)


class Turn(NamedTuple):
    """What a user asked, and what was answered."""

    asked: str
    answer: str


def turns(history: Sequence[Mapping[str, Any]]) -> list[Turn]:
    """The turns of OpenAI-style messages, oldest first; what is none is passed over."""
    out: list[Turn] = []
    for message in history or ():
        if not isinstance(message, Mapping) or message.get("role") not in ("user", "assistant"):
            continue
        content = message.get("content")
        if isinstance(content, (list, tuple)):
            texts = (p.get("text") if isinstance(p, Mapping) else p for p in content)
            content = " ".join(t for t in texts if isinstance(t, str))
        if not isinstance(content, str) or not content.strip():
            continue
        if message["role"] == "user":
            out.append(Turn(" ".join(content.split())[:_LONGEST], ""))
        elif out:
            out[-1] = out[-1]._replace(answer=content[:_LONGEST_ANSWER])
    return out


def _resolve(question: str, before: str, answer: str) -> str:
    """One step: a question, the standalone question before it and what that was answered."""
    asked = corrected(question.strip())
    before = _PREFIX.sub("", before)[:_LONGEST]
    if not before or not asked:
        return question
    whole = question if asked == question.strip() else asked
    tag = language(asked)
    if by_part := _nth_part(asked, before) or _other_part(asked, before):
        return by_part
    if by_item := _nth_item(asked, before, answer):
        return by_item
    if _is_structural(asked) and not _points_elsewhere(asked, before):
        return whole
    if tag in ("zh-Hans", "zh-Hant"):
        found = _chinese(asked, before, answer)
    elif tag in ("ja", "ko"):
        found = _east(asked, before)
    else:
        found = _by_words(asked, before)
    return found or whole


_CORRECTS = (
    re.compile(
        r"(?:哎|啊|诶|唉|嗯|不好意思|抱歉|[,，])*(?:不+|不是|不对|错了|[问说搞弄]错了)[,，。!！ ]+"
        r"(?:我?(?:刚才?|本来|其实|是)*(?:想)?问的?是?)?[,，]?"
    ),
    re.compile(
        r"(?:我)?(?:刚才?|本来)?(?:想)?(?:不是问|问的(?:并)?不是)[^,，]{1,16}[,，](?:而?是|我(?:是)?[想要]?(?:知道|问)的?是?)"
    ),
    re.compile(r"我(?:刚才?|本来|其实|是)*(?:想)?问的是"),
    re.compile(
        r"(?:no|nope|sorry|wait|actually|not that|,|\s)+(?:but )?i (?:meant?|was asking)"
        r"(?: about| to ask)?[,:]? "
    ),
)
"""How somebody says that another question was meant."""

_MEANT = 3  # characters of a question that is meant instead


def corrected(question: str) -> str:
    """A question without the words that put an earlier one right (``不是，我问的是……``)."""
    view = fold(question).lower()
    if len(view) != len(question):
        return question
    for pattern in _CORRECTS:
        match = pattern.match(view)
        if match and match[0].strip() and len(rest := question[match.end() :].strip()) >= _MEANT:
            return rest
    return question


def _is_structural(text: str) -> bool:
    """Whether a text asks for an element or a part of the notice, all by itself."""
    return by_rules(text, _NO_NOTICE) is not None


def _points_elsewhere(asked: str, before: str) -> bool:
    """Whether ``谁发的`` is asked, by a pronoun, of something that is not the notice."""
    if _is_structural(before) or re.search(_NOTICE_NOUN, fold(before) + fold(asked)):
        return False
    if _named(asked, lexicon(language(asked))):
        return False
    if language(before) == "en" and not _named_topic(before):
        return False
    return bool(_POINTING.search(fold(asked)) or re.search(r"\b(?:it|they|them)\b", fold(asked)))


def _bare(text: str) -> str:
    return text.strip(_END + "¿¡")


# -- parts of the notice ---------------------------------------------------------------------


class _Named(NamedTuple):
    """A part named in a question: kind, number, and the place of its name."""

    kind: str
    number: int
    start: int
    end: int


_RELATIVE = re.compile(
    r"(?:它|这一?(?:点|部分|条|章|项)|那|再)?的?(?P<back>前面|上面|上|前)?(?P<on>后面|下面|接下来|紧接着|下|后)?"
    r"的?[那这]?的?一?个?(?P<unit>大?部分|大?块|小?点|小?项|条|章|节|个)(?=呢|叫|讲|说|写|是|的|的?标题|[?？]|$)"
    r"|\b(?:the )?(?:(?P<on_en>next|following)|(?P<back_en>previous|preceding)) "
    r"(?P<unit_en>one|point|part|section|item|article|chapter)\b"
)
_UNITS = {
    "部分": "part",
    "大部分": "part",
    "章": "chapter",
    "节": "section",
    "条": "article",
    "part": "part",
    "section": "part",
    "chapter": "chapter",
    "article": "article",
}
_INNER = ("point", "paragraph", "label")


def _named(text: str, words: Lexicon) -> list[_Named]:
    out: list[_Named] = []
    for match in words.reference.finditer(fold(text)):
        groups = match.groupdict()
        marked = groups.get("mark2") or groups.get("point2")
        kind = "label" if marked else next((k for k in UNIT_KINDS if groups.get(k)), "")
        kind = "part" if groups.get("mark1") else kind
        if kind:
            out.append(_Named(kind, words.number(groups), match.start(), match.end()))
    return out


def _other_part(asked: str, before: str) -> str:
    """``第二点呢？`` or ``下一点呢？`` after a question about a part; ``""`` if it is none."""
    words = lexicon(language(before))
    earlier = _named(before, words)
    if not earlier or not _is_structural(before):
        return ""
    return (
        _next_part(asked, before, earlier)
        or _sibling_part(asked, before, earlier)
        or _same_part(asked, before, earlier)
    )


_OF_SAME = re.compile(
    r"^(?:那么?|那)?(?:它|其中|其|这一?个?(?:部分|点|条|章)|该部分)的?(?:里面|里|中|下面|底下)?|^(?:那么?)?(?:里面|里头|下面|底下)(?=[一总共都]*(?:有|分|包))|^(?:那么?)?(?=(?:一共|总共|共)?"
    r"(?:有|分|分为|包括|下分)?(?:几|多少|哪几|哪些)个?(?:点|小点|项|小项|小标题|要点))"
)
_OF_SAME_EN = re.compile(
    r"\bit(?=s\b)|\bit\b|\bthat (?:part|section|point)\b|\bthis (?:part|section|point)\b"
)


def _same_part(asked: str, before: str, earlier: list[_Named]) -> str:
    """``它有几点？``: another question about the same part."""
    name = before[earlier[0].start : earlier[-1].end].strip()
    for pattern in (_OF_SAME, _OF_SAME_EN):
        match = pattern.search(fold(asked))
        if match and not _named(asked, lexicon(language(asked))):
            own = "'" if asked[match.end() : match.end() + 1] == "s" else ""
            full = asked[: match.start()] + name + own + asked[match.end() :]
            return full if _is_structural(full) else ""
    return ""


def _next_part(asked: str, before: str, earlier: list[_Named]) -> str:
    match = _RELATIVE.search(fold(asked))
    if match is None:
        return ""
    groups = match.groupdict()
    step = (
        1 if groups["on"] or groups["on_en"] else -1 if groups["back"] or groups["back_en"] else 0
    )
    rest = asked[: match.start()] + asked[match.end() :]
    words = lexicon(language(asked))
    if not step or words.residue(words.content.sub(" ", fold(rest).replace("about", ""))):
        return ""
    unit = groups["unit"] or groups["unit_en"] or ""
    if unit == "个":  # 下一个: of the kind named last
        unit = _unit_of(before, earlier[-1])
    wanted = _UNITS.get(unit, "point")
    same = [i for i, part in enumerate(earlier) if part.kind == wanted]
    chosen = same[-1] if same else len(earlier) - 1
    number = earlier[chosen].number + step
    if number == 0 or (earlier[chosen].number < 0 and step > 0):
        return ""
    kept = before[earlier[0].start : earlier[chosen].start]
    tail = before[earlier[-1].end :]
    if groups["unit_en"]:
        inner = "section" if earlier[chosen].kind == "part" else "point"
        name = f"{inner} {number}" if number > 0 else f"the last {inner}"
        return f"What does {kept}{name} say?"
    counted = f"第{to_chinese(number)}" if number > 0 else f"倒数第{to_chinese(-number)}"
    own = _bare(rest) if _bare(fold(rest)) not in ("", "呢", "那") else ""
    own = re.sub(r"^[那再]+", "", own)
    own = "" if own == "呢" else own
    return f"{kept}{counted}{unit}{own + '？' if own else tail}"


def _unit_of(text: str, part: _Named) -> str:
    """The word for the kind of a named part: ``部分`` of ``第二部分``; ``点`` of ``（二）``."""
    match = re.search(r"[^\W\d_]+$", text[part.start : part.end].strip())
    unit = match[0].lstrip("第倒数最后一二三四五六七八九十两首头个") if match else ""
    return unit or "点"


_NTH = re.compile(
    r"(?:那么?|然后|再)?(?P<n>第[一二三四五六七八九十\d]{1,3}|最后一?)(?P<unit>[个点条项]?)(?P<ask>呢|是什么|[讲说写]的?(?:了|是)?(?:什么|啥))?"
)
_THEM = re.compile(
    r"(?:那|请|都|再|帮我|把(?:它们|标题)?)*(?:分别|列|说|都)(?:都|是|有|一?下|出来|叫|讲|说|看看|列|的|来)*(?:什么|啥|哪些|哪几个)?(?:标题)?"
)


def _nth_part(asked: str, before: str) -> str:
    """``第二个呢？`` and ``分别是什么？`` after a question for the number or list of parts."""
    bare = _bare(fold(asked))
    reply = by_rules(before, _NO_NOTICE)
    if reply is None or language(before)[:2] != "zh":
        return ""
    earlier = _named(before, lexicon(language(before)))
    if _THEM.fullmatch(bare) and _COUNTS.search(fold(before)):
        return before
    if (match := _NTH.fullmatch(bare)) is None:
        return ""
    nth, tail = match["n"] + ("一" if match["n"] == "最后" else ""), "讲什么？"
    if _COUNTS.search(fold(before)):
        outer = before[: earlier[-1].end] if earlier else ""
        unit = match["unit"].strip("个") or ("点" if earlier else "部分")
        asks = match["unit"] and match["ask"] not in (None, "呢")
        return f"{outer}{nth}{unit}{match['ask'] + '？' if asks else tail}"
    if earlier and match["unit"] in ("", "个"):
        kept = before[earlier[0].start : earlier[-1].start]
        return f"{kept}{nth}{_unit_of(before, earlier[-1])}{before[earlier[-1].end :]}"
    return ""


_COUNTS = re.compile(
    r"(?:几|多少)[个大小条]*(?:部分|点|项|条|块|方面|段|板块|章|节|标题)"
    r"|哪些(?:部分|点|项|条|方面)|结构|目录|提纲|大纲|框架"
)


def _sibling_part(asked: str, before: str, earlier: list[_Named]) -> str:
    words = lexicon(language(asked))
    new = _named(asked, words)
    inside = re.match(r"(?:那么?)?(?:其中|里面|它|这一?部分)的?(?=第|最后)", fold(asked))
    if inside and len(new) == 1:
        own = _bare(asked[new[0].end :])
        tail = before[earlier[-1].end :] if own in ("", "呢") else own + "？"
        return (
            f"{before[earlier[0].start : earlier[-1].end]}{asked[inside.end() : new[0].end]}{tail}"
        )
    if not new or {True, False} <= {part.kind in _INNER for part in new}:
        return ""  # none, or a whole path
    rest = asked[: new[0].start] + " " + asked[new[-1].end :]
    rest = re.sub(
        r"^\s*(?:那么?|然后|再|and|what about|how about|so)(?![a-z])[，, ]*", "", fold(rest)
    )
    rest = re.sub(r"^\s*(?:the)?\s*", "", rest)
    own = _bare(rest)
    if words.residue(words.content.sub(" ", own).replace("about", " ")):
        return ""
    name = asked[new[0].start : new[-1].end].strip()
    outer = [part for part in earlier if part.kind not in _INNER]
    inner = [part for part in earlier if part.kind in _INNER]
    same_script = language(asked)[:2] == language(before)[:2]
    if new[0].kind in _INNER and outer and language(asked) == "en":
        where = before[outer[0].start : outer[-1].end].strip()
        the = "" if re.match(r"(?:the\b|[a-z-]+ [\divx]+$)", fold(name)) else "the "
        return f"What does {the}{name} of {where} say?"
    tail = before[earlier[-1].end :] if same_script else "？"
    if own and own not in ("呢",):
        tail = asked[new[-1].end :]
    if new[0].kind not in _INNER or not outer:
        if own and own not in ("呢",):
            return asked if not outer and not inner else ""
        if language(asked) == "en":
            return f"What does {name} say?"
        return f"{name}{tail}"
    return f"{before[outer[0].start : outer[-1].end]}{name}{tail}"


# -- what the last answer named --------------------------------------------------------------

_QUOTE = re.compile(r"[“\"「『«„‘](.+?)[”\"」』»“’]\s*(?=[\[【]\d)", re.DOTALL)
_MARKER = re.compile(
    r"(?:^|(?<=[;。,:.\s]))\s*(?:\([一二三四五六七八九十\d]+\)|[一二三四五六七八九十][是、]"
    r"|第[一二三四五六七八九十][是,、]|[①-⑳]|\d+[.、)](?!\d))"
)
_ORDINAL = re.compile(
    r"^(?:那么?|其中|里面|的)*(?:第(?P<n>[一二三四五六七八九十\d]{1,2})|(?P<last>最后一?|末))"
    r"(?:个方面|方面|[个点项条种类件])"
    r"|^(?:(?:and|so|what|how) )*(?:about )?the (?P<word>first|second|third|fourth|fifth|last)"
    r"(?: (?:one|point|item|measure))?\b"
)
_ORDER = ("", "first", "second", "third", "fourth", "fifth")


def _quotes(answer: str) -> list[str]:
    """The quotes of an answer: what stands in quotation marks before a ``[1]``."""
    return [match[1].strip() for match in _QUOTE.finditer(answer)]


def _items(answer: str) -> list[str]:
    """What an answer enumerates: numbered items of its quotes, or the quotes themselves."""
    quotes = _quotes(answer)
    for quote in quotes:
        starts = list(_MARKER.finditer(fold(quote)))
        if len(starts) > 1:
            ends = [m.start() for m in starts[1:]] + [len(quote)]
            items = [quote[m.end() : end] for m, end in zip(starts, ends, strict=True)]
            return [re.split("[。；;]", item)[0].strip("，,、 .") for item in items]
    if len(quotes) == 1:
        quotes = [part for part in re.split("[；;]", quotes[0]) if part.strip()]
    return [re.split("[。，；;]", quote)[0].strip() for quote in quotes]


def _nth_item(asked: str, before: str, answer: str) -> str:
    """``第二个具体怎么做？`` after an answer that enumerates; ``""`` if it is none."""
    match = _ORDINAL.match(fold(asked).lower())
    items = _items(answer)
    if match is None or len(items) < 2 or _is_structural(before):
        return ""
    groups = match.groupdict()
    if groups["n"]:
        wanted = to_int(groups["n"]) or 0
    else:
        wanted = _ORDER.index(groups["word"]) if groups["word"] in _ORDER else len(items)
    if not 0 < wanted <= len(items) or not items[wanted - 1]:
        return ""
    rest = re.sub("^(?:的|呢)+", "", _bare(asked[match.end() :]))
    item = items[wanted - 1]
    if language(asked)[:2] == "zh":
        return f"{_action(before)}，{item}，{rest or '有哪些内容'}？"
    return f"{_words_topic(before)} — {item}{' — ' + rest if rest else ''}?"


def _phrase_with(noun: str, texts: Sequence[str]) -> str:
    """The noun phrase of a text that ends in ``noun``: ``首席技师制度``; ``""`` if none has it."""
    for text in texts:
        for clause in re.split(r"[，,。；;：:？?！!（）()《》“”\s]", text):
            end = fold(clause).find(fold(noun))
            if end < 0:
                continue
            phrase = clause[: end + len(noun)]
            if "等" not in phrase:  # 工匠进校园、技能展示周等活动
                phrase = phrase.split("、")[-1]
            verbs = list(_GIVES.finditer(fold(phrase[: -len(noun)])))
            phrase = phrase[verbs[-1].end() :] if verbs else phrase
            return phrase[-24:]
    return ""


# Verbs that bring something about; what follows them is its name.
_GIVES = re.compile(
    "设立|建立|健全|完善|推行|实行|实施|制定|发布|公布|发放|颁发|开展|举办|组织|加强|推进|提供|落实|给予|享受"
    "|出台|印发|设置|编制|纳入|开通|成立|开设|申请|领取|定期|应当|可以|要求|是"
)
_BODY = (
    "部门|机关|机构|单位|政府|委员会|办公室|[部局厅委办]|学校"
    "|院校|学院|医院|中心|企业|公司|工会|协会|街道|社区"
)
_DOES = re.compile(
    rf"(?:^|[由请]|[，。；;,.])(?P<who>[^，。；;,由]{{0,24}}?(?:{_BODY}))"
    r"(?=负责|牵头|会同|配合|要|应|须|组织|承担|制定|统筹|指导|督促|开展|依法|根据|按照)"
)


def _who(before: str, answer: str) -> str:
    """The body a ``谁``-question was answered with, where the quote names it first."""
    if not re.search("谁|哪[些个家]?(?:部门|单位|机构|机关|企业|学校)|什么部门", fold(before)):
        return ""
    for quote in _quotes(answer):
        if match := _DOES.search(fold(quote)):
            return quote[match.start("who") : match.end("who")]
    return ""


# -- Chinese ---------------------------------------------------------------------------------

_LEAD = re.compile(
    r"^(?:(?:那么|那(?![个些项种里儿边份笔])|然后|另外|此外|对了|话说|顺便(?:问一?下?)?|再问一?下?|请问"
    r"|好(?:的|吧)?(?=[,。.、!? ])|嗯+|哦|明白了?|知道了|谢谢|ok)"
    r"[,。.、!? ]*)+"
)
_MORE = re.compile(
    r"(?:那|然后|除此之外)?(?:还有(?:呢|吗|没有|别的吗?|其他的?吗?|哪些|什么)?|其他的?呢?|别的呢?|继续|接着说|然后呢"
    r"|再说说|更多|就这些吗?|只有这些吗?|没了吗?)"
)
_DETAIL = re.compile(
    r"(?:能|可以|请|再|麻烦|帮我)*(?:说|讲|解释)?(?:得|的)?(?:更|再)?(?:详细|具体|展开|细)(?:一?[点些]|地)?"
    r"(?:说说?|讲讲?|介绍|解释|谈谈?)?(?:一?下|看|一?[点些])?(?:吗|呗|吧|呢)?"
)
_WH = (
    r"怎么样?|怎样|如何|为什么|为何|为啥|什么时候|啥时候|什么|啥|哪[些个几里儿年天种一]*|多少|几[个种项条类次点]?"
    r"|谁|何时|何处|多久|多长|多大|多高|是否|是不是|要不要|能不能|有没有|会不会|可不可以"
)
# Verbs of one character, unless they end a longer word (技能, 社会, 重要, 国有, 方向, 部分).
_AUXILIARY = (
    "(?<![技功职才])能|(?<![社机协工])会|(?<![主需重纲摘])要|(?<![国所])有|是"
    "|(?<![方导])向|(?<![部积])分"
)
# Where the subject of a question ends and what is asked of it begins.
_PREDICATE = re.compile(
    rf"(?:{_AUXILIARY}|主要|具体|到底|究竟|一共|总共|应该|应当|应|需要|可以|将|该|都|还|又|分别|必须|由|被|在|从|以|把|用|跟"
    r"|(?<!演)讲|(?<!小)说|写|做|享受|满足|具备|符合|注意|承担"
    r"|包括|包含|分为|指的是|指|叫做?|属于|通过|靠|怎|每[天年月周]|今年|明年)*(?:"
    r"怎么样?|怎样|如何|为什么|为何|为啥|什么时候|啥时候|何时|哪[些个几里儿年天种一]+|哪|多少|多久|几[个种项条类次点]?"
    r"|谁|什么|啥|是否|是不是|要不要|能不能|有没有|会不会|可不可以)"
    rf"|(?:{_AUXILIARY}|可以|需要|应该|必须)(?:(?!{_AUXILIARY}).){{0,12}}吗"
)
_KINDS = (
    "制度|政策|机制|工作|活动|措施|做法|办法|要求|规定|意见|事情|件事|事"
    "|方面|问题|任务|目标|人|学校|企业|部门|单位|文件"
)
_NOTICE = (
    r"(?:这|该|本|此|那)(?:一?[份个篇则件])?(?:通知|文件|公文|公函|通报|公告|批复"
    r"|文(?!件)|意见|决定)"
)
_POINTING = re.compile(
    rf"(?:做好?|办好?|干|搞)?(?:这件事情?|这个事情?|这事|这项工作)|它们?|(?<![其吉])他们?(?!人)|她们?"
    rf"|(?:这|那)(?:些|个|项|种|类|几[项个种])(?:{_KINDS})?|这样做?|这么做|(?:该|上述|此)(?:项|类)?(?:{_KINDS})|前者|后者|此举"
    rf"|这(?=是|叫|有|要|由|又|指|会|能|算|对|跟|和)|这(?:{_KINDS})"
    r"|(?<![与尤极])其(?![他它中实次余间])"
)
_DEED = re.compile("事|工作|此举")  # 这件事, 这项工作: what is done, not a thing
# 这笔补贴, 该机制: points where the noun was said before.
_THAT_NOUN = re.compile(
    r"(?<!在)(?:[这那](?P<of>[些个项种类笔张家名所条支]|几[个项种类])?|该[项类]?|此[项类]|上述)(?P<noun>[\u4e00-\u9fff]{1,6})"
)
_FUNCTION = re.compile(
    rf"{_WH}|具体|到底|究竟|一共|总共|主要|大概|最晚|最迟|最早|最多|最少|至少|最高|最低|每[年月天次]|目前|现在|以后|今后"
    r"|应该|应当|需要|必须|可以|别的|举个?例子?|分别|如果|万一|(?<!人)才|就|只|各|都|还|又|再|也|要|会(?!计)|能|将|该"
    r"|是|有|由|在|从|向|到|给|对|被|把|用(?!人|工)|靠|比(?!赛|例|率|重)|跟|来|去|不|没|做|办|搞|弄|说|讲|的话|的|了|吗|呢|啊|呀|吧|么|请|一下"
    r"|一点|个|项|种|(?<=[个些种少])人|些|为|(?<!参)与|和|得"
)
# What can be asked of anything: verbs and nouns that name no topic of their own.
_VERB = (
    "负责|监督|监管|牵头|主管|管理|承担|组织|主办|承办|举办|落实|实施|执行|推[进动行广]|开展|开始|启动|完成|结束|截止|到期"
    "|实现|达到|达标|生效|施行|办理|申[请领报]|领取|报名|报销|参[加与]|享受|获得|得到|考[核试]|评[估选定]|验收|检查|通过|取消"
    "|调整|公[布示]|发[布放]|出钱|收费|收钱|处[罚理]|违[反规]|逾期|补办|预约|查询|咨询|联系|投诉|举报"
    "|准备|提交|满足|符合|规定|要求|安排|保障|解决|支持|进行|设立|操作|配合|合格|同意"
)
_NOUN = (
    "责任(?:人|主体)?|目[的标]|作用|意[义思]|原因|好处|依据|背景|重点|方[式法面]|步骤|流程|程序|手续|措施|办法|对象|范围|期限"
    "|[时年]限|时[间候]|日期|地[点方]|部门|(?<!用人)单位|机构|材料|资料|条件|资格|标准|指标|金额|费用|经费|资金|比例|额度|数量"
    "|名额|次数|频率|周期|有效期|[结后]果|效果|情况|内容|任务|职责|限制|例外|区别|影响|网[上址]|线[上下]|现场|电话|满分"
    "|[上下]限|个人|自己|我们?|小时|[钱天年月日周次元岁点号级难]"
    # Verbs of one character, where they do not begin a word (交通, 退休).
    "|[管领评考发交缴付花退罚补查找问带选定建设出算拿得](?=$|[了吗呢完过上到给多几什谁哪怎不])"
)
_LIGHT = re.compile(f"{_VERB}|{_NOUN}|{_FUNCTION.pattern}")
_SUBJECTLESS = re.compile(
    "不|没|比(?!赛|例)|[跟与和]|如果|万一|凭|(?:要|能|会(?!计|议|员)|可以|需要|应该?|必须|得|还|也|都|给|有(?!关)|是)+"
    r"(?:(?![要怎么哪谁什]).){0,8}(?:吗|[多几]\w{0,3}$)|[\u4e00-\u9fff]{1,2}了"
)
# The notice is asked, or something that was left out so far.
_ELSEWHERE = re.compile("提[到及]|[说讲写谈]到|涉及|^其[他它余]")
_OBJECT = re.compile(rf"(?:{_VERB})(?:(?!{_LIGHT.pattern})\w){{2}}")  # 参加培训
# What is left out of a topic: who or how was asked of it, and that something is done at all.
_VAGUE = re.compile(
    rf"(?:{_WH})[办抓管设建发领定评算改说讲写看用]$|(?:谁|怎么|怎样|如何)来|{_WH}|吗|呢|请问|需要|应该|应当|必须|可以|[开进][展行]|推[进行动]|做好?|搞好?|弄|一[次回遍]"
    "|内容|要求|规定|措施|办法|方式|(?<![主重需])要|(?<![国所])有|是|由|将|该|的"
)
# 通知里对…有什么要求: what is said of it, not who says it.
_SAYING = re.compile(
    "^(?:(?:在?(?:这份|这个|本|该)?(?:通知|文件|文中)(?:里面?|中|上)?|有没有|是否|还|都|是|怎么)*"
    "(?:[说讲写谈]到?的?|提[到及]的?|规定的?|要求|关于|对(?!外))+|在?(?:这份|这个|本|该)?(?:通知|文件)(?:里面?|中|上))"
)
_DONE_TO = re.compile(r"(?:怎么|怎样|如何)(?:[给对让使帮向为]|\w\w)")  # 怎么提高……
_ORGANISATION = re.compile(
    "(?:校|院|企业|单位|部门|政府|机构|公司|地方|省|市|县|区|厂|所|局|厅|站|园|馆|店|食堂|会)$"
)
_PERSON = re.compile(
    "(?:人|者|员|士|师|徒|匠|工|生|民|户|儿童|[老少青]年|妇女|干部|主任|人才|职工|代表|领导|家长|司机|[校院局厅部处科所站班组会乡镇村市县]长)$"
)
_LONGER = re.compile("工[资作会程业伤]|生[活产育态]|师资|会[议计]|[省市县区]级|民[生办族]")
_PLACE = re.compile("[里内外中上下]$|期间?$|的时候$|[节季假]$|周末$|[\u4e00-\u9fff][省市县区]级$")


def _chinese(asked: str, before: str, answer: str) -> str:
    view = fold(asked)
    lead = _LEAD.match(view)
    start = lead.end() if lead else 0
    if start >= len(view) or not _bare(asked[start:]):
        return ""
    core, seen = asked[start:], view[start:]
    bare = _bare(seen)
    if _MORE.fullmatch(bare):
        return "除此之外，" + before
    if _DETAIL.fullmatch(bare):
        return "具体来说，" + before
    if focus := _focus(core, seen):
        return _about(focus, before)
    without = re.sub(_NOTICE, lambda m: "\u3000" * len(m[0]), seen)
    if named := _that_noun(core, without, before, answer):
        return named
    if match := _POINTING.search(without):
        return _with_topic(core, match, before, answer)
    if re.search(_NOTICE, seen):
        return ""
    if _leans(bare, bool(lead and "那" in lead[0])):
        return _after_element(core, before) or _joined(before, core)
    return ""


def _leans(bare: str, then: bool = False) -> bool:
    """Whether a question names no topic of its own.

    It names none if hardly anything is in it but words that can be asked of anything (``谁来管``,
    ``有没有期限``), or little else after an auxiliary, a negation or a comparison
    (``不戴罚多少钱``). A verb with its object (``参加培训``) is a topic.
    """
    bare = re.sub(r"(\w)不\1", "是不是", bare)  # 难不难
    if not re.search(_WH + "|吗|原因|例", bare) or _ELSEWHERE.search(bare):
        return False
    own = re.sub(r"\W|\d", "", _LIGHT.sub("", bare))
    if then or _SUBJECTLESS.match(bare):
        return len(own) <= 4
    return len(own) <= 1 or (len(own) <= 2 and not _OBJECT.search(bare))


def _focus(core: str, seen: str) -> str:
    """The X of ``X呢？``, in the words of the question; ``""`` if it is not of this kind."""
    match = re.fullmatch(
        r"(?:关于|对于|至于|换成|如果是|还有|对)?(?P<x>.{1,24}?)(?:的?(?:部分"
        r"|情况)|有什么要求|有哪些要求)?(?:的话)?呢[?。!. ]*",
        seen,
    )
    if match is None or re.search(_WH, match["x"]) or _POINTING.fullmatch(match["x"]):
        return ""
    return core[match.start("x") : match.end("x")]


def _split(before: str) -> tuple[str, str]:
    """Subject of an earlier question and the rest of it; no subject where that is unclear."""
    match = _PREDICATE.search(fold(before))
    if match is None or match.start() < 2:
        return "", before
    subject = before[: match.start()].strip("，, ")
    view = fold(subject)
    # A verb before the question word (要弘扬什么精神) makes what is before it no subject.
    if re.match("要|应|需|能|会|可以|请|怎么|如何", view) or re.search("[给向把对到报]$", view):
        return "", before
    start = match.start()
    if cut := re.search("(?<![重主需技功才])(?:要|能|应该?|需要|必须|可以)[^的]{1,6}$", view):
        start = cut.start() if cut.start() > 1 else start
        subject = before[:start]
    return subject, before[start:]


def _about(focus: str, before: str) -> str:
    """``X呢？``: of the notice, of the same topic, or in the place of what was asked about."""
    view = fold(focus)
    if re.match("不|没|如果|万一", view) or view.endswith("了"):
        return _joined(before, f"{focus}怎么办？")
    of_notice = f"这份通知的{focus}"
    if _is_structural(focus) or (_is_structural(before) and _is_structural(of_notice)):
        hant = language(before + focus) == "zh-Hant"
        return f"這份通知的{focus}是什麼？" if hant else f"{of_notice}是什么？"
    if _LIGHT.fullmatch(view):
        return _joined(before, f"{focus}是什么？")
    return _with_focus(focus, before)


def _with_focus(focus: str, before: str) -> str:
    """An earlier question asked of something else: ``那工资呢``, ``那学校呢``, ``小区里呢``.

    What stands in the same place of the earlier question makes room: a body or person for another,
    the word after the last ``的``, or a phrase that ends in the same character.
    """
    before = _SAYING.sub("", before) if language(before)[:2] == "zh" else before
    focus = re.sub("的?方面$", "", focus)
    view = fold(focus)
    subject, rest = _split(before)
    if not subject:
        match = _DONE_TO.match(fold(before))
        start = match.end() if match else len(before)
        swapped = _swapped(focus, before[start:])
        return before[:start] + swapped if swapped else f"{focus}方面，{before}"
    topic, of, old = subject.rpartition("的")
    if focus.endswith("的"):
        swapped = _swapped(focus[:-1], old)
        return f"{topic}{of}{swapped}{rest}" if swapped else f"{focus}{old}{rest}"
    if "的" in focus:
        return f"{focus}{rest}"
    if _is_actor(view) and topic and not _is_actor(fold(old)):
        return f"{focus}的{old}{rest}"
    if swapped := _swapped(focus, subject):
        return swapped + rest
    if _is_actor(view) and _is_actor(fold(old)):
        return f"{topic}{of}{focus}{rest}"
    if _is_actor(view) or _PLACE.search(view):
        return f"{focus}{subject}{rest}"
    if topic:
        return f"{topic}的{focus}{rest}"
    if _is_actor(fold(subject)):
        return f"{subject}的{focus}有哪些内容？"
    kept = subject[: -len(focus)] if len(subject) - len(focus) > 1 else ""
    return f"{kept}{focus}{rest}"


def _is_actor(view: str) -> bool:
    return bool(_ORGANISATION.search(view) or _PERSON.search(view))


def _swapped(focus: str, text: str) -> str:
    """A text with a focus in the place of the phrase like it; ``""`` if it has none.

    ``高速公路`` takes the place of ``农村道路`` in ``农村道路限速``, ``学校`` that of ``社区`` in
    ``防汛工作对社区``.
    """
    view, kind_of = fold(text), fold(focus)
    end = view.rfind(kind_of[-1]) + 1 if len(focus) > 2 and view.rfind(kind_of[-1]) > 0 else 0
    for kind in (_PERSON, _ORGANISATION):
        if kind.search(kind_of):
            ends = {i for i in range(2, len(text) + 1) if kind.search(view[:i])}
            ends -= {m.start() + 1 for m in _LONGER.finditer(view)}
            end = next((e for e in sorted(ends) if not {e + 1, e + 2} & ends), end)
    start = max((m.end() for m in re.finditer("[对给向让由]", view[: max(end - 2, 0)])), default=0)
    return text[:start] + focus + text[end:] if end else ""


def _gaps(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    """Spans of ``text`` between the matches of ``pattern``."""
    edges = [0, *(edge for m in pattern.finditer(text) for edge in m.span()), len(text)]
    return list(zip(edges[0::2], edges[1::2], strict=True))


def _segments(before: str) -> str:
    """An earlier question without the parts that name no topic (``…，谁负责？``)."""
    before = _SAYING.sub("", _bare(before))
    parts = [part for part in re.split("[，,]", before) if part.strip()]
    own = [part for part in parts if not _leans(fold(part))]
    return "，".join(own or parts[:1])


def _thing(before: str) -> str:
    """The thing an earlier question is about; ``""`` where it asks about an action alone."""
    before = _segments(before)
    view = fold(before)
    if match := re.match(r"(?:什么是|何谓|什么叫|介绍一?下?|说说|谈谈|讲讲)(.+)", view):
        return _bare(before[match.start(1) : match.end(1)])
    return _split(before)[0]


def _action(before: str) -> str:
    """All an earlier question is about: its words without what was asked of them."""
    if named := _is_structural(before) and _named(before, lexicon(language(before))):
        return before[named[0].start : named[-1].end].strip()
    if language(before)[:2] != "zh":
        return _words_topic(before)
    before = _segments(before)
    subject, rest = _split(before)
    said = "".join(rest[a:b] for a, b in _gaps(_VAGUE, fold(rest)))
    return re.sub(r"^来|\s+", "", subject + said)


def _that_noun(core: str, seen: str, before: str, answer: str) -> str:
    """``这个目录谁来发布``: the noun as the last question or answer named it."""
    for match in _THAT_NOUN.finditer(seen):
        for size in range(len(match["noun"]), 0, -1):
            noun = core[match.start("noun") : match.start("noun") + size]
            if re.fullmatch(_KINDS + "|" + _WH + "|事情?|[是要能会有]", fold(noun)):
                continue
            name = _phrase_with(noun, [_thing(before)] if _thing(before) else [])
            name = (
                name or _phrase_with(noun, _quotes(answer)) or _phrase_with(noun, [_action(before)])
            )
            if name:
                return core[: match.start()] + name + core[match.start("noun") + size :]
        if match["of"] and not re.match(f"{_KINDS}|{_LIGHT.pattern}", match["noun"]):
            return _joined(before, core)
    return ""


def _with_topic(core: str, match: re.Match[str], before: str, answer: str) -> str:
    if match[0].startswith(("这样", "这么")):
        return f"{_bare(before)}，{core}"
    who = _who(before, answer)
    if who and re.match("[他它她]", match[0]):
        return f"{_action(before)}，{core[: match.start()]}{who}{core[match.end() :]}"
    thing = "" if _DEED.search(match[0]) else _thing(before)
    topic = thing or _action(before)
    if not topic or len(topic) > 40:
        return _joined(before, core)
    start = match.start()
    verb = re.match("做好?|办好?|干|搞", match[0])
    if verb and _thing(before):
        start += verb.end()
    own = "的" if match[0] == "其" and thing else ""
    return f"{core[:start]}{topic}{own}{core[match.end() :]}"


def _after_element(core: str, before: str) -> str:
    """``哪天？`` after a question about an element asks it of the notice."""
    if not _is_structural(before):
        return ""
    full = (f"这份通知是{_bare(core)}发的？", f"这份通知{core}")
    return next((asked for asked in full if _is_structural(asked)), "")


def _joined(before: str, core: str) -> str:
    """What the earlier question is about, and the follow-up."""
    if _is_structural(before) and not _named(before, lexicon(language(before))):
        return ""
    topic = _action(before)
    return f"{topic}，{core}" if topic else ""


# -- languages written with spaces -----------------------------------------------------------

_MORE_WORDS = re.compile(
    r"(?:and |so )?(?:what|anything|something) (?:else|more)|"
    r"(?:is|are) there (?:any )?(?:more|others?)"
    r"|(?:and )?then what|go on|continue|(?:any )?more|and then|and"
    r"|¿?(?:y )?(?:qué|algo) más|(?:et )?quoi d['’]autre|was noch|noch etwas|что ещё|что еще"
)
_EN_DETAIL = re.compile(
    r"(?:please |can you |could you )*(?:tell me more|(?:give )?(?:me )?(?:some )?more details?"
    r"|elaborate|expand"
    r"|be more specific|explain(?: more| further)?)"
    r"(?: on that| on it| about it| about that| please)*"
)
_ABOUT = re.compile(
    r"(?:and|so|ok(?:ay)?|then|but|well|now)?[, ]*(?:what|how) about (?P<x>.+)"
    r"|and (?:for |in |on )?(?P<y>(?!what|who|how|when|where|why|which|is|are|do|does|did|can)\w.+)"
    r"|(?:for|in|on|at|under|with) (?P<z>(?!what|who|how|when|where|which)\w+(?: \w+){0,3})"
    r"|(?:y (?:qué hay de )?|et (?:qu['’]en est-il de )?|und (?:was ist mit )?|(?:а|и) |e )"
    r"(?P<o>.+)"
)
_EN_POINTING = re.compile(
    r"(?:(?<=\bis )(?:that|this)|(?<=\bare )(?:these|those)) (?!about|\w+ (?:of|in)\b)(?=\w+$)|"
    r"\b(?:(?P<its>its|their|his|her)|they|them|he|she|him|it(?!['’]s (?:true|possible))"
    r"|(?:this|these|those|that)(?: (?:system|polic\w+|measures?|scheme|mechanism|program\w*"
    r"|work|rules?"
    r"|requirements?|ones?|goal|effort|task|reform|method|award|scheme)s?)?(?= (?:is|are|was"
    r"|were|be|mean|work"
    r"|apply|applies|happen|take|done|do|does|include|for|by|in|on|from|to|so|help|matter)\b|$))(?![\w’'])"
)
_EN_NOTICE = re.compile(
    r"\b(?:this|that|the) (?:notice|document|circular|letter|text|file|paper)\b"
    r"|\b(?:does|did|do) it (?:say|mention|state|require|cover|contain|explain|talk|give"
    r"|list|set)\b"
    r"|\bit (?:says|states|mentions|requires)\b|\b(?:is|was|has) it (?:true|possible|issued"
    r"|addressed)\b"
)
_EN_TOPICS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:does|did) (?:(?:the|this) \w+|it) (?:say|mention|contain|talk|include|cover"
        r"|require|address)"
        r"(?: anything| something)?(?: about| on| regarding)? (?P<t>.+)",
        r"what does (?:(?:the|this) \w+|it) (?:say|mention|require|state)(?: about| on| of| "
        r"regarding) (?P<t>.+)",
        r"(?:tell me about|explain|describe|what about) (?P<t>.+)",
        r"(?:what|who) (?:is|are|was|were) (?P<t>(?:the |a |an )?[\w '’-]+)",
        r"(?:is|are) there (?:any )?(?P<t>[\w '’-]+)",
    )
)
# Words that ask, in all these languages, and words that can be asked of anything.
_ASKING = frozenset(
    """
    what which who whom whose when where why how much many often long far soon is are was were be
    been will would shall should must may might can could do does did has have had there a an the
    any every each once twice so exactly specifically precisely please by for to of in on at from
    until since with within under than such as per
    qué que cuál cuáles quién quiénes cuándo dónde cómo cuánto cuánta cuántos cuántas es son hay
    está están ha han se debe deben puede pueden el la los las un una por para de del desde hasta
    en a con y lo le les
    quel quelle quels quelles qui quoi quand où comment combien pourquoi est sont y t il elle ils
    elles on à a ont doit doivent peut peuvent le un une des du au aux d l s par pour depuis jusqu
    jusque dans en avec et ce cela ça comme
    was welche welcher welches welchen wer wem wen wann wo wohin woher wie warum wieso viel viele
    oft lange ist sind wird werden muss müssen soll sollen kann können darf gibt es der die das den
    dem ein eine einen einer für von vom bis seit ab im am in an mit zu zum zur und sich man dafür
    davon dazu dabei darüber
    что какой какая какие каких кто кого кому чем когда где куда откуда как почему зачем сколько
    есть ли это за для до с со из от в во на к по у и быть должен должны можно нужно надо
    """.split()
)
_RELATIONS = frozenset(
    """
    responsible charge pays pay paid checks check supervises supervise monitors monitor decides
    decide organises organizes organise organize implements implement apply applies start starts
    begin begins end ends happen happens take takes cost costs need needs required get gets goal
    deadline time date day days hours weeks months years year month limit limits purpose aim reason
    reasons conditions requirements documents procedure fee amount price consequences penalty
    examples example else more other exceptions not if you i we they people one
    responsable responsables encarga paga pagan plazo plazos fecha objetivo requisitos cuesta
    empieza termina controla supervisa solicita dinero motivo finalidad más
    paie paient délai date but objectif conditions coûte commence finit contrôle supervise charge
    chargé responsable argent raison
    zuständig verantwortlich bezahlt zahlt frist fristen ziel zweck kostet beginnt endet
    kontrolliert überwacht geld grund voraussetzungen
    отвечает отвечают ответственный платит платят срок сроки цель стоит начинается контролирует
    деньги причина условия
    """.split()
)
_FOREIGN_POINTING = re.compile(
    r"\b(?:ellos|ellas|eso|esto|dessen|deren|diese[sr]?"
    r"|celui-ci|cela|ça|это|этого|они|он|она|их|auch|también|aussi|тоже|too|also)\b"
    r"|^(?:qui|comment|quand|où|pourquoi) (?:l['’]|les? |la )(?=\w+$)"
)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", fold(text).lower())


def _by_words(asked: str, before: str) -> str:
    core = asked.strip(_END + "¿¡")
    view = fold(core).lower()
    if len(view) != len(core):
        view = core
    if _MORE_WORDS.fullmatch(view):
        return f"Besides that: {before}"
    if _EN_DETAIL.fullmatch(view):
        return f"In more detail: {before}"
    words = _words(core)
    own = [word for word in words if word not in _ASKING and word not in _RELATIONS]
    leans = len(words) <= 9 and (not own or (len(words) == 2 and words[0] in _ASKING))
    if (match := _ABOUT.fullmatch(view)) and not (match["z"] and leans):
        group = match.lastgroup or "x"
        focus = core[match.start(group) : match.end(group)]
        of_notice = f"What is {focus} of this notice?"
        if group == "o" and _is_structural(focus):
            return f"{focus}?"
        if _is_structural(focus) or (_is_structural(before) and _is_structural(of_notice)):
            return of_notice
        return f"{_bare(before)} — {focus}?" if len(focus.split()) <= 8 else ""
    return _pointing_back(core, view, before) or (_leaning(core, before) if leans else "")


def _pointing_back(core: str, view: str, before: str) -> str:
    without = _EN_NOTICE.sub(lambda m: "_" * len(m[0]), view)
    match = _EN_POINTING.search(without) if language(core) == "en" else None
    if match is None:
        short = len(core.split()) <= 6 and _FOREIGN_POINTING.search(view)
        return f"{_words_topic(before)} — {core}?" if short else ""
    topic = _named_topic(before)
    if not topic or len(topic) > 60:
        return f"{_words_topic(before)} — {core[:1].lower()}{core[1:]}?"
    owner = topic + ("’" if topic.endswith("s") else "’s") if match["its"] else topic
    return f"{core[: match.start()]}{owner}{core[match.end() :]}?"


def _leaning(core: str, before: str) -> str:
    of_notice = f"{core} was this notice issued?"
    if _is_structural(before):
        if _is_structural(of_notice):
            return of_notice
        if not _named(before, lexicon(language(before))):
            return ""
    return f"{_words_topic(before)} — {core[:1].lower()}{core[1:]}?"


def _named_topic(before: str) -> str:
    """The thing an English question names: ``skills competitions``; ``""`` if none."""
    bare = _bare(before).split(" — ")[0]
    view = fold(bare)
    for pattern in _EN_TOPICS:
        if match := pattern.fullmatch(view):
            return bare[match.start("t") : match.end("t")]
    return ""


def _words_topic(before: str) -> str:
    """An earlier question without the words at its beginning that ask."""
    parts = before.strip(_END + "¿¡").split(" — ")
    own = [p for p in parts if not all(w in _ASKING or w in _RELATIONS for w in _words(p))]
    topic = " — ".join(own or parts[:1])
    if (thing := _named_topic(topic)) and len(own) == 1:
        return thing
    while (
        (first := re.match(r"[^\W\d_]+[’']?\s*", topic))
        and _words(first[0])
        and (_words(first[0])[0] in _ASKING)
    ):
        topic = topic[first.end() :]
    return topic or _bare(before)


# -- Japanese and Korean ---------------------------------------------------------------------

_EAST_LEAD = re.compile(
    r"^(?:(?:では|じゃあ?|それでは|それで|そして|あと|ちなみに)[、, ]*|(?:그럼|그러면|그리고)[, ]*)"
)
_EAST_POINTING = re.compile(
    r"^(?:それ|これ|その|そこ|彼ら?)(?!ぞれ)|^그(?:것|들|거)|^\w{1,12}(?:は|[은는]요)$"
)
_EAST_LIGHT = re.compile(
    "なぜ|どうして|いつ|誰|だれ|どこ|いくら|いくつ|どう|何|どの|くらい|ぐらい|まで|から|です|ます|でした|ました|ください"
    "|責任者?|担当|負責|負担|期限|目的|理由|費用|条件|必要|対象|方法|開始|申請|支払|払"
    "|[\u3040-\u309f回年月日人時間]"
    "|누가|누구|왜|언제|어디|얼마나?|어떻게|무엇|뭐|몇|까지|부터|인가|하나|되나|있나|나요|습니까|입니까|예요|이에요|담당|책임|기한|목적"
    "|이유|비용|조건|대상|방법|시작|신청|[가은는을를이의에요지도하되있]"
)


def _east(asked: str, before: str) -> str:
    view = fold(asked)
    lead = _EAST_LEAD.match(view)
    core = _bare(asked[lead.end() :] if lead else asked)
    if not core:
        return ""
    if lead and _is_structural(core):
        return core + ("？" if language(asked) == "ja" else "?")
    own = re.sub(r"\W|\d", "", _EAST_LIGHT.sub("", fold(core)))
    if len(core) <= 40 and (lead or len(own) <= 1 or _EAST_POINTING.search(_bare(view))):
        return f"{_bare(before)} — {core}?"
    return ""
