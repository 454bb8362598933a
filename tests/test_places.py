"""Questions for the place where something is spoken of."""

from __future__ import annotations

import pytest

from rag import Chatbot, Index
from rag.notices import parse_notice
from rag.passages import passages
from rag.places import topic


@pytest.mark.parametrize(
    ("question", "sought"),
    [
        ("培训经费是在哪一条里写的", "培训经费"),
        ("请问哪部分提到学员中途退出怎么办？", "学员中途退出怎么办"),
        ("带几个徒弟，这个规定在哪个标题下面", "带几个徒弟"),
        ("隨遷子女能不能報，該看哪一部分", "隨遷子女能不能報"),
        ("听说迟交要罚款，是第几条？", "听说迟交要罚款"),
        ("收费标准写在哪儿", "收费标准"),
        ("哪里写了收费标准", "收费标准"),
        ("Which heading covers rotational grazing?", "rotational grazing"),
        ("Under which section does it mention pensions?", "pensions"),
        ("In what part of the notice are fees dealt with?", "fees"),
        ("Where's the bit about lost passwords?", "lost passwords"),
        ("Which part deals with 时间安排?", "时间安排"),
        ("Dans quelle rubrique parle-t-on du paiement en ligne ?", "paiement en ligne"),
        ("¿En qué apartado se habla de las multas?", "multas"),
        ("In welchem Abschnitt geht es um Gebühren?", "gebühren"),
        ("В каком пункте говорится о штрафах?", "штрафах"),
        ("費用についての規定はどの項目にありますか", "費用"),
        ("수수료에 대한 내용은 어느 항목에 나오나요?", "수수료"),
    ],
)
def test_topics(question: str, sought: str) -> None:
    assert topic(question).lower() == sought


@pytest.mark.parametrize(
    "question",
    [
        "资金用在哪些方面",
        "主要看哪一条",
        "安全责任包括哪几条",
        "车放在哪里",
        "工人在哪里培训",
        "重点查哪几块",
        "第二部分讲什么",
        "哪部分人可以涨工资",
        "Where can I find the list of clinics?",
        "Which part of the economy needs workers?",
        "Which documents are needed?",
        "Wo werden die Anträge abgegeben?",
        "어떤 절차를 거쳐야 하나요?",
        "奶豆腐" * 50 + "在哪一点提到了",
        "",
    ],
)
def test_questions_that_seek_no_place(question: str) -> None:
    assert topic(question) == ""


def test_the_place_is_found_by_the_topic_and_a_place_that_is_not_there_is_refused() -> None:
    notice = parse_notice(
        "某县畜牧局关于做好草原保护的通知\n某牧发〔2023〕4号\n各乡镇：\n现将有关事项通知如下。\n"
        "一、保护草原\n各村要划定禁牧区，设立界桩，安排管护员每周巡查一次。\n"
        "二、延伸产业\n支持牧民合作社开发奶豆腐、风干肉等特色产品，统一商标，统一包装。\n"
        "三、加强培训\n每年冬季办两期马背课堂，讲接羔和防疫。\n某县畜牧局\n2023年3月1日\n"
    )
    bot = Chatbot(Index.build(list(passages(notice)), [notice]))
    found = bot.ask("奶豆腐在哪一点提到了")
    assert not found.refused and found.citations[0].section == "二"
    assert "延伸产业" in "".join(c.quote for c in found.citations)
    assert (
        bot.ask("Under which heading does it mention dairy products?").citations[0].section == "二"
    )
    assert bot.ask("养老保险在哪一条里写的").refused
