from __future__ import annotations

import json
import shutil
from pathlib import Path

import faiss
import numpy as np
import pytest

from rag import Index, Notice, Passage, build_index, evidence, reach, store
from rag.encoder import load_encoder
from rag.errors import IndexFolderError, QuestionError
from rag.lexical import query_terms
from rag.store import FILES, READ, fuse
from rag.text import sentence_spans

TEXTS = {
    "wages": "企业应当建立工资正常增长机制。",
    "school": "技工院校招收初中毕业生。",
    "weather": "明天下雨，气温下降。",
}


@pytest.fixture(scope="module")
def small() -> Index:
    return Index.build([Passage(id=i, text=t) for i, t in TEXTS.items()])


def test_fuse() -> None:
    # Words are scaled by the best of them (2 -> 1, 1 -> 1/2), cosines are cut at 0; 0.4 to 0.6.
    got = fuse(np.array([2, 1, 0], np.float32), np.array([0.2, 0.8, -0.4], np.float32))
    np.testing.assert_allclose(got, [0.52, 0.68, 0.0], rtol=1e-6)
    # Without a word in common the cosine alone decides.
    np.testing.assert_allclose(fuse(np.zeros(2, np.float32), np.array([0.4, 0.2])), [0.24, 0.12])


def test_search_finds_what_is_asked(small: Index) -> None:
    assert small.search("工资怎么增长", k=1)[0].passage.id == "wages"
    assert small.search("明天會下雨嗎", k=1)[0].passage.id == "weather"


def test_retrieve_equals_brute_force(bot) -> None:
    index = bot.index
    texts = [p.searched for p in index.passages]
    vectors = index.encoder.encode_passages(texts)
    for question in ("职业培训券", "老师的收入分配", "How are wages raised?", "技能競賽"):
        words = index.lexicon.scores(query_terms(question))
        asked = index.encoder.encode_queries([question])[0]
        # The index holds vectors in half precision, 11 bits: cosines differ by some 1e-5.
        # A static encoder averages words, so a passage's best sentence counts three times as much.
        nearest = [
            max(
                index.encoder.encode_passages([p.text[a:b] for a, b in sentence_spans(p.text)])
                @ asked
            )
            for p in index.passages
        ]
        dense = 0.25 * (vectors @ asked) + 0.75 * np.array(nearest)
        scores = 0.4 * words / words.max() + 0.6 * np.clip(dense, 0, 1)
        order = sorted(range(len(texts)), key=lambda i: (-round(float(scores[i]), 5), i))
        expected = [i for i in order if scores[i] > 0]
        hits = index.retrieve(question, k=len(texts))
        assert [h.passage.id for h in hits] == [index.passages[i].id for i in expected]
        np.testing.assert_allclose(
            [h.score for h in hits], [scores[i] for i in expected], atol=2e-5
        )


def test_two_threads_find_what_one_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(7)
    rows = draw.normal(size=(301, 8)).astype(np.float32)
    rows[200] = rows[3]  # a tie across the halves: the earlier row first
    vectors = faiss.IndexScalarQuantizer(
        8, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )
    vectors.add(rows)
    for asked in (rows[3:4], draw.normal(size=(1, 8)).astype(np.float32)):
        products = rows.astype(np.float16).astype(np.float32) @ asked[0]
        expected = np.lexsort((np.arange(301), -products))[:40]
        for many in (302, 301):
            monkeypatch.setattr(store, "MANY", many)
            near, found = store._nearest(vectors, asked, 40)()
            assert found.tolist() == expected.tolist()
            np.testing.assert_allclose(near, products[expected], rtol=1e-4)
        monkeypatch.setattr(store, "MANY", 2)
        assert len(store._nearest(vectors, asked, 300)()[1]) == 300


def test_what_holds_elsewhere_comes_after_what_holds_everywhere() -> None:
    text = "培训结束后三十日内申领补贴。"
    titles = ["江苏省职业培训办法", "职业培训办法", "苏州市职业培训通知"]
    index = Index.build([Passage(id=t, text=text, title=t) for t in titles])

    def first(question: str) -> list[str]:
        return [h.passage.id for h in index.retrieve(question)][:1]

    assert first("补贴什么时候申领") == ["职业培训办法"]
    assert first("江苏的职业培训补贴什么时候申领") == ["江苏省职业培训办法"]
    # Where all are of some place none is put back.
    local = Index.build([Passage(id=t, text=text, title=t) for t in titles[::2]])
    plain = Index.build([Passage(id=t, text=text) for t in titles[::2]])
    question = "补贴什么时候申领"
    scores = [[h.score for h in some.retrieve(question)] for some in (local, plain)]
    assert scores[0] == scores[1] and len(scores[0]) == 2
    assert set(reach.shares(question, titles[::2])) == {1.0}


def test_a_law_comes_before_what_is_made_under_it() -> None:
    text = "劳动者可以解除劳动合同。"
    titles = ["劳动合同实施条例", "中华人民共和国劳动合同法", "上海市劳动合同条例"]
    index = Index.build([Passage(id=t, text=text, title=t) for t in titles])
    assert [h.passage.id for h in index.retrieve("工作不想干了能走吗，劳动合同怎么办")] == [
        "中华人民共和国劳动合同法", "劳动合同实施条例", "上海市劳动合同条例",
    ]  # fmt: skip
    # What is named counts in full, by its title or its place: 1; beside a law another rule counts
    # 0.8, and if it holds for another place 0.75 of that.
    assert reach.shares("劳动合同怎么解除", titles) == pytest.approx([0.8, 1, 0.6])
    assert reach.shares("劳动合同实施条例怎么说", titles) == pytest.approx([1, 1, 0.6])
    assert reach.shares("上海的劳动合同怎么解除", titles) == pytest.approx([0.8, 1, 1])
    assert reach.shares("劳动合同法怎么说", titles) == pytest.approx([0.8, 1, 0.6])
    # Where no law is found nothing is below one.
    assert reach.shares("劳动合同怎么解除", titles[::2]) == pytest.approx([1, 0.75])


@pytest.mark.parametrize(
    ("title", "law"),
    [
        ("中华人民共和国民法典 合同编", True),
        ("中華人民共和國勞動法", True),
        ("中华人民共和国土地管理法（2019年修正）", True),
        ("中华人民共和国刑法修正案（十一）", True),
        ("全国人民代表大会常务委员会关于司法鉴定管理问题的决定", True),
        ("中华人民共和国香港特别行政区基本法", True),
        ("养老保险管理办法", False),
        ("统计调查方法", False),
        ("最高人民法院关于适用《中华人民共和国民法典》有关担保制度的解释", False),
        ("关于贯彻《中华人民共和国劳动法》的通知", False),
        ("深圳市劳动法", False),
        ("", False),
    ],
)
def test_laws_by_their_titles(title: str, law: bool) -> None:
    assert reach.is_law(title) is law


@pytest.mark.parametrize(
    ("title", "place"),
    [
        ("浙江省森林管理条例", "浙江"),
        ("北京历史文化名城保护条例", "北京"),
        ("苏州市人民政府关于古城保护的通知", "苏州"),
        ("中华人民共和国劳动合同法", ""),
        ("城市房地产开发经营管理条例", ""),
        ("自然保护区条例", ""),
        ("人力资源市场暂行条例", ""),
        ("人力资源社会保障部关于做好技能人才工作的通知", ""),
        ("", ""),
    ],
)
def test_places_that_titles_begin_with(title: str, place: str) -> None:
    assert reach.place(title) == place


def test_search_reads_what_was_retrieved(bot) -> None:
    index = bot.index
    for question in ("职业培训券", "老师的收入分配", "How are wages raised?"):
        found = index.retrieve(question, k=len(index.passages))
        hits = index.search(question, k=len(index.passages))
        assert {h.passage.id for h in hits} == {h.passage.id for h in found}
        assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
        # The passage whose sentence answers best comes with half its score and half of 1.
        best = evidence.find(question, found[:READ]).evidence[0].passage
        first = next(h for h in found if h.passage.id == best.id)
        again = next(h for h in hits if h.passage.id == best.id)
        assert again.score == pytest.approx((first.score + 1) / 2, abs=1e-6)


def test_what_is_not_read_comes_after_with_half_its_score() -> None:
    passages = [Passage(id=str(i), text=f"第{i}号文件谈到工作安排") for i in range(40)]
    index = Index.build(passages)
    found = index.retrieve("工作安排", k=30)
    hits = index.search("工作安排", k=30)
    assert len(found) == len(hits) == 30
    unread = [(h.passage.id, round(h.score / 2, 6)) for h in found[READ:]]
    assert [(h.passage.id, h.score) for h in hits[READ:]] == unread


def test_an_answer_gives_the_hits_of_a_search(bot) -> None:
    question = "技能人才的工资怎么增长？"
    assert list(bot.ask(question).hits) == bot.index.search(question, k=READ)


def test_search_with_more_passages_than_candidates() -> None:
    # 300 passages, 100 candidates from each side: rows FAISS left out are scored all the same.
    passages = [
        Passage(id=str(i), text=f"第{i}号文件谈到工作{'安排' * (i % 7)}") for i in range(300)
    ]
    index = Index.build(passages)
    hits = index.search("第217号文件", k=3)
    assert hits[0].passage.id == "217"
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)


def test_what_is_kept_of_passages_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    passages = [
        Passage(id=str(i), text=f"第{i}号。谈到工作{'安排' * (i % 7)}。") for i in range(80)
    ]
    asked = ["第17号", "工作安排", "第63号", "第17号"]
    fresh = [Index.build(passages).search(q, k=5) for q in asked]
    monkeypatch.setattr("rag.store.KEPT", 30)  # fewer than one question compares
    index = Index.build(passages)
    assert [index.search(q, k=5) for q in asked] == fresh


@pytest.mark.parametrize("question", ["", "？！", "🙂"])
def test_nothing_asked_nothing_found(small: Index, question: str) -> None:
    assert small.search(question) == []


def test_k(small: Index) -> None:
    assert len(small.search("工资", k=100)) <= 3
    with pytest.raises(QuestionError, match="at least 1"):
        small.search("工资", k=0)


@pytest.mark.parametrize(
    ("passages", "message"),
    [
        ([], "no passages"),
        ([Passage(id="a", text="甲"), Passage(id="a", text="乙")], "given twice"),
        ([Passage(id="a", text="甲乙", start=3, end=4)], "is not the text at 3:4"),
    ],
)
def test_passages_that_cannot_be_indexed(passages: list[Passage], message: str) -> None:
    with pytest.raises(IndexFolderError, match=message):
        Index.build(passages)


def test_a_shifted_passage_is_never_indexed() -> None:
    notice = Notice(id="n", text="甲乙丙丁")
    with pytest.raises(IndexFolderError, match="is not the text at 1:3"):
        Index.build([Passage(id="p", text="甲乙", notice_id="n", start=1)], [notice])
    with pytest.raises(IndexFolderError, match="names the notice 'other'"):
        Index.build([Passage(id="p", text="甲乙", notice_id="other")], [notice])


def test_save_and_open(small: Index, tmp_path: Path) -> None:
    folder = small.save(tmp_path / "new" / "index")
    opened = Index.open(folder)
    assert opened.passages == small.passages
    assert opened.search("工资") == small.search("工资")
    assert [p.name for p in folder.parent.iterdir()] == ["index"]  # nothing left beside it


def test_the_notice_comes_back_as_it_was(index_folder: Path, notice: Notice) -> None:
    opened = Index.open(index_folder)
    assert opened.notices == {notice.id: notice}
    for passage in opened.passages:
        assert notice.text[passage.start : passage.end] == passage.text


def test_saving_again_replaces_and_never_overwrites_other_things(
    small: Index, tmp_path: Path
) -> None:
    folder = small.save(tmp_path / "index")
    Index.build([Passage(id="one", text="甲")]).save(folder)
    assert [p.id for p in Index.open(folder).passages] == ["one"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(IndexFolderError, match="is not an index folder"):
        small.save(tmp_path / "mine")
    assert (tmp_path / "mine" / "letter.txt").read_text(encoding="utf-8") == "dear"


def test_a_build_is_repeatable(index_folder: Path, tmp_path: Path) -> None:
    again = build_index(Path(__file__).parent.parent / "index/notices/rsbh-2021-49.txt")
    again.save(tmp_path / "again")
    for name in (*FILES, "manifest.json"):
        assert (tmp_path / "again" / name).read_bytes() == (index_folder / name).read_bytes(), name


def test_the_bundled_index_is_what_a_build_gives(bot, index_folder: Path) -> None:
    fresh = Index.open(index_folder)
    assert bot.index.notices == fresh.notices
    assert bot.index.passages == fresh.passages
    assert bot.index.lexicon.vocabulary == fresh.lexicon.vocabulary
    n = len(fresh.passages)
    np.testing.assert_allclose(
        bot.index.vectors.reconstruct_n(0, n), fresh.vectors.reconstruct_n(0, n), atol=1e-5
    )


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_byte_is_seen(index_folder: Path, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(index_folder, tmp_path / "index")
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(IndexFolderError, match=f"{name} was changed or damaged.*rag build"):
        Index.open(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_seen(index_folder: Path, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(index_folder, tmp_path / "index")
    (folder / name).unlink()
    with pytest.raises(IndexFolderError, match=f"{name} is missing.*rag build"):
        Index.open(folder)


def change_manifest(folder: Path, **changes: object) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(manifest | changes), encoding="utf-8")


def test_other_versions_and_encoders(index_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(index_folder, tmp_path / "index")
    made_with = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["encoder"]
    change_manifest(folder, encoder=made_with | {"fingerprint": "0" * 64})
    with pytest.raises(IndexFolderError, match="made with encoder .*000000000000.*build it again"):
        Index.open(folder, load_encoder())
    change_manifest(folder, format=99)
    with pytest.raises(IndexFolderError, match="has format 99, this program reads 3"):
        Index.open(folder)
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(IndexFolderError, match="manifest.json cannot be read"):
        Index.open(folder)
    (folder / "manifest.json").unlink()
    with pytest.raises(IndexFolderError, match="no manifest.json"):
        Index.open(folder)
    with pytest.raises(IndexFolderError, match="There is no index folder"):
        Index.open(tmp_path / "nowhere")


def test_counts_that_do_not_agree(index_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(index_folder, tmp_path / "index")
    change_manifest(folder, passages=3)
    with pytest.raises(IndexFolderError, match="do not agree.*rag build"):
        Index.open(folder)
