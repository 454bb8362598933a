from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import SourceError
from rag.notices import load_notice, parse_notice
from rag.numbering import Rank, mark, steps, to_chinese, to_int
from rag.types import Notice, Section

LETTER = """某部办公厅关于加强
材料管理工作的通知

某部办发〔2020〕12号

各省、自治区材料厅（局）：

为加强管理，现就有关事项通知如下。

一、总体要求

坚持安全第一。

二、主要任务

（一）摸清底数。各地要按照第（二）项的办法：（三）登记造册；一是全面，二是准确。2020年底前完成。

（二）建立台账。台账分以下几类。

1.原料台账。记录来源。

2.成品台账。记录去向。

三、组织实施

各地要高度重视。

各地情况要及时报告。

附件：1.登记表
      2.台账样式

某部办公厅
2020年3月5日
（此件公开发布）

附件1

登记表

一、填表说明

按实填写。

附件2

台账样式

样式从略。
"""


def labels(notice: Notice) -> list[str]:
    return [section.label for section in notice.sections]


def by_label(notice: Notice, label: str) -> Section:
    return next(s for s in notice.sections if s.label == label)


def own_text(notice: Notice, label: str) -> str:
    section = by_label(notice, label)
    return notice.text[section.start : section.end].strip()


def assert_partition(notice: Notice) -> None:
    pieces = [notice.text[s.start : s.end] for s in notice.sections]
    assert "".join(pieces) == notice.text
    assert [s.start for s in notice.sections[1:]] == [s.end for s in notice.sections[:-1]]
    assert len(set(labels(notice))) == len(notice.sections)
    for s in notice.sections:
        assert s.start <= s.heading_start <= s.heading_end <= s.end
        joined = "".join(notice.text[s.heading_start : s.heading_end].split())
        assert joined == "".join(s.heading.split())


def test_the_elements_of_a_letter() -> None:
    notice = parse_notice(LETTER, id="letter", source_sha256="ab")
    assert notice.text == LETTER
    assert (notice.id, notice.source_sha256) == ("letter", "ab")
    assert notice.title == "某部办公厅关于加强材料管理工作的通知"
    assert notice.doc_no == "某部办发〔2020〕12号"
    assert notice.addressee == "各省、自治区材料厅（局）"
    assert notice.issuer == "某部办公厅"
    assert notice.date == "2020年3月5日"
    assert_partition(notice)
    assert labels(notice) == [
        "标题", "发文字号", "主送机关", "导语",
        "一", "二", "二（一）", "二（二）", "二（二）1", "二（二）2", "三",
        "附件说明", "发文机关署名", "成文日期", "附注",
        "附件1", "附件1·一", "附件2",
    ]  # fmt: skip


def test_the_tree_and_the_headings_of_a_letter() -> None:
    notice = parse_notice(LETTER)
    tree = {s.label: (s.heading, s.level, s.parent) for s in notice.sections if s.level}
    assert tree == {
        "一": ("总体要求", 1, ""),
        "二": ("主要任务", 1, ""),
        "二（一）": ("摸清底数", 2, "二"),
        "二（二）": ("建立台账", 2, "二"),
        "二（二）1": ("原料台账", 3, "二（二）"),
        "二（二）2": ("成品台账", 3, "二（二）"),
        "三": ("组织实施", 1, ""),
        "附件1·一": ("填表说明", 1, "附件1"),
    }
    assert by_label(notice, "附件1").heading == "登记表"
    # Cross-references and enumerations inside the sentence stay in their paragraph.
    assert own_text(notice, "二（一）").startswith("（一）摸清底数。各地要按照第（二）项")
    assert own_text(notice, "二（一）").endswith("2020年底前完成。")
    # A closing paragraph belongs to the last section open before it.
    assert own_text(notice, "三").endswith("各地情况要及时报告。")
    assert own_text(notice, "附件说明") == "附件：1.登记表\n      2.台账样式"
    assert own_text(notice, "附注") == "（此件公开发布）"


def test_text_without_numbering_is_one_section() -> None:
    text = "第一段话说明背景。\n\n第二段话说明要求。\n"
    notice = parse_notice(text)
    assert [(s.label, s.start, s.end) for s in notice.sections] == [("正文", 0, len(text))]
    assert notice.title == "" and notice.date == ""


def test_a_short_first_line_over_prose_is_the_title() -> None:
    notice = parse_notice("# 会议安排\n\n会议定于周五召开。\n")
    assert notice.title == "会议安排"
    assert labels(notice) == ["标题", "正文"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\n", ["正文"]),
        ("一、甲\n内容。\n二、乙\n内容。", ["一", "二"]),
        # Articles keep their number through chapters; items and later paragraphs hang on them.
        (
            "第一章 总 则\n第一条 为了管理，制定本办法。\n第二条 下列情形适用：\n（一）甲；\n"
            "（二）乙。\n前款规定除外。\n第二章 附则\n第三条 自公布之日起施行。",
            [
                "第一章", "第一条", "第二条", "第二条（一）", "第二条（二）", "第二条第二款",
                "第二章", "第三条",
            ],
        ),
        ("第一编 甲\n第一章 乙\n第一节 丙\n第一条 丁。\n第二章 戊\n第二条 己。",
         ["第一编", "第一编第一章", "第一编第一章第一节", "第一条", "第一编第二章", "第二条"]),
        # Numbering that counts on under the next heading.
        ("一、甲\n（一）子。内容。\n二、乙\n（二）丑。内容。\n（三）寅。内容。",
         ["一", "一（一）", "二", "二（二）", "二（三）"]),
        # Other ways to write the marks.
        (
            "一. 甲\n(一) 乙\n1、丙\n（1）丁\n①戊\n⑵己",
            ["一", "一（一）", "一（一）1", "一（一）1（1）", "一（一）1（1）①", "一（一）1（2）"],
        ),
        ("1 总则\n1.1 编制目的\n为了应对。\n1.2 依据\n依法。\n2 组织体系\n2.1 领导机构\n略。",
         ["1", "1.1", "1.2", "2", "2.1"]),
        # Numbering that begins again without a new heading still gives labels of its own.
        ("一、甲\n二、乙\n一、丙", ["一", "二", "一〔2〕"]),
    ],
)  # fmt: skip
def test_labels(text: str, expected: list[str]) -> None:
    notice = parse_notice(text)
    assert_partition(notice)
    assert labels(notice) == expected


@pytest.mark.parametrize(
    "prose",
    [
        "（二）项所列单位除外。",
        "一是加强领导，二是落实责任。",
        "第三条规定的情形除外。",
        "第（二）项规定除外。",
        "2.5万人参加培训。",
        "三、四年级学生参加。",
        "1 | 名称 | 说明",
        "九、第九个问题跳得太远。",
        "2021年，工作取得进展。",
    ],
)
def test_what_is_no_heading(prose: str) -> None:
    text = f"一、总则\n前面的话说完了。\n{prose}\n二、附则\n完。"
    assert labels(parse_notice(text)) == ["一", "二"]


def test_a_mark_after_a_line_broken_in_a_sentence_opens_nothing() -> None:
    text = "一、总则\n各地按照第\n（一）条的规定办理，\n二、三类地区除外。\n二、附则\n完。"
    assert labels(parse_notice(text)) == ["一", "二"]


@pytest.mark.parametrize("heading", ["引导社会力量参与", "广泛征求意见", "做好宣传普及"])
def test_a_heading_that_ends_like_a_broken_line_is_whole(heading: str) -> None:
    text = f"一、总则\n前面的话说完了。\n二、{heading}\n（一）先做一件事。\n（二）再做一件事。"
    assert labels(parse_notice(text)) == ["一", "二", "二（一）", "二（二）"]


def test_short_first_sentences_among_long_ones_are_no_headings() -> None:
    # Of three items one begins with a short sentence: prose, not a run-in heading.
    rest = "对已经取得证书的人员，由所在单位按照有关规定给予一次性的奖励，并且记入个人的档案备查。"
    text = f"（一）要发奖。以示鼓励。\n（二）{rest}同时公布。\n（三）{rest}同时通报。"
    assert [s.heading for s in parse_notice(text).sections] == ["", "", ""]


def test_headings_before_a_colon_or_a_space() -> None:
    notice = parse_notice(
        "（一）工作目标：到年底完成。\n（二）工作步骤：分两步走。\n（三）工作要求：\n认真。"
    )
    assert [s.heading for s in notice.sections] == ["工作目标", "工作步骤", "工作要求"]


def test_a_regulation_that_a_notice_does_nothing_but_issue_keeps_its_labels() -> None:
    text = (
        "某市政府关于印发《某某办法》的通知\n某政发〔2019〕3号\n各县政府：\n"
        "现将《某某办法》印发给你们。\n"
        "某市政府\n二〇一九年五月二十三日\n某 某 办 法\n第一条 为了管理。\n"
        "第二条 自印发之日起施行。"
    )
    notice = parse_notice(text)
    assert_partition(notice)
    assert notice.title == "某市政府关于印发《某某办法》的通知"
    assert (notice.issuer, notice.date) == ("某市政府", "二〇一九年五月二十三日")
    assert labels(notice)[3:] == ["正文", "发文机关署名", "成文日期", "附件", "第一条", "第二条"]
    assert by_label(notice, "附件").heading == "某某办法"
    assert by_label(notice, "第一条").parent == "附件"


def test_an_order_takes_its_title_from_the_regulation() -> None:
    text = (
        "某某人民政府令\n第7号\n《某某条例》已经通过，现予公布。\n省长 张三\n"
        "2018年11月6日\n某某条例\n"
        "第一条 为了管理。"
    )
    notice = parse_notice(text)
    assert (notice.title, notice.doc_no, notice.issuer) == ("某某条例", "第7号", "某某人民政府")
    assert labels(notice)[:2] == ["发文机关标志", "发文字号"]


def test_the_order_of_a_printed_letterhead() -> None:
    text = (
        "特急\n某省教育厅文件\n某教发〔2022〕8号　　签发人：李四\n某省教育厅关于开展检查的通知\n"
        "（2022年2月1日）\n各市教育局：\n现通知如下：\n一、检查内容\n"
        "全面检查。\n某省教育厅　2022年2月1日\n"
        "抄送：某省政府办公厅。\n某省教育厅办公室 2022年2月2日印发"
    )
    notice = parse_notice(text)
    assert_partition(notice)
    assert labels(notice) == [
        "紧急程度", "发文机关标志", "发文字号", "签发人", "标题", "题注", "主送机关", "导语", "一",
        "发文机关署名", "成文日期", "抄送机关", "印发机关和印发日期",
    ]  # fmt: skip
    assert (notice.doc_no, notice.issuer) == ("某教发〔2022〕8号", "某省教育厅")
    assert own_text(notice, "签发人") == "签发人：李四"
    assert own_text(notice, "成文日期") == "2022年2月1日"


def test_joint_issuers_and_the_issuer_in_the_title() -> None:
    both = "甲部 乙总局\n2020年1月2日"
    head = "甲部、乙总局关于联合检查的通知\n各地：\n请遵照执行。\n"
    assert parse_notice(head + both).issuer == "甲部、乙总局"
    assert parse_notice("甲部关于检查的通知\n各地：\n请遵照执行。").issuer == "甲部"
    assert parse_notice("请遵照执行。").issuer == ""


def test_a_table_of_contents_is_not_the_text() -> None:
    text = "目录\n第一章 总则……1\n第二章 附则……2\n第一章 总则\n内容。\n第二章 附则\n完。"
    notice = parse_notice(text)
    assert labels(notice) == ["目录", "第一章", "第二章"]
    assert own_text(notice, "第一章") == "第一章 总则\n内容。"


@given(st.integers(0, 20_000))
def test_numerals_there_and_back(number: int) -> None:
    assert to_int(to_chinese(number)) == number
    assert to_int(str(number)) == number


def test_numerals_by_hand() -> None:
    values = {
        "十": 10,
        "二十三": 23,
        "一百零五": 105,
        "一百一十": 110,
        "二〇二一": 2021,
        "２３": 23,
    }
    assert {text: to_int(text) for text in values} == values
    assert [to_chinese(n) for n in (10, 20, 110, 101)] == ["十", "二十", "一百一十", "一百零一"]
    assert to_int("甲") is None and to_int("") is None


def test_marks_and_the_steps_of_a_label() -> None:
    assert mark("（十二）推进改革") == (Rank.SECOND, (12,), "（十二）", 4, True)
    assert mark("第十七条之一 内容") == (Rank.ARTICLE, (17, 1), "第十七条之一", 7, True)
    assert mark("1.2019年3月底前完成") == (Rank.THIRD, (1,), "1", 2, True)
    assert steps("附件2·二（三）1（4）②") == [
        (Rank.FIRST, 2), (Rank.SECOND, 3), (Rank.THIRD, 1), (Rank.FOURTH, 4), (Rank.FIFTH, 2)
    ]  # fmt: skip
    assert steps("第二章第一节") == [(Rank.CHAPTER, 2), (Rank.SECTION, 1)]
    assert steps("标题") == []


PIECES = st.sampled_from(
    ["一、", "二、", "三、", "（一）", "（二）", "1.", "2．", "（1）", "①", "第一条 ", "第二章 ",
     "附件",
     "附件1", "：",
     "。", "，", "；", "标题", "关于检查的通知", "甲部", "2020年1月2日", "某发〔2020〕1号", 
     "各地：",
     "（略）",
     "\n", "\n",
     "\n\n", " ", "\u3000", "内容", "目录", "|", "x", "\r", "\t", "第一款"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join))
def test_sections_partition_any_text(text: str) -> None:
    assert_partition(parse_notice(text))


@given(st.text(max_size=200))
def test_sections_partition_arbitrary_characters(text: str) -> None:
    assert_partition(parse_notice(text))


@given(st.lists(st.lists(st.integers(0, 4), max_size=4), min_size=1, max_size=6), st.booleans())
def test_a_numbered_document_gives_the_labels_it_was_written_with(
    shape: list[list[int]], continued: bool
) -> None:
    """shape[i][j] is the number of 1. items under the j-th （…） of the i-th 一、."""
    lines, expected, second = [], [], 0
    for i, subsections in enumerate(shape, 1):
        lines += [f"{to_chinese(i)}、标题{i}", f"这是第{i}段的话。"]
        expected.append(to_chinese(i))
        second = second if continued else 0
        for items in subsections:
            second += 1
            label = f"{to_chinese(i)}（{to_chinese(second)}）"
            lines.append(f"（{to_chinese(second)}）小标题。内容说明，按照第（一）项执行。")
            expected.append(label)
            for k in range(1, items + 1):
                lines.append(f"{k}.条目。具体内容。")
                expected.append(f"{label}{k}")
    notice = parse_notice("\n".join(lines))
    assert_partition(notice)
    assert labels(notice) == expected


def test_the_restored_page(notice: Notice) -> None:
    assert_partition(notice)
    assert (
        notice.title == "人力资源社会保障部关于贯彻落实习近平总书记对职业教育工作重要指示精神的通知"
    )
    assert (notice.doc_no, notice.date) == ("人社部函〔2021〕49号", "2021年4月30日")
    assert notice.issuer == "人力资源社会保障部"
    assert notice.addressee == "各省、自治区、直辖市及新疆生产建设兵团人力资源社会保障厅（局）"
    assert labels(notice) == [
        "标题", "发文字号", "主送机关", "导语", "一", "二", "二（一）", "二（二）", "二（三）",
        "三", "发文机关署名", "成文日期",
    ]  # fmt: skip
    assert by_label(notice, "二（二）").heading == "落实技能人才激励政策"
    assert own_text(notice, "三").endswith("要及时向人力资源社会保障部报告。")


@pytest.fixture(scope="module")
def real() -> list[dict[str, object]]:
    folder = Path(os.environ.get("YOUJU_DATA", Path(__file__).parents[2] / "shared" / "data"))
    path = folder / "dev" / "gov_policy_statecouncil.jsonl.gz"
    if not path.is_file():
        pytest.skip(f"needs {path.name}: name the data folder in YOUJU_DATA")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def test_thirty_real_notices(real: list[dict[str, object]]) -> None:
    notices = [parse_notice("\n".join(row["paras"])) for row in real]  # type: ignore[call-overload]
    for notice in notices:
        assert_partition(notice)
        assert notice.date
        assert not [label for label in labels(notice) if "〔" in label or label == "其他"]
    assert [n.title for n in notices] == [row["title"] for row in real]
    assert [n.issuer for n in notices] == [row["issuer"] for row in real]
    # An order is numbered 第706号 in its own text; the list calls it 国令第706号.
    wrong = [
        (n.doc_no, r["doc_no"])
        for n, r in zip(notices, real, strict=True)
        if n.doc_no != r["doc_no"]
    ]
    assert wrong == [("第706号", "国令第706号")]


def test_articles_count_on_under_headings_that_stand_for_chapters() -> None:
    chapters = (
        "某某办法\n一、总则\n第一条 为了管理。\n第二条 依法管理。\n第三条 依法办理。\n"
        "二、附则\n第四条 自公布之日起施行。"
    )
    assert [(s.label, s.parent) for s in parse_notice(chapters).sections if s.level] == [
        ("一", ""), ("第一条", "一"), ("第二条", "一"), ("第三条", "一"),
        ("二", ""), ("第四条", "二"),
    ]  # fmt: skip
    inside = (
        "某某办法\n第一条 有：\n一、甲；\n二、乙。\n第二条 有：\n一、丙；\n二、丁。\n第三条 完。"
    )
    assert [(s.label, s.parent) for s in parse_notice(inside).sections if s.level] == [
        ("第一条", ""), ("第一条一", "第一条"), ("第一条二", "第一条"),
        ("第二条", ""), ("第二条一", "第二条"), ("第二条二", "第二条"), ("第三条", ""),
    ]  # fmt: skip


# -- files -----------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("name", ["letter.txt", "letter.md", "letter"])
def test_a_file_in_any_encoding(tmp_path: Path, encoding: str, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(LETTER.encode(encoding))
    notice = load_notice(path)
    assert notice.id == "letter"
    assert notice.text == LETTER
    assert notice.doc_no == "某部办发〔2020〕12号"
    assert len(notice.source_sha256) == 64


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "does not exist"),
        (b"", "is empty"),
        (b" \n\xe3\x80\x80\n", "is empty"),
        (bytes(range(256)) * 8, "not text|cannot|encoding|binary"),
        (b"%PDF-1.7\n...", "not text"),
        (b"a" * 20_000_001, "20 MB"),
    ],
)
def test_a_file_that_is_no_notice(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "x.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=says) as caught:
        load_notice(path)
    assert "x.txt" in str(caught.value) and "\n" not in str(caught.value)


def test_a_folder_is_no_notice(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is a folder"):
        load_notice(tmp_path)
