"""Parts asked for by their place beside what was just spoken of."""

from __future__ import annotations

import pytest

from rag import Chatbot, Index
from rag.dialogue import corrected
from rag.neighbours import by_place, spoken_of
from rag.notices import parse_notice
from rag.passages import passages

NOTICE = parse_notice(
    "某某局关于做好防汛工作的通知\n各区：\n现通知如下。\n一、检查内容\n（一）堤防。检查堤身。\n"
    "（二）水闸。检查闸门。\n（三）泵站。检查水泵。\n二、时间安排\n分两步走。\n三、工作要求\n"
    "（一）加强领导。专人负责。\n（二）注意安全。做好防护。\n某某局\n2020年5月6日",
    id="flood",
)
FIRST = "“一（一）”的标题是“（一）堤防”[1]，开头写道：“检查堤身。”[2]"
PART = "“一”的标题是“一、检查内容”[1]，下分3点：“（一）堤防”[2]；“（二）水闸”[3]；“（三）泵站”[4]。"
WHOLE = "全文共有3个部分：“一、检查内容”[1]；“二、时间安排”[2]；“三、工作要求”[3]。"
SAID = "“一（二） 水闸”写明：“检查闸门。”[1]"
FOREIGN = "Section 1(1) is headed “（一）堤防”[1]; it begins “检查堤身。”[2]."


def after(answer: str, question: str, before: str = "第一部分第一点讲什么？") -> str:
    """Label of the part that a follow-up means, "" if it is none."""
    history = [
        {"role": "user", "content": before},
        {"role": "assistant", "content": answer},
    ]
    found = by_place(question, history, [NOTICE])
    return found[1].sections[0].label if found else ""


@pytest.mark.parametrize(
    ("answer", "expected", "questions"),
    [
        (
            FIRST,
            "一（二）",
            "第二点呢|下一点|那第二条？|再往下一项呢|往下数一个|接着那个？|第二小点是什么",
        ),
        (FIRST, "一（三）", "跳到第三点|最后那个呢|末尾那条讲啥|第三条也说说|漏了第三条，补一下"),
        (
            FIRST,
            "一（三）",
            "第三|排第三的呢|再往下跳一条，第三条|往回数，第三项？|刚跳过的第三件也说说",
        ),
        (FIRST, "二", "下一部分呢|第二部分讲什么|第二大块呢"),
        (FIRST, "一（二）", "不是，我问的是第二点"),
        (PART, "一（二）", "第二点呢|第二个"),
        (PART, "二", "下一部分|第二部分呢"),
        # Of parts that are listed the second is meant, not the second point of the first.
        (WHOLE, "二", "第二个呢|第二个是什么"),
        (WHOLE, "三", "最后一个呢"),
        (SAID, "一（三）", "下一条呢"),
        (SAID, "一（一）", "上一条呢"),
        (FOREIGN, "一（二）", "and the next one?|the second one?|What about the following point?"),
        (FOREIGN, "一（三）", "and the last point?"),
    ],
)
def test_a_part_by_its_place_beside_the_last(answer: str, expected: str, questions: str) -> None:
    for question in questions.split("|"):
        assert after(answer, question) == expected, question


def test_what_is_no_place() -> None:
    for question in (
        "三",
        "下雨怎么办",
        "第二次检查呢",
        "一下",
        "下一步做什么",
        "who is the second contact?",
    ):
        assert after(FIRST, question) == "", question
    assert after(FIRST, "第四点呢") == ""  # there are three
    assert after("“二 时间安排”写明：“分两步走。”[1]", "下一个", "什么时候检查？") == ""
    # The second of what a part without parts says, it may be: no part is quoted by its heading.
    assert after("“二 时间安排”写明：“分两步走。”[1]", "第二条呢", "第一条讲什么？") == ""
    assert by_place("第二点呢", [], [NOTICE]) is None


def test_where_the_last_answer_stood() -> None:
    def history(answer: str) -> list[dict[str, str]]:
        asked = {"role": "user", "content": "闸门呢？"}
        return [asked, {"role": "assistant", "content": answer}]

    assert spoken_of("怎么做", history(SAID), [NOTICE]) == ("flood", "一（二）")
    said = history("Section 3(2) (注意安全) says: “做好防护。”[1]")
    assert spoken_of("怎么做", said, [NOTICE]) == ("flood", "三（二）")
    # A word of another heading: the other part is meant.
    assert spoken_of("泵站怎么做", history(SAID), [NOTICE]) is None
    assert spoken_of("怎么做", history("通知没有写明这一点。"), [NOTICE]) is None
    assert spoken_of("怎么做", history("2020年的事[1]"), [NOTICE]) is None


def test_a_follow_up_is_looked_for_where_the_answer_before_it_stood() -> None:
    # 要几个人 names nothing; both parts say how many, and the one just spoken of is meant.
    notice = parse_notice(
        "某某局关于做好值守工作的通知\n各区：\n现通知如下。\n一、水闸值守\n水闸每班安排3名人员。\n"
        "二、泵站值守\n泵站每班安排5名人员。\n三、其他\n做好记录。",
        id="duty",
    )
    bot = Chatbot(Index.build(passages(notice), [notice]), refuse_below=0.0)
    for asked, expected in (("泵站值守怎么安排？", "二"), ("水闸值守怎么安排？", "一")):
        first = bot.ask(asked)
        assert first.citations[0].section == expected
        history = [
            {"role": "user", "content": asked},
            {"role": "assistant", "content": first.text},
        ]
        then = bot.ask("每班安排多少名人员？", history)
        assert then.citations[0].section == expected


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("不是，我问的是谁来牵头", "谁来牵头"),
        ("哎不是，我本来想问的是得派哪一级的人来牵头", "得派哪一级的人来牵头"),
        ("不不，我是问有意见往哪儿反映", "有意见往哪儿反映"),
        ("我问的不是外人，是自己单位的经费有没有保证", "自己单位的经费有没有保证"),
        ("不是问罚，我想知道做得好的能得到什么", "做得好的能得到什么"),
        ("No, I meant how good lessons get shared", "how good lessons get shared"),
        ("不是所有学校都要办吗", "不是所有学校都要办吗"),
        ("不对外公布吗", "不对外公布吗"),
        ("我问的是", "我问的是"),
    ],
)
def test_a_correction_is_read_without_the_words_that_say_so(typed: str, meant: str) -> None:
    assert corrected(typed) == meant


LAW = parse_notice(
    "某某办法\n第一章 总则\n第一条 为了管理。\n第二条 依法管理。\n第二章 管理\n第三条 分级管理。\n"
    "第四条 定期检查。\n第三章 附则\n第五条 自公布之日起施行。",
    id="law",
)


def test_articles_are_counted_through_the_whole() -> None:
    def article(answer: str, question: str) -> str:
        asked = {"role": "user", "content": "第三条讲什么"}
        found = by_place(question, [asked, {"role": "assistant", "content": answer}], [LAW])
        return found[1].sections[0].label if found else ""

    third = "“第三条”写的是“第三条 分级管理。”[1]"
    assert article(third, "第二条呢") == "第二条"
    assert article(third, "最后一条呢") == "第五条"
    assert article(third, "下一条") == "第四条"
    assert article(third, "第九条呢") == ""
    assert article("“第二章”的标题是“第二章 管理”[1]", "第一条呢") == "第一条"


def test_a_path_or_two_parts_are_no_place_beside_another() -> None:
    for question in ("那第三部分的第二点", "第二点和第三点呢", "三点都是什么内容", "一条一条说"):
        assert after(FIRST, question) == "", question
    for question in ("最后怎么要求的", "最后是谁"):
        assert after(FIRST, question) == "", question


def test_a_count_is_no_place() -> None:
    said = "Section 1 is headed “一、检查内容”[1], with 3 points: (1(1)) “（一）堤防”[2]."
    assert after(said, "and the second point?", "What does section 1 say?") == "一（二）"


def test_of_several_notices_the_one_that_was_quoted() -> None:
    other = parse_notice(NOTICE.text.replace("堤身", "坝身").replace("闸门", "渠道"), id="other")
    history = [
        {"role": "user", "content": "第一部分第一点讲什么？"},
        {
            "role": "assistant",
            "content": "“一（一）”的标题是“（一）堤防”[1]，开头写道：“检查坝身。”[2]",
        },
    ]
    found = by_place("第二点呢", history, [NOTICE, other])
    assert found is not None and found[1].notice is other
    history[1]["content"] = "“一（一）”的标题是“（一）堤防”[1]。"  # both have it
    assert by_place("第二点呢", history, [NOTICE, other]) is None
