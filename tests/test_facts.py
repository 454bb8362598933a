from __future__ import annotations

import pytest

from rag.facts import bodies_of, denies, forbids, lacking, quoted, titles, without_names

TITLE = "人力资源社会保障部关于技能人才工作的通知"
NAMES = [TITLE, "人社部函〔2021〕49号", "二（一） 加强队伍建设", "二（一）", "工作", "加强队伍建设"]
QUOTE = (
    "各级人力资源社会保障部门要按照十九届五中全会精神，于2021年4月30日前落实《关于提高技术工人待遇的意见》，"
    "培训三十万人，比例达到百分之二十五，投入19.5万亿元，为期两年，推动“互联网+职业技能培训”，不断提高质量。"
)


def lacks(statement: str) -> str:
    return lacking(statement, [QUOTE], NAMES)


@pytest.mark.parametrize(
    "statement",
    [
        # The same number however it is written: 三十万 = 30万 = 300000.
        "培训30万人。",
        "培训三十万人。",
        "培训３００,０００人。",
        "Train 300,000 people.",
        "Train three hundred thousand people.",
        "比例达到25%。",
        "At twenty-five per cent.",
        "vingt-cinq pour cent",
        "投入19.5万亿元。",
        "Spend 19.5 trillion yuan.",
        "为期2年。",
        "For two years.",
        "The Fifth Plenary Session of the 19th Central Committee.",
        # The same date, or part of it.
        "二〇二一年四月三十日前",
        "by 30 April 2021",
        "April 30, 2021",
        "by April 2021",
        "2021-04-30",
        "le 30 avril 2021",
        "am 30. April 2021",
        "до 30 апреля 2021",
        "in 2021",
        # One is an article, and 一 is part of other words.
        "要进一步统一认识，建立一个机制。",
        "There is one way, and a first step.",
        "Hay un mecanismo.",
        # Titles and quotations, in either script; an ellipsis leaves words out.
        "《關於提高技術工人待遇的意見》",
        "“互联网+职业技能培训”",
        '"互联网＋职业技能培训"',
        "“各级人力资源社会保障部门……不断提高质量”",
        "workers' wages and the workers’ pay",
        # Bodies: in full, shortened, in English.
        "人力资源社会保障部要求。",
        "人社部和各级人社部门要求。",
        "The Ministry of Human Resources and Social Security asks.",
        "有关部门、各级政府和干部要加大部署。",
        # Where it stands is no claim.
        "“二（一） 加强队伍建设”写明",
        "根据人社部函[2021]49号第二（一）部分",
        "Section 2 (1) says",
        "不断提高质量。",
    ],
)
def test_what_stands_in_the_evidence(statement: str) -> None:
    assert lacks(statement) == ""


@pytest.mark.parametrize(
    ("statement", "fact"),
    [
        ("培训31万人。", "the number 310000"),
        ("培训三千人。", "the number 3000"),
        ("Train forty thousand people.", "the number 40000"),
        ("比例达到百分之五十。", "the number 50"),
        ("每人25元。", "the number 25"),  # 25 stands there, but as a share
        ("为期30年。", "the number 30"),
        ("For five years.", "the number 5"),
        ("两项措施共3条。", "the number 3"),
        ("工资翻倍", "the number “翻倍”"),
        ("Wages will be doubled.", "the number “doubled”"),
        ("2021年5月30日前", "the date 2021-05-30"),
        ("by 30 April 2022", "the date 2022-04-30"),
        ("before December 31", "the date 12-31"),
        ("二〇一九年起", "the number 2019"),
        ("《关于提高工人待遇的意见》", "the title 《关于提高工人待遇的意见》"),
        ("“应补尽补”", "the quotation “应补尽补”"),
        ("「应补尽补」", "the quotation “应补尽补”"),
        ('"应补尽补"', "the quotation “应补尽补”"),
        ("the so-called 'golden rice bowl' rule", "the quotation “golden rice bowl”"),
        ("“不断提高质量……各级人力资源社会保障部门”", "the quotation"),  # the wrong way round
        ("由教育部负责。", "the body “教育部”"),
        ("会同财政部门", "the body “财政部门”"),
        ("报国务院批准", "the body “国务院”"),
        ("The Ministry of Education decides.", "the body “The Ministry of Education”"),
        ("approved by the State Council", "the body “State Council”"),
        ("21人", "the number 21"),  # not the label 二（一）
    ],
)
def test_what_does_not(statement: str, fact: str) -> None:
    assert lacks(statement).startswith(fact)
    assert lacks(statement).endswith("is not in the evidence")


def test_a_number_belongs_to_its_date() -> None:
    two = ["2020年5月1日至2021年4月30日"]
    assert lacking("2021年4月30日", two) == ""
    assert lacking("2021年5月1日", two) == "the date 2021-05-01 is not in the evidence"


@pytest.mark.parametrize("statement", ["企业不得参加。", "此前的做法废止。", "They must not join."])
def test_no_where_the_evidence_says_yes(statement: str) -> None:
    assert lacks(statement) == "it says no where the evidence does not"
    assert lacking(statement, ["企业不得参加，此前的做法停止执行。"]) == ""


@pytest.mark.parametrize(
    ("text", "no", "forbidden"),
    [
        ("不得收费", True, True),
        ("严禁收费", True, True),
        ("不断提高，不仅如此", False, False),
        ("未来的未成年人", False, False),
        ("不收费", True, False),
        ("not only this", False, False),
        ("No. 49", False, False),
        ("no fees", True, False),
        ("Es ist nicht erlaubt", True, False),
    ],
)
def test_saying_no(text: str, no: bool, forbidden: bool) -> None:
    assert (denies(text), forbids(text)) == (no, forbidden)


def test_quotations() -> None:
    text = "“甲‘乙”丙 \"丁\" „戊“ «己» '庚辛' 「壬『癸』」 “互联网“加”培训”\n“open\nend”"
    assert quoted(text) == ["甲‘乙", "丁", "戊", "己", "庚辛", "壬『癸』", "互联网“加”培训"]
    assert titles("《甲》和《乙》") == ["甲", "乙"]


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("第三部分说", "说"),
        ("part 3 says", "says"),
        ("The third part says", "the says"),
        ("共3条", "共3条"),
        ("第3年", "第3年"),
        ("三种", "三种"),
    ],
)
def test_a_bare_label_goes_only_beside_a_word_for_a_part(text: str, rest: str) -> None:
    assert " ".join(without_names(text, ["三"]).split()) == rest


def test_names_of_bodies() -> None:
    assert bodies_of("由教育部和省财政厅，与全部干部及有关部门部署布局") == [
        "教育部",
        "省财政厅"[1:],
    ]
