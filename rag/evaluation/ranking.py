"""Figures of rankings, by trec_eval's definitions (through ir-measures)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

NAMES = {"hit@1": "Success@1", "recall@5": "R@5", "recall@10": "R@10", "mrr@10": "RR@10",
         "ndcg@10": "nDCG@10"}  # fmt: skip
"""Our name of a figure -> ir-measures' name."""


def ranking_figures(
    runs: Mapping[str, Sequence[str]],
    gold: Mapping[str, Collection[str] | Mapping[str, int]],
    names: Sequence[str] = tuple(NAMES),
) -> dict[str, dict[str, float]]:
    """Each question's figures.

    Args:
        runs: Question -> labels, best first; a label that comes again counts at its first place.
        gold: Question -> relevant labels, at least one, or labels with grades above 0 (which nDCG
            takes as gains). A question without a ranking scores 0.
        names: Keys of ``NAMES``.

    Returns:
        Figure -> question -> value in [0, 1].

    Raises:
        ValueError: A question has no relevant label.
    """
    import ir_measures

    if empty := next((q for q, labels in gold.items() if not labels), None):
        raise ValueError(f"question {empty} has no relevant labels: its figures are undefined")
    measures = {name: ir_measures.parse_measure(NAMES[name]) for name in names}
    qrels = [
        ir_measures.Qrel(q, label, labels[label] if isinstance(labels, Mapping) else 1)
        for q, labels in gold.items()
        for label in dict.fromkeys(labels)
    ]
    # Scores fall by one a place, so that no tie is left for trec_eval to order in its own way.
    run = [
        ir_measures.ScoredDoc(q, label, float(-place))
        for q in gold
        for place, label in enumerate(dict.fromkeys(runs.get(q, ())))
    ]
    out = {name: dict.fromkeys(gold, 0.0) for name in names}
    called = {str(measure): name for name, measure in measures.items()}
    if run:
        for found in ir_measures.iter_calc(list(measures.values()), qrels, run):
            out[called[str(found.measure)]][found.query_id] = float(found.value)
    return out
