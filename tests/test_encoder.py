"""The encoder: vectors by hand, the same vectors as sentence-transformers, errors that help."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.encoder import EMBEDDED, StaticEncoder, TransformerEncoder, load_encoder
from rag.errors import EncoderError

TEXTS = [
    "关于加强新时代技能人才评价工作的通知",
    "關於加強新時代技能人才評價工作的通知",
    "ＡＢＣ证书，2021年〔49〕号。",
    "How are apprentices paid?",
    "¿Cuánto dura la formación?",
    "職業訓練はどこで受けられますか",
    "직업 훈련 보조금",
    "Sont-ils payés\u00a0? Cafe\u0301",
    "a\tb\nc\u200bd",
    "",
    "……！？",
    "🎉👍🏽",
    "ขอบคุณ",
]


@pytest.fixture(scope="module")
def embedded() -> StaticEncoder:
    encoder = load_encoder()
    assert isinstance(encoder, StaticEncoder)
    return encoder


def write_static(folder: Path, rows: list[list[float]], pieces: list[str], **config) -> Path:
    """A static folder with whole-word pieces; the first piece stands for unknown words."""
    from safetensors.numpy import save_file
    from tokenizers import Tokenizer, models, pre_tokenizers

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(models.WordLevel({p: i for i, p in enumerate(pieces)}, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.save(str(folder / "tokenizer.json"))
    weights = np.asarray(rows, np.float32)
    save_file({"embedding.weight": weights}, folder / "model.safetensors")
    kind = "sentence_transformers.models."
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": f"{kind}StaticEmbedding"},
        {"idx": 1, "name": "1", "path": "1_Normalize", "type": f"{kind}Normalize"},
    ]
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    (folder / "1_Normalize").mkdir(exist_ok=True)
    settings_ = json.dumps(config)
    (folder / "config_sentence_transformers.json").write_text(settings_, encoding="utf-8")
    return folder


ROWS = [[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]]
PIECES = ["[UNK]", "east", "north"]


def test_vector_is_the_direction_of_the_mean_of_the_rows(tmp_path):
    encoder = load_encoder(write_static(tmp_path / "m", ROWS, PIECES))
    assert encoder.dim == 2
    vectors = encoder.encode_passages(
        ["east", "north north", "east north", "east what", "what", ""]
    )
    # "east north": mean of (3, 0) and (0, 4) is (1.5, 2), whose direction is (0.6, 0.8);
    # unknown words add nothing, and a text of them alone has no direction.
    expected = [[1, 0], [0, 1], [0.6, 0.8], [1, 0], [0, 0], [0, 0]]
    np.testing.assert_allclose(vectors, expected, atol=1e-6)
    assert vectors.dtype == np.float32


def test_no_texts_give_no_rows(embedded):
    assert embedded.encode_queries([]).shape == (0, embedded.dim)


def test_prompts_of_a_static_model_are_put_before_the_text(tmp_path):
    prompts = {"query": "north ", "document": ""}
    encoder = load_encoder(write_static(tmp_path / "m", ROWS, PIECES, prompts=prompts))
    np.testing.assert_allclose(encoder.encode_queries(["east"]), [[0.6, 0.8]], atol=1e-6)
    np.testing.assert_allclose(encoder.encode_passages(["east"]), [[1, 0]], atol=1e-6)


def test_same_vectors_as_sentence_transformers(embedded):
    from sentence_transformers import SentenceTransformer

    theirs = SentenceTransformer(str(EMBEDDED), device="cpu").encode(TEXTS)
    np.testing.assert_allclose(embedded.encode_passages(TEXTS), theirs, atol=1e-5)
    np.testing.assert_allclose(embedded.encode_queries(TEXTS), theirs, atol=1e-5)


def test_the_light_path_loads_no_torch():
    code = (
        "import sys; from rag.encoder import load_encoder; load_encoder().encode_queries(['工资']);"
        "print([m for m in ('torch', 'transformers', 'sentence_transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_traditional_and_simplified_questions_are_the_same(embedded):
    simplified, traditional = embedded.encode_queries(TEXTS[:2])
    np.testing.assert_array_equal(simplified, traditional)


def test_full_width_and_case_do_not_matter(embedded):
    a, b = embedded.encode_queries(["ＡＢＣ证书２０２１", "abc证书2021"])
    np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("text", ["", " \n\t", "……！？，。", "🎉👍🏽", "\x00\x01", "——"])
def test_text_without_a_known_piece_is_a_zero_row(embedded, text):
    assert not embedded.encode_queries([text]).any()


def test_a_question_finds_its_paragraph_in_three_languages(embedded):
    passages = [
        "学徒在学习培训期间，由企业按照合同约定支付工资，工资不得低于当地最低工资标准。",
        "各地要组织开展职业技能竞赛，对获奖选手给予奖励。",
        "建立健全职业技能等级制度，推行职业技能等级认定。",
    ]
    vectors = embedded.encode_passages(passages)
    questions = [
        "学徒培训期间的工资谁来付？",
        "學徒培訓期間的工資誰來付？",
        "Who pays the wages of apprentices?",
    ]
    best = (embedded.encode_queries(questions) @ vectors.T).argmax(axis=1)
    assert best.tolist() == [0, 0, 0]


def test_a_megabyte_without_a_space(embedded):
    vector = embedded.encode_passages(["工资" * 175_000])
    np.testing.assert_allclose(vector, embedded.encode_passages(["工资"]), atol=1e-5)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=5))
def test_every_row_is_a_unit_or_zero(embedded, texts):
    encoder = embedded
    vectors = encoder.encode_passages(texts)
    assert vectors.shape == (len(texts), encoder.dim)
    lengths = np.linalg.norm(vectors, axis=1)
    assert np.all((np.abs(lengths - 1) < 1e-5) | (lengths == 0))


def test_a_lone_surrogate_is_no_crash(embedded):
    a, b = embedded.encode_queries(["工资\ud800", "工资"])
    np.testing.assert_allclose(a, b, atol=1e-6)


def test_rows_do_not_depend_on_their_neighbours(embedded):
    together = embedded.encode_passages(TEXTS * 100)
    alone = np.concatenate([embedded.encode_passages([text]) for text in TEXTS])
    np.testing.assert_allclose(together, np.tile(alone, (100, 1)), atol=1e-6)


def test_fingerprint_changes_with_the_weights(tmp_path):
    a = load_encoder(write_static(tmp_path / "a", ROWS, PIECES)).fingerprint
    b = load_encoder(write_static(tmp_path / "b", ROWS, PIECES)).fingerprint
    c = load_encoder(write_static(tmp_path / "c", [*ROWS[:2], [0, 5.0]], PIECES)).fingerprint
    assert a == b != c
    assert len(a) == 64


def test_missing_folder():
    with pytest.raises(EncoderError, match="no encoder folder at '/nowhere/at/all'"):
        load_encoder("/nowhere/at/all")


@pytest.mark.parametrize("part", ["modules.json", "tokenizer.json", "model.safetensors"])
def test_missing_part_is_named(tmp_path, part):
    folder = write_static(tmp_path / "m", ROWS, PIECES)
    (folder / part).unlink()
    with pytest.raises(EncoderError, match=part.replace(".", r"\.")):
        load_encoder(folder)


@pytest.mark.parametrize("part", ["modules.json", "tokenizer.json", "model.safetensors"])
@pytest.mark.parametrize("content", [b"", b"not this", b"\xff" * 200, b"[1]", b"{}"])
def test_damaged_part_is_named(tmp_path, part, content):
    folder = write_static(tmp_path / "m", ROWS, PIECES)
    (folder / part).write_bytes(content)
    with pytest.raises(
        EncoderError, match=rf"{part.replace('.', '[.]')}.*(damaged|cannot be read)"
    ):
        load_encoder(folder)


def test_cut_off_weights(tmp_path):
    folder = write_static(tmp_path / "m", ROWS, PIECES)
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(EncoderError, match="damaged.*cut off"):
        load_encoder(folder)


def test_weights_of_another_size(tmp_path):
    folder = write_static(tmp_path / "m", [*ROWS, [1.0, 1.0]], PIECES)
    with pytest.raises(EncoderError, match="4 rows for 3 pieces"):
        load_encoder(folder)


def test_weights_of_another_format(tmp_path):
    folder = write_static(tmp_path / "m", ROWS, PIECES, youju={"format": 99})
    with pytest.raises(EncoderError, match="format 99.*reads format 1"):
        load_encoder(folder)


# ------------------------------------------------------------- other sentence-transformers models


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    """A transformer with random weights that reads 16 pieces, with prompts."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    characters = [chr(c) for c in range(97, 123)] + list("工资由企业支付学徒培训：:")
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(characters)]
    pieces += ["query", "passage"]
    (folder / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=16,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder / "bert")
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder / "bert")
    body = Transformer(str(folder / "bert"), max_seq_length=16)
    model = SentenceTransformer(
        modules=[body, Pooling(16)],
        prompts={"query": "query: ", "passage": "passage: "},
        device="cpu",
    )
    model.save(str(folder / "model"))
    return folder / "model"


def test_transformer_prompts(tiny):
    from sentence_transformers import SentenceTransformer

    encoder = load_encoder(tiny)
    assert isinstance(encoder, TransformerEncoder)
    assert encoder.dim == 16
    model = SentenceTransformer(str(tiny), device="cpu")
    for ours, prompt in (
        (encoder.encode_queries(["工资"]), "query: "),
        (encoder.encode_passages(["工资"]), "passage: "),
    ):
        expected = model.encode([prompt + "工资"], normalize_embeddings=True)
        np.testing.assert_allclose(ours, expected, atol=1e-5)


def test_transformer_reads_the_end_of_a_long_text(tiny):
    encoder = load_encoder(tiny)
    # The model reads 16 pieces: [CLS], "passage", ":", [SEP], and 12 of the text.
    head = "工" * 12
    whole, changed = encoder.encode_passages([head + "资" * 6, head + "企" * 6])
    first, second = encoder.encode_passages([head, "资" * 6])
    expected = 12 * first + 6 * second
    np.testing.assert_allclose(whole, expected / np.linalg.norm(expected), atol=1e-5)
    assert np.abs(whole - changed).max() > 1e-3


def test_transformer_gives_zero_for_text_without_letters(tiny):
    vectors = load_encoder(tiny).encode_queries(["", "！？", "🎉", "工"])
    assert [bool(v.any()) for v in vectors] == [False, False, False, True]


def test_transformer_fingerprint_is_stable(tiny, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(tiny, copy)
    assert load_encoder(tiny).fingerprint == load_encoder(copy).fingerprint


def test_transformer_that_cannot_be_loaded(tiny, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(tiny, copy)
    for path in copy.rglob("model.safetensors"):
        path.write_bytes(b"broken")
    with pytest.raises(EncoderError, match="cannot be loaded.*without --encoder"):
        load_encoder(copy)


def test_an_index_remembers_its_encoder(tiny, tmp_path):
    from rag import Chatbot, Index, Passage

    text = "企业支付学徒培训工资。"
    index = Index.build([Passage(id="p", text=text)], encoder=load_encoder(tiny))
    folder = index.save(tmp_path / "index")
    opened = Index.open(folder)
    assert opened.encoder.spec == str(tiny.resolve())
    assert opened.search("学徒工资") == index.search("学徒工资")
    answer = Chatbot.open(folder).ask("学徒工资由谁支付？")
    assert [c.quote for c in answer.citations] == [text]
