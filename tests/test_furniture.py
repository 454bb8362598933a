"""Finding the notice among the page's furniture, alone and as a layer of restoring a page."""

import opencc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.furniture import furniture_spans
from rag.repair import restore, undo
from rag.types import Repair

SMALL = """市教育局关于做好2021年
春季开学工作的通知
市教函〔2021〕7号

各区教育局：

为做好春季开学工作，现将有关事项通知如下。

一、加强组织领导
（一）落实责任。各区要落实主体责任，细化工作方案。
（二）加强检查。

二、严格纪律
对失职渎职的，依法严肃处理。

附件：开学检查表

市教育局
2021年2月20日
"""
BEFORE = {
    "breadcrumb": "首页 > 政务公开 > 正文\n市教育局关于做好2021年春季开学工作的通知\n"
    "发布时间：2021-02-21 10:20  来源：市教育局  浏览次数：366\n\n",
    "portal": "登录\n注册\n导航\n服务\n\n最新文件\n关于开展安全检查的通知\n关于表彰先进的决定\n\n"
    "索引号：014349/2021-1\n发文字号：市教函〔2021〕7号\n标题：市教育局关于做好2021年春季开学工作的通知\n\n",
    "forum": "教育论坛\n楼主 小草\n发表于 2021-2-22 08:00 | 只看该作者\n\n",
}
AFTER = {
    "buttons": "\n打印 关闭窗口\n分享到：微信 微博\n",
    "related": "\n相关阅读\n关于开展安全检查的通知\n关于表彰先进的决定\n\n版权所有：市教育局\n",
    "comments": "\n沙发 李四 发表于 2021-2-23\n好政策，希望尽快落实，让孩子安全开学。\n我要评论\n",
    "pages": "\n上一篇：没有了\n下一篇：关于开展安全检查的通知\n",
    "odd": "\n快来抢沙发吧!\n",
}


@pytest.mark.parametrize("before", ["", *BEFORE.values()], ids=["nothing", *BEFORE])
@pytest.mark.parametrize("after", ["", *AFTER.values()], ids=["nothing", *AFTER])
def test_furniture_goes_and_the_notice_stays(before, after):
    result = restore(before + SMALL + after)
    assert undo(result.text, result.repairs) == result.source
    assert result.text == SMALL
    expected = [Repair("furniture", 0, len(before), before, "")] if before else []
    if after:
        at = len(before + SMALL)
        expected.append(Repair("furniture", at, at + len(after), after, ""))
    assert list(result.repairs) == expected


ANNEX = """
附件

开学检查表

1.校舍安全
2.食堂卫生

市教育局办公室
2021年2月20日印发
"""


# Without "odd": after an annex, a line that nothing marks as the page's is kept.
@pytest.mark.parametrize("after", [v for k, v in AFTER.items() if k != "odd"])
def test_what_is_attached_stays(after):
    assert restore(SMALL + ANNEX + after).text == SMALL + ANNEX


def test_lines_of_the_page_inside_the_head_go():
    lines = SMALL.split("\n", 2)
    meta = "2021-02-21 10:20 来源：市教育局 【字体：大 中 小】 打印\n"
    damaged = f"{lines[0]}\n{lines[1]}\n{meta}{lines[2]}"
    assert restore(damaged).text == SMALL


@pytest.mark.parametrize(
    "text",
    [
        "首页\n登录\n今天天气很好。\n打印\n",
        "会议纪要整理\n张三：同意。\n李四：不同意。\n",
        SMALL + "\n" + SMALL,  # two notices in one file
        SMALL.replace("市教育局关于做好2021年\n春季开学工作的通知\n", ""),  # no title
    ],
)
def test_without_a_clear_notice_nothing_is_cut(text):
    assert restore(text).text == text


def test_lines_that_only_look_like_the_pages_stay():
    text = SMALL.replace("各区教育局：", "各微博、微信公众号运营单位：").replace(
        "（二）加强检查。",
        "（二）按下列时间检查：\n2021年2月18日\n检查食堂，由卫生科负责。\n其他科室配合。",
    )
    annex = "\n附件\n\n开学检查表\n\n一、校舍\n来源：安全科\n打印两份\n二、食堂\n"
    assert restore(text + annex).text == text + annex
    assert restore(text + annex + AFTER["buttons"]).text == text + annex


def test_number_above_the_title_stays():
    head = "市教育局文件\n市教发〔2021〕3号\n\n市教育局关于印发工作要点的通知\n\n各区教育局：\n"
    rest = "现将《工作要点》印发给你们，请认真贯彻执行。\n\n市教育局\n二〇二一年三月一日\n"
    assert restore(f"网站首页\n\n{head}{rest}\n打印本页\n").text == head + rest


def test_spans_are_found_in_either_script_and_width():
    # furniture_spans sees the page before script and punctuation are undone.
    inside = "发布时间：2021-02-21 10:20  来源：市教育局\n"
    title, rest = SMALL.split("号\n", 1)
    page = BEFORE["forum"] + title + "号\n" + inside + rest + AFTER["buttons"]
    start = len(BEFORE["forum"])
    meta = start + len(title) + len("号\n")
    end = start + len(SMALL) + len(inside)
    expected = [(0, start), (meta, meta + len(inside)), (end, len(page))]
    assert furniture_spans(page) == expected
    half = str.maketrans("：，；（）", ":,;()")
    mirrored = opencc.OpenCC("s2t").convert(page).translate(half)
    assert len(mirrored) == len(page) and mirrored != page
    assert furniture_spans(mirrored) == expected


PARTS = st.sampled_from(
    [SMALL, ANNEX, *BEFORE.values(), *AFTER.values(), "\n", "附件：一\n", "2021年2月20日\n", "通知"]
)


@given(st.lists(PARTS, max_size=6).map("".join))
@settings(max_examples=100, deadline=None)
def test_spans_are_in_order_and_begin_and_end_with_lines(page):
    done = 0
    for start, end in furniture_spans(page):
        assert done <= start < end <= len(page)
        assert start == 0 or page[start - 1] == "\n"
        assert end == len(page) or page[end - 1] == "\n"
        done = end
