"""Retrieval over public sets: how each is made up, what others published, what we find.

A question's relevant passages come from the set; every way of searching one index gives ten
passages. Sets in BEIR's layout (a folder with ``corpus.jsonl``, ``queries.jsonl`` and
``qrels/test.tsv``) are taken as they lie.
"""

from __future__ import annotations

import csv
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

import rag
from rag.encoder import load_encoder
from rag.evaluation import plots
from rag.evaluation.asking import Watch
from rag.evaluation.data import DataError, data_folder, rows
from rag.evaluation.ranking import ranking_figures
from rag.evaluation.report import Part, Plot, Report, Table, origin, show, value
from rag.evaluation.runs import code_sha256, journal, peak_memory_mib, provenance
from rag.evaluation.scoring import mean_figure
from rag.evaluation.ways import WAYS, Searcher, SentenceSearcher
from rag.store import Index
from rag.types import Passage

DEPTH = 10
FEW = 5000
"""Passages up to which sentences are searched by vectors too."""
FIGURES = ("hit@1", "recall@10", "mrr@10", "ndcg@10")
Grades = Mapping[str, int]
Asked = list[tuple[str, str, Grades]]
"""Id, question, and relevant labels with their grades."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """What is searched.

    Attributes:
        name: As shown.
        load: Label -> text.
        titles: Label -> title, where texts have one; searched too, as a heading.
    """

    name: str
    load: Callable[[], dict[str, str]]
    titles: Callable[[], dict[str, str]] = dict


@dataclass(frozen=True, slots=True)
class PublicSet:
    """Questions over a corpus.

    Attributes:
        name: As shown; also what ``--set`` looks for.
        corpus: What is searched.
        load: The questions.
        rule: How it is made up.
    """

    name: str
    corpus: Corpus
    load: Callable[[], Asked]
    rule: str


PUBLISHED: dict[str, dict[str, dict[str, float]]] = {
    "XQuAD zh": {
        "multilingual-e5-large": {"ndcg@10": 0.964, "hit@1": 0.923},
        "multilingual-e5-base": {"ndcg@10": 0.955, "hit@1": 0.904},
        "multilingual-e5-small": {"ndcg@10": 0.955, "hit@1": 0.905},
        "LaBSE": {"ndcg@10": 0.857, "hit@1": 0.745},
        "paraphrase-multilingual-MiniLM-L12-v2": {"ndcg@10": 0.852, "hit@1": 0.736},
    }
}
"""Set -> system -> figures, as published for the public task XQuADRetrieval."""

PLAIN: dict[str, dict[str, dict[str, float]]] = {
    "XQuAD zh": {"plain BM25, unigrams and bigrams": {"ndcg@10": 0.965, "hit@1": 0.930}},
    "XQuAD en": {"plain BM25, words": {"ndcg@10": 0.960, "hit@1": 0.920}},
    "XQuAD en -> zh": {
        "IBM model 1 table in BM25": {"ndcg@10": 0.698},
        "the same with a static encoder": {"ndcg@10": 0.773},
    },
    "STARD": {"plain BM25, unigrams and bigrams": {"recall@10": 0.459, "mrr@10": 0.380}},
}
"""The same for plain tools that were measured on the same files."""

XQUAD_RULE = (
    "As the public task XQuADRetrieval: 240 passages; texts stripped; a question asked twice "
    "belongs to the passage it is named with last (1,181 Chinese questions)."
)


def public_sets(folder: Path) -> list[PublicSet]:
    """The sets whose files lie in a folder.

    Raises:
        DataError: There are none.
    """
    out: list[PublicSet] = []
    if (folder / "dev").is_dir():
        out += [*_xquad(folder), *_reading(folder), *_sentences(folder), *_statutes(folder)]
    for path in sorted(folder.glob("**/qrels")):
        if (path.parent / "corpus.jsonl").is_file():
            out.append(_beir(path.parent))
    if not out:
        raise DataError(
            f"There is no public set in {folder}: it needs a folder dev/, or folders with "
            "corpus.jsonl, queries.jsonl and qrels/test.tsv (BEIR's layout)."
        )
    return out


def _has(folder: Path, *names: str) -> bool:
    return all((folder / f"{name}.jsonl.gz").is_file() for name in names)


def _xquad(folder: Path) -> list[PublicSet]:
    if not _has(folder, "dev/xquad_passages", "dev/xquad_questions"):
        return []

    def corpus(lang: str) -> Corpus:
        return Corpus(
            f"XQuAD {lang}",
            lambda: {p["pid"]: p[lang].strip() for p in rows(folder, "dev/xquad_passages")},
        )

    def questions(lang: str) -> Callable[[], Asked]:
        def load() -> Asked:
            asked = {q[lang]["q"].strip(): q for q in rows(folder, "dev/xquad_questions")}
            return [(q["id"], text, {q["pid"]: 1}) for text, q in asked.items()]

        return load

    zh, en = corpus("zh"), corpus("en")
    return [
        PublicSet("XQuAD zh", zh, questions("zh"), XQUAD_RULE),
        PublicSet("XQuAD en", en, questions("en"), XQUAD_RULE),
        *(
            PublicSet(f"XQuAD {lang} -> zh", zh, questions(lang), f"{XQUAD_RULE} Chinese passages.")
            for lang in ("en", "es", "de", "ru")
        ),
    ]


def _reading(folder: Path) -> list[PublicSet]:
    def one(name: str, file: str, rule: str) -> PublicSet:
        def texts() -> dict[str, str]:
            passages = dict.fromkeys(r["passage"] for r in rows(folder, file))
            return {str(i): text for i, text in enumerate(passages)}

        def load() -> Asked:
            place = {text: label for label, text in texts().items()}
            return [(str(r["id"]), r["q"], {place[r["passage"]]: 1}) for r in rows(folder, file)]

        return PublicSet(name, Corpus(name, texts), load, rule)

    rule = "Half of the {} questions, by passage; a question to its own among the half's passages."
    sets = (
        ("CMRC half", "dev/cmrc_dev", rule.format("CMRC 2018 development")),
        ("DRCD half", "dev/drcd_test", rule.format("DRCD test (Traditional)")),
    )
    return [one(*s) for s in sets if _has(folder, s[1])]


def _sentences(folder: Path) -> list[PublicSet]:
    if not _has(folder, "dev/sib200_flores"):
        return []
    corpus = Corpus(
        "SIB-200",
        lambda: {str(i): r["zh-Hans"] for i, r in enumerate(rows(folder, "dev/sib200_flores"))},
    )

    def sentences(lang: str) -> Callable[[], Asked]:
        return lambda: [
            (str(i), r[lang], {str(i): 1}) for i, r in enumerate(rows(folder, "dev/sib200_flores"))
        ]

    rule = "A sentence to its Chinese translation among 1,004."
    return [
        PublicSet(f"SIB-200 {lang} -> zh", corpus, sentences(lang), rule)
        for lang in ("en", "ja", "ko", "es", "fr", "de", "ru")
    ]


def _statutes(folder: Path) -> list[PublicSet]:
    if not _has(folder, "dev/stard", "train/laws_prc"):
        return []
    corpus = Corpus(
        "statutes",
        lambda: {str(i): r["text"] for i, r in enumerate(rows(folder, "train/laws_prc"))},
        lambda: {str(i): r["title"] for i, r in enumerate(rows(folder, "train/laws_prc"))},
    )

    def questions() -> Asked:
        return [
            (str(r["id"]), r["q"], {str(row): 1 for row in r["rows"]})
            for r in rows(folder, "dev/stard")
        ]

    rule = (
        "Laypeople's legal questions to all 143,636 articles, each searched with its law's title."
    )
    return [PublicSet("STARD", corpus, questions, rule)]


def _lines(path: Path) -> list[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.strip()]
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read ({error}).") from error


def _beir(folder: Path) -> PublicSet:
    @cache
    def corpus() -> list[dict[str, Any]]:
        return _lines(folder / "corpus.jsonl")

    def texts() -> dict[str, str]:
        return {str(r["_id"]): str(r["text"]) for r in corpus()}

    def titles() -> dict[str, str]:
        return {str(r["_id"]): str(r["title"]) for r in corpus() if r.get("title")}

    def questions() -> Asked:
        path = folder / "qrels" / "test.tsv"
        try:
            with path.open(encoding="utf-8", newline="") as file:
                judged = list(csv.reader(file, delimiter="\t"))[1:]
            grades: dict[str, dict[str, int]] = {}
            for question, label, grade in judged:
                if int(grade) > 0:
                    grades.setdefault(question, {})[label] = int(grade)
        except (OSError, ValueError) as error:
            raise DataError(f"{path} cannot be read ({error}).") from error
        text = {str(r["_id"]): str(r["text"]) for r in _lines(folder / "queries.jsonl")}
        if lost := next((q for q in grades if q not in text), None):
            raise DataError(f"{path} judges question {lost}, which queries.jsonl lacks.")
        return [(q, text[q], found) for q, found in grades.items()]

    rule = "BEIR layout: each text searched with its title; questions with a relevant document."
    return PublicSet(folder.name, Corpus(str(folder), texts, titles), questions, rule)


def measure(
    data: Path | None,
    only: Sequence[str] | None,
    encoder: str | None,
    out: Path,
    seed: int,
    samples: int,
    watch: Watch,
) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]:
    """Search every set in every way.

    Args:
        data: The folder; as ``data_folder`` finds it if left out.
        only: Sets whose names begin so; all if left out.
        encoder: By name or folder; the embedded one if left out.
        out: Where the run goes; sets that a stopped run had done are not searched again.
        seed: Of the bootstrap.
        samples: Its draws.
        watch: Shows progress.

    Returns:
        What ``run.json``, ``answers.jsonl`` and ``timing.json`` hold.

    Raises:
        DataError: No such data, or it is damaged.
    """
    # A folder of the user's in BEIR's layout has no dev/.
    folder = data if data and data.is_dir() else data_folder(data)
    sets = [s for s in public_sets(folder) if not only or s.name.startswith(tuple(only))]
    if not sets:
        names = ", ".join(s.name for s in public_sets(folder))
        raise DataError(f"No set begins with {' or '.join(only or ())}; there are {names}.")
    loaded = load_encoder(encoder)
    settings = {"kind": "public", "encoder": {"name": loaded.name, "dim": loaded.dim,
                "fingerprint": loaded.fingerprint}}  # fmt: skip
    key = {**settings, "code": code_sha256(), "data": os.path.abspath(folder)}
    built: tuple[str, Index] | None = None
    times: dict[str, Any] = {"corpora": {}, "query_ms": {}}
    figures: dict[str, Any] = {}
    answers: list[dict[str, Any]] = []
    with journal(out, key) as kept:
        for s in sets:
            asked = s.load()
            if s.name not in kept.done:
                if built is None or built[0] != s.corpus.name:
                    built = None  # let go of the last one before the next is made
                    built = s.corpus.name, _index(s.corpus, loaded, times)
                kept.add(s.name, _search(s.name, built[1], asked, watch))
            found = kept.done[s.name]
            times["query_ms"][s.name] = found["median_ms"]
            gold = {name: grades for name, _, grades in asked}
            by_way = {w: ranking_figures(run, gold, FIGURES) for w, run in found["ranked"].items()}
            figures[s.name] = {
                way: {f: mean_figure(list(by_way[way][f].values()), seed, samples) for f in FIGURES}
                for way in by_way
            }
            answers += [
                {
                    "id": f"{s.name}/{name}",
                    "scores": {
                        f"{s.name} {way}: {f}": round(by_way[way][f][name], 6)
                        for way in by_way
                        for f in FIGURES
                    },
                }
                for name in gold
            ]
    run = {
        "youju": rag.__version__,
        **settings,
        "rules": {s.name: s.rule for s in sets},
        "seed": seed,
        "samples": samples,
        **provenance(),
        "figures": figures,
    }
    return run, answers, {**times, "peak_memory_mib": peak_memory_mib()}


def _index(corpus: Corpus, encoder: Any, times: dict[str, Any]) -> Index:
    titles = corpus.titles()
    passages = [
        Passage(id=label, text=text, heading=titles.get(label, ""), title=titles.get(label, ""))
        for label, text in corpus.load().items()
    ]
    begin = time.perf_counter()
    index = Index.build(passages, encoder=encoder)
    took = time.perf_counter() - begin
    times["corpora"][corpus.name] = {"passages": len(passages), "index_s": round(took, 2)}
    return index


def _search(name: str, index: Index, asked: Asked, watch: Watch) -> dict[str, Any]:
    ranked: dict[str, dict[str, list[str]]] = {}
    ms: list[float] = []
    ways: dict[str, Callable[[Index], Searcher]] = dict(WAYS)
    if len(index.passages) <= FEW:
        ways = {"dense with sentences": SentenceSearcher, **ways}
    for way, over in ways.items():
        searched = over(index)
        ranked[way] = {}
        for label, question, _ in watch(asked, f"{name}, {way}"):
            begin = time.perf_counter()
            hits = searched.search(question, k=DEPTH)
            ms.append(1000 * (time.perf_counter() - begin))
            ranked[way][label] = [hit.passage.id for hit in hits]
    # The product's way comes last.
    return {"ranked": ranked, "median_ms": round(float(np.median(ms[-len(asked) :])), 2)}


def public_report(run: Mapping[str, Any], times: Mapping[str, Any]) -> Report:
    """Our figures with the published ones beside them."""
    figures = run["figures"]
    table = []
    for name, ways in figures.items():
        for way, figs in ways.items():
            n = figs["hit@1"]["n"]
            row = (name, f"{way} ({n})" if way == "hybrid" else way)
            table.append((*row, *(show(figs[f]) for f in FIGURES)))
        for others, mark in ((PUBLISHED, "published: "), (PLAIN, "")):
            for system, figs in others.get(name, {}).items():
                cells = (value({"value": figs[f]}) if f in figs else "–" for f in FIGURES)
                table.append((name, mark + system, *cells))
    drawn = [(name, {w: f["ndcg@10"] for w, f in ways.items()}) for name, ways in figures.items()]
    lines = {
        name: [(system, f["ndcg@10"]) for system, f in systems.items() if "ndcg@10" in f]
        for name, systems in PUBLISHED.items()
    }
    costs = [
        (name, f"{cost['passages']:,}", f"{cost['index_s']:.1f} s")
        for name, cost in times["corpora"].items()
    ]
    speeds = [(name, f"{ms:.2f} ms") for name, ms in times["query_ms"].items()]
    encoder = run["encoder"]
    return Report(
        title="Retrieval over public sets",
        lead=f"Encoder {encoder['name']}, {encoder['dim']} dimensions. Hybrid is the product's "
        "search; BM25 and dense are its two halves alone. In brackets 95 % bootstrap intervals "
        f"over questions ({run['samples']} draws, seed {run['seed']}), in parentheses their n.",
        parts=[
            Part(
                "Figures",
                plots=[
                    Plot(
                        partial(
                            plots.groups, drawn, "nDCG at 10 by set and way of searching", lines
                        ),
                        "nDCG@10; dotted lines are values that others published.",
                    )
                ],
                tables=[Table(("set", "system", *FIGURES), table, text=(0, 1))],
            ),
            Part(
                "How the sets are made up",
                tables=[Table(("set", "rule"), list(run["rules"].items()), text=(0, 1), wide=True)],
            ),
            Part(
                "Cost",
                f"Peak memory of the process {times['peak_memory_mib']:.0f} MiB."
                if times["peak_memory_mib"]
                else "",
                tables=[
                    Table(("corpus", "passages", "index built in"), costs),
                    Table(("set", "median hybrid search"), speeds),
                ],
            ),
        ],
        facts=origin(run),
    )
