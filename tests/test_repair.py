"""Restoring damaged pages: the bundled page, each layer alone, and a simulated mirror."""

import gzip
import json
import os
import random
import re
from collections import Counter
from functools import cache
from pathlib import Path

import opencc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypinyin.constants import PINYIN_DICT

from rag.errors import SourceError
from rag.repair import Restoration, decode_source, restore, undo

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "index" / "notices" / "rsbh-2021-49.txt").read_bytes()
NOTICE = (ROOT / "tests" / "data" / "notice.txt").read_text(encoding="utf-8")
DATA = Path(os.environ.get("YOUJU_DATA", ROOT.parent / "shared" / "data"))
HALF = {ord(full): half for full, half in zip("，：；（）？！", ",:;()?!", strict=True)}

to_traditional = opencc.OpenCC("s2t").convert
to_simplified = opencc.OpenCC("t2s").convert


def apply(result: Restoration) -> str:
    """The restored text as the log alone gives it."""
    out, done = [], 0
    for repair in result.repairs:
        assert result.source[repair.start : repair.end] == repair.before
        assert repair.start >= done  # sorted, not overlapping
        out += (result.source[done : repair.start], repair.after)
        done = repair.end
    return "".join((*out, result.source[done:]))


def check(result: Restoration) -> None:
    assert apply(result) == result.text
    assert undo(result.text, result.repairs) == result.source


# --- the bundled page ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page() -> Restoration:
    return restore(PAGE, "rsbh-2021-49.txt")


def test_page_is_restored_word_for_word(page):
    # tests/data/notice.txt was read against the page by eye; it differs from the page, pinyin
    # stripped and script folded, in the two misaligned places alone.
    assert page.text == NOTICE
    for phrase in ("牢牢把握坚持党的领导", "要在当地党委、政府领导下", "人社部函〔2021〕49号"):
        assert phrase in page.text
    assert "“互联网+职业技能培训”" in page.text
    assert page.text.startswith("人力资源社会保障部关于贯彻落实习近平总书记")
    assert page.text.endswith("人力资源社会保障部\n\n2021年4月30日\n")


def test_page_log_is_exact_and_reversible(page):
    check(page)
    assert page.source_bytes() == PAGE
    source = PAGE.decode()
    kinds = Counter(r.kind for r in page.repairs)
    # One furniture edit before and one after; what lies in them is not logged twice.
    assert kinds["furniture"] == 2
    assert kinds["unresolved"] == 0
    assert [(r.before, r.after) for r in page.repairs if r.kind == "misaligned"] == [
        ("?qǐng)?jiān)", "坚"),
        ("?shù)攸h", "地党"),
    ]
    body = source[page.repairs[0].end : page.repairs[-1].start]
    splice = r"\([a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]+\)"
    syllables = re.findall(splice, body)
    assert [r.before for r in page.repairs if r.kind == "pinyin"] == syllables
    # Every half-width mark that is neither a splice's bracket nor in a misaligned place.
    rest = re.sub(splice, "", body.replace("?qǐng)?jiān)", "").replace("?shù)攸h", ""))
    assert Counter(r.before for r in page.repairs if r.kind == "punctuation") == Counter(
        c for c in rest if c in ",:;()?!"
    )
    assert rest.count("(") == 4  # 厅(局) and (一)(二)(三)


def test_page_offsets_lead_back(page):
    def source_of(phrase: str) -> str:
        at = page.text.index(phrase)
        return page.source[slice(*page.source_span(at, at + len(phrase)))]

    assert source_of("社会保障厅（局）：") == "社會(huì)保障廳(局):"
    assert source_of("当地党委") == "當(dāng)?shù)攸h委"
    assert source_of("党委、政府领导下") == "?shù)攸h委、政府領(lǐng)導(dǎo)下"
    assert source_of("握坚持") == "握?qǐng)?jiān)持"
    assert source_of("2021年4月30日") == "2021年4月30日"
    whole = page.source[slice(*page.source_span(0, len(page.text)))]
    assert whole.startswith("人力資源社會(huì)保障部關(guān)于") and whole.endswith("30日\n")


def test_restoring_twice_changes_nothing(page):
    again = restore(page.text)
    assert again.text == page.text and again.repairs == ()


@pytest.mark.parametrize("span", [(-1, 2), (3, 2), (0, 10**6)])
def test_span_outside_the_text_is_refused(page, span):
    with pytest.raises(ValueError, match="outside the text"):
        page.source_span(*span)


# --- layer by layer -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("damaged", "restored"),
    [
        ("社會(huì)保障", "社会保障"),
        ("关于(guān)此事", "关于此事"),
        ("我們(men)要學(xué)習(xí)", "我们要学习"),
        ("黨的領(lǐnɡ)導(dǎo)", "党的领导"),  # ɡ as some fonts have it
        ("社會(HUÌ)保障", "社会保障"),
        # 當地黨 is AE94 B5D8 FC68 and 數 is 94B5: AE94 B5(shù) D8FC 68, and B5 takes the bracket.
        ("當?shù)攸h委", "当地党委"),
        ("牢牢把握?qǐng)?jiān)持黨的領(lǐng)導(dǎo)", "牢牢把握坚持党的领导"),
    ],
)
def test_splices_go(damaged, restored):
    result = restore(damaged)
    check(result)
    assert result.text == restored


@pytest.mark.parametrize(
    "text",
    [
        "各厅（局）要落实（一）（2）（Wi-Fi）（pinyin）。",
        "是不是真的吗？",
        "乾隆年间的瞭望台，徵音。",
        "预算10,000元，8:30开始，比例1:3。",
        "见https://example.cn/a?b=1,2;c=(d)。",
        "Hello, world (test): is it? Yes!",
        "人社部函〔2021〕49号",
        "推动“互联网+职业技能培训”，",
        "他说（men）也行，中（zhong）文。",
        "",
        "\n\n",
        "附件：1.名单\n",
    ],
)
def test_clean_text_is_left_alone(text):
    result = restore(text)
    assert result.text == text and result.repairs == ()


@pytest.mark.parametrize(
    ("damaged", "restored"),
    [
        ("习近平重要指示,现就通知如下", "习近平重要指示，现就通知如下"),
        ("各厅(局):", "各厅（局）："),
        ("(一)加强领导", "（一）加强领导"),
        ("(2)加强管理", "（2）加强管理"),
        ("共30人,其中5人", "共30人，其中5人"),
        ("5月1日,3月", "5月1日，3月"),
        ("增长5%;下降", "增长5%；下降"),
        ("预算10,000元,8:30开始", "预算10,000元，8:30开始"),
        ("他说:“好”,然后", "他说：“好”，然后"),
        ("是吗?", "是吗？"),
        ("《办法》(试行),", "《办法》（试行），"),
        ("见https://a.cn/x?y=1,并执行", "见https://a.cn/x?y=1，并执行"),
        ("政府和社会资本合作(PPP)等模式", "政府和社会资本合作（PPP）等模式"),
        ("使用强度(DDDs)▲", "使用强度（DDDs）▲"),
    ],
)
def test_half_width_marks(damaged, restored):
    result = restore(damaged)
    check(result)
    assert result.text == restored
    assert {r.kind for r in result.repairs} == {"punctuation"}
    assert restore(restored).repairs == ()


def test_stray_half_width_mark_in_clean_text_is_the_authors():
    text = "一、目标，要求：落实。(国家发展改革委指导)\n二、措施，办法：推进；评估。\n"
    assert restore(text).repairs == ()


def test_phrases_decide_the_script():
    # 幹 and 乾 both give 干; 著 gives 着 but not in 著名; 乾 stays in 乾隆.
    result = restore("乾隆時期的著名幹部穿著乾淨的衣服說話")
    assert result.text == "乾隆时期的著名干部穿着干净的衣服说话"
    assert [(r.before, r.after) for r in result.repairs] == [
        ("時", "时"),
        ("幹", "干"),
        ("著乾淨", "着干净"),
        ("說話", "说话"),
    ]


def test_forms_of_taiwan_and_hong_kong():
    assert restore("隨著衛生事業發展").text == "随着卫生事业发展"
    assert restore("隨着衞生事業發展").text == "随着卫生事业发展"


def test_line_ends_and_mark_are_logged():
    result = restore(b"\xef\xbb\xbf" + "通知\r\n各地：\r要求\n".encode())
    assert result.text == "通知\n各地：\n要求\n"
    assert result.encoding == "utf-8-sig"
    assert [(r.kind, r.start, r.before, r.after) for r in result.repairs] == [
        ("bom", 0, "\ufeff", ""),
        ("newline", 3, "\r\n", "\n"),
        ("newline", 8, "\r", "\n"),
    ]
    assert result.source_bytes() == b"\xef\xbb\xbf" + "通知\r\n各地：\r要求\n".encode()


def test_what_cannot_be_decided_is_left_and_logged():
    # 啊 is B0A1: no character whose first byte is A1 is read lǘ, so nothing explains the splice.
    text = "社會(huì)保障部門啊?lǘ)的要求"
    result = restore(text)
    check(result)
    [left] = [r for r in result.repairs if r.kind == "unresolved"]
    assert left.before == left.after == "?lǘ)"
    assert result.text == "社会保障部门啊?lǘ)的要求"


# --- bytes --------------------------------------------------------------------------------------

TEXT = "各部门要认真学习、贯彻落实，会同有关单位组织实施。\n"


@pytest.mark.parametrize(
    ("data", "encoding", "source"),
    [
        (TEXT.encode(), "utf-8", TEXT),
        (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8-sig", "\ufeff" + TEXT),
        (TEXT.encode("gbk"), "gb18030", TEXT),
        (to_traditional(TEXT).encode("gb18030"), "gb18030", to_traditional(TEXT)),
        (("\ufeff" + TEXT).encode("utf-16-le"), "utf-16-le", "\ufeff" + TEXT),
        (("\ufeff" + TEXT).encode("utf-16-be"), "utf-16-be", "\ufeff" + TEXT),
        (TEXT.encode("utf-16-le"), "utf-16-le", TEXT),
        (TEXT.encode("utf-16-be"), "utf-16-be", TEXT),
    ],
)
def test_encodings(data, encoding, source):
    assert decode_source(data, "a.txt") == (source, encoding)
    result = restore(data, "a.txt")
    assert result.encoding == encoding
    assert result.source_bytes() == data


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "a.txt is empty"),
        (b" \n\t", "a.txt is empty"),
        (b"\xef\xbb\xbf\n", "a.txt is empty"),
        (b"%PDF-1.4\n...", "a.txt is a PDF file"),
        (b"PK\x03\x04...", "a.txt is a ZIP archive or Office document"),
        (b"\x89PNG\r\n\x1a\n", "a.txt is an image"),
        (b"\xd0\xcf\x11\xe0....", "a.txt is an Office document"),
        (bytes(range(256)) * 8, "a.txt is binary"),
        (b"notice\0text", "a.txt is binary"),
        (b"\xff\xfea", "a.txt is damaged UTF-16-LE"),
        ("各部門要認真學習貫徹落實".encode("big5"), "a.txt is in an encoding"),
        (b"a" * 20_000_001, "more than the 20 MB"),
    ],
)
def test_unreadable_files_say_why(data, says):
    with pytest.raises(SourceError) as error:
        restore(data, "a.txt")
    message = str(error.value)
    assert says in message
    assert message.endswith(".") and "\n" not in message


# --- properties ---------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *"社會會计保障部門学習落實国家當地黨委的，。、：；（）？",
        *",:;()?! \n1２aB",
        "(huì)",
        "(dāng)",
        "?shù)攸h",
        "?qǐng)?jiān)",
        "?lǘ)",
        "(men)",
        "\r\n",
        "關于開展工作的通知\n",
        "人社部函〔2021〕49号\n",
        "各厅(局):\n",
        "2021年4月30日\n",
        "打印 关闭\n",
        "一、加強領導。各地要認真落實各項要求,確保實效。\n",
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join))
@settings(max_examples=150, deadline=None)
def test_log_leads_back_to_the_source(text):
    result = restore(text)
    check(result)
    assert result.source_bytes() == text.encode()


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_text_survives(text):
    check(restore(text))


@given(st.lists(PIECES, min_size=1, max_size=30).map("".join), st.data())
@settings(max_examples=100, deadline=None)
def test_spans_nest(text, data):
    result = restore(text)
    start = data.draw(st.integers(0, len(result.text)))
    end = data.draw(st.integers(start, len(result.text)))
    outer = result.source_span(start, end)
    assert 0 <= outer[0] <= outer[1] <= len(text)
    if not any(r.start < outer[1] and outer[0] < r.end for r in result.repairs):
        assert result.text[start:end] == text[outer[0] : outer[1]]


# --- the mirror, simulated ----------------------------------------------------------------------


def gbk(first: int, second: int) -> str:
    try:
        return bytes((first, second)).decode("gbk")
    except UnicodeDecodeError:
        return ""


@cache
def mirror_table() -> list[tuple[str, str]]:
    """Every GBK character that GB2312 lacks and that has a Simplified form, with a reading."""
    seconds = [b for b in range(0x40, 0xFF) if b != 0x7F]
    chars = (gbk(a, b) for a in range(0x81, 0xFF) for b in seconds)
    return [
        (c, PINYIN_DICT[ord(c)].split(",")[0])
        for c in chars
        if c
        and ord(c) in PINYIN_DICT
        and not c.encode("gb2312", "ignore")
        and to_simplified(c) != c
    ]


def mirror(text: str, table: list[tuple[str, str]]) -> tuple[str, list[list[int]]]:
    """Damage Traditional text as the mirror did.

    Returns:
        The damaged text, and for each of its characters which bytes of the GBK text it holds.
    """
    data = text.encode("gbk")
    origins = list(range(len(data)))
    for char, syllable in table:
        pair, splice = char.encode("gbk"), b"(" + syllable.encode("gbk") + b")"
        parts = data.split(pair)
        kept: list[int] = []
        place = 0
        for part in parts[:-1]:
            after = place + len(part) + 2
            kept += [*origins[place:after], *[-1] * len(splice)]
            place = after
        origins = kept + origins[place:]
        data = data.replace(pair, pair + splice)
    out: list[str] = []
    held: list[list[int]] = []
    i = 0
    while i < len(data):
        size = 1 if data[i] in (0x80, 0xFF) or data[i] < 0x80 else 2
        whole = data[i : i + size]
        out.append(whole.decode("ascii") if whole[0] < 0x80 else gbk(*whole) if size == 2 else "")
        out[-1] = out[-1] or "?"
        held.append([o for o in origins[i : i + size] if o >= 0])
        i += size
    return "".join(out), held


def judge(text: str, table: list[tuple[str, str]]) -> Counter:
    """Damage ``text`` (Simplified, clean), restore it, and count what became of each ``?``."""
    traditional = to_traditional(text).translate(HALF)
    expected = to_simplified(to_traditional(text))
    damaged, held = mirror(traditional, table)
    result = restore(damaged)
    check(result)
    first_bytes: dict[int, int] = {}
    place = 0
    for k, char in enumerate(traditional):
        first_bytes[place] = k
        place += len(char.encode("gbk"))
    counts: Counter = Counter()
    state: dict[int, str] = {}
    for repair in result.repairs:
        outcome = repair.kind
        if repair.kind == "misaligned":
            span = sorted(o for i in range(repair.start, repair.end) for o in held[i])
            chars = [first_bytes[o] for o in range(span[0], span[-1] + 1) if o in first_bytes]
            # A neighbour that stays as it was can share a byte with the first or last character.
            low, high = (chars[0], chars[-1] + 1) if chars else (0, 0)
            right = {expected[low - b : high - e] for b in (0, 1) for e in (0, 1)}
            outcome = "right" if repair.after in right else "wrong"
            if outcome == "wrong":
                counts[f"{repair.before}->{repair.after} for {expected[low:high]}"] += 1
        for i in range(repair.start, repair.end):
            state[i] = outcome
    for i, char in enumerate(damaged):
        if char == "?" and (
            len(held[i]) == 2 or traditional[first_bytes.get(held[i][0], 0)] != "?"
        ):
            counts[state.get(i, "missed")] += 1
    if not counts["unresolved"] and not counts["wrong"]:
        counts["texts"] += 1
        assert result.text == expected
    return counts


SENTENCES = [
    "要在当地党委、政府领导下，切实发挥部门职责，将技能人才工作置于经济社会发展大局思考谋划。",
    "牢牢把握坚持党的领导，坚持正确办学方向，坚持立德树人的基本原则。",
    "国务院办公厅关于加强三级公立医院绩效考核工作的意见",
    "各级财政部门要按照规定及时拨付资金，严禁挤占挪用。",
    "对弄虚作假的单位，依法追究责任，并向社会公开通报。",
    "积极稳妥推进劳动合同制度改革，维护农民工合法权益。",
    "完善环境监测网络，严格执行污染物排放标准，确保饮用水安全。",
    "（三）鼓励企业与职业院校联合办学，培养紧缺的技术工人。",
    "海关、税务、市场监管等部门要密切配合，加强联合执法检查。",
    "本办法自发布之日起施行，此前规定与本办法不一致的，以本办法为准。",
]


@pytest.mark.parametrize("order", ["forward", "backward", "shuffled"])
@pytest.mark.parametrize("size", [400, 4000])
def test_simulated_mirror_is_undone_or_left(order, size):
    table = mirror_table()[::-1] if order == "backward" else list(mirror_table())
    rng = random.Random(f"{order}{size}")
    if order == "shuffled":
        rng.shuffle(table)
    keep = set(rng.sample(mirror_table(), min(size, len(table))))
    table = [entry for entry in table if entry in keep]
    counts: Counter = Counter()
    for sentence in SENTENCES:
        counts += judge(f"{sentence}\n", table)
    assert counts["wrong"] == counts["missed"] == 0, counts
    assert counts["texts"] >= 5


def test_simulator_makes_the_damage_of_the_page():
    table = [("堅", "jiān"), ("請", "qǐng"), ("數", "shù"), ("當", "dāng")]
    assert mirror("把握堅持", table)[0] == "把握?qǐng)?jiān)持"
    assert mirror("在當地黨委", table)[0] == "在當(dāng)?shù)攸h委"
    # The other way round 當(dāng) comes first and its splice keeps 數 from being hit.
    assert mirror("在當地黨委", table[::-1])[0] == "在當(dāng)地黨委"


@cache
def real_notices() -> list[str]:
    path = DATA / "dev" / "gov_policy_statecouncil.jsonl.gz"
    if not path.exists():
        pytest.skip(f"needs the development data: {path} is not there (set YOUJU_DATA)")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return ["\n".join(json.loads(line)["paras"]) for line in file]


def test_real_notices_pass_through():
    for text in real_notices():
        assert restore(text).text == text


def test_real_notices_come_back_from_the_mirror():
    rng = random.Random(49)
    counts: Counter = Counter()
    for text in real_notices()[5:17]:
        if not text.encode("gbk", "ignore").decode("gbk") == text:
            continue  # a character that GBK lacks was lost before the mirror's replacements
        counts += judge(text[:3000], rng.sample(mirror_table(), 300))
    assert counts["wrong"] == counts["missed"] == 0, counts
    assert counts["right"] >= 0.45 * (counts["right"] + counts["unresolved"]), counts
