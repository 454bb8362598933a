"""What a question asks for: kind of answer, one thing or several, or no question at all.

Question words of several languages, matched on the folded text. General language facts: no
notice's wording stands here.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rag.errors import QuestionError
from rag.text import fold, tokens

MAX_LENGTH = 2000
"""Characters; more is a document, not a question."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def clean(question: str) -> str:
    """The question without control characters and surrounding white space.

    Raises:
        QuestionError: Not a string, empty, without any word, or longer than ``MAX_LENGTH``.
    """
    if not isinstance(question, str):
        raise QuestionError(f"A question must be text, not {type(question).__name__}.")
    text = " ".join(_CONTROL.sub(" ", question).split())
    if not text:
        raise QuestionError("The question is empty; type a question about the notice.")
    if len(text) > MAX_LENGTH:
        raise QuestionError(
            f"The question has {len(text):,} characters; ask in at most {MAX_LENGTH:,}."
        )
    if not tokens(text):
        raise QuestionError("The question has no words; type a question about the notice.")
    return text


_WORD = re.compile(r"[a-zà-ÿß'’]+")

ANSWER_TYPES: dict[str, str] = {
    "money": r"多少[钱元块万]|几[十百千万]*[块元]|多贵|价格|价钱|利率|便宜|"
    r"[罚赔奖补交收给付领出花扣](?:款|金|贴|助|钱)?(?:多少|几)(?![个人天年月次家])|"
    r"收费[吗不]|要钱[吗不]|要不要[交花给]?钱|多少.{0,4}(?:补贴|补助|奖金|奖励|经费|资金|工资|薪|费)|"
    r"金额|几元|几块|几万|"
    r"(?:补贴|补助|资助|奖金|收费|费用|工资|薪酬|学费|经费|标准)(?:标准)?(?:是|有|为)?多少|"
    r"how much (?:money|does|do|is|are|subsid|will|compensation|tax)|\bcost\b|tax break|discount|"
    r"how (?:big|large) (?:is|are) the (?:fine|subsid|bonus|allowance|grant)|"
    r"what (?:amount|sum|price|fee)|"
    r"cuánto (?:dinero|cuesta)|combien coûte|wie viel geld|いくら|얼마",
    "contact": r"电话|手机号|联系人|联系方式|邮箱|网址|地址|热线|传真|邮编|phone|e-?mail|hotline|"
    r"website|contact (?:person|details|number)|teléfono|téléphone|telefon|連絡先|전화",
    "date": r"什么时候|何时|几时|哪[一]?年|哪[一]?天|哪[一]?日|几月|几号|啥时候|什么时间|截止|期限|"
    r"日期|哪个月|\bwhen\b|what (?:date|year|day|time)|deadline|since when|"
    r"cuándo|plazo|\bquand\b|délai|\bwann\b|frist|いつ|期日|언제|когда",
    "duration": r"多久|多长时间|几个?(?:天|周|星期|月|年|小时|分钟|工作日)|"
    r"多少个?(?:天|周|月|年|小时|工作日)|"
    r"how long|how many (?:days|weeks|months|years|hours)|"
    r"cuánto tiempo|combien de temps|wie lange|どのくらい|何(?:年|日|か月)間|얼마나 오래|"
    r"сколько времени",
    "number": r"多少|(?<!哪)几(?![乎近])|多[大高宽深远重长快厚](?!家|数)|"
    r"比例|百分|人数|数量|名额|占比|"
    r"how (?:many|big|large|old|far|high|tall|wide|deep|heavy|fast)|"
    r"what (?:percentage|share|number|proportion|temperature|size|age|ratio|rate)|how often|"
    r"cuánt[oa]s|combien|"
    r"wie viele?|何人|いくつ|몇|сколько",
    "document": r"(?:哪|什么|何)(?:个|些|份|项)?(?:文件|意见|政策文件|法规|办法|指引|规定|通知)|"
    r"which (?:document|polic|regulation|guideline|file|opinion)|"
    r"what (?:document|policy document|regulation)|qué documentos?|quels? documents?|"
    r"welche[sn]? dokument|どの文書|어떤 문서",
    "person": r"谁|哪位|何人|什么人|\bwho\b|\bwhom\b|quién|\bqui\b|\bwer\b|誰|だれ|누구|кто",
    "organisation": r"(?:哪|什么|何)(?:个|些|级|家)?"
    r"(?:部门|单位|机构|机关|组织|部委|企业|公司|学校)|"
    r""
    r"which (?:department|agency|body|ministry|organi|institution|compan|school)|"
    r"qué (?:organismo|ministerio)|quel (?:ministère|organisme)|welche behörde|どの機関",
    "reason": r"为什么|为何|为啥|原因|缘故|凭什么|\bwhy\b|reason|"
    r"por qué|pourquoi|warum|なぜ|왜|почему",
    "manner": r"怎么|怎样|如何|咋|怎|办法|方式|措施|举措|"
    r"\bhow\b(?! (?:much|many|long|often|big|large|old|far|high|tall|wide|deep|heavy|fast|soon)\b)|"
    r"cómo|comment|\bwie\b(?! viel)|どのよう|어떻게|как",
    "place": r"[去到在往上从]哪(?![些几个家种位])|哪里|哪儿|何地|"
    r"哪个?(?:网站|窗口|银行|大厅|平台)|什么地方|哪个(?:省|市|地)|\bwhere\b|"
    r"dónde|\boù\b|\bwo\b|どこ|어디|где",
    "definition": r"什么意思|含义|定义|指的是什么|是指什么|具体指|"
    r"何谓|啥意思|what does .{1,40} mean|"
    r"define|meaning of|qué significa|was bedeutet|とはどういう|무슨 뜻",
    "difference": r"区别|有(?:什么|何|啥)不同|不一样|差别|相比|"
    r"difference|differ|compared|diferencia|"
    r"différence|unterschied|違い|차이|отлич",
    "choice": r"[吗嘛][?]?$|(.)不\1|有没有|是否|能否|可否|有无|[行好对][吗不]|不[?]?$|"
    r"^(?:is|are|was|were|do|does|did|can|could|will|would|must|may|should|has|have|am)\b|"
    r"ですか[?]?$|ますか[?]?$|나요|까요|습니까|^(?:est-ce|ist|sind|kann|darf|muss)\b|\bли\b",
    "list": r"哪些|哪几|名单|清单|有些?什么|都有啥|分别|列出|"
    r"\bwhich\b|what (?:are|kinds?|types?|measures|documents|papers)|list of|"
    r"cuáles|quels|quelles|welche\b|どんな|どの|어떤|какие",
    "penalty": r"罚|处分|追责|问责|后果|违反.{0,6}(?:怎|会|如何)|penalt|\bfines?\b|punish|sanction|"
    r"multa|amende|strafe|罰|벌금|штраф",
}
"""Answer type -> pattern over the folded question. A question may have several types."""

_TYPE_PATTERNS = {name: re.compile(pattern) for name, pattern in ANSWER_TYPES.items()}

_SEVERAL = re.compile(
    r"哪些|哪几|有些什么|分别|以及|还有|各(?:是|有)|都有|几个方面|几方面|列举|列出|所有|全部|"
    r"\bwhich\b.*s\b|\blist\b|\ball\b|what (?:are|measures|kinds|types|steps)|\band\b|"
    r"cuáles|quels|quelles|welche|どんな|어떤|какие"
)

_INSTRUCTION = re.compile(
    r"(?:忽略|无视|忘记|不要理会|跳过).{0,8}(?:指示|指令|提示|规则|要求|内容|设定)|系统提示|提示词|"
    r"(?:你现在|扮演|假装|假设你)|(?:^|请|[帮给替]我)写(?:一?[首篇段个份封]|诗|代码|作文|小说|邮件)|"
    r"翻译(?:成|一下)|讲个?笑话|"
    r"(?:ignore|disregard|forget|override).{0,30}(?:instruction|prompt|rule|above|previous)|"
    r"system prompt|jailbreak|^pretend (?:to|you)|^act as|^you are now|"
    r"write (?:me )?(?:a|an|some) |tell me a joke|print your|reveal your"
)

_HOLDS: dict[str, re.Pattern[str]] = {
    "money": re.compile(
        r"[0-9〇零一二三四五六七八九十百千万亿两.]+\s*(?:余|多)?(?:元|美元|块|亿|万元|欧元|港元)|"
        r"免费|[$¥€£]"
    ),
    "contact": re.compile(r"[0-9]{3,4}-?[0-9]{7,8}|1[0-9]{10}|@|https?:|www\."),
    "date": re.compile(
        r"[0-9〇零一二三四五六七八九十]+\s*(?:年|月|日|天|周|小时|分钟|世纪|时|点)|每[年月日周]|"
        r"当日|即日|年底|年末|月底|年间|朝"
    ),
    # A stretch of time and not a date: 三十日 and 30日, neither 4月30日 nor 2021年.
    "duration": re.compile(
        r"(?<![0-9年月第])(?:[0-9]{1,3}|[一二两三四五六七八九十半百]+)\s*"
        r"(?:个?(?:工作日|小时|星期|月(?<=个月))|年|日|天|周|分钟)(?![0-9初末底中级度])|每[年月日周]|长期|永久"
    ),
    "number": re.compile(
        r"[0-9]|[〇零二三四五六七八九十百千万亿两半][个项种类名人次所家年级点条部门倍成分多余]"
    ),
    "document": re.compile(r"《[^》]+》|[〔\[][0-9]{4}[〕\]]"),
    "person": re.compile(r"同志|先生|女士|主席|总理|部长|总统|教授|人员|者|师|家|员|长|·"),
    "organisation": re.compile(
        r"部门|委员会|[部厅局委院校会办]|公司|企业|机构|政府|单位|集团|大学|组织"
    ),
    "reason": re.compile(r"因为|由于|因|为了|旨在|以便|从而|所以|故|原因|导致|基于|鉴于|有利于|为"),
    "manner": re.compile(r"通过|采取|按照|以|用|利用|方式|措施|制度|机制|实行|推行|开展"),
    "place": re.compile(
        r"省|市(?!场)|县|自治区|[\u4e00-\u9fff]州|岛|路\d|街|位于|地处|当地|各地|国(?!家)"
    ),
    "definition": re.compile(r"是指|指的是|所谓|称为|即|意思是|定义"),
    "difference": re.compile(r"区别|不同于|相比|而不是|比[^赛例较]{1,8}(?:高|低|多|少|大|小)"),
    "list": re.compile(r"[、；]|《|和|与|及|[(（][一二三四五六七八九十0-9]+[)）]"),
    "penalty": re.compile(r"罚|处分|追究|问责|警告|通报批评|吊销|取消.{0,4}资格"),
}


_QUESTION_WORDS = re.compile(
    r"请问|^请|告诉我|介绍一?下?|说说|讲讲|想知道|我想问|问一?下|一下|"
    r"什么时候|啥时候?|什么样|为什么|什么|为何|为啥|凭什么|凭啥|"
    r"哪?几(?!乎)[十百千万]*(?:个|块钱?|元|成|倍|天|年|月|种|项|类|名|人|次|位|家|条)?|"
    r"哪[些个里儿位种年天月日家]|何[时地人种处]|多少|"
    r"多[久大长]|怎么样?|怎样|如何|咋|谁|啥|到底|究竟|是否|是不是|有没有|能不能|可不可以|"
    r"会不会|要不要|行不行|算不算|能否|可否|有无|吗|呢|吧|啊|呀|呗|嘞|"
    r"嘛|的话|通知|文件|这份|这个|里面|提到|规定|要求|是|的|了"
)
_STOP_WORDS = frozenset(
    "a an the of in on at to for from by with and or is are was were be been do does did has have "
    "had will would can could should must may might this that these those it its they them their "
    "there what which who whom whose when where why how much many any some about into as not no "
    "than then so if i you we me my your our please tell notice document text say says said "
    "mention mentions according "
    "el la los las de del que qué en y o un una es son se por para cómo cuál cuáles con su "
    "le les des du une et est sont dans pour par quel quelle quels quelles qui sur au aux ce "
    "der die das den dem ein eine und ist sind was wie wer wo im in zu für von mit auf".split()
)


def content(question: str) -> str:
    """The folded question without its question words: what its answer may hold.

    A question of nothing but question words is given back whole.
    """
    folded = fold(question)
    kept = _WORD.sub(
        lambda m: "" if m.group() in _STOP_WORDS else m.group(), _QUESTION_WORDS.sub(" ", folded)
    )
    return " ".join(kept.split()) if tokens(kept) else folded


_ASKS_FOR = re.compile(
    r"(?:哪一?[些个几种类项家位]?|什么样?|啥|几|多少|何种)(?:[个种类项家位条份名]|方面)?的?|"
    r"\b(?:which|what|how (?:many|much)|whose|quel(?:le)?s?|welche[rsnm]?|qué|cuál(?:es)?|"
    r"cuánt[oa]s?|combien d[e']|wie viele|was für|как(?:ой|ая|ое|ие|их|ую)|сколько)\b|"
    r"どの|どんな|何の|어떤|무슨|몇"
)
_ASKS_ABOUT = re.compile(
    r"(?:[是为有要会能该都はがを은는이가을를 ]|应该|应当)*"
    r"(?:怎么|怎样|如何|咋|谁|多少|什么时候|何时|哪[天里儿]|几|いつ|誰|どこ|いくら|何人|どのよう|どうやって|"
    r"언제|누가|얼마|어디|어떻게)"
)


def asked_for(question: str) -> tuple[int, int]:
    """Where in the folded question words stand that say what is asked for.

    Returns:
        The end of the first question word that has a noun after it (哪些|工种, which |occupations),
        and the start of the first that may have one before it (名额|怎么分配); -1 for what is not
        there.
    """
    folded = fold(question)
    before, after = _ASKS_FOR.search(folded), _ASKS_ABOUT.search(folded)
    return before.end() if before else -1, after.start() if after else -1


def answer_types(question: str) -> frozenset[str]:
    """What kinds of answer a question expects, keys of ``ANSWER_TYPES``; may be empty."""
    folded = fold(question)
    return frozenset(name for name, pattern in _TYPE_PATTERNS.items() if pattern.search(folded))


@lru_cache(maxsize=16384)
def holds_type(text: str, answer_type: str) -> bool:
    """Whether a text holds something of an answer type; kept, since a notice is asked again."""
    pattern = _HOLDS.get(answer_type)
    return pattern is None or pattern.search(fold(text)) is not None


def asks_for_several(question: str) -> bool:
    """Whether a question asks for more than one thing (哪些, 分别, which ... and ...)."""
    return _SEVERAL.search(fold(question)) is not None


def is_instruction(question: str) -> bool:
    """Whether the text tells the program to do something instead of asking about a notice."""
    return _INSTRUCTION.search(fold(question)) is not None
