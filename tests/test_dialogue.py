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
        ("技能人才怎么培养？", "激励方面呢", "技能人才的激励有哪些内容？"),
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
        # What a new focus leaves standing of the earlier question.
        ("学校食堂的食品安全由谁负责？", "校外供餐单位呢？", "校外供餐单位的食品安全由谁负责？"),
        ("农村道路限速多少？", "高速公路呢？", "高速公路限速多少？"),
        ("老年人接种疫苗要注意什么？", "儿童呢？", "儿童接种疫苗要注意什么？"),
        ("电动车充电怎么管？", "小区里呢？", "小区里电动车充电怎么管？"),
        ("怎么提高技术工人收入？", "那农民工呢？", "怎么提高农民工收入？"),
        ("稳岗补贴怎么申请？", "期限呢？", "稳岗补贴申请，期限是什么？"),
        ("食品抽检怎么安排？", "不合格呢？", "食品抽检安排，不合格怎么办？"),
        # Words that can be asked of anything name no topic; the old question word is left out.
        ("高龄津贴怎么领？", "钱从哪里来？", "高龄津贴，钱从哪里来？"),
        ("要不要建立教师轮岗制度？", "什么时候完成？", "建立教师轮岗制度，什么时候完成？"),
        ("工伤认定要多久？", "去哪里办？", "工伤认定，去哪里办？"),
        ("农民工工资怎么保障？", "拖欠了找谁？", "农民工工资保障，拖欠了找谁？"),
        ("重大隐患怎么整改？", "这件事谁负责？", "重大隐患整改谁负责？"),
        ("车辆年检怎么预约？", "网上可以办吗？", "车辆年检预约，网上可以办吗？"),
        ("职业资格证书怎么考？", "难不难？", "职业资格证书考，难不难？"),
        ("通知里说的工匠精神是什么？", "怎么宣传？", "工匠精神，怎么宣传？"),
        ("谁发的这份通知？", "有没有期限？", "有没有期限？"),
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
        ("How will pensions be raised?", "By how much?", "pensions be raised — by how much?"),
        ("Who inspects school buses?", "Is there a deadline?", 
            "inspects school buses — is there a deadline?"),
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
        ("¿Qué subsidios hay para las empresas?", "¿Hay un plazo?",
            "subsidios hay para las empresas — hay un plazo?"),
        ("Wie steigen die Löhne?", "Wer ist dafür zuständig?",
            "steigen die Löhne — wer ist dafür zuständig?"),
        ("年金はいくら上がりますか", "いつからですか？",
            "年金はいくら上がりますか — いつからですか?"),
        ("賃金はどうなりますか", "では、研修は？", "賃金はどうなりますか — 研修は?"),
    ],
)  # fmt: skip
def test_follow_ups(before: str, asked: str, expected: str) -> None:
    assert after(before, asked) == expected


@pytest.mark.parametrize(
    ("before", "answer", "asked", "expected"),
    [
        (
            "怎么提高技术工人收入？",
            "“推行企业首席技师制度，发放岗位津贴。”[1]",
            "这个制度是怎么回事？",
            "企业首席技师制度是怎么回事？",
        ),
        (
            "学校怎么了解企业需求？",
            "“建立人才需求预测机制，定期发布急需紧缺职业目录。”[1]",
            "这个目录谁来发布？",
            "急需紧缺职业目录谁来发布？",
        ),
        (  # Named in the question: that comes first.
            "新能源公交车补贴怎么发？",
            "“发放一次性购车补贴。”[1]",
            "这个补贴谁来出？",
            "新能源公交车补贴谁来出？",
        ),
        (  # Nothing has this name.
            "怎么提高技术工人收入？",
            "“推行企业首席技师制度。”[1]",
            "这个协会在哪里注册？",
            "提高技术工人收入，这个协会在哪里注册？",
        ),
        (  # Only what is quoted counts.
            "怎么提高技术工人收入？",
            "通知没有写明这一点。内容最接近的是“一、首席技师目录”。",
            "这个目录是什么时候公布的？",
            "提高技术工人收入，这个目录是什么时候公布的？",
        ),
        (
            "谁来查食品安全？",
            "“由市场监督管理局负责日常检查。”[1]",
            "他们多久查一次？",
            "查食品安全，市场监督管理局多久查一次？",
        ),
        (
            "怎么给中小企业减负？",
            "“（一）降低用电成本；（二）减免房屋租金；（三）延期缴纳税款。”[1]",
            "第二个具体怎么做？",
            "给中小企业减负，减免房屋租金，具体怎么做？",
        ),
        (
            "对企业有哪些支持？",
            "“一是减税降费，二是贷款贴息，三是用工补贴。”[1]",
            "最后一个呢？",
            "企业支持，用工补贴，有哪些内容？",
        ),
        (
            "怎么激励职工？",
            "原文写明：“提高津贴。”[1] 原文写明：“评选先进。”[2]",
            "其中第二点谁负责？",
            "激励职工，评选先进，谁负责？",
        ),
        (
            "What support is there for apprentices?",
            "“(1) a stipend; (2) free lodging; (3) insurance.”[1]",
            "What about the second one?",
            "support is there for apprentices — free lodging?",
        ),
    ],
)
def test_what_the_last_answer_named(before: str, answer: str, asked: str, expected: str) -> None:
    history = [{"role": "user", "content": before}, {"role": "assistant", "content": answer}]
    assert standalone(asked, history) == expected


SELF_CONTAINED = """工资什么时候涨？|退休年龄是多少？|交通补贴有吗？
怎么评价技能人才？|用人单位怎么参与？|评选大师要什么条件？|民办学校也能参加吗？
有没有提到大学生？|要给多少人发培训券？|彩票中奖了怎么领？|什么样的企业能评？|人才评价有哪几种方式？|哪些人要参加培训？
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
    assert after("退休年龄是多少？", "女干部呢？", "女工人呢？") == "女工人退休年龄是多少？"
    assert after("水库怎么巡查？", "多久一次？", "汛期呢？", "谁负责？") == "汛期水库巡查，谁负责？"
    assert (
        after("网约车司机要什么证？", "这个证怎么考？", "有效期多长？")
        == "网约车司机证考，有效期多长？"
    )
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


def test_parts_of_a_message_that_are_no_text_are_passed_over() -> None:
    history = [
        {"role": "user", "content": [3, None, {"text": 4}, POLICY]},
        {"role": "assistant", "content": [None, {"type": "text"}, 5]},
    ]
    assert standalone("那工资呢？", history) == "技能人才的工资有哪些？"


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=4))
def test_any_text_gives_a_question(question: str, turns: list[str]) -> None:
    history = [{"role": "user", "content": turn} for turn in turns]
    result = standalone(question, history)
    assert isinstance(result, str)
    assert result.strip() or not question.strip()
