"""A page of a site -> the spans of it that are not the notice: navigation, forms, counters.

The notice is found by its own structure (title, document number, addressee, numbered parts, date
and what is attached), not by the site's. All patterns are matched on the folded view without
spaces, so they hold for Traditional pages and half-width marks as well. Pure functions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby

from rag.text import HAN, fold

_DIGIT = "一二三四五六七八九十百〇零○o0-9"
_DOC_NO = re.compile(
    rf"[{HAN}a-z]{{1,24}}[〔\[(【]\d{{4}}[〕\])】]第?\d+号|(?:\d{{4}}年)?第[{_DIGIT}]+号"
)
_DATE = re.compile(  # with the signature in the same line, or as it stands in a colophon
    rf"[{HAN}、()]{{0,60}}?(?:\d{{4}}|[{_DIGIT}]{{4}})年[{_DIGIT}]{{1,3}}月[{_DIGIT}]{{1,3}}日(?:印发)?"
)
_TITLE = re.compile(
    r"[^。;!?,:|>»]*(?:通知|意见|决定|公告|通告|通报|报告|请示|批复|函|纪要|议案|命令|令|公报|决议"
    r"|办法|规定|条例|方案|细则|规则|规划|纲要|要点|答复|章程|制度|规范|指引|准则|计划|预案|措施"
    r"|公约|宣言|名单|目录|清单)[》”]?(?:\([^()]{1,30}\))?"
)
_ISSUERS = re.compile(
    rf"[{HAN}、()]{{1,40}}(?:[院部委厅局府会室办署行组团社司处所]|中心|大学|中央|人大|政协)"
)
_ISSUED = re.compile(rf"{_ISSUERS.pattern}(?:关于|印发|转发|批转|发布|对|令|公告|通告)|.*令")
_NUMBERED = re.compile(
    rf"[一二三四五六七八九十]{{1,3}}、|\([一二三四五六七八九十]{{1,3}}\)|第[{_DIGIT}]+[编章节条]"
)
_ATTACHED = re.compile(r"附(?:件|表|图|录|:)|抄送|主题词|联系(?:人|电话|方式)|\(.*\)$")
_HEAD = re.compile(
    rf"[{HAN}]{{2,30}}文件|签发人:.{{1,12}}|特急|加急|平急|[机秘绝]密.{{0,6}}|\d{{6}}"
    rf"|{_DOC_NO.pattern}"
)
# What the pages of any site are furnished with; only a hint, and never on a numbered line.
_WIDGET = re.compile(
    r"打印|关闭|分享|收藏|返回|回到|顶部|首页|[上下]一[篇条页]|相关\w\w|推荐|延伸阅读|热门|热点|评论|回复"
    r"|发表|跟帖|楼主|点赞|登录|注册|版权所有|备案|icp|copyright|©|主办|承办|地图|联系我们|关于我们|扫一扫"
    r"|二维码|微信|微博|客户端|责任编辑|责编|编辑:|来源:|作者:|浏览|阅读[次量数:]|点击|次数|字[号体]:?|纠错"
    r"|举报|下载|积分|提交|ctrl|https?:|www\.|网友|用户|广告|订阅|关注|(?:发布|更新|发文)?(?:时间|日期):"
    r"|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:\d{1,2}:\d\d)?"
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the page that is not blank; ``view`` is folded and without spaces."""

    start: int
    end: int  # with the line end
    view: str
    adjacent: bool  # no blank line above

    @property
    def is_title(self) -> bool:
        """Whether a notice's title may end here."""
        view = self.view
        return 4 <= len(view) <= 120 and bool(_TITLE.fullmatch(view)) and not self.is_numbered

    @property
    def is_numbered(self) -> bool:
        """Whether the line begins with a number as the parts of a notice do."""
        return _NUMBERED.match(self.view) is not None

    @property
    def is_prose(self) -> bool:
        """Whether the line is a paragraph."""
        return len(self.view) >= 15 and ("。" in self.view or self.view[-1] in ":;")

    @property
    def is_body(self) -> bool:
        """Whether a notice's text may begin with this line."""
        return self.is_prose or self.is_numbered or self.view.startswith(("(", "目录"))

    @property
    def is_addressee(self) -> bool:
        """Whether the line names whom the notice is sent to."""
        label = self.is_widget and len(self.view) < 10  # 分享到: and the like
        return bool(re.fullmatch(rf"[{HAN}][^。;!?]{{1,500}}:", self.view)) and not label

    @property
    def is_widget(self) -> bool:
        """Whether the line looks like a page's controls, counters or links."""
        if len(self.view) > 60 or self.view.endswith("。") or self.is_numbered:
            return False
        found = [m.group() for m in _WIDGET.finditer(self.view)]
        return len(set(found)) > 1 or sum(map(len, found)) >= 0.3 * len(self.view)


def furniture_spans(text: str) -> list[tuple[int, int]]:
    """Spans of a page's text that are not the notice, found by the notice's own structure.

    A title line, followed by a document number or an addressee and then a paragraph (or straight
    by numbered parts), begins the notice; the date ends it, with what is attached behind it. Where
    there is no such structure, or what would go looks like text of a notice, nothing is cut.

    Args:
        text: The page with its splices undone; script and punctuation may be as the mirror left
            them.

    Returns:
        Start and end (exclusive) of each span in ``text``, in order, not overlapping.
    """
    lines = _lines(text)
    found = _title(lines)
    if found is None:
        return []
    first, title_end, body = found
    before = lines[:first]
    if sum(x.is_numbered for x in before) > 1 or sum(x.is_prose for x in before) > 2:
        return []
    spans = [(0, lines[first].start)] if before else []
    spans += ((x.start, x.end) for x in lines[title_end + 1 : body] if _is_meta(x))
    kept = _tail(lines, body)
    starts = [line.start for line in lines[1:]] + [len(text)]
    for is_kept, group in groupby(range(body, len(lines)), key=kept.__contains__):
        run = list(group)
        if not is_kept:
            spans.append((lines[run[0] - 1].end, starts[run[-1]]))
    return spans


def _lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    start = 0
    blank = True
    for raw in re.findall(r"[^\n]*\n|[^\n]+$", text):
        view = re.sub(r"[\s\ufeff]+", "", fold(raw))
        if view:
            lines.append(_Line(start, start + len(raw), view, not blank))
        blank = not view
        start += len(raw)
    return lines


def _is_meta(line: _Line) -> bool:
    """Whether a line between title and text is the page's (source, time, size of type)."""
    return line.is_widget and line.view[-1] != ":" and not _DOC_NO.fullmatch(line.view)


def _title(lines: list[_Line]) -> tuple[int, int, int] | None:
    """First line of the notice, last line of its title, first line after title and addressee."""
    weak: tuple[int, int, int] | None = None
    for i, line in enumerate(lines):
        if not line.is_title:
            continue
        body, numbered, addressed = _after_title(lines, i)
        if body >= len(lines) or not lines[body].is_body:
            continue
        first = _first_line(lines, i)
        if not numbered:
            above = _number_above(lines, first)
            first, numbered = above, above < first
        if numbered or addressed or re.match("第[一1][章条]", lines[body].view):
            return first, i, body
        dated = any(_DATE.fullmatch(x.view) for x in lines[body + 1 :])
        if weak is None and dated and re.match(rf"关于|{_ISSUED.pattern}", lines[first].view):
            weak = (first, i, body)
    return weak


def _after_title(lines: list[_Line], title: int) -> tuple[int, bool, bool]:
    """Where the text after a title begins; whether a number, an addressee stand before it."""
    numbered = addressed = False
    for i in range(title + 1, min(title + 7, len(lines))):
        line = lines[i]
        if not numbered and _DOC_NO.fullmatch(line.view):
            numbered = True
        elif not addressed and line.is_addressee:
            addressed = True
        elif not _is_meta(line):
            return i, numbered, addressed
    return len(lines), numbered, addressed


def _first_line(lines: list[_Line], last: int) -> int:
    """Where a title that ends in line ``last`` begins."""
    first = last
    while first and lines[first].adjacent and not _ISSUED.match(lines[first].view):
        above = lines[first - 1].view
        opened = lines[first].view.startswith("关于") or _ISSUERS.fullmatch(lines[first].view)
        if opened and not _ISSUERS.fullmatch(above):
            break
        if len(above) > 45 or re.search(r"[。;!?:|>»•]", above):
            break
        first -= 1
    start = lines[first].view
    # Without an issuer or a 关于 above, what stands there is no part of the title.
    return first if start.startswith("关于") or _ISSUERS.match(start) else last


def _number_above(lines: list[_Line], first: int) -> int:
    """Where the head of a notice begins that has its document number above the title."""
    head = first
    while head and _HEAD.fullmatch(lines[head - 1].view):
        head -= 1
    return head if any(_DOC_NO.fullmatch(x.view) for x in lines[head:first]) else first


def _tail(lines: list[_Line], body: int) -> set[int]:
    """Indices of the lines from ``body`` on that belong to the notice."""
    dates = [i for i in range(body + 1, len(lines)) if _DATE.fullmatch(lines[i].view)]
    # A date under a signature; any other may be a line of the text.
    date = next((i for i in dates if _is_signature(lines[i - 1])), dates[-1] if dates else None)
    if date is None:
        stop = next((i for i in range(body + 1, len(lines)) if _ends_here(lines, i)), len(lines))
        return set(range(body, stop))
    kept = set(range(body, date + 1))
    attached = False
    waiting: list[int] = []
    for i in range(date + 1, len(lines)):
        line = lines[i]
        if line.is_widget and not _ATTACHED.match(line.view):
            if not any(x.view.startswith("附") or x.is_numbered for x in lines[i:]):
                break
            if not attached:
                waiting = []
                continue
        remark = _ATTACHED.match(line.view) is not None
        opens = remark and line.view.startswith("附") or line.is_numbered or _heads(lines, i)
        attached = attached or opens
        waiting.append(i)
        if attached or remark or _DATE.fullmatch(line.view):
            kept.update(waiting)
            waiting = []
        elif len(waiting) > 4:
            break
    return kept


def _is_signature(line: _Line) -> bool:
    """Whether a line above a date can be the body's or the person's name that signs."""
    return len(line.view) <= 60 and line.view[-1] not in "。;:" and not line.is_numbered


def _heads(lines: list[_Line], i: int) -> bool:
    """Whether line ``i`` is the title of a text, not a link to one."""
    following = lines[i + 1 : i + 3]
    return lines[i].is_title and any(
        x.is_body or _DOC_NO.fullmatch(x.view) is not None for x in following
    )


def _ends_here(lines: list[_Line], i: int) -> bool:
    """Whether, in a notice without a date, the page's furniture begins at line ``i``."""
    return lines[i].is_widget and not any(
        x.is_numbered or x.view.startswith("附") for x in lines[i:]
    )
