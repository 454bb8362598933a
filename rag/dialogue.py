"""A question and the conversation before it become one standalone question, by rules.

A follow-up leans on the question before it in one of few ways: it names a new focus
(``那工资呢？``), points with a pronoun (``它由谁负责？``), leaves its subject out
(``具体怎么做？``), asks for more (``还有呢？``) or for the next part (``下一点呢？``). Each way has
one rule below. A question that does none of this comes back as it is, so that a change of topic is
not dragged back to the old one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rag.numbering import to_chinese
from rag.structure import structure_question
from rag.structure_words import UNIT_KINDS, Lexicon, lexicon
from rag.text import fold, language
from rag.types import Notice

_TURNS = 8  # questions looked back on
_LONGEST = 300  # characters of an earlier question that are of use
_NOTICE_NOUN = r"通知|文件|公文|notice|document|circular"
_NO_NOTICE = (Notice(id="", text=""),)
_END = "？?。.！!；;，, \u3000"


def standalone(question: str, history: Sequence[Mapping[str, Any]] = ()) -> str:
    """The question with what it takes from the conversation filled in.

    Args:
        question: What the user asks now.
        history: OpenAI-style messages, oldest first; a content may be text or a list of parts.
            Only the user's turns are read.

    Returns:
        A question to be understood by itself; ``question`` itself where it already is.
    """
    before = ""
    for turn in _user_turns(history)[-_TURNS:]:
        before = _resolve(turn, before)
    return _resolve(question, before)


def _user_turns(history: Sequence[Mapping[str, Any]]) -> list[str]:
    turns: list[str] = []
    for message in history or ():
        if not isinstance(message, Mapping) or message.get("role") != "user":
            continue
        content = message.get("content")
        if isinstance(content, (list, tuple)):
            texts = (p if isinstance(p, str) else p.get("text", "") for p in content if p)
            content = " ".join(t for t in texts if isinstance(t, str))
        if isinstance(content, str) and content.strip():
            turns.append(" ".join(content.split())[:_LONGEST])
    return turns


def _resolve(question: str, before: str) -> str:
    """One step: a question and the standalone question before it."""
    asked = question.strip()
    if not before or not asked:
        return question
    tag = language(asked)
    if by_part := _nth_part(asked, before) or _other_part(asked, before):
        return by_part
    if _is_structural(asked) and not _points_elsewhere(asked, before):
        return question
    if tag in ("zh-Hans", "zh-Hant"):
        found = _chinese(asked, before)
    elif tag == "en":
        found = _english(asked, before)
    else:
        found = _elsewhere(asked, before)
    return found or question


def _is_structural(text: str) -> bool:
    """Whether a text asks for an element or a part of the notice, all by itself."""
    return structure_question(text, _NO_NOTICE) is not None


def _points_elsewhere(asked: str, before: str) -> bool:
    """Whether ``谁发的`` is asked, by a pronoun, of something that is not the notice."""
    if _is_structural(before) or re.search(_NOTICE_NOUN, fold(before) + fold(asked)):
        return False
    if _named(asked, lexicon(language(asked))):
        return False
    if language(before) == "en" and not _english_topic(before):
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
    r"(?:那么?|然后|再)?(?P<n>第[一二三四五六七八九十\d]{1,3}|最后一?)个?(?P<ask>呢|是什么|[讲说写]的?(?:了|是)?(?:什么|啥))?"
)
_THEM = re.compile(
    r"(?:那|请|都|再|帮我|把(?:它们|标题)?)*(?:分别|列|说|都)(?:都|是|有|一?下|出来|叫|讲|说|看看|列|的|来)*(?:什么|啥|哪些|哪几个)?(?:标题)?"
)


def _nth_part(asked: str, before: str) -> str:
    """``第二个呢？`` and ``分别是什么？`` after a question for the number or list of parts."""
    bare = _bare(fold(asked))
    reply = structure_question(before, _NO_NOTICE)
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
        return f"{outer}{nth}{'点' if earlier else '部分'}{tail}"
    if earlier:
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


# -- Chinese ---------------------------------------------------------------------------------

_LEAD = re.compile(
    r"^(?:(?:那么|那(?![个些项种里儿边份])|然后|另外|此外|对了|话说|顺便(?:问一?下?)?|再问一?下?|请问|好的?|嗯+|哦|明白了?|知道了|谢谢|ok)"
    r"[,。.、!? ]*)+"
)
_MORE = re.compile(
    r"(?:那|然后|除此之外)?(?:还有(?:呢|吗|没有|别的吗?|其他的?吗?|哪些|什么)?|其他的?呢?|别的呢?|继续|接着说|然后呢"
    r"|再说说|更多|就这些吗?|没了吗?)"
)
_DETAIL = re.compile(
    r"(?:能|可以|请|再|麻烦)*(?:详细|具体|展开|细)(?:一?点|地)?(?:说说?|讲讲?|介绍|解释|谈谈?)(?:一?下|看)?(?:吗|呗|吧)?"
    r"|(?:能|可以|请|再)*(?:详细|具体)一?[点些](?:吗|呢)?|展开"
)
_WH = (
    r"怎么样?|怎样|如何|为什么|为何|为啥|什么时候|啥时候|什么|啥|哪[些个几里儿年天种一]*|多少|几[个种项条类次点]?"
    r"|谁|何时|何处|多久|多大|是否|是不是|要不要|能不能|有没有|会不会|可不可以"
)
# Verbs of one character, unless they end a longer word (技能, 社会, 重要, 国有, 方向, 部分).
_AUXILIARY = (
    "(?<![技功职才])能|(?<![社机协工])会|(?<![主需重纲摘])要|(?<![国所])有|是"
    "|(?<![方导])向|(?<![部积])分"
)
# Where the subject of a question ends and what is asked of it begins.
_PREDICATE = re.compile(
    rf"(?:{_AUXILIARY}|主要|具体|到底|究竟|一共|总共|应该|应当|应|需要|可以|将|该|都|还|又|分别|必须|由|被|在|从|以|把|用|跟|(?<!演)讲|(?<!小)说|写|做"
    r"|包括|包含|分为|指的是|指|叫做?|属于|通过|靠|怎)*(?:"
    r"怎么样?|怎样|如何|为什么|为何|为啥|什么时候|啥时候|何时|哪[些个几里儿年天种一]+|哪|多少|几[个种项条类次点]?"
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
_FUNCTION = re.compile(
    rf"{_WH}|具体|到底|究竟|一共|总共|主要|大概|最晚|最迟|最早|最多|最少|至少|每[年月天次]|目前|现在|以后|今后|应该"
    r"|应当|需要|必须|可以|别的|举个?例子?|原因|意思|分别|各|都|还|又|再|也|要|会|能|将|该|是|有|由|在|从|向|到|给"
    r"|被|把|用|靠|来|去|做|办|搞|弄|说|讲|的|了|吗|呢|啊|呀|吧|么|请|一下|一点|个|项|种|人|些|话|为|与|和"
)
_ASPECT = re.compile(
    "(?:主要)?(?:目的|作用|意义|原因|好处|目标|依据|背景|重点|方式|措施|对象|范围|责任人|责任主体|期限)"
    "(?:主要|又|都|到底|究竟)*(?:是|有|包括)(?:什么|啥|谁|哪些|哪个)"
)
_ORGANISATION = re.compile("(?:校|院|企业|单位|部门|政府|机构|公司|地方|省|市|县|厂|所|局|厅)$")
_PERSON = re.compile("(?:人|者|员|师|工|生|干部|人才|职工|代表|领导)$")


def _chinese(asked: str, before: str) -> str:
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
        return _with_focus(focus, before)
    without = re.sub(_NOTICE, lambda m: "\u3000" * len(m[0]), seen)
    if match := _POINTING.search(without):
        return _with_topic(core, match, before)
    if re.search(_NOTICE, seen):
        return ""
    if _ASPECT.fullmatch(bare) and _is_structural(before):
        return ""
    if _lacks_subject(seen) or (lead and "那" in lead[0] and len(_content(seen)) <= 4):
        return _after_element(bare, core, before) or _joined(before, core)
    return ""


def _content(seen: str) -> str:
    """What is left of a question without function words and punctuation."""
    return re.sub(r"\W", "", _FUNCTION.sub("", seen))


def _lacks_subject(seen: str) -> bool:
    """Whether a question begins with its question word and says little after it."""
    bare = _bare(seen)
    if len(bare) > 14 or not re.search(_WH + "|吗|原因|例", bare):
        return False
    if _ASPECT.fullmatch(bare):
        return True
    first = _FUNCTION.match(bare)
    return first is not None and len(_content(bare)) <= 2


def _focus(core: str, seen: str) -> str:
    """The X of ``X呢？``, in the words of the question; ``""`` if it is not of this kind."""
    match = re.fullmatch(
        r"(?:关于|对于|至于|换成|如果是|还有)?(?P<x>.{1,24}?)(?:的?(?:部分"
        r"|情况))?(?:的话)?呢[?。!. ]*",
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
    if (
        re.match(r"(?:要|应|需|能|会|可以|请|怎么|如何)", view)
        or re.search(r"[给向把对到报]$", view)
        or re.search(r"(?<![重主需])(?:要|应该?|需要|必须)[^的]{1,6}$", view)
    ):
        return "", before
    return subject, before[match.start() :]


def _with_focus(focus: str, before: str) -> str:
    of_notice = f"这份通知的{focus}"
    if _is_structural(focus) or (_is_structural(before) and _is_structural(of_notice)):
        hant = language(before + focus) == "zh-Hant"
        return f"這份通知的{focus}是什麼？" if hant else f"{of_notice}是什么？"
    subject, rest = _split(before)
    if not subject:
        return f"{focus.removesuffix('方面')}方面，{before}"
    topic, _, old = subject.rpartition("的")
    if focus.endswith("方面") and not topic:
        return f"{subject}的{focus}有哪些内容？"
    focus = focus.removesuffix("方面").removesuffix("的方面")
    if focus.endswith("的"):
        return f"{focus}{old}{rest}"
    if not topic or "的" in focus:
        return f"{focus}{rest}"
    view, outer = fold(focus), fold(topic)
    for kind in (_ORGANISATION, _PERSON):
        if kind.search(view) and kind.search(outer) and not kind.search(fold(old)):
            return f"{focus}的{old}{rest}"
    return f"{topic}的{focus}{rest}"


def _topic(before: str) -> tuple[str, bool]:
    """What an earlier question is about, and whether that is an action rather than a thing."""
    subject, _ = _split(before)
    if subject:
        return subject, False
    view = fold(before)
    if match := re.match(r"(?:什么是|何谓|什么叫|介绍一?下?|说说|谈谈|讲讲)(.+)", view):
        return _bare(before[match.start(1) : match.end(1)]), False
    kept = "".join(before[a:b] for a, b in _gaps(re.compile(f"{_WH}|吗|呢|请问"), view))
    return re.sub(r"^(?:要|应该?|需要|能|可以)", "", _bare(kept)), True


def _gaps(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    """Spans of ``text`` between the matches of ``pattern``."""
    edges = [0, *(edge for m in pattern.finditer(text) for edge in m.span()), len(text)]
    return list(zip(edges[0::2], edges[1::2], strict=True))


def _with_topic(core: str, match: re.Match[str], before: str) -> str:
    if match[0].startswith(("这样", "这么")):
        return f"{_bare(before)}，{core}"
    topic, is_action = _topic(before)
    if not topic or len(topic) > 40:
        return _joined(before, core)
    start = match.start()
    verb = re.match("做好?|办好?|干|搞", match[0])
    if verb and not is_action:
        start += verb.end()
    own = "的" if match[0] == "其" and not is_action else ""
    return f"{core[:start]}{topic}{own}{core[match.end() :]}"


def _after_element(bare: str, core: str, before: str) -> str:
    """``哪天？`` after a question about an element asks it of the notice."""
    if not re.fullmatch(rf"(?:是|在|由)?(?:{_WH})", bare) or not _is_structural(before):
        return ""
    asked = f"这份通知是{_bare(core)}发的？"
    return asked if _is_structural(asked) else ""


def _joined(before: str, core: str) -> str:
    """The earlier subject, or the whole earlier question, and the follow-up."""
    subject, _ = _split(before)
    return f"{_bare(subject or before)}，{core}"


# -- English ---------------------------------------------------------------------------------

_EN_MORE = re.compile(
    r"(?:and |so )?(?:what|anything|something) (?:else|more)|(?:and )?then what|go on"
    r"|continue|(?:any )?more"
    r"|and then|and"
)
_EN_DETAIL = re.compile(
    r"(?:please |can you |could you )*(?:tell me more|(?:give )?(?:me )?(?:some )?more details?"
    r"|elaborate|expand"
    r"|be more specific|explain(?: more| further)?)"
    r"(?: on that| on it| about it| about that| please)*"
)
_EN_ABOUT = re.compile(
    r"(?:and|so|ok(?:ay)?|then|but|well|now)?[, ]*(?:what|how) about (?P<x>.+)"
    r"|and (?:for |in |on )?(?P<y>(?!what|who|how|when|where|why|which|is|are|do|does|did|can)\w.+)"
)
_EN_POINTING = re.compile(
    r"(?:(?<=\bis )(?:that|this)|(?<=\bare )(?:these|those)) (?!\w+ (?:of|in)\b)(?=\w+$)|"
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
_EN_BARE = re.compile(
    r"(?:(?:and|so|but) )?(?:why(?: not| so)?|how(?: so| come| exactly)?|who(?: exactly)?"
    r"|whom|when|where"
    r"|by (?:whom|when|what date|which date)|(?:on|at|in|for|to|from|since|until|with) "
    r"(?:what|which|whom|when)"
    r"(?: (?:date|day|time|purpose|way|year|reason|extent))?|how (?:many|much|long|often)"
    r"|which(?: ones?)?"
    r"|what (?:kind|kinds|exactly|for|date|time)|such as|for example|like what|for instance"
    r"|in what way)"
    r"(?: exactly| specifically| precisely| in particular)?"
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


def _english(asked: str, before: str) -> str:
    view = fold(_bare(asked))
    core = _bare(asked)
    if _EN_MORE.fullmatch(view):
        return f"Besides that: {before}"
    if _EN_DETAIL.fullmatch(view):
        return f"In more detail: {before}"
    if match := _EN_ABOUT.fullmatch(view):
        group = "x" if match["x"] else "y"
        focus = core[match.start(group) : match.end(group)]
        of_notice = f"What is {focus} of this notice?"
        if _is_structural(focus) or (_is_structural(before) and _is_structural(of_notice)):
            return of_notice
        if len(focus.split()) <= 8:
            return f"{_bare(before)} — {focus}?"
        return ""
    if _EN_BARE.fullmatch(view):
        of_notice = f"{core} was this notice issued?"
        if _is_structural(before) and _is_structural(of_notice):
            return of_notice
        return f"{_bare(before)} — {core[:1].lower()}{core[1:]}?"
    without = _EN_NOTICE.sub(lambda m: "_" * len(m[0]), view)
    match = _EN_POINTING.search(without)
    if match is None:
        return ""
    topic = _english_topic(before)
    if not topic or len(topic) > 60:
        return f"{_bare(before)} — {core[:1].lower()}{core[1:]}?"
    owner = topic + ("’" if topic.endswith("s") else "’s") if match["its"] else topic
    return f"{core[: match.start()]}{owner}{core[match.end() :]}?"


def _english_topic(before: str) -> str:
    view = fold(_bare(before))
    for pattern in _EN_TOPICS:
        if match := pattern.fullmatch(view):
            return _bare(before)[match.start("t") : match.end("t")]
    return ""


# -- other languages -------------------------------------------------------------------------

_OTHER_LEAD = re.compile(
    r"^[¿¡\s]*(?:y\b(?: qué hay de\b)?|et\b(?: qu['’]en est-il de\b)?|und\b(?: was ist "
    r"mit\b)?|(?:а|и)\s"
    r"|(?:では|じゃあ?|それでは|それで|そして|あと)[、, ]*|(?:그럼|그러면|그리고)[, ]*|e\b)\s*"
)
_OTHER_BARE = re.compile(
    r"(?:por qué|cómo|cuándo|quién|cuánto|pourquoi|comment|quand|qui|combien|warum|wieso|wie"
    r"|wann|wer|wo"
    r"|なぜ(?:ですか)?|どうして(?:ですか)?|いつ(?:ですか)?|誰(?:ですか)?|왜(?:요)?|언제(?:요)?|누가|почему|как|когда|кто)"
)
_OTHER_POINTING = re.compile(
    r"^(?:それ|これ|その|そこ|彼ら?)(?!ぞれ)|^그(?:것|들|거)|\b(?:ellos|ellas|eso|esto|dessen|deren|diese[sr]?"
    r"|celui-ci|cela|ça|это|они|он|она)\b"
)


def _elsewhere(asked: str, before: str) -> str:
    view = fold(asked).lower()
    lead = _OTHER_LEAD.match(view) if len(fold(asked).lower()) == len(asked) else None
    core = _bare(asked[lead.end() :] if lead else asked)
    if not core:
        return ""
    if lead and _is_structural(core):
        return core + "？" if re.search("[\u3040-\u30ff]", core) else core + "?"
    short = len(core.split()) <= 6 and len(core) <= 40
    bare = _OTHER_BARE.fullmatch(fold(core).lower()) is not None
    if short and (lead or bare or _OTHER_POINTING.search(_bare(view))):
        return f"{_bare(before)} — {core}?"
    return ""
