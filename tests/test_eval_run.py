"""The evaluation program: its folders, repeats, resuming, comparing; with a scripted chatbot."""

import gzip
import importlib.util
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

import rag
from rag.errors import QuestionError
from rag.evaluation.report import page
from rag.evaluation.runs import Journal, RunError, read_run, to_json
from rag.types import Answer, Citation, Hit, Notice, Passage, Section

ROOT = Path(__file__).resolve().parent.parent
TEXT = "一、甲\n要做甲事。\n二、乙\n要做乙事，乙事要快。"
NOTICE = Notice(
    id="n",
    text=TEXT,
    sections=(Section("一", "甲", 0, 11, 1), Section("二", "乙", 11, len(TEXT), 1)),
)
NOT_SAID = {"answerable": False, "sections": [], "quotes": [], "why": "not said"}
FILES = ["answers.jsonl", "report.html", "report.md", "run.json", "timing.json"]


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
        "answerable": True,
        "sections": ["一"],
        "quotes": [["要做甲事"]],
        "tags": ["detail"],
    }
    return json.dumps({**row, **changes}, ensure_ascii=False)


def cite(section, quote):
    start = TEXT.index(quote)
    return Citation("[1]", section, "", quote, start, start + len(quote), "n", "", "")


class Scripted:
    """Answers from a table; remembers what it was asked."""

    refuse_below = 0.4

    def __init__(self, table):
        self.table, self.asked, self.opened = table, [], []
        self.index = SimpleNamespace(notices={"n": NOTICE}, search=lambda question, k: [])
        self.stop_at = None

    def open(self, index=None, **options):
        self.opened.append((index, options))
        return self

    def ask(self, question, history=()):
        self.asked.append((question, list(history)))
        if question == "坏":
            raise QuestionError("cannot ask this")
        if self.stop_at == len(self.asked):
            raise KeyboardInterrupt
        cited = tuple(self.table.get(question, ()))
        text = "".join(f"“{c.quote}”{c.marker}" for c in cited) or "没有写。"
        hit = Hit(Passage(id="一", text="x", section="一"), 0.5)
        return Answer(question, question, text, not cited, 0.9, cited, (hit,))


@pytest.fixture
def invoke(run, tmp_path, monkeypatch):
    bot = Scripted({"甲事呢？": [cite("一", "要做甲事")], "乙|<b>？": [cite("二", "要做乙事")]})
    monkeypatch.setattr(rag, "Chatbot", bot)
    monkeypatch.setattr(rag, "load_notice", lambda path: NOTICE)
    monkeypatch.setattr(run, "page", lambda report: report.title)  # plots take their time
    history = [{"role": "user", "content": "乙"}, {"role": "assistant", "content": "是"}]
    path = tmp_path / "q.jsonl"
    rows = [
        line(1),
        line(2, question="乙|<b>？", history=history),
        line(3, half="test"),
        line(4, question="多少钱？", **NOT_SAID),
    ]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")

    def call(*options):
        return CliRunner().invoke(run.app, ["--questions", str(path), "--samples", "50", *options])

    call.bot, call.path, call.history = bot, path, history
    return call


def names(folder):
    return sorted(p.name for p in folder.iterdir())


# --- A run ----------------------------------------------------------------------------------------


def test_a_run_writes_its_folder(invoke, tmp_path):
    out = tmp_path / "runs/a"
    result = invoke("--out", str(out))
    assert result.exit_code == 0, result.output
    assert names(out) == FILES
    written = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert (written["n"], written["half"], written["seed"]) == (3, "dev", 0)
    assert {"commit", "index", "versions", "machine", "code_sha256"} <= set(written)
    assert written["figures"]["overall"]["right"]["value"] == 0.5
    answers = [json.loads(x) for x in (out / "answers.jsonl").read_text("utf-8").splitlines()]
    assert [a["id"] for a in answers] == ["q1", "q2", "q4"]
    assert answers[1]["sections"] == ["一"] and answers[1]["citations"][0]["section"] == "二"
    times = json.loads((out / "timing.json").read_text(encoding="utf-8"))
    assert times["latency_ms"]["p50"]["n"] == 3 and times["peak_memory_mib"] > 10
    report = (out / "report.md").read_text(encoding="utf-8")
    assert "Failures: 1 of 3" in report
    assert r"| q2 | 乙\|<b>？ | cites 二, not 一; gold quote is missing |" in report
    assert names(out.parent) == ["a"]  # no journal is left


def test_the_page_stands_alone_and_escapes(run, invoke, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "page", page)
    out = tmp_path / "a"
    invoke("--out", str(out))
    html = (out / "report.html").read_text(encoding="utf-8")
    assert html.count("<svg") >= 5
    assert "乙|&lt;b&gt;？" in html and "<b>" not in html
    addresses = set(re.findall(r"https?://[^\s\"'<)]+", html))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not re.search(r"<(script|link|img|iframe)\b|@import|url\((?!#)", html)
    marks = re.findall(r'\bid="([^"]+)"', html)
    assert len(marks) == len(set(marks))
    assert set(re.findall(r'(?:xlink:href="#|url\(#)([^")]+)', html)) <= set(marks)


def test_every_question_is_asked_with_its_history_and_options_reach_the_chatbot(invoke, tmp_path):
    options = ("--index", "some/folder", "--generator", "x", "--refuse-below", "0.3")
    result = invoke("--out", str(tmp_path / "a"), *options)
    assert result.exit_code == 0, result.output
    wanted = {"encoder": None, "generator": "x", "refuse_below": 0.3}
    assert invoke.bot.opened == [(Path("some/folder"), wanted)]
    warm_up, *asked = invoke.bot.asked
    assert warm_up == asked[0]
    assert asked == [("甲事呢？", []), ("乙|<b>？", invoke.history), ("多少钱？", [])]


def test_two_runs_are_equal_byte_for_byte(invoke, tmp_path):
    invoke("--out", str(tmp_path / "a"))
    invoke("--out", str(tmp_path / "b"))
    for name in ("run.json", "answers.jsonl"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_stopped_run_goes_on_and_ends_the_same(invoke, tmp_path):
    invoke("--out", str(tmp_path / "whole"))
    invoke.bot.asked, invoke.bot.stop_at = [], 3  # after the warm-up and q1
    stopped = invoke("--out", str(tmp_path / "runs/a"))
    assert stopped.exit_code == 130 and "goes on" in stopped.stderr
    assert names(tmp_path / "runs") == [".a.journal"]
    with (tmp_path / "runs/.a.journal").open("a", encoding="utf-8") as journal:
        journal.write('{"id": "q2", "ro')  # cut off in the middle of a line
    invoke.bot.asked, invoke.bot.stop_at = [], None
    assert invoke("--out", str(tmp_path / "runs/a")).exit_code == 0
    assert [q for q, _ in invoke.bot.asked] == ["甲事呢？", "乙|<b>？", "多少钱？"]  # not q1 again
    for name in ("run.json", "answers.jsonl"):
        whole, resumed = tmp_path / "whole" / name, tmp_path / "runs/a" / name
        assert whole.read_bytes() == resumed.read_bytes()
    assert names(tmp_path / "runs") == ["a"]


def test_answers_are_kept_when_the_report_fails(run, invoke, tmp_path, monkeypatch):
    out = tmp_path / "runs/a"
    with monkeypatch.context() as broken:
        broken.setattr(run, "page", lambda report: 1 / 0)
        assert isinstance(invoke("--out", str(out)).exception, ZeroDivisionError)
    invoke.bot.asked.clear()
    assert invoke("--out", str(out)).exit_code == 0
    assert len(invoke.bot.asked) == 1  # the warm-up


def test_a_journal_of_other_settings_is_not_used(tmp_path):
    path = tmp_path / ".a.journal"
    first = Journal(path, {"seed": 1})
    first.add("q1", {"x": 1})
    first.close()
    assert Journal(path, {"seed": 1}).done == {"q1": {"x": 1}}
    assert Journal(path, {"seed": 2}).done == {}


def test_a_blind_run_tells_no_question(invoke, tmp_path):
    out = tmp_path / "a"
    assert invoke("--out", str(out), "--blind").exit_code == 0
    assert names(out) == FILES
    for path in out.iterdir():
        text = path.read_text("utf-8")
        assert not re.search(r"乙\\?\||甲事|q2|要做|not said", text), path.name
    assert len(read_run(out).records) == 3


def test_a_run_replaces_a_run_and_nothing_else(invoke, tmp_path):
    out = tmp_path / "a"
    invoke("--out", str(out))
    (out / "stale.txt").write_text("x", encoding="utf-8")
    assert invoke("--out", str(out)).exit_code == 0
    assert names(out) == FILES
    other = tmp_path / "b"
    other.mkdir()
    (other / "mine.txt").write_text("x", encoding="utf-8")
    invoke.bot.asked.clear()
    result = invoke("--out", str(other))
    assert result.exit_code == 2 and "no run folder" in result.stderr
    assert names(other) == ["mine.txt"]
    assert invoke.bot.asked == []  # said before any time is spent


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("{\n", "line 1: not JSON"),
        (line(1, question="坏") + "\n", "line 1: question q1 cannot be asked"),
        (line(1) + "\n\r\n" + line(1) + "\n", 'line 3: id "q1" was used in line 1'),
        (line(1, sections=["九"]) + "\n", 'line 1: there is no section "九"'),
        (line(1, quotes=[["要做丙事"]]) + "\n", "line 1: the quote"),
    ],
)
def test_bad_questions_end_with_code_2_and_write_nothing(invoke, tmp_path, rows, message):
    invoke.path.write_text(rows, encoding="utf-8", newline="")
    result = invoke("--out", str(tmp_path / "runs/a"))
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (tmp_path / "runs").exists() or names(tmp_path / "runs") == []


def test_unknown_half_and_empty_half(invoke, tmp_path):
    assert "use dev, test or all" in invoke("--half", "train").stderr
    invoke.path.write_text(line(1) + "\n", encoding="utf-8")
    result = invoke("--half", "test", "--out", str(tmp_path / "a"))
    assert result.exit_code == 2
    assert "no questions of the test half" in result.stderr


def test_json_is_the_same_value_in_fewer_lines():
    value = {"a": {"b": [1, 2], "c": {"d": None}}, "e": "{ x \n [", "f": [], "g": [{"h": 1}]}
    assert json.loads(to_json(value)) == value
    assert '"c": {"d": null}' in to_json(value)


# --- Comparing ------------------------------------------------------------------------------------


@pytest.fixture
def twenty(invoke, tmp_path):
    rows = [line(i, question=f"甲{i}？") for i in range(20)]
    rows += [line(i, question=f"无{i}？", **NOT_SAID) for i in range(20, 26)]
    invoke.path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    invoke.bot.table = {f"甲{i}？": [cite("一", "要做甲事")] for i in range(18)}
    assert invoke("--out", str(tmp_path / "a")).exit_code == 0
    return invoke


def compared(run, tmp_path, *options):
    folders = [str(tmp_path / "a"), str(tmp_path / "b"), *options]
    return CliRunner().invoke(run.app, ["compare", *folders])


def test_compare_catches_a_planted_regression(run, twenty, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "page", page)
    # 18 of 20 right before. Now the first six cite another section, and one more is right:
    # 13 of 20, a change of -5/20. In a draw the change is the mean of 20 of -1 (6), 1 (1), 0 (13).
    for i in range(6):
        twenty.bot.table[f"甲{i}？"] = [cite("二", "要做乙事")]
    twenty.bot.table["甲18？"] = [cite("一", "要做甲事")]
    twenty("--out", str(tmp_path / "b"))
    result = compared(run, tmp_path, "--out", str(tmp_path / "report"))
    assert result.exit_code == 1
    assert "| right | 0.900 | 0.650 | -0.250 |" in result.stdout
    assert "Broken: 6" in result.stdout and "Improved: 1" in result.stdout
    assert "| q0 | 甲0？ | 一: 要做甲事 | 二: 要做乙事 (cites 二, not 一" in result.stdout
    assert "| q18 | 甲18？ | refused | 一: 要做甲事 |" in result.stdout
    assert (tmp_path / "report/compare.html").read_text("utf-8").count("<svg") == 1


def test_compare_lets_chance_pass(run, twenty, tmp_path):
    # One broken and one mended: a change of 0.
    twenty.bot.table["甲0？"] = [cite("二", "要做乙事")]
    twenty.bot.table["甲18？"] = [cite("一", "要做甲事")]
    twenty("--out", str(tmp_path / "b"))
    result = compared(run, tmp_path)
    assert result.exit_code == 0 and "No significant drop" in result.stdout
    assert "Broken: 1" in result.stdout


def test_compare_with_itself_and_more_false_refusals(run, twenty, tmp_path):
    twenty("--out", str(tmp_path / "b"))
    result = compared(run, tmp_path)
    assert result.exit_code == 0 and "| right | 0.900 | 0.900 | +0.000 |" in result.stdout
    for i in range(8):
        del twenty.bot.table[f"甲{i}？"]
    twenty("--out", str(tmp_path / "b"))
    result = compared(run, tmp_path)
    assert result.exit_code == 1
    assert re.search(r"\| false refusal \| 0.100 \| 0.500 \| \+0.400 .* drop \|", result.stdout)


def test_compare_of_blind_runs_pairs_questions(run, twenty, tmp_path):
    twenty("--out", str(tmp_path / "a"), "--blind")
    for i in range(8):
        twenty.bot.table[f"甲{i}？"] = [cite("二", "要做乙事")]
    twenty("--out", str(tmp_path / "b"), "--blind")
    result = compared(run, tmp_path)
    assert result.exit_code == 1 and "Broken: 8" in result.stdout and "甲" not in result.stdout


def test_compare_needs_two_runs_with_common_questions(run, twenty, tmp_path):
    assert compared(run, tmp_path).exit_code == 2  # there is no b
    twenty.path.write_text(line(99) + "\n", encoding="utf-8")
    twenty("--out", str(tmp_path / "b"))
    result = compared(run, tmp_path)
    assert result.exit_code == 2 and "no question in common" in result.stderr
    twenty.path.write_text(line(1, question="别的？") + "\n", encoding="utf-8")
    twenty("--out", str(tmp_path / "b"))
    assert "q1 is not the same in both runs" in compared(run, tmp_path).stderr
    (tmp_path / "b/answers.jsonl").write_text("{", encoding="utf-8")
    result = compared(run, tmp_path)
    assert result.exit_code == 2 and "cannot be read" in result.stderr


def test_reading_what_is_no_run(tmp_path):
    with pytest.raises(RunError, match=r"there is no run\.json in it"):
        read_run(tmp_path)


# --- Public sets, evidence, ablation --------------------------------------------------------------


@pytest.fixture
def beir(tmp_path):
    folder = tmp_path / "data" / "fruit"
    (folder / "qrels").mkdir(parents=True)
    docs = {"a": "苹果是红的", "b": "香蕉是黄的", "c": "葡萄是紫的"}
    corpus = [{"_id": i, "title": "水果", "text": text} for i, text in docs.items()]
    corpus.append({"_id": "d", "title": "坚果", "text": "核桃很硬"})
    queries = [
        {"_id": "1", "text": "香蕉的颜色"},
        {"_id": "2", "text": "红的"},
        {"_id": "3", "text": "?"},
        {"_id": "4", "text": "坚果"},
    ]
    for name, rows in (("corpus", corpus), ("queries", queries)):
        text = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    qrels = "query-id\tcorpus-id\tscore\n1\tb\t1\n2\tc\t1\n2\ta\t0\n4\td\t1\n"
    (folder / "qrels/test.tsv").write_text(qrels, encoding="utf-8")
    return folder.parent


def test_a_set_in_beirs_layout(run, beir, tmp_path):
    out = tmp_path / "public"
    options = ["public", "--data", str(beir), "--out", str(out), "--samples", "50"]
    result = CliRunner().invoke(run.app, options)
    assert result.exit_code == 0, result.output
    figures = json.loads((out / "run.json").read_text("utf-8"))["figures"]["fruit"]
    # 香蕉 is in b alone: found first. 红的 is a's, but c is judged relevant: not first. 坚果 stands
    # in d's title alone: found first. Two of three.
    assert figures["BM25"]["hit@1"]["value"] == pytest.approx(2 / 3, abs=1e-4)
    assert figures["hybrid"]["hit@1"]["n"] == 3  # 3 is judged by nobody
    assert names(out) == FILES
    assert "| fruit | BM25 | 0.667" in (out / "report.md").read_text("utf-8")
    again = CliRunner().invoke(run.app, [*options[:-3], str(tmp_path / "b"), "--samples", "50"])
    assert again.exit_code == 0
    for name in ("run.json", "answers.jsonl"):
        assert (out / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_public_data_that_is_missing_or_damaged(run, beir, tmp_path):
    def call(*options):
        return CliRunner().invoke(run.app, ["public", "--out", str(tmp_path / "o"), *options])

    (tmp_path / "empty").mkdir()
    none = call("--data", str(tmp_path / "empty"))
    assert none.exit_code == 2 and "no public set" in none.stderr
    other = call("--data", str(beir), "--set", "vegetables")
    assert other.exit_code == 2 and "there are fruit" in other.stderr
    (beir / "fruit/qrels/test.tsv").write_text("q\td\ts\n9\ta\t1\n", encoding="utf-8")
    lost = call("--data", str(beir))
    assert lost.exit_code == 2 and "question 9" in lost.stderr
    assert not (tmp_path / "o").exists()


def test_public_sets_are_made_up_as_stated(data):
    from rag.evaluation.public import public_sets

    sets = {s.name: s for s in public_sets(data)}
    asked = sets["XQuAD zh"].load()
    assert len(asked) == 1181 and len({text for _, text, _ in asked}) == 1181
    corpus = sets["XQuAD zh"].corpus.load()
    assert len(corpus) == 240 and all(text == text.strip() for text in corpus.values())
    assert all(set(gold) <= set(corpus) for _, _, gold in sets["XQuAD en -> zh"].load())
    assert {name: len(sets[name].load()) for name in ("CMRC half", "DRCD half")} == {
        "CMRC half": 1661,
        "DRCD half": 1752,
    }


def passage(subject):
    return f"{subject}建于一九二零年，位于城市北部。{subject}的面积是三十公顷。每年有许多人参观。"


@pytest.fixture
def reading_data(tmp_path):
    subjects = ["博物馆", "植物园", "图书馆", "体育场", "火车站", "大教堂", "天文台"]
    dev = tmp_path / "reading" / "dev"
    dev.mkdir(parents=True)
    for name in ("drcd_test", "cmrc_dev"):
        rows = [
            {
                "id": s,
                "q": f"{s}的面积是多少？",
                "passage": passage(s),
                "answers": [{"text": "三十公顷", "start": passage(s).index("三十")}],
            }
            for s in subjects
        ]
        with gzip.open(dev / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(r, ensure_ascii=False) + "\n" for r in rows)
    return dev.parent


def test_evidence_cases_are_what_they_say(reading_data):
    from rag.evaluation.reading import cases

    first, *_ = cases(reading_data, "DRCD")
    present, absent, removed = (first.passages[k] for k in ("present", "absent", "removed"))
    assert first.answers == ("三十公顷",)
    assert [len(p) for p in (present, absent, removed)] == [5, 5, 5]
    assert present[0].text == passage("博物馆") and present[0] not in absent
    assert removed[0].text == "博物馆建于一九二零年，位于城市北部。每年有许多人参观。"
    assert present[1:] == removed[1:] == absent[:4]
    assert len(list(cases(reading_data, "CMRC", limit=3))) == 3


def test_evidence_figures_by_hand():
    from rag.evaluation.reading import Outcome, figures, threshold_at

    def outcome(present, absent, removed, found, length):
        confidence = {"present": present, "absent": absent, "removed": removed}
        return Outcome("x", confidence, found, length, False, True)

    rows = [
        outcome(0.9, 0.1, 0.9, True, 10),
        outcome(0.8, 0.1, 0.1, True, 20),
        outcome(0.4, 0.1, 0.1, False, 30),
        outcome(0.9, 0.9, 0.1, True, 40),
    ]
    got = figures(rows, samples=20)
    assert got["answer_found"]["value"] == 0.75 and got["answer_length"]["value"] == 25
    # .9 .8 .4 .9 against .1 .1 .1 .9: twelve pairs with .1 won; with .9 two tie: 13 of 16.
    assert got["auroc_absent"]["value"] == 13 / 16
    # Of four, 6 % is none: nothing may be refused, so the threshold is the lowest, .4.
    assert got["threshold_at_6_percent"] == 0.4
    assert got["refused_absent_at_6_percent"]["value"] == 0.75
    # Present and absent, by bin: .9 three times, two right: .7; .8 right: .2; .4 wrong: .4;
    # .1 three times wrong: .3. 1.6 / 8.
    assert got["ece_absent"]["value"] == pytest.approx(0.2)
    # .1 three times each of absent and of removed.
    assert got["reliability"][0] == {"n": 6, "confidence": 0.1, "right": 0}
    at = {p["threshold"]: (p["false_refusal"], p["refusal"]) for p in got["tradeoff"]}
    assert at[0.4] == (0, 0.75) and at[0.5] == (0.25, 0.75) and at[1] == (1, 1)
    assert threshold_at(np.arange(100) / 100) == 0.06  # 0.00 to 0.05 are below it: six of 100


def test_evidence_program(run, reading_data, tmp_path):
    out = tmp_path / "evidence"
    options = ["evidence", "--data", str(reading_data), "--limit", "3", "--samples", "50"]
    result = CliRunner().invoke(run.app, [*options, "--out", str(out)])
    assert result.exit_code == 0, result.output
    figures = json.loads((out / "run.json").read_text("utf-8"))["figures"]
    # The passages differ in their subject alone, which the question names.
    assert figures["DRCD"]["own_passage_first"]["value"] == 1
    assert figures["DRCD"]["answer_found"]["value"] == 1
    assert figures["DRCD"]["held_by_chance"] == 1  # all of them say 三十公顷
    assert names(out) == FILES
    missing = CliRunner().invoke(run.app, ["evidence", "--data", str(tmp_path / "none")])
    assert missing.exit_code == 2 and "YOUJU_DATA" in missing.stderr


def test_ablation_is_one_table(run, tmp_path):
    questions = tmp_path / "q.jsonl"
    rows = (ROOT / "eval/questions.jsonl").read_text("utf-8").splitlines()
    dev = [r for r in rows if json.loads(r)["half"] == "dev"]
    questions.write_text("\n".join(dev[::8]) + "\n", encoding="utf-8")
    out = tmp_path / "ablation"
    options = ["ablate", "--questions", str(questions), "--out", str(out), "--samples", "50"]
    result = CliRunner().invoke(run.app, options)
    assert result.exit_code == 0, result.output
    found = json.loads((out / "run.json").read_text("utf-8"))["figures"]
    assert list(found) == [
        "the product", "BM25 alone", "dense alone", "evidence scorer off", "refusal off",
    ]  # fmt: skip
    overall = {name: figs["overall"] for name, figs in found.items()}
    whole = overall["evidence scorer off"]
    assert whole["false_refusal"]["value"] == overall["refusal off"]["false_refusal"]["value"] == 0
    assert whole["quoted_length"]["value"] > overall["the product"]["quoted_length"]["value"]
    assert whole["hit@1"] == overall["the product"]["hit@1"]
    assert all(figs["exact_citations"]["value"] == 1 for figs in overall.values())
    assert "dense alone" in result.stdout


# --- The house ------------------------------------------------------------------------------------


def test_nothing_that_answers_imports_the_evaluation():
    for path in [*(ROOT / "rag").glob("*.py"), *(ROOT / "rag/web").glob("*.py"), ROOT / "app.py"]:
        found = re.search(r"^\s*(from|import) rag\.evaluation", path.read_text("utf-8"), re.M)
        assert not found, path.name
