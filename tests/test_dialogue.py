from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.dialogue import standalone


def after(*turns: str) -> str:
    """The last of the user's turns, made standalone; the assistant answers in between."""
    history = []
    for turn in turns[:-1]:
        history.append({"role": "user", "content": turn})
        history.append({"role": "assistant", "content": "略。[1]"})
    return standalone(turns[-1], history)


POLICY = "技能人才的激励政策有哪些？"


@pytest.mark.parametrize(
    ("before", "asked", "expected"),
    [
        # A new focus.
        (POLICY, "那工资呢？", "技能人才的工资有哪些？"),
        ("技能人才怎么培养？", "激励方面呢", "技能人才的激励方面有哪些内容？"),
        ("企业的工资制度怎么改？", "那学校呢？", "学校的工资制度怎么改？"),
        ("培训券怎么发？", "企业的呢？", "企业的培训券怎么发？"),
        ("职业学校的岗位要怎么管？", "那老师的收入呢？", "老师的收入要怎么管？"),
        ("人才評價有哪幾種方式？", "那激勵呢？", "人才激勵有哪幾種方式？"),
        ("要弘扬什么精神？", "任务呢？", "弘扬精神，任务是什么？"),
        ("文号是多少？", "日期呢？", "这份通知的日期是什么？"),
        # A pronoun.
        (POLICY, "它由谁负责?", "技能人才的激励政策由谁负责?"),
        ("职业培训券怎么推行？", "这个制度由谁负责？", "职业培训券由谁负责？"),
        ("竞赛体系要怎么完善？", "其目的是什么？", "竞赛体系的目的是什么？"),
        ("什么是等级认定？", "它有什么作用？", "等级认定有什么作用？"),
        ("要弘扬什么精神？", "靠什么活动来做这件事？", "靠什么活动来弘扬精神？"),
        ("总书记什么时候作的指示？", "他怎么评价教育？", "总书记怎么评价教育？"),
        ("培训券怎么推行？", "它是谁发的？", "培训券是谁发的？"),
        # A subject left out.
        (POLICY, "为什么?", "技能人才的激励政策，为什么?"),
        (POLICY, "具体怎么做？", "技能人才的激励政策，具体怎么做？"),
        ("职业技能怎么提高？", "谁来负责？", "职业技能提高，谁来负责？"),
        ("优秀的高技能人才有奖励吗？", "评多少个人？", "优秀的高技能人才奖励，评多少个人？"),
        ("職校的崗位要怎麼管？", "那名額有幾個？", "職校的崗位，名額有幾個？"),
        ("谁发的？", "哪天？", "这份通知是哪天发的？"),
        # More of the same.
        (POLICY, "还有呢?", "除此之外，技能人才的激励政策有哪些？"),
        # Another part.
        ("第二部分第三点讲什么", "第二点呢?", "第二部分第二点讲什么"),
        ("第二部分第三点讲什么", "上一点呢？", "第二部分第二点讲什么"),
        ("第二部分第一点讲什么？", "下一点呢？", "第二部分第二点讲什么？"),
        ("第二部分讲什么", "第三点呢", "第二部分第三点讲什么"),
        ("第二部分讲什么", "第三部分呢", "第三部分讲什么"),
        ("第三部分的标题是什么？", "它前面那一部分叫什么", "第二部分叫什么？"),
        ("第二部分讲什么？", "有几点？", "第二部分有几点？"),
        ("第二部分有几点？", "第一点是什么？", "第二部分第一点是什么？"),
        ("第二部分第一点是什么", "再下一个呢", "第二部分第二点是什么"),
        ("第二部分讲了什么？", "其中第二条呢", "第二部分第二条讲了什么？"),
        ("第二部分讲了什么？", "里面有几点", "第二部分有几点"),
        ("一共几部分？", "第二个呢？", "第二部分讲什么？"),
        ("第二部分有几点？", "最后一个呢？", "第二部分最后一点讲什么？"),
        ("一共几部分？", "列出来看看", "一共几部分？"),
        # More about the same.
        (POLICY, "详细说说", "具体来说，" + POLICY),
        ("职业技能竞赛怎么开展？", "目的是什么？", "职业技能竞赛，目的是什么？"),
        # English.
        ("What is part two about?", "What's its title?", "What's part two's title?"),
        ("What should teachers get?", "who issued it?", "who issued it?"),
        (POLICY, "对了，文号多少", "对了，文号多少"),
        ("How should wages rise?", "tell me more", "In more detail: How should wages rise?"),
        (
            "What are the incentives for skilled workers?",
            "what about wages?",
            "What are the incentives for skilled workers — wages?",
        ),
        (
            "What are the incentives for skilled workers?",
            "Who is responsible for them?",
            "Who is responsible for the incentives for skilled workers?",
        ),
        (
            "Does the notice mention skills competitions?",
            "What are they meant to achieve?",
            "What are skills competitions meant to achieve?",
        ),
        ("What is the training voucher?", "Who issues it?", "Who issues the training voucher?"),
        ("How should wages rise?", "Why?", "wages rise — why?"),
        ("Who issued this notice?", "On what date?", "On what date was this notice issued?"),
        ("What does section 2 say?", "What about section 3?", "What does section 3 say?"),
        (
            "What does section 2(1) say?",
            "and the second point?",
            "What does the second point of section 2 say?",
        ),
        (
            "What does part 2 say?",
            "How many points does it have?",
            "How many points does part 2 have?",
        ),
        # Other languages.
        (
            "¿Qué dice sobre los salarios?",
            "¿y la formación?",
            "Qué dice sobre los salarios — la formación?",
        ),
        ("Was steht über Löhne?", "und die Ausbildung?", "Was steht über Löhne — die Ausbildung?"),
        ("賃金はどうなりますか", "では、研修は？", "賃金はどうなりますか — 研修は?"),
    ],
)  # fmt: skip
def test_follow_ups(before: str, asked: str, expected: str) -> None:
    assert after(before, asked) == expected


SELF_CONTAINED = """工资什么时候涨？|人才评价有哪几种方式？|哪些人要参加培训？
为什么说职业教育这么要紧？
怎么让学校摸清外面缺什么人？|学校老师的薪酬分配要怎么改|这份通知是谁发的？|文号是多少|第二部分第三点讲什么
其他部门要做什么|这次的精神要让哪些人都知道？|办技能比赛是为了啥|明天北京天气怎么样？|谁发的？|谢谢|你好
工资|其中央企业怎么办|What does the notice say about training?|Who issued this notice?
What does it say about wages?
Which documents must be followed?|How do schools learn what jobs employers need filled?|hello
¿A quién va dirigida esta circular?|この通知の日付はいつですか。
직업학교 교사의 보수는 어떻게 바뀌나요?""".replace("\n", "|").split("|")


@pytest.mark.parametrize("asked", SELF_CONTAINED)
@pytest.mark.parametrize("before", [POLICY, "第二部分讲什么", "谁发的？", "What about wages?"])
def test_a_self_contained_question_comes_back_as_it_is(before: str, asked: str) -> None:
    assert after(before, asked) == asked


def test_a_chain_of_follow_ups() -> None:
    assert after(POLICY, "那工资呢？", "那培训呢？") == "技能人才的培训有哪些？"
    assert after(POLICY, "那工资呢？", "具体怎么做？") == "技能人才的工资，具体怎么做？"
    assert after("第一部分讲什么？", "下一部分呢？", "下一部分呢？") == "第三部分讲什么？"


def test_only_the_users_turns_count() -> None:
    history = [
        {"role": "system", "content": "培训券怎么发？"},
        {"role": "user", "content": [{"type": "text", "text": POLICY}, {"type": "image_url"}]},
        {"role": "assistant", "content": "竞赛有哪些？"},
        {"role": "tool", "content": "培训券怎么发？"},
        {"role": "user", "content": None},
        {"content": "培训券怎么发？"},
    ]
    assert standalone("那工资呢？", history) == "技能人才的工资有哪些？"


@pytest.mark.parametrize("history", [(), [], [{"role": "assistant", "content": "工资呢"}]])
def test_without_an_earlier_question_nothing_changes(history: list[dict[str, str]]) -> None:
    assert standalone("那工资呢？", history) == "那工资呢？"


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=4))
def test_any_text_gives_a_question(question: str, turns: list[str]) -> None:
    history = [{"role": "user", "content": turn} for turn in turns]
    result = standalone(question, history)
    assert isinstance(result, str)
    assert result.strip() or not question.strip()
