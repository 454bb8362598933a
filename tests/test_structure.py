from __future__ import annotations

import pytest

from rag.notices import parse_notice
from rag.structure import StructureReply, by_rules, phrase, structure_question
from rag.text import language
from rag.types import Notice

# A notice with every element, made up, so that no rule can lean on the bundled one.
FULL = parse_notice(
    """某某厅关于开展
河道检查的通知
某水发〔2019〕7号
各市水务局：
为做好检查，现通知如下。
一、检查内容
（一）堤防。检查裂缝。检查渗漏。
（二）水闸。检查闸门。
二、时间安排
检查分两步走。三月自查，四月抽查。
三、工作要求
（三）加强领导。专人负责。
（四）注意安全。做好防护。
（五）按时报送。逐级汇总。
附件：检查表
某某厅
2019年2月3日
抄送：某某厅办公室。
附件
检查表
按实填写。
""",
    id="full",
)
LAW = parse_notice(
    "某某办法\n第一章 总则\n第一条 为了管理。\n第二条 "
    "下列适用：\n（一）甲类；\n（二）乙类。\n前款另有规定的除外。\n"
    "第二章 附则\n第三条 自公布之日起施行。\n另行通知的除外。",
    id="law",
)
PLAIN = parse_notice("今天开会。大家都来。", id="plain")


def ask(question: str, notice: Notice = FULL) -> StructureReply | None:
    return structure_question(question, [notice])


def quotes(reply: StructureReply | None) -> list[str]:
    assert reply is not None
    assert len(reply.quotes) in (0, len(reply.sections)) or reply.refused
    for section, (a, b) in zip(reply.sections, reply.quotes, strict=False):
        assert section.start <= a < b <= section.end
    return [reply.notice.text[a:b] for a, b in reply.quotes]


NUMBER, DATE = ["某水发〔2019〕7号"], ["2019年2月3日"]
ISSUER, TO = ["某某厅"], ["各市水务局"]
TITLE = ["某某厅关于开展\n河道检查的通知"]


@pytest.mark.parametrize(
    ("expected", "questions"),
    [
        (
            NUMBER,
            "第几号文？|某水发多少号文|这个文是某水发几号|発番は？"
            "|I need the official reference no."
            "|Unter welchem Aktenzeichen wurde das veröffentlicht?|номер уведомления?"
            "|¿Qué número tiene la circular?|문서번호 좀 알려주세요"
            "|文号是多少|发文字号是什么？|这份通知的文号|这个文件是几号文？"
            "|請問這份公文的文號是多少？|那文号呢？"
            "|发文自号多少|要引用这份文件，文件编号怎么写|麻烦问一下文号"
            "|这个红头文件的号码是多少来着"
            "|我写论文要引用，编号该怎么写？|doc number pls|how should I cite this notice?"
            "|What is the document number?|What's the reference number of this notice?"
            "|Can you tell me the number of this notice?|文書番号は何ですか。"
            "|この通知の文書番号を教えてください"
            "|문서 번호가 무엇입니까?|¿Cuál es el número del documento?|Quel est le numéro "
            "de la circulaire ?"
            "|Wie lautet die Dokumentnummer?|Какой номер документа?",
        ),
        (
            DATE,
            "这份通知是2019年几月发的|От какого числа этот документ?|이 통지의 날짜는?"
            "|什么时候发布的？|这份通知是哪天印发的？|落款日期是什么时候|成文日期|这文件哪年发的"
            "|這份通知什麼時候發布的？"
            "|这是什么时候的通知？|几几年出的这份文件|这份通知是什么时候签发的|啥时候出的文"
            "|when did this notice come out|What date does it bear?|Von wann ist das Schreiben?"
            "|When was it issued?|What is the date of the notice?|date "
            "of issue?"
            "|この通知はいつ発行されましたか|이 통지는 언제 발행되었습니까?|¿Cuándo se "
            "publicó el aviso?"
            "|De quand date la circulaire ?|Wann wurde die Mitteilung veröffentlicht?|Когда "
            "издан документ?",
        ),
        (
            ISSUER,
            "发文单位是哪家|最后签名的是谁|哪个单位发出来的通知|这份通知是某某厅发的吗"
            "|which authority is behind this notice?|어느 부처에서 낸 공문이에요?"
            "|Von welcher Behörde stammt die Mitteilung?|¿De qué organismo procede el documento?"
            "|Quelle autorité est à l'origine de l'avis ?|Кто автор документа?"
            "|谁发的？|哪个部门发布的？|发文机关是谁|这份文件是哪个部门印发的？"
            "|這份通知是哪個單位發的？|落款是谁"
            "|这是哪个部门的文件？|最后落款写的谁|是哪个部门下的文|这是谁家出的文件"
            "|这文件哪个单位盖的章"
            "|Which ministry put this out?|Whose name is at the bottom of it?"
            "|Who issued this notice?|Which department issued the notice?"
            "|What is the issuing authority?|この通知は誰が出しましたか|어느 부처에서 이 "
            "통지를 발행했습니까?"
            "|¿Quién emitió el aviso?|Quel ministère a publié ce document ?|Wer hat das "
            "Dokument herausgegeben?",
        ),
        (
            TO,
            "開頭稱呼的是哪些單位|누구에게 보낸 통지입니까?|Für wen ist das Schreiben bestimmt?"
            "|Кому адресован документ?|¿A quién va dirigido?|抬头写的是哪些单位"
            "|省水利局那边也收到这份通知了吗？|这份通知有没有发给建设兵团"
            "|某市是主送单位吗"
            "|to which offices was this document sent"
            "|Was this notice sent to the city of Hua?|À qui s'adresse cet avis ?|发给谁的？"
            "|主送机关是哪些|这份通知发给哪些单位？|通知是写给谁的？|這份通知是發給誰的？|抬头是谁"
            "|Who is it addressed to?|To whom was the notice sent?|Who are the recipients of "
            "this notice?"
            "|宛先はどこですか|이 통지의 수신 기관은 어디입니까?|¿A quién va dirigida esta "
            "circular?"
            "|À qui la circulaire est-elle adressée ?|An wen richtet sich das Dokument?",
        ),
        (
            TITLE,
            "这个通知叫啥名儿|完整的文件标题给我抄一遍|Quel est l'intitulé exact de cet avis ?"
            "|Как называется этот документ?|Titel?|完整标题给我看看|这份通知的题目能念一下吗"
            "|文件名是什么|Wie heißt das Dokument?"
            "|标题是什么？|这份通知的全称是什么|通知叫什么名字？|這份文件的標題是什麼？|What "
            "is the title?"
            "|What is the notice called?|この通知の題名は何ですか|제목이 무엇입니까?|¿Cuál "
            "es el título?",
        ),
        (
            ["为做好检查，现通知如下。"],
            "导语内容|开头那段说了什么|引言部分讲什么|第一段写了什么"
            "|What does the opening paragraph say?",
        ),
        # The last paragraph of the last part, with its mark.
        (["（五）按时报送。逐级汇总。"], "最后一段写了什么|结尾那段话讲的啥"),
        (
            ["检查表"],
            "有没有附件？|附件有哪些|附件是什么|Does the notice have any attachments?|带附件不"
            "|后面附了什么东西|附件叫什么名字？|文件后面有附件没|Gibt es Anlagen?"
            "|Y a-t-il une annexe ?"
            "|¿Qué documentos acompañan a la circular?|Что приложено к документу?"
            "|붙임 문서가 있습니까?",
        ),
        (["抄送：某某厅办公室。"], "抄送给了谁|抄送单位有哪些？"),
        (TITLE + NUMBER + DATE, "title, number and date please"),
        # 落款 is the name and the date under it.
        (ISSUER + DATE, "落款是什么|最后落款写的啥|這份通知的署名和日期是什麼|the signature block"),
        (ISSUER + DATE, "这份通知是谁在什么时候发的？|Who issued the notice and when?"),
        (NUMBER + DATE, "文号和发布日期分别是什么|某某厅的这份通知文号是多少，哪天发的"),
    ],
)
def test_elements(expected: list[str], questions: str) -> None:
    for question in questions.split("|"):
        reply = ask(question)
        assert reply is not None and reply.kind == "element", question
        assert quotes(reply) == expected, question


@pytest.mark.parametrize(
    ("element", "questions"),
    [
        ("密级", "密级是什么|这份通知是机密文件吗？|Is the document classified?"),
        ("签发人", "签发人是谁？|谁签发的|Who signed the notice?"),
        ("联系方式", "联系电话是多少|承辦人是誰，要怎麼聯絡？|What is the contact phone number?"),
        ("有效期", "有效期到什么时候|这通知有效期到哪年？"),
        ("施行日期", "这份通知什么时候生效？|When does the notice take effect?"),
        ("紧急程度", "这是加急文件吗"),
    ],
)
def test_elements_the_notice_has_not(element: str, questions: str) -> None:
    for question in questions.split("|"):
        reply = ask(question)
        assert reply is not None and reply.kind == "missing_element", question
        assert reply.refused and reply.missing == (element,) and reply.quotes == ()


def test_what_the_text_itself_may_say_is_left_to_retrieval() -> None:
    told = parse_notice("关于检查的通知\n各县：\n联系电话：123。本通知自五月起施行，有效期二年。")
    for question in ("联系电话是多少", "这份通知什么时候施行？", "有效期到什么时候"):
        assert ask(question, told) is None


@pytest.mark.parametrize(
    ("expected", "questions"),
    [
        (
            ["（二）水闸", "检查闸门。"],
            "一的第二小点讲啥|一里最后一点讲的啥|1.2讲什么|一2|“一”的第二点|检查内容这部分的第二点"
            "|第一部分第一点后面是什么|Summarise subsection (2) of section 1"
            "|第一部の二つ目の点は？|제1부 두 번째 항목은 무엇에 관한 것입니까?"
            "|Что говорится во втором пункте первой части?|section 1, final point"
            "|第一部分第二点讲什么|第一条（二）说了什么|一（二）讲的是什么？|第一部分的第2项"
            "|第一大点第二小点写了什么"
            "|第一部分最后一点|一、（二）是什么|（二）讲什么|What does section 1(2) say?"
            "|section 1.2"
            "|What is the second point of the first section about?|What is point 2 of part 1 about?"
            "|第1部分の第2項の内容は何ですか|¿De qué trata el segundo punto de la primera parte?",
        ),
        (
            ["二、时间安排", "检查分两步走。"],
            "第一部分后面是什么|第三部分前面那部分讲什么|第一部分的下一部分"
            "|第二部分时间安排讲了什么"
            "|what comes after part one|What follows the first section?|Was kommt nach Teil eins?"
            "|the penultimate section's title|la avant-dernière partie|О чём вторая часть?"
            "|第二部分讲什么|第２部分的标题|二、讲了什么|請問第二部分講什麼？|What does part "
            "II say?|Was steht in Teil 2?"
            "|Tell me about section two|倒数第二部分|Que dit la deuxième partie ?|제2부분은 "
            "무슨 내용입니까?",
        ),
        (
            ["三、工作要求", "（三）加强领导", "（四）注意安全", "（五）按时报送"],
            "末尾那部分标题叫什么|最后那部分讲什么|最後の部分の見出しは何ですか"
            "|Как называется последний раздел?|第三部分讲什么|最后一部分叫什么"
            "|What's in the last section?|第三部分",
        ),
        # Numbers that count on: （四） by its mark, the second by its place.
        # and "第四点" of the whole is （四） as well, for the numbers run on.
        (
            ["（四）注意安全", "做好防护。"],
            "三（四）讲什么|（四）讲什么|第三部分第二点是什么|第四点讲什么|工作要求这部分的第二点",
        ),
    ],
)
def test_sections(expected: list[str], questions: str) -> None:
    for question in questions.split("|"):
        reply = ask(question)
        assert reply is not None and reply.kind == "section", question
        assert quotes(reply) == expected, question


@pytest.mark.parametrize(
    ("expected", "questions"),
    [
        (
            ["一", "二"],
            "前两部分分别讲什么|第一和第二部分分别说了啥|第一部分和第二部分讲什么|第一至第二部分"
            "|What are the first two parts about?|parts 1 and 2|les deux premières parties"
            "|die ersten beiden Teile|las dos primeras partes|первые две части",
        ),
        (["二", "三"], "最后两部分讲了些什么|第二、三部分各讲什么|the last two sections"),
        (["一", "三"], "第一和第三部分|the first and third parts|parts 1 and part 3"),
        (["三（三）", "三（四）"], "第三部分前两点是什么|first two points of section 3"),
    ],
)
def test_sections_named_together(expected: list[str], questions: str) -> None:
    for question in questions.split("|"):
        reply = ask(question)
        assert reply is not None and reply.kind == "sections", question
        assert [s.label for s in reply.sections] == expected, question
        assert len(quotes(reply)) == len(expected)


@pytest.mark.parametrize(
    ("question", "count", "within"),
    [
        ("第四部分讲什么", 3, ""),
        ("第一部分第五点是什么", 2, "一"),
        ("section 9?", 3, ""),
        ("第十二条写了什么", 3, ""),
        ("第七章讲什么", 3, ""),
        ("附件2讲什么", 1, ""),
        ("第三和第四部分讲什么", 3, ""),
        ("第三部分后面是什么", 3, ""),
    ],
)
def test_sections_there_are_none_of(question: str, count: int, within: str) -> None:
    reply = ask(question)
    assert reply is not None and reply.kind == "missing_section" and reply.refused
    assert reply.count == count and reply.quotes == ()
    assert (reply.within.label if reply.within else "") == within


@pytest.mark.parametrize(
    ("kind", "expected", "questions"),
    [
        (
            "count",
            ["一、检查内容", "二、时间安排", "三、工作要求"],
            "全文有几个章节啊|Aus wie vielen Teilen besteht das Dokument?"
            "|この通知はいくつの部分から成りますか|몇 개 부분으로 나뉘어 있나요?"
            "|Из скольких частей состоит уведомление?|正文有几段大标题"
            "|这文件总共讲了几个方面的问题|一共几个部分|通知分几部分？"
            "|全文共有幾個部分？|How many sections does the "
            "notice have?|这份文件有多少条？"
            "|Into how many parts is the notice divided?|¿Cuántas partes tiene el documento?"
            "|Combien de parties compte la circulaire ?|この通知はいくつの部分に分かれていますか"
            "|Сколько частей в документе?|이 통지는 몇 개 부분으로 구성되어 있습니까?",
        ),
        (
            "count",
            ["（一）堤防", "（二）水闸"],
            "检查内容分几个方面|一里面分几点|第一部分下面有几个分项|第一部分有几点|第一部分分几点？"
            "|How many points are in section 1?",
        ),
        (
            "outline",
            [
                "一、检查内容",
                "（一）堤防",
                "（二）水闸",
                "二、时间安排",
                "三、工作要求",
                "（三）加强领导",
                "（四）注意安全",
                "（五）按时报送",
            ],
            "What are the headings of each section?|文件的结构是什么|目录|列一下提纲"
            "|What is the structure of the notice?|table of "
            "contents",
        ),
        (
            "outline",
            ["一、检查内容", "二、时间安排", "三、工作要求"],
            "列一下大标题|三个部分分别叫什么|这通知从哪几个方面讲的|Перечисли заголовки"
            "|Enumera los títulos de las secciones|Welche Hauptabschnitte hat das Dokument?"
            "|把三个部分的标题都告诉我"
            "|文件主体部分由哪几部分组成"
            "|Quels sont les titres des parties ?|各部分标题是什么？|通知分哪几个部分"
            "|由哪几部分组成？|What are the main sections?",
        ),
        (
            "outline",
            ["（一）堤防", "（二）水闸"],
            "检查内容包括哪几个方面？|第一部分下面的小标题列出来|第一部分底下有没有小点"
            "|what are the sub-points under part one",
        ),
        # By the words of a heading; two of them hold 检查 alone, so neither 检查 asks clearly.
        (
            "located",
            ["二、时间安排"],
            "Which part deals with 时间安排?|哪一部分是时间安排|哪一部分讲时间安排"
            "|时间安排写在哪儿|安排时间在第几部分",
        ),
        ("located", ["（二）水闸"], "哪里写了水闸|水闸的要求写在第几部分里|水閘在哪一節講的"),
        # A part that has parts, by a run of its heading; a mark behind 之; the last by 末.
        (
            "count",
            ["（三）加强领导", "（四）注意安全", "（五）按时报送"],
            "工作要求一共几项|工作要求下头分了几点",
        ),
        (
            "outline",
            ["（三）加强领导", "（四）注意安全", "（五）按时报送"],
            "工作要求都有哪几点，列一下",
        ),
        ("section", ["（二）水闸", "检查闸门。"], "一之（二）写了什么|检查内容的第二项是什么"),
        (
            "section",
            ["三、工作要求", "（三）加强领导", "（四）注意安全", "（五）按时报送"],
            "末部分名称|最末尾的一块是什么",
        ),
        (
            "sections",
            ["（三）加强领导", "（四）注意安全", "（五）按时报送"],
            "三里面的（三）到（五）都叫什么",
        ),
        (
            "count",
            ["（一）堤防", "（二）水闸", "（三）加强领导", "（四）注意安全", "（五）按时报送"],
            "全文一共有多少个小标题|How many sub-points are there in the whole notice?",
        ),
        (
            "outline",
            ["（一）堤防", "（二）水闸"],
            "第一部分分哪几项|第一部分包括哪几点|第一部分有哪些小标题",
        ),
        (
            "summary",
            [*TITLE, "一、检查内容", "二、时间安排", "三、工作要求"],
            "这份通知讲什么？|通知的主要内容是什么|What is this notice about?"
            "|可以簡單說明這份通知的主旨嗎？"
            "|Worum geht es in der Mitteilung?|De quoi parle la circulaire ?",
        ),
    ],
)
def test_counts_outlines_and_summaries(kind: str, expected: list[str], questions: str) -> None:
    for question in questions.split("|"):
        reply = ask(question)
        assert reply is not None and reply.kind == kind, question
        assert quotes(reply) == expected, question


@pytest.mark.parametrize(
    ("expected", "questions"),
    [
        (
            "二、时间安排",
            "“检查内容”后面是哪一部分|检查内容之后的那一部分是什么|工作要求前面那一部分是哪个"
            "|“工作要求”往前一个部分是什么|工作要求上面紧挨着的是哪一部分|检查内容讲完，接下来是哪部分"
            "|Which part comes right after 检查内容?|Какой раздел стоит прямо перед «工作要求»?",
        ),
        ("（五）按时报送", "“注意安全”下一点是什么|注意安全后面跟着的是哪一点"),
        (
            "三、工作要求",
            "（四）属于哪个部分|收尾那部分叫什么名|排第三的是哪一部分|the final main heading",
        ),
        ("一、检查内容", "打头那章叫啥|一上来那部分讲什么|第一章的标题"),
    ],
)
def test_a_part_by_its_place(expected: str, questions: str) -> None:
    for question in questions.split("|"):
        assert quotes(ask(question))[0] == expected, question


@pytest.mark.parametrize(
    ("expected", "questions"),
    [
        (["（四）注意安全", "做好防护。"], "讲工作要求的那部分，第二小点是什么"),
        (  # marks that stand for their kind
            ["（一）堤防", "（二）水闸", "（三）加强领导", "（四）注意安全", "（五）按时报送"],
            "带（一）（二）这种括号的小标题，从头到尾总共多少个",
        ),
        (
            ["一、检查内容", "二、时间安排", "三、工作要求"],
            "总共有几条大的？就是一、二、三那种",
        ),
    ],
)
def test_parts_by_words_of_a_heading_or_by_their_marks(expected: list[str], questions: str) -> None:
    for question in questions.split("|"):
        assert quotes(ask(question)) == expected, question


def test_a_part_is_named_by_some_words_of_its_heading() -> None:
    notice = parse_notice(
        "某某厅关于养老工作的通知\n现通知如下。\n一、健全分级分类服务网络\n（一）县乡。设立站点。\n"
        "（二）居家。上门服务。\n二、强化经费保障\n（一）预算。列入预算。\n（二）监管。定期审计。",
        id="care",
    )
    for question, expected in (
        ("讲服务网络的那一块里都有哪些小标题？", ["（一）县乡", "（二）居家"]),
        ("经费的保障那部分，列了几个小项来着", ["（一）预算", "（二）监管"]),
        ("What are the sub-headings in the part about funds?", ["（一）预算", "（二）监管"]),
        ("讲经费的那部分，第二件是什么", ["（二）监管", "定期审计。"]),
        ("服务网络里排第二的是什么", ["（二）居家", "上门服务。"]),
    ):
        assert quotes(ask(question, notice)) == expected, question
    before = ask("经费保障前面那一部分是哪个", notice)
    assert quotes(before)[0] == "一、健全分级分类服务网络"


def test_small_headings_are_those_below() -> None:
    # FULL counts （一） to （五） on from part to part; here one part alone has points.
    one = parse_notice(
        "某某厅关于养老工作的通知\n现通知如下。\n一、认识\n提高认识。\n二、工作\n（一）甲事。做好甲。\n"
        "（二）乙事。做好乙。\n三、保障\n加强保障。",
        id="one",
    )
    assert quotes(ask("第二个小标题是什么", one)) == ["（二）乙事", "做好乙。"]
    assert quotes(ask("第二点是什么", one))[0] == "二、工作"
    assert quotes(ask("二级标题有哪些", one)) == ["（一）甲事", "（二）乙事"]
    deep = ask("这个通知的结构", one)
    assert deep is not None and "".join(part.text for part in phrase(deep, "zh-Hans")).startswith(
        "全文共有3个部分："
    )


@pytest.mark.parametrize(
    ("expected", "questions"),
    [
        (["为做好检查，现通知如下。"], "开头讲了什么|通知的开头是怎么写的|文件开头写了啥"),
        (["（五）按时报送。逐级汇总。"], "结尾说了什么|通知最后要求什么|文末写了啥"),
        (DATE, "落款是哪一天|落款写的哪天|落款是几月几号|落款是什么时候"),
        (ISSUER, "落款是谁|落款写的哪个单位"),
        ([*ISSUER, *DATE], "落款是什么|落款的单位和时间"),
        (TO, "水务局收到了吗|西藏收到了没有|广东省水利厅那边也收到了吗|学校收到没有"),
    ],
)
def test_ends_and_addressees_in_few_words(expected: list[str], questions: str) -> None:
    for question in questions.split("|"):
        assert quotes(ask(question)) == expected, question


def test_what_is_got_may_be_something_else() -> None:
    for question in ("补贴收到了吗", "学校收到补贴了吗", "我收到了没有"):
        assert by_rules(question, [FULL]) is None, question


def test_a_topic_is_no_name_of_a_part() -> None:
    # 上一节课 is no part before another, and half of these words stand in no heading.
    for question in ("检查内容上一节课算多少钱", "水闸工作人员有几个方面的工资待遇"):
        assert by_rules(question, [FULL]) is None, question


def test_what_is_done_before_or_after_is_no_part() -> None:
    notice = parse_notice(
        "某某局关于项目的通知\n现通知如下。\n一、申报\n按时申报。\n二、审核\n审核之后公示七天。\n三、验收\n"
        "（一）材料。提交总结。\n（二）时限。三十日内。",
        id="steps",
    )
    for question in (
        "验收之前要做什么|审核之后做什么|申报前有哪些要求|第二点的罚款归哪个部分管"
        "|转移之后那一块讲什么|Which bureau is it reported to?|What amount is it increased to?"
        "|转移补助县财政局收到了吗|申请表区科技局收到没有"
    ).split("|"):
        assert by_rules(question, [notice]) is None, question
    assert quotes(ask("验收前面那一部分是什么", notice))[0] == "二、审核"


def test_an_annex_with_parts_is_named_without_harm() -> None:
    notice = parse_notice(
        "某某局关于防汛的通知\n现通知如下。\n做好工作。\n附件：1.物资清单\n2.名单\n某某局\n2020年5月6日\n附件1\n"
        "物资清单\n一、编织袋\n二、铁锹\n附件2\n名单\n一、甲\n二、乙",
        id="annex",
    )
    # An annex is no part of the body; what stands in one is not found by a word of its name.
    for question in ("物资有几项", "物资排第二的是什么", "物资清单有几项"):
        assert by_rules(question, [notice]) is None, question


def test_parts_and_their_parts_are_counted_together() -> None:
    reply = ask("数一下，所有标题（两级都算）有几个")
    assert reply is not None and (reply.kind, reply.count) == ("count", 8)


def test_a_range_from_or_to_a_part_named_by_its_heading_is_no_range_of_numbers() -> None:
    # A heading has no number to count from: the third part is looked for within it.
    missing = ask("检查内容到第三部分都叫什么")
    assert missing is not None and missing.kind == "missing_section"
    assert quotes(ask("第一部分到工作要求分别讲什么"))[0] == "一、检查内容"
    assert quotes(ask("第一部分到第三部分分别叫什么")) == [
        "一、检查内容",
        "二、时间安排",
        "三、工作要求",
    ]


def test_articles_chapters_and_paragraphs() -> None:
    assert quotes(ask("第三条讲什么", LAW)) == ["第三条 自公布之日起施行。"]
    assert quotes(ask("第二条第（二）项", LAW)) == ["（二）乙类。"]
    assert quotes(ask("第二条第二款", LAW)) == ["前款另有规定的除外。"]
    assert quotes(ask("第二章讲什么", LAW))[0] == "第二章 附则"
    counted = ask("一共多少条", LAW)
    assert counted is not None and (counted.kind, counted.count) == ("count", 3)
    again = ask("How many articles does the regulation have in total?", LAW)
    assert again is not None and again.count == 3
    assert quotes(ask("第一条的下一条是什么", LAW))[0].startswith("第二条")
    assert quotes(ask("第二条は何を定めていますか", LAW))[0].startswith("第二条")
    assert quotes(ask("Was regelt Artikel 3?", LAW)) == ["第三条 自公布之日起施行。"]
    named = ask("各章的名字列一下", LAW)
    assert named is not None and quotes(named) == ["第一章 总则", "第二章 附则"]
    chapters = ask("总共有几章", LAW)
    assert chapters is not None and (chapters.count, quotes(chapters)) == (
        2,
        ["第一章 总则", "第二章 附则"],
    )


def test_a_notice_without_numbered_parts() -> None:
    for question in ("一共几个部分", "第二部分讲什么", "目录"):
        reply = ask(question, PLAIN)
        assert reply is not None and reply.kind == "missing_section" and reply.count == 0
    title = ask("标题是什么", PLAIN)
    assert title is not None and title.missing == ("标题",)


CONTENT = """职业技能等级认定由谁发布?|when should localities report?|工资什么时候涨
哪个部门负责就业需求信息共享？
证书由谁发？|补贴什么时候发？|谁负责发放培训券？|培训券发给谁？|培训对象是谁
什么时候开展职业技能竞赛？
人才评价有哪几种方式？|有几条措施可以提高待遇？|职业院校的内部结构怎么改？
产业结构调整怎么配合？|技能人才队伍的结构
《关于提高技术工人待遇的意见》是谁发的？|《技能人才薪酬分配指引》什么时候印发的？|这些制度叫什么
工资分配制度分几个部分？|第二产业怎么发展？|第一线职工怎么知道指示精神？|2021年第二季度的工资怎么发
谁来表彰优秀高技能人才？|向谁报告？|什么时候报告情况？|各地情况报给谁
Who issues the skill level certificates?
When was the training voucher scheme launched?|Which department is responsible for wages?
What is the number of skilled workers?|How many evaluation methods are there?
What is the structure of wages?
How many points do workers get?|Whom must local departments report to?
What is a skill certificate called?
第二部分提到的工资政策有哪些？|第三部分要求向谁报告？|第二部分里工资怎么说的|技能等级总共分几级
谁写的教材
什么时候发工资|企业给谁加薪|标题党怎么治理|培训的主要内容是什么|竞赛有哪些项目
这项政策什么时候开始实行？
技能大赛拿了冠军奖多少钱|这个制度由谁制定？|为什么通知要取消职业资格证？
What does the notice say about wages?
Does the notice mention competitions?|What does section 2 say about wages?|¿Quién paga los salarios?
Wie viel Geld bekommen Lehrlinge pro Monat?|企業への補助金はいくらですか。
Какая завтра погода в Москве?
谁|什么时候|几个|你好|谢谢|你是谁？|你叫什么名字？|Who are you?|What is your name?|今天几号|现在几点
今天是几月几号|What time is it?|第一条新闻是什么|发展目标是什么|署名文章是谁写的|发布会什么时候开
哪部分人可以涨工资|哪一条路适合技校生|学徒收到补贴了吗|有没有发给教师奖金|通知各单位开会了吗
哪里写论文比较好
工人在哪里培训|第一段培训多长|哪一部分讲宠物|多元评价机制包括哪几个方面|名称和数量写在哪里
was the voucher sent to workers|which part of the economy needs workers|Wer soll die Löhne erhöhen?
报告写给谁
任务有几项|有几项措施|主要任务有哪些|工作目标是什么|三大重点是什么|前两年培训了多少人
2.2亿元是给谁的
三分之二的学校怎么办|十二中的问题怎么处理|报名后面做什么|附了照片吗|最后三个月怎么办|工资几号发
考核后面怎么奖励
下一步工作是什么|谁签名确认考核结果|重要指示分几个方面|培训分几部分进行
What comes after graduation?|Which part of the workforce is trained?|What items should be taught?
How many sections must trainees complete?|What is the date of the exam?|Whose wages go up?
Combien de points faut-il ?|¿Qué partes de la formación se pagan?
Welche Teile der Ausbildung sind neu?
Wer unterschreibt die Zeugnisse?|Кому выплачивают деньги?|証明書は誰が発行しますか
어떤 항목을 배우나요?
，。？|'; DROP TABLE notices; --|<b>文号</b> onload=alert(1)|𝟘😀""".replace("\n", "|").split("|")


@pytest.mark.parametrize("question", CONTENT)
def test_questions_about_contents_are_left_alone(question: str) -> None:
    assert ask(question) is None


def test_a_long_or_empty_question_is_left_alone() -> None:
    assert ask("") is None and ask("  ") is None
    assert ask("文号是多少" + "啊" * 200) is None
    assert structure_question("文号是多少", []) is None


def test_one_of_several_notices() -> None:
    assert structure_question("文号是多少", [FULL, LAW]) is None
    for question in ("某水发[2019]7号是哪天发的", "某某厅关于开展河道检查的通知是哪天发的"):
        reply = structure_question(question, [LAW, FULL])
        assert reply is not None and reply.notice is FULL and quotes(reply) == DATE


def said(question: str, tag: str | None = None, notice: Notice = FULL) -> str:
    reply = ask(question, notice)
    assert reply is not None
    parts = phrase(reply, tag or language(question))
    cited = [(p.span, p.section) for p in parts if p.span]
    places = () if reply.refused else reply.sections
    assert cited == list(zip(reply.quotes, places, strict=True))
    for part in parts:
        if part.span:
            a, b = part.span
            assert part.text[1:-1] == reply.notice.text[a:b].replace("\n", "")
    return "".join(p.text + ("[]" if p.span else "") for p in parts)


def test_phrases() -> None:
    assert said("文号是多少") == "发文字号是“某水发〔2019〕7号”[]。"
    assert said("標題是什麼？") == "標題是「某某厅关于开展河道检查的通知」[]。"
    assert said("When was it issued?") == "The date of issue is “2019年2月3日”[]."
    assert said("密级是什么") == "这份文件里没有密级这一项。"
    assert (
        said("第一部分第二点讲什么") == "“一（二）”的标题是“（二）水闸”[]，开头写道：“检查闸门。”[]"
    )
    assert said("前两部分讲什么") == "“一”的标题是“一、检查内容”[]；“二”的标题是“二、时间安排”[]。"
    assert said("parts 1 and 2") == (
        "Section 1 is headed “一、检查内容”[]; Section 2 is headed “二、时间安排”[]."
    )
    assert said("第三和第四部分") == "这份文件没有“第三和第四部分”：全文只有3个部分。"
    assert said("第一部分有几点") == "“一”共有2点：“（一）堤防”[]；“（二）水闸”[]。"
    assert said("第四部分讲什么") == "这份文件没有“第四部分”：全文只有3个部分。"
    assert said("第一部分第五点是什么") == "这份文件没有“第一部分第五点”：“一”只有2点。"
    assert said("第七章讲什么") == "这份文件没有“第七章”：全文只有3个部分。"
    assert said("第三条讲什么", notice=LAW) == "“第三条”写的是“第三条 自公布之日起施行。”[]"
    assert said("What does section 1(2) say?") == (
        "Section 1(2) is headed “（二）水闸”[]; it begins “检查闸门。”[]."
    )
    assert said("How many sections does the notice have?") == (
        "The document has 3 numbered parts: (1) “一、检查内容”[]; (2) “二、时间安排”[]; "
        "(3) “三、工作要求”[]."
    )
    assert said("Who issued the notice and when?") == (
        "The issuing body is “某某厅”[]. The date of issue is “2019年2月3日”[]."
    )


@pytest.mark.parametrize(
    "tag", ["zh-Hans", "zh-Hant", "en", "ja", "ko", "es", "fr", "de", "ru", "ar"]
)
def test_every_reply_can_be_said_in_every_language(tag: str) -> None:
    for question in ("文号是多少", "密级是什么", "第一部分讲什么", "第二部分讲什么",
                     "第九部分讲什么",
                     "目录",
                     "一共几个部分", "这份通知讲什么？", "有没有附件？"):  # fmt: skip
        text = said(question, tag)
        assert "{" not in text and "}" not in text and text == text.strip()
