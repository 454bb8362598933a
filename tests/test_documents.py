"""Reading a user's own file: what it says, and what is refused."""

from __future__ import annotations

import hashlib
import io
import time
import zipfile
from pathlib import Path

import docx
import pypdf
import pytest
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject
from pypdf.generic import NumberObject as N

from rag import build_index, documents
from rag.documents import Progress, paragraphs, read_document
from rag.errors import SourceError
from rag.types import Notice

LINES = [
    "某市教育局关于做好食堂安全工作的通知",
    "某教发〔2023〕12号",
    "各县教育局：",
    "现就有关事项通知如下。",
    "一、落实责任",
    "食品留样不少于125克，保存48小时以上。",
    "某市教育局",
    "2023年2月20日",
]
LABELS = ["标题", "发文字号", "主送机关", "导语", "一", "发文机关署名", "成文日期"]


def pdf(pages: list[list[str]], password: str = "") -> bytes:
    """A PDF file with these lines, in a font every reader has."""
    writer = pypdf.PdfWriter()
    name = NameObject
    font = DictionaryObject(
        {
            name("/Type"): name("/Font"),
            name("/Subtype"): name("/Type0"),
            name("/BaseFont"): name("/STSong-Light"),
            name("/Encoding"): name("/UniGB-UTF16-H"),
            name("/DescendantFonts"): ArrayObject(
                [
                    DictionaryObject(
                        {
                            name("/Type"): name("/Font"),
                            name("/Subtype"): name("/CIDFontType0"),
                            name("/BaseFont"): name("/STSong-Light"),
                            name("/DW"): N(1000),
                        }
                    )
                ]
            ),
        }
    )
    for lines in pages:
        page = writer.add_blank_page(595, 842)
        drawn = "".join(
            f"BT /F1 12 Tf 1 0 0 1 60 {780 - 20 * i} Tm <{line.encode('utf-16-be').hex()}> Tj ET\n"
            for i, line in enumerate(lines)
        )
        stream = DecodedStreamObject()
        stream.set_data(drawn.encode())
        page[name("/Contents")] = writer._add_object(stream)
        fonts = DictionaryObject({name("/F1"): font})
        page[name("/Resources")] = DictionaryObject({name("/Font"): fonts})
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def word(lines: list[str]) -> bytes:
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def page(lines: list[str], charset: str = "utf-8") -> bytes:
    body = "".join(f"<p>{line}</p>" for line in lines)
    html = (
        f'<html><head><meta charset="{charset}"><title>网站</title><style>p{{}}</style></head>'
        f"<body><script>var a = '脚本';</script>{body}<noscript>无脚本</noscript></body></html>"
    )
    return html.encode("gb18030" if charset.startswith("gb") else charset)


def read(path: Path) -> Notice:
    *_, notice = read_document(path)
    assert isinstance(notice, Notice)
    return notice


def refused(path: Path, **more: float) -> str:
    with pytest.raises(SourceError) as error:
        list(read_document(path, **more))
    assert "\n" not in str(error.value)
    return str(error.value)


class TestKinds:
    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("own.txt", "\n".join(LINES).encode("gb18030")),
            ("own.md", "\n".join(LINES).encode()),
            ("own.html", page(LINES)),
            ("own.HTM", page(LINES, "gb2312")),
            ("own.docx", word(LINES)),
            ("own.pdf", pdf([LINES[:5], LINES[5:]])),
        ],
    )
    def test_the_same_notice_from_each(self, tmp_path: Path, name: str, data: bytes):
        path = tmp_path / name
        path.write_bytes(data)
        notice = read(path)
        assert [line for line in notice.text.split("\n") if line] == LINES
        assert [s.label for s in notice.sections] == LABELS
        assert (notice.title, notice.doc_no, notice.date) == (LINES[0], LINES[1], LINES[7])
        assert notice.id == "own"
        assert notice.source_sha256 == hashlib.sha256(data).hexdigest()

    def test_pages_are_counted(self, tmp_path: Path):
        path = tmp_path / "own.pdf"
        path.write_bytes(pdf([["甲。"], ["乙。"]]))
        steps = list(read_document(path))
        assert steps[:-1] == [Progress(0, 2), Progress(1, 2), Progress(2, 2)]

    def test_tables_of_a_word_file(self, tmp_path: Path):
        document = docx.Document()
        document.add_paragraph("前。")
        table = document.add_table(2, 2)
        for cell, text in zip(
            (c for row in table.rows for c in row.cells),
            ["名称", "数量", "技师", "三"],
            strict=True,
        ):
            cell.text = text
        document.add_paragraph("后。")
        document.save(str(tmp_path / "own.docx"))
        assert read(tmp_path / "own.docx").text.split() == [
            "前。",
            "名称",
            "数量",
            "技师",
            "三",
            "后。",
        ]

    def test_damage_is_repaired(self, tmp_path: Path):
        path = tmp_path / "own.html"
        path.write_bytes(
            page(["社會(huì)保障廳(tīng)關(guān)于工資(zī)的通知", "各地要執(zhí)行(xíng)。"])
        )
        notice = read(path)
        assert notice.title == "社会保障厅关于工资的通知"
        assert any(r.kind == "pinyin" for r in notice.repairs)

    def test_signs_that_only_look_like_characters(self, tmp_path: Path):
        path = tmp_path / "own.pdf"
        path.write_bytes(pdf([["⼀、⻝品安全⼯作⻓期有效。"]]))
        assert read(path).text == "一、食品安全工作长期有效。"


class TestParagraphs:
    def test_full_lines_go_on(self):
        # Twelve characters fill a line; the third line is short, so the paragraph ends with it.
        lines = ["甲" * 12, "乙" * 12, "丙丙丙。", "丁" * 12, "戊戊。"]
        assert paragraphs(["\n".join(lines)]).split("\n") == [
            "甲" * 12 + "乙" * 12 + "丙丙丙。",
            "丁" * 12 + "戊戊。",
        ]

    def test_across_pages_without_their_numbers_and_heads(self):
        def leaf(number: int, *lines: str) -> str:
            return "\n".join(["某市文件", *lines, f"— {number} —"])

        pages = [
            leaf(1, "甲" * 12, "乙" * 12, "丙" * 12, "丁" * 12),
            leaf(2, "戊戊。", "己" * 12, "庚" * 12, "辛辛。"),
            leaf(3, "一、壬", "癸" * 12, "子子。", "丑。"),
        ]
        assert paragraphs(pages).split("\n") == [
            "甲" * 12 + "乙" * 12 + "丙" * 12 + "丁" * 12 + "戊戊。",
            "己" * 12 + "庚" * 12 + "辛辛。",
            "一、壬",
            "癸" * 12 + "子子。",
            "丑。",
        ]

    def test_a_numbered_part_begins_anew(self):
        lines = ["甲" * 12, "乙" * 12, "（一）" + "丙" * 9, "二、丁", "第三条 戊"]
        assert paragraphs(["\n".join(lines)]).split("\n") == [
            "甲" * 12 + "乙" * 12,
            "（一）" + "丙" * 9,
            "二、丁",
            "第三条 戊",
        ]


class TestLimits:
    @pytest.mark.parametrize(
        ("name", "data", "said"),
        [
            ("own.doc", b"x", "own.doc is an old Word file; save it as .docx and open that."),
            ("own.exe", b"x", "own.exe cannot be read; open one of .txt, .md, .html,"),
            ("own.txt", b"", "own.txt is empty or not a text"),
            ("own.docx", b"PK\x03\x04", "own.docx is not a Word file that can be read"),
            ("own.docx", b"", "own.docx is not a Word file that can be read"),
            ("own.pdf", b"%PDF-1.7\n%%EOF", "own.pdf is not a PDF file that can be read"),
            ("own.pdf", pdf([[], []]), "own.pdf holds no text; if it is a scan, run text recog"),
            ("own.pdf", pdf([["甲"]], "word"), "own.pdf is locked by a password"),
            ("own.html", b"", "own.html is empty or not a text"),
        ],
    )
    def test_refused(self, tmp_path: Path, name: str, data: bytes, said: str):
        path = tmp_path / name
        path.write_bytes(data)
        assert refused(path).startswith(said)

    def test_missing(self, tmp_path: Path):
        assert "none.txt cannot be found" in refused(tmp_path / "none.txt")

    def test_too_large(self, tmp_path: Path):
        path = tmp_path / "own.txt"
        with path.open("wb") as file:
            file.truncate(20_000_001)
        assert refused(path) == "own.txt is too large (20 MB, the limit is 20 MB); split it first."

    def test_too_many_pages(self, tmp_path: Path):
        path = tmp_path / "own.pdf"
        path.write_bytes(pdf([["甲"]] * 301))
        assert refused(path) == "own.pdf has 301 pages, the limit is 300; split it first."

    def test_too_many_characters(self, tmp_path: Path):
        path = tmp_path / "own.txt"
        path.write_text("字。" * 500_001, encoding="utf-8")
        assert refused(path).startswith("own.txt has 1,000,002 characters")

    def test_a_small_file_that_unpacks_to_much(self, tmp_path: Path):
        path = tmp_path / "own.docx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("word/document.xml", b"0" * 201_000_000)
        assert path.stat().st_size < 1_000_000
        assert refused(path) == "own.docx is too large once unpacked; split it first."

    def test_too_long(self, tmp_path: Path):
        path = tmp_path / "own.txt"
        path.write_text("甲", encoding="utf-8")
        started = time.monotonic()
        assert "took longer than 0 s" in refused(path, seconds=0.01)
        assert time.monotonic() - started < 5

    def test_memory_is_limited(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        code = (
            "from rag import documents; documents._limit_memory(); import sys\n"
            "try: bytearray(documents.MAX_MEMORY)\n"
            "except MemoryError: sys.exit(7)"
        )
        import subprocess
        import sys

        pytest.importorskip("resource")
        assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 7

    def test_closing_ends_the_reading_process(self, tmp_path: Path, monkeypatch):
        started = []
        popen = documents.subprocess.Popen

        def watched(*args: object, **kwargs: object) -> object:
            started.append(popen(*args, **kwargs))
            return started[-1]

        monkeypatch.setattr(documents.subprocess, "Popen", watched)
        path = tmp_path / "own.pdf"
        path.write_bytes(pdf([["甲"]] * 200))
        steps = read_document(path)
        assert next(steps) == Progress(0, 200)
        steps.close()
        assert started[0].poll() is not None


def test_an_index_is_built_of_word_pdf_and_html_files(tmp_path: Path) -> None:
    for name, data in (("w.docx", word(LINES)), ("p.PDF", pdf([LINES])), ("h.html", page(LINES))):
        (tmp_path / name).write_bytes(data)
    index = build_index([tmp_path / "w.docx", tmp_path / "p.PDF", tmp_path / "h.html"])
    assert [n.doc_no for n in index.notices.values()] == ["某教发〔2023〕12号"] * 3
    assert [s.label for s in index.notices["w"].sections] == LABELS


def test_an_index_is_not_built_of_a_damaged_file(tmp_path: Path) -> None:
    damaged = tmp_path / "x.pdf"
    damaged.write_bytes(pdf([LINES])[:200])
    with pytest.raises(SourceError, match=r"x\.pdf is not a PDF file"):
        build_index(damaged, tmp_path / "out")
    assert not (tmp_path / "out").exists()
