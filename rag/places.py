"""Questions for the place where something is spoken of (培训经费在第几部分讲的).

Such a question names a topic and says nothing else of it. The text is searched for the topic
alone, since the words around it stand in no passage; the section of what is found is the answer.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from rag.text import HAN, fold, language

_LEAST, _MOST = 2, 120
"""Characters of a topic at least, of a question at most."""


@lru_cache(maxsize=64)
def topic(question: str) -> str:
    """What a question asks the place of, as it was typed; empty if it asks anything else.

    Args:
        question: Standalone, in any language.
    """
    if len(question) > _MOST:
        return ""
    view = fold(question)
    if len(view.lower()) == len(view):
        view = view.lower()  # letters outside Latin
    tags = [language(question)]
    if re.search(r"[^\W\d_]{3}", bare := re.sub(f"[{HAN}]+", " ", question)):
        tags.append(language(bare))  # a topic in Chinese, in a question that is not
    for pattern in (p for tag in dict.fromkeys(tags) for p in _patterns(tag)):
        if match := pattern.fullmatch(view):
            found = question[match.start("x") : match.end("x")].strip(" ，,、：:；;“”\"'「」")
            return found if len(found) >= _LEAST else ""
    return ""


@cache
def _patterns(tag: str) -> tuple[re.Pattern[str], ...]:
    """For a BCP 47 tag; those of English where a language has none."""
    written = {
        "zh-Hans": _chinese(),
        "zh-Hant": _chinese(),
        "ja": _japanese(),
        "ko": _korean(),
        "es": _spanish(),
        "fr": _french(),
        "de": _german(),
        "ru": _russian(),
    }.get(tag, _english())
    return tuple(re.compile(rf"\W*{p}[\s?。.!,]*") for p in written)


def _chinese() -> tuple[str, ...]:
    notice = "(?:(?:[这该本此那][份个篇]?)?(?:通知|文件|公文|意见|方案|办法|公告|通告|函|文))"
    unit = (
        "(?:大?部[分份]|[大小]?点|板块|章节?|小?节|条款?|大?段落?|小?项"
        "|(?:大|小|一级|二级)?标题|大?题(?!目)|大?块)"
    )
    inside = "(?:里面?|里头|中|下面?|底下|当中|之下|那里)"
    which = f"(?:第几部分的?)?(?:(?:哪一?|第几)[个大小]?{unit}{inside}?|什么(?:大|小)?标题{inside})"
    any_which = f"(?:哪|第几|哪一|哪几)个?{unit}{inside}?"
    where = "(?:哪里|哪儿|哪个地方|什么地方|何处|哪个位置|什么位置)"
    says = (
        "(?:讲述?|说|写|谈|出现|[见载]于|搁|摆|涉及|提|规定|包括|包含|介绍|论述|阐述|强调|部署"
        "|安排|列)"
    )
    of = "(?:到|了|过|及|的|着|是|关于|有关)*"
    lead = f"(?:请问|麻烦|我?想问一?下?|{notice}|里面?|中|的|在|，|,)*"
    tail = f"(?:{says}|看|找|查|翻|可以|能|会|有|里|的|到|了|过|呢|啊|呀|吗)*"
    named = "(?:[,，\\s]*[这那](?:个|些|条|项|一?点|件)?(?:内容|规定|要求|事情?|问题|说法|话)?)?"
    glue = "(?:是|都|主要|具体|应该?|需要|可以|算)*"
    at = (
        f"(?:(?:{says}|放|归|属|位|出现|见|落)+(?:在|于|到)?|出自|在|去|归|(?:该|(?<!主)要|得|去|到)[看找查翻]"
        "|(?:是|在)(?=第几))"
    )
    return (
        rf"{lead}{any_which}(?:是|专门|主要|具体|在)*(?:{says}|关于|有关|跟|和|是){of}(?P<x>.+?)",
        rf"{lead}(?P<x>[^?？]+?){named}[,，\s]*{glue}{at}(?:{notice}|的|里|了)*{which}{tail}",
        rf"{lead}(?P<x>[^?？]+?){named}[,，\s]*{glue}{notice}?的?{which}{says}{tail}",
        rf"{lead}(?P<x>[^?？]+?){named}[,，\s]*{glue}{notice}的?哪块儿?(?:内容)?{tail}",
        rf"{lead}{where}(?:有|专门|具体)?{says}{of}(?P<x>.+?)",
        rf"{lead}(?P<x>[^?？]+?){named}{where}(?:里|有)*{says}到?[的了过]*",
        rf"{lead}{says}{of}(?P<x>[^?？]+?)的?(?:内容|部分)?(?:是|在|算)(?:{notice}的)?{which}",
        rf"{lead}(?P<x>[^?？]+?){named}(?:是|都|具体)*在{notice}?的?{where}(?:里|有)?{says}到?[的了过]*",
        rf"{lead}(?P<x>[^?？]+?){named}(?:是|都|具体)*{says}[在到]?了?(?:{notice}|的|里)*{where}",
    )


def _english() -> tuple[str, ...]:
    unit = (
        "(?:sub-?)?(?:parts?|sections?|points?|chapters?|articles?|items?|headings?|paragraphs?"
        "|passages?|clauses?|place|bits?|titles?)"
    )
    notice = "(?:of|in) (?:the|this) (?:notice|document|circular|text|letter|paper)"
    which = rf"(?:which|what) (?:{unit})(?: {notice})?"
    who = "(?:it|they|we|i|one|you|the (?:notice|document|circular|text)|this notice|there)"
    says = (
        "(?:mention|talk(?:ing)? about|talk|say|speak(?:ing)? of|cover|deal with|discuss|address"
        "|find|read about|read|look for|look|describe|refer to|set out|lay down|state|treat"
        "|regulate|bring up|contain|concern|touch on|explain|go into)"
    )
    says_s = (
        "(?:mentions|talks about|says|speaks of|covers?|deals? with|discuss(?:es)?|address(?:es)?"
        "|describes?|refers? to|sets? out|lays down|treats|regulates|contains?|concerns?|touches on"
        "|explains|goes into|is about|are about|is on|has|mention|talk about|is for)"
    )
    done = (
        "(?:mentioned|discussed|covered|found|to be found|dealt with|addressed|set out|described"
        "|regulated|laid down|talked about|referred to|spoken of|treated|brought up|explained"
        "|written|stated|listed)"
    )
    of = (
        "(?:(?: (?:anything|something|the bit|information|what they say))?"
        "(?: about| on| that| for| of)? )?"
    )
    at = "(?:in |under |at |on )?"
    return (
        rf"(?:and |so )?{at}{which}(?:,)? (?:does|do|did|can|could|is|are|would|will|should|may)"
        rf"(?:n't)? {who} {says}{of} ?(?P<x>.+?)",
        rf"(?:and |so )?{at}{which} {says_s}{of} ?(?P<x>.+?)",
        rf"(?:and |so )?{at}{which} (?:is|are|was|were) (?P<x>.+?) {done}(?: in)?",
        rf"where(?: exactly)?(?: {notice})? (?:does|do|did) {who} {says}{of} ?(?P<x>.+?)",
        rf"where(?:'s|’s| is| are)(?: the)? (?:{unit}|stuff) (?:about|on|that (?:covers?|mentions?"
        rf"|deals? with|talks? about)|for|dealing with) (?P<x>.+?)",
        rf"where(?: exactly)?(?: {notice})? (?:is|are|was|were) (?P<x>.+?) {done}(?: {notice})?",
        rf"(?P<x>.+?)[,:—–-]+ ?{at}{which}(?: is (?:that|it|this)(?: {done})?)?",
    )


def _french() -> tuple[str, ...]:
    which = (
        "(?:dans |sous |à |au )?quel(?:le)?s? (?:partie|section|rubrique|point|chapitre|article"
        "|titre|paragraphe|passage|endroit)s?"
    )
    says = (
        "(?:parle|traite|mentionne|évoque|trouve|aborde|dit|question|concerne|figure|explique"
        "|parlent|porte)"
    )
    of = "(?:de l['’]|de la |du |des |de |d['’]|sur |la |le |les |l['’])?"
    return (
        rf"{which} (?:est-il |est-ce qu['’]on |on |il |se )?{says}(?:[- ]t[- ])?-?(?:on|il|elle)? ?"
        rf"(?:question )?{of}(?P<x>.+?)",
        rf"où (?:est-il |est-ce qu['’]on |on )?(?:parle|traite|mentionne|évoque|aborde|question)"
        rf"(?:[- ]t[- ])?-?(?:on|il)? ?(?:question )?"
        rf"{of}(?P<x>.+?)",
    )


def _spanish() -> tuple[str, ...]:
    which = (
        "(?:en |bajo )?(?:qué|que|cuál) (?:parte|sección|apartado|punto|capítulo|artículo|epígrafe"
        "|título|párrafo|lugar)s?"
    )
    says = (
        "(?:habla|menciona|trata|dice|encuentra|aborda|explica|recoge|regula|aparece|está"
        "|contempla|refiere)n?"
    )
    of = "(?:algo )?(?:de la |de los |de las |del |de |sobre |lo de |a |al |la |el |los |las )*"
    return (
        rf"¿?{which}(?: del \w+| de la \w+)? (?:se )?{says} {of}(?P<x>.+?)",
        rf"¿?d[óo]nde (?:se )?(?:habla|menciona|trata|dice|aborda)n? {of}(?P<x>.+?)",
    )


def _german() -> tuple[str, ...]:
    which = (
        "(?:in |unter )?welche[mrsn]? (?:teil|abschnitt|punkt|kapitel|artikel|überschrift|absatz"
        "|stelle)"
    )
    says = (
        "(?:geht es um|handelt von|steht(?: etwas| was)?(?: zu[rm]?| über| von)?|ist die rede von"
        "|findet (?:man|sich)|finde ich|spricht von|erwähnt|behandelt|befasst sich mit|wird|werden"
        "|ist|sind|kommt|kommen)"
    )
    of = "(?: (?:den|die|das|der|dem|etwas zu|etwas über))?"
    end = "(?: (?:erwähnt|behandelt|genannt|besprochen|geregelt|beschrieben|vor|angesprochen))?"
    return (
        rf"{which} {says}{of} (?P<x>.+?){end}",
        rf"wo (?:geht es um|steht etwas (?:zu[rm]?|über|von)|ist die rede von){of} (?P<x>.+?)",
    )


def _russian() -> tuple[str, ...]:
    which = r"(?:в |под )?как(?:ом|ой|им|ая|ие) (?:част|раздел|пункт|глав|стать|заголовк|абзац)\w*"
    says = (
        r"(?:говорится|сказано|упомина\w+|ид[её]т речь|написано|описан\w*|найти|посвящ\w+|касается"
        r"|речь|содержит\w*|есть)"
    )
    of = r"(?:о том,? |об? |про |обо )?"
    return (
        rf"{which} {says} {of}(?P<x>.+?)",
        rf"где (?:говорится|сказано|упомина\w+|ид[её]т речь|написано) {of}(?P<x>.+?)",
    )


def _japanese() -> tuple[str, ...]:
    unit = fold("(?:項目?|部分|章|節|条文?|見出し|箇所|セクション|段落|ところ|小見出し)")
    which = f"(?:どの|何番目の|第何){unit}(?:に|で|の中[にで]?|の下[にで]?|が)"
    about = fold(
        "(?:の話|について(?:の(?:記述|規定|話))?|に関する(?:記述|規定|話)|のこと"
        "|の(?:記述|規定|記載))?"
    )
    write = fold("(?:書|載|出て|述べ|触れ|扱|言及|あり|ある|規定)")
    return (
        rf"(?P<x>.+?){about}(?:は|が|も|って|,|、)*{which}.*",
        rf"{which}(?P<x>.+?){about}(?:に|が|は|を)?{write}.*",
        rf"(?P<x>.+?){about}(?:は|が|も|って)*どこに(?:{fold('書|載|述べ|触れ')}).*",
    )


def _korean() -> tuple[str, ...]:
    unit = "(?:부분|항목|조항|장|절|조|제목|섹션|대목)"
    which = rf"(?:어느|어떤|몇\s*번째)\s*{unit}(?:에서?|이|을)?(?![가-힣])"
    about = (
        r"(?:에\s*(?:대한|관한)\s*(?:내용|규정|이야기|설명|언급)|에\s*대해서?"
        r"|\s*(?:내용|규정|이야기))?"
    )
    say = r"(?:나오|나와|있|적혀|쓰여|다루|언급|말하|규정|설명|찾)"
    return (
        rf"(?P<x>.+?){about}(?:은|는|이|가|을|를)?\s*{which}.*",
        rf"{which}\s*(?P<x>.+?){about}(?:을|를|이|가|은|는)?\s*{say}.*",
        rf"(?P<x>.+?){about}(?:은|는|이|가|을|를)?\s*어디에서?\s*(?:나오|나와|적혀|쓰여|언급|다루).*",
    )
