"""Reports for people: one content, written as Markdown and as a page in one file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TEMPLATE = "report.html"


@dataclass(frozen=True, slots=True)
class Card:
    """A figure to be seen first.

    Attributes:
        label: What it is.
        value: As shown.
        note: Interval and number.
        goal: What it is meant to reach, ``""`` for nothing.
        met: Whether it does; ``None`` without a goal.
    """

    label: str
    value: str
    note: str = ""
    goal: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table; cells of the columns named in ``text`` stand to the left."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    text: Sequence[int] = (0,)
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture and what it shows; it is drawn for the page alone.

    Attributes:
        draw: Gives the SVG.
        caption: Below it.
    """

    draw: Callable[[], str]
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A section of a report."""

    title: str
    note: str = ""
    plots: Sequence[Plot] = ()
    tables: Sequence[Table] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A report: a headline, figures to be seen first, sections, where it came from."""

    title: str
    lead: str
    cards: Sequence[Card] = ()
    parts: Sequence[Part] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


def spaced(name: str) -> str:
    """A figure's name as words: ``citation_recall`` as ``citation recall``."""
    return name.replace("_", " ")


def value(fig: Mapping[str, Any] | None) -> str:
    """A figure's value as ``0.912``, or ``4.2`` where it is no share; a dash if undefined."""
    if fig is None or fig["value"] is None:
        return "–"
    return f"{fig['value']:.3f}" if abs(fig["value"]) <= 1 else f"{fig['value']:.1f}"


def interval(fig: Mapping[str, Any]) -> str:
    """A figure's interval as ``[0.860, 0.956]``."""
    if fig["value"] is None or fig["low"] is None:
        return ""
    digits = 3 if abs(fig["value"]) <= 1 else 1
    return f"[{fig['low']:.{digits}f}, {fig['high']:.{digits}f}]"


def show(fig: Mapping[str, Any] | None) -> str:
    """A figure as ``0.912 [0.860, 0.956]``."""
    return f"{value(fig)} {interval(fig)}".strip() if fig else "–"


def markdown(report: Report) -> str:
    """The report for reading in a terminal or a code review; plots are left to the page."""
    out = [f"# {report.title}", "", report.lead]
    if report.cards:
        out += ["", "| what | value | interval and number | goal |", "|---|---:|---|---|"]
        out += [f"| {c.label} | {c.value} | {c.note} | {c.goal} |" for c in report.cards]
    for part in report.parts:
        if not (part.note or part.tables):
            continue
        out += ["", f"## {part.title}"]
        out += ["", part.note] if part.note else []
        for table in part.tables:
            rule = ["---" if i in table.text else "---:" for i in range(len(table.head))]
            out += ["", _line(table.head), f"|{'|'.join(rule)}|"]
            out += [_line([_short(cell) for cell in row]) for row in table.rows]
    if report.facts:
        out += ["", "## Where it came from", "", "| | |", "|---|---|"]
        out += [_line([name, fact]) for name, fact in report.facts.items()]
    return "\n".join(out) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(' '.join(c.split()).replace('|', chr(92) + '|') for c in cells)} |"


def _short(text: str, limit: int = 200) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def page(report: Report) -> str:
    """The report as one HTML file that asks for nothing from elsewhere."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(TEMPLATE).render(report=report)


def origin(run: Mapping[str, Any]) -> dict[str, str]:
    """What a reader of a report should know of where a run came from."""
    machine = run["machine"]
    index = run.get("index")
    facts = {
        "commit": run["commit"] or "none (no git checkout)",
        "code": run["code_sha256"][:12],
        "seed and draws": f"{run['seed']}, {run['samples']}",
        "machine": f"{machine['processor'] or machine['architecture']}, {machine['cores']} cores, "
        f"{machine['memory_gib']} GiB, {machine['system']}",
        "versions": ", ".join(f"{name} {v}" for name, v in run["versions"].items()),
    }
    if index:
        encoder = index["encoder"]
        facts["encoder"] = (
            f"{encoder['name']}, {encoder['dim']} dimensions, " + (encoder["fingerprint"][:12])
        )
    return facts
