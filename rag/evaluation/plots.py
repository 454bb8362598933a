"""Plots as SVG that stands in a page: no script, no font, colours by the page's variables."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

# Stand-ins that matplotlib can draw with -> the variables of report.html.
_COLOURS = {
    "#101010": "--ink",
    "#707070": "--muted",
    "#dcdcdc": "--line",
    "#1f5fa8": "--blue",
    "#b5651d": "--amber",
    "#2e7d4f": "--green",
    "#b23a48": "--red",
}
WIDE, HALF = 9.6, 4.7
"""Widths of plots, in inches: a whole line of the page, or half of it."""

INK, MUTED, LINE, BLUE, AMBER, GREEN, RED = _COLOURS


def _draw(paint: Callable[[Any], None], width: float, height: float, title: str) -> str:
    """An SVG of what ``paint`` puts on a pair of axes.

    Args:
        paint: Gets a ``matplotlib.axes.Axes``.
        width: In inches.
        height: In inches.
        title: For people who do not see it.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    style: dict[Any, Any] = {
        "svg.fonttype": "none", "svg.hashsalt": "youju", "font.size": 9.5,
        "axes.edgecolor": LINE, "axes.labelcolor": MUTED, "text.color": INK,
        "xtick.color": MUTED, "ytick.color": MUTED, "xtick.labelcolor": MUTED,
        "ytick.labelcolor": INK, "axes.spines.top": False, "axes.spines.right": False,
        "grid.color": LINE, "grid.linewidth": 0.8, "axes.axisbelow": True,
        "xtick.major.size": 0, "ytick.major.size": 0, "legend.frameon": False,
    }  # fmt: skip
    with rc_context(style):
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.subplots()
        figure.patch.set_alpha(0)
        axes.patch.set_alpha(0)
        paint(axes)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return _embed(out.getvalue(), title)


def _embed(svg: str, title: str) -> str:
    """The ``<svg>`` alone, with ids of its own, the page's colours and fonts, and a title."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    mark = re.sub(r"\W+", "-", title).strip("-").lower()
    svg = re.sub(r'\bid="', f'id="{mark}-', svg)
    svg = re.sub(r'(xlink:href="#|url\(#)', rf"\1{mark}-", svg)
    for colour, variable in _COLOURS.items():
        svg = svg.replace(colour, f"var({variable})")
    svg = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px", svg)
    svg = re.sub(r' (width|height)="[\d.]+pt"', "", svg, count=2)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{title}" ', 1)


def intervals(
    rows: Sequence[tuple[str, Mapping[str, Any]]], title: str, marks: Sequence[float | None] = ()
) -> str:
    """A dot with its interval for each figure in [0, 1].

    Args:
        rows: Label and figure, from the top.
        title: For people who do not see it.
        marks: A value to reach for each row, drawn as a short line.
    """

    def paint(axes: Any) -> None:
        for y, (_, fig) in enumerate(rows):
            axes.plot([fig["low"], fig["high"]], [y, y], color=BLUE, linewidth=5, alpha=0.28,
                      solid_capstyle="round")  # fmt: skip
            axes.plot(fig["value"], y, "o", color=BLUE, markersize=6)
            axes.annotate(f"{fig['value']:.2f}", (1.0, y), (1.03, y), va="center", fontsize=9,
                          annotation_clip=False)  # fmt: skip
        for y, mark in enumerate(marks):
            if mark is not None:
                axes.plot([mark, mark], [y - 0.32, y + 0.32], color=AMBER, linewidth=2)
        axes.set_yticks(range(len(rows)), [f"{label}  (n={f['n']})" for label, f in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(-0.01, 1.01)
        axes.set_xticks(np.linspace(0, 1, 6))
        axes.grid(axis="x")
        axes.spines[["left", "bottom"]].set_visible(False)

    return _draw(paint, WIDE, 0.55 + 0.3 * len(rows), title)


def reliability(bins: Sequence[Mapping[str, float]], title: str) -> str:
    """Stated confidence against share right, dots as large as their bins are full."""

    def paint(axes: Any) -> None:
        axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
        most = max((b["n"] for b in bins), default=1)
        for b in bins:
            axes.plot([b["confidence"]] * 2, [b["confidence"], b["right"]], color=RED, alpha=0.5)
            size = 30 + 190 * b["n"] / most
            axes.scatter(b["confidence"], b["right"], s=size, color=BLUE, alpha=0.85, zorder=3)
            axes.annotate(str(int(b["n"])), (b["confidence"], b["right"]), (9, 6), fontsize=8,
                          textcoords="offset points", color=MUTED)  # fmt: skip
        axes.set(xlabel="stated confidence", ylabel="share right", xlim=(-0.03, 1.06),
                 ylim=(-0.05, 1.08))  # fmt: skip
        axes.grid()

    return _draw(paint, HALF, 3.7, title)


def tradeoff(points: Sequence[Mapping[str, float]], here: tuple[float, float], title: str) -> str:
    """Refusals of unanswerable questions against refusals of answerable ones.

    Args:
        points: By rising threshold, with ``false_refusal`` and ``refusal``.
        here: Both at the threshold in use.
        title: For people who do not see it.
    """

    def paint(axes: Any) -> None:
        x = [p["false_refusal"] for p in points]
        axes.step(x, [p["refusal"] for p in points], color=BLUE, where="post", linewidth=2)
        axes.plot(*here, "o", color=AMBER, markersize=9, zorder=3)
        used = f"in use: {here[1]:.0%} of the\nunanswerable, {here[0]:.0%}\nof the answerable"
        left, low = here[0] > 0.6, here[1] < 0.4
        axes.annotate(used, here, (-14 if left else 14, 10 if low else -10),
                      textcoords="offset points", ha="right" if left else "left",
                      va="bottom" if low else "top")  # fmt: skip
        axes.set(xlabel="answerable questions refused", ylabel="unanswerable questions refused",
                 xlim=(-0.02, 1.02), ylim=(-0.02, 1.04))  # fmt: skip
        axes.grid()

    return _draw(paint, HALF, 3.7, title)


def latency(ms: Sequence[float], title: str) -> str:
    """How many answers took how long, on a logarithmic scale."""

    def paint(axes: Any) -> None:
        times = np.maximum(np.asarray(ms, float), 1e-3)
        low, high = np.log10(times.min()) - 0.05, np.log10(times.max()) + 0.05
        axes.hist(times, bins=np.logspace(low, high, 32), color=BLUE, alpha=0.8)
        axes.set_xscale("log")
        top = 1.22 * axes.get_ylim()[1]
        axes.set_ylim(0, top)
        for share, name in ((50, "median"), (95, "95 %"), (99, "99 %")):
            at = float(np.percentile(times, share))
            axes.axvline(at, color=AMBER, linewidth=1.5)
            axes.annotate(f"{name}\n{at:.1f} ms", (at, top), (3, -2), fontsize=8, va="top",
                          textcoords="offset points")  # fmt: skip
        axes.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
        axes.set(xlabel="milliseconds an answer", ylabel="answers")
        axes.grid(axis="y")

    return _draw(paint, WIDE, 2.6, title)


def differences(
    rows: Sequence[tuple[str, Mapping[str, Any]]], title: str, drops: Sequence[str]
) -> str:
    """A dot with its interval for each paired difference; significant drops in red."""

    def paint(axes: Any) -> None:
        reach = max((abs(f[e]) for _, f in rows for e in ("low", "high")), default=0.0)
        reach = max(1.1 * reach, 0.02)
        for y, (label, fig) in enumerate(rows):
            better = fig["better"] * fig["value"] > 0 and not fig["low"] <= 0 <= fig["high"]
            colour = RED if label in drops else GREEN if better else BLUE
            axes.plot([fig["low"], fig["high"]], [y, y], color=colour, linewidth=5, alpha=0.28,
                      solid_capstyle="round")  # fmt: skip
            axes.plot(fig["value"], y, "o", color=colour, markersize=6)
        axes.axvline(0, color=MUTED, linewidth=1)
        axes.set_yticks(range(len(rows)), [label for label, _ in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(-reach, reach)
        axes.grid(axis="x")
        axes.spines[["left", "bottom"]].set_visible(False)

    return _draw(paint, WIDE, 0.55 + 0.3 * len(rows), title)


def groups(
    rows: Sequence[tuple[str, Mapping[str, Mapping[str, Any]]]],
    title: str,
    lines: Mapping[str, Sequence[tuple[str, float]]] | None = None,
) -> str:
    """Several dots with intervals for each set, one a way of searching, and published values.

    Args:
        rows: Set -> way -> figure.
        title: For people who do not see it.
        lines: Set -> names and values that others published.
    """
    ways = list(dict.fromkeys(way for _, figs in rows for way in figs))
    colours = dict(zip(reversed(ways), (BLUE, AMBER, GREEN, MUTED), strict=False))

    def paint(axes: Any) -> None:
        named: set[str] = set()
        for y, (name, figs) in enumerate(rows):
            for i, (way, fig) in enumerate(figs.items()):
                at = y + 0.18 * (i - (len(figs) - 1) / 2)
                axes.plot([fig["low"], fig["high"]], [at, at], color=colours[way], linewidth=4,
                          alpha=0.3, solid_capstyle="round")  # fmt: skip
                axes.plot(fig["value"], at, "o", color=colours[way], markersize=5,
                          label=None if way in named else way)  # fmt: skip
                named.add(way)
            for _, value in (lines or {}).get(name, ()):
                axes.plot([value, value], [y - 0.38, y + 0.38], color=INK, linewidth=1, alpha=0.6,
                          linestyle=(0, (1, 1.5)))  # fmt: skip
        axes.set_yticks(range(len(rows)), [name for name, _ in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(0, 1.01)
        axes.grid(axis="x")
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(ways), borderaxespad=0)

    return _draw(paint, WIDE, 0.9 + 0.55 * len(rows), title)
