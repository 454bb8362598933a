"""The evaluation program, with a scripted chatbot in place of the real one."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import rag
from rag.errors import QuestionError
from rag.types import Answer, Citation, Hit, Notice, Passage

ROOT = Path(__file__).resolve().parent.parent
TEXT = "一、甲\n要做甲事。\n二、乙\n要做乙事，乙事要快。"
NOTICE = Notice(id="n", text=TEXT)


@pytest.fixture(scope="module")
def run():
    spec = importlib.util.spec_from_file_location("eval_run", ROOT / "eval/run.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["eval_run"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["eval_run"]


def line(number=1, **changes):
    row = {
        "id": f"q{number}",
        "half": "dev",
        "question": "甲事呢？",
        "language": "zh-Hans",
        "history": [],
        "answerable": True,
        "sections": ["一"],
        "quotes": [["要做甲事"]],
        "tags": ["detail"],
        "why": "",
    }
    return json.dumps({**row, **changes}, ensure_ascii=False)


NOT_SAID = {"answerable": False, "sections": [], "quotes": [], "why": "not said"}


def cite(section, quote, shift=0):
    start = TEXT.index(quote) + shift
    return Citation("[1]", section, "", quote, start, start + len(quote), "n", "", "")


def hit(section):
    return Hit(Passage(id=section, text="x", section=section), 0.5)


def answer(question, *citations, confidence=0.9, hits=("一",)):
    refused = not citations
    found = tuple(hit(section) for section in hits)
    return Answer(question, question, "答" * 4, refused, confidence, citations, found)


def scored(run, row, given):
    return run.score(run.parse_question(row), given, {"n": NOTICE})


# --- Scoring --------------------------------------------------------------------------------------


def test_right_needs_first_section_and_gold_quote(run):
    right = scored(run, line(), answer("q", cite("一", "要做甲事。")))
    assert right["right"] and run.failure(right) == ""
    section = scored(run, line(), answer("q", cite("二", "要做乙事"), cite("一", "要做甲事。")))
    assert not section["right"] and section["quote_found"]
    assert run.failure(section) == "cites 二, not 一"
    quote = scored(run, line(), answer("q", cite("一", "甲事。")))
    assert not quote["right"] and quote["first_section_right"]
    assert run.failure(quote) == "gold quote is missing"
    refused = scored(run, line(), answer("q"))
    assert not refused["right"] and run.failure(refused) == "refused"


def test_every_needed_quote_must_be_found_and_one_alternative_is_enough(run):
    row = line(sections=["二"], quotes=[["要做乙事", "别的"], ["乙事要快"]])
    both = answer("q", cite("二", "要做乙事"), cite("二", "乙事要快"))
    assert scored(run, row, both)["right"]
    assert not scored(run, row, answer("q", cite("二", "要做乙事")))["right"]


def test_a_gold_quote_is_not_made_up_of_two_citations(run):
    row = line(sections=["二"], quotes=[["乙事，乙事"]])
    assert scored(run, row, answer("q", cite("二", "乙事，乙事要快")))["right"]
    assert not scored(run, row, answer("q", cite("二", "乙事，"), cite("二", "乙事要快")))["right"]


def test_unanswerable_is_right_when_refused(run):
    assert scored(run, line(**NOT_SAID), answer("q"))["right"]
    given = scored(run, line(**NOT_SAID), answer("q", cite("一", "要做甲事")))
    assert not given["right"]
    assert run.failure(given) == "answered, though the notice does not say"


def test_citations_are_compared_with_the_notice(run):
    row = line()
    given = answer("q", cite("一", "要做甲事"), cite("二", "乙事要快", shift=1))
    assert scored(run, row, given)["exact"] == [True, False]
    assert run.failure(scored(run, row, given)) == "a quote is not a slice of the notice"
    elsewhere = run.score(run.parse_question(row), given, {"other": NOTICE})
    assert elsewhere["exact"] == [False, False]


def test_retrieval_figures_are_by_section(run):
    # 一 is at rank 3 of the hits.
    row = scored(run, line(), answer("q", cite("一", "要做甲事"), hits=("二", "二", "一")))
    assert (row["hit@1"], row["recall@5"], row["mrr"]) == (0, 1, 1 / 3)


# --- Figures --------------------------------------------------------------------------------------


@pytest.fixture
def records(run):
    good, bad = cite("一", "要做甲事"), cite("二", "乙事要快")
    return [
        scored(run, line(1), answer("q", good)),
        scored(run, line(2, language="zh-Hant"), answer("q", bad)),
        scored(run, line(3, tags=["element"]), answer("q", confidence=0.3)),
        scored(run, line(4, tags=["follow-up", "element"]), answer("q", good)),
        scored(run, line(5, language="en", tags=["detail", "list"]), answer("q", good, bad)),
        scored(run, line(6, **NOT_SAID), answer("q", confidence=0.1)),
        scored(run, line(7, **NOT_SAID), answer("q", bad)),
    ]


def values(group):
    return {name: (fig["value"], fig["n"]) for name, fig in group.items()}


def test_overall_figures(run, records):
    got = values(run.figures(records, seed=0, samples=50))
    assert got["right"] == (0.6, 5)  # 1, 4 and 5 of five answerable
    assert got["first_section"] == (0.6, 5)
    assert got["gold_quote"] == (0.6, 5)
    assert got["false_refusal"] == (0.2, 5)  # 3
    assert got["refusal"] == (0.5, 2)  # 6 of 6 and 7
    assert got["exact_citations"] == (1, 5)
    # 1: 1 of 1, 2: 0 of 1, 4: 1 of 1, 5: 1 of 2 citations in section 一; 2.5 / 4.
    assert got["citation_precision"] == (0.625, 4)
    assert got["quoted_length"] == (5, 4)  # 4, 4, 4 and 4 + 4 characters
    assert got["answer_length"] == (4, 5)
    # Answerable .9 .9 .3 .9 .9 against .1 and .9: all five beat .1; four ties with .9: (5+2)/10.
    assert got["auroc"] == (0.7, 7)
    # Bin of .9: 1, 4 and 5 right of 1 2 4 5 7: |4.5 - 3| = 1.5. Question 3: refused with the right
    # section first, .3 for 1: .7. Question 6: .1 for 0. (1.5 + .7 + .1) / 7 = .3286
    assert got["ece"] == (0.3286, 7)


def test_named_groups(run, records):
    targets = run.summarise(records, seed=0, samples=50)["targets"]
    assert values(targets) == {
        "Chinese": (0.5, 2),  # 1 and 2
        "elements and structure": (0, 1),  # 3; 4 is a follow-up
        "elements and structure, Chinese": (0, 1),
        "follow-ups": (1, 1),
        "unanswerable refused": (0.5, 2),
        "answerable refused": (0.2, 5),
        "English": (1, 1),
        "other languages": (None, 0),
        "citations exact": (1, 5),
    }


def test_groups_by_language_and_tag(run, records):
    summary = run.summarise(records, seed=0, samples=50)
    assert {k: v["right"]["n"] for k, v in summary["by_language"].items()} == {
        "en": 1,
        "zh-Hans": 3,
        "zh-Hant": 1,
    }
    assert summary["by_tag"]["element"]["right"]["value"] == 0.5
    assert list(summary["by_tag"]) == ["detail", "element", "follow-up", "list"]


# --- Question files -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        (line(2, half="train"), '"half" must be'),
        (line(2, question=" "), '"question" must be'),
        (line(2, answerable="yes"), '"answerable" must be'),
        (line(2, sections=[]), "if and only if"),
        (line(2, answerable=False), "if and only if"),
        (line(2, quotes=["要做甲事"]), "list of lists"),
        (line(2, quotes=[[]]), "list of lists"),
        (line(2, tags="detail"), '"tags" must be'),
        (line(2, history=[{"role": "system", "content": "x"}]), '"history" must be'),
        (line(2, extra=1), "unknown field extra"),
        (line(1), 'id "q1" was used in line 1'),
    ],
)
def test_a_bad_line_is_named(run, tmp_path, second, message):
    path = tmp_path / "q.jsonl"
    path.write_text(line(1) + "\n" + second + "\n", encoding="utf-8")
    with pytest.raises(run.QuestionFileError, match="line 2: ") as caught:
        run.load_questions(path)
    assert message in str(caught.value)


def test_blank_lines_bom_and_line_separators_are_no_fault(run, tmp_path):
    path = tmp_path / "q.jsonl"
    path.write_text("\ufeff" + line(1) + "\n\n" + line(2, question="甲\u2028乙") + "\n", "utf-8")
    assert [q.question for q in run.load_questions(path)] == ["甲事呢？", "甲\u2028乙"]


@pytest.mark.parametrize(("data", "message"), [(b"", "no questions"), (b"\xff\xfe", "not UTF-8")])
def test_bad_files(run, tmp_path, data, message):
    path = tmp_path / "q.jsonl"
    path.write_bytes(data)
    with pytest.raises(run.QuestionFileError, match=message):
        run.load_questions(path)


# --- The program ----------------------------------------------------------------------------------


class Scripted:
    """Answers from a table; remembers what it was asked."""

    def __init__(self, table):
        self.table, self.asked, self.opened = table, [], []

    def open(self, *where):
        self.opened.append(where)
        return self

    def ask(self, question, history=()):
        self.asked.append((question, list(history)))
        if question == "坏":
            raise QuestionError("cannot ask this")
        return answer(question, *self.table.get(question, ()))


@pytest.fixture
def invoke(run, tmp_path, monkeypatch):
    bot = Scripted({"甲事呢？": [cite("一", "要做甲事")], "乙|事呢？": [cite("二", "要做乙事")]})
    monkeypatch.setattr(rag, "Chatbot", bot, raising=False)
    monkeypatch.setattr(rag, "load_notice", lambda path: NOTICE, raising=False)
    history = [{"role": "user", "content": "乙"}, {"role": "assistant", "content": "是"}]
    path = tmp_path / "q.jsonl"
    rows = [
        line(1),
        line(2, question="乙|事呢？", history=history),
        line(3, half="test"),
        line(4, question="多少钱？", **NOT_SAID),
    ]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")

    def call(*options):
        return CliRunner().invoke(run.app, ["--questions", str(path), "--samples", "50", *options])

    call.bot, call.path, call.history = bot, path, history
    return call


def test_a_run_writes_its_folder(invoke, tmp_path):
    out = tmp_path / "runs/a"
    result = invoke("--out", str(out))
    assert result.exit_code == 0, result.output
    names = sorted(p.name for p in out.iterdir())
    assert names == ["answers.jsonl", "report.md", "run.json", "timing.json"]
    run_json = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert run_json["n"] == 3 and run_json["half"] == "dev"
    assert run_json["figures"]["overall"]["right"]["value"] == 0.5
    answers = [json.loads(x) for x in (out / "answers.jsonl").read_text("utf-8").splitlines()]
    assert [a["id"] for a in answers] == ["q1", "q2", "q4"]
    assert answers[1]["sections"] == ["一"] and answers[1]["citations"][0]["section"] == "二"
    report = (out / "report.md").read_text(encoding="utf-8")
    assert "Failures: 1 of 3" in report
    assert r"| q2 | zh-Hans | 乙\|事呢？ | cites 二, not 一; gold quote is missing |" in report
    assert list(out.parent.iterdir()) == [out]


def test_every_question_is_asked_with_its_history(invoke, tmp_path):
    invoke("--out", str(tmp_path / "a"), "--index", "some/folder")
    assert invoke.bot.opened == [(Path("some/folder"),)]
    warm_up, *asked = invoke.bot.asked
    assert asked == [("甲事呢？", []), ("乙|事呢？", invoke.history), ("多少钱？", [])]


def test_two_runs_are_equal_byte_for_byte(invoke, tmp_path):
    invoke("--out", str(tmp_path / "a"))
    invoke("--out", str(tmp_path / "b"))
    for name in ("run.json", "answers.jsonl"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_blind_run_tells_no_question(invoke, tmp_path):
    out = tmp_path / "a"
    assert invoke("--out", str(out), "--blind").exit_code == 0
    assert not (out / "answers.jsonl").exists()
    assert all("乙|事" not in p.read_text("utf-8").replace("\\", "") for p in out.iterdir())


def test_a_run_replaces_a_run_and_nothing_else(invoke, tmp_path):
    out = tmp_path / "a"
    invoke("--out", str(out))
    (out / "stale.txt").write_text("x", encoding="utf-8")
    assert invoke("--out", str(out)).exit_code == 0
    assert not (out / "stale.txt").exists()
    other = tmp_path / "b"
    other.mkdir()
    (other / "mine.txt").write_text("x", encoding="utf-8")
    result = invoke("--out", str(other))
    assert result.exit_code == 2
    assert "no run folder" in result.stderr
    assert [p.name for p in other.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [("{\n", "line 1: not JSON"), (line(1, question="坏") + "\n", "q1 cannot be asked")],
)
def test_bad_questions_end_with_code_2_and_write_nothing(invoke, tmp_path, rows, message):
    invoke.path.write_text(rows, encoding="utf-8")
    result = invoke("--out", str(tmp_path / "a"))
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (tmp_path / "a").exists()


def test_unknown_half_and_empty_half(invoke, tmp_path):
    assert "use dev, test or all" in invoke("--half", "train").stderr
    invoke.path.write_text(line(1) + "\n", encoding="utf-8")
    result = invoke("--half", "test", "--out", str(tmp_path / "a"))
    assert result.exit_code == 2
    assert "no questions of the test half" in result.stderr
