"""Charts as inline SVG, drawn here, so that a report needs no network and no script to show them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

PALETTE = ("#1f5fa8", "#c2571a", "#2c7a4b", "#8a3b8f", "#a68a00", "#5b6b7a", "#b3122a", "#0f8a94", "#7a5230")
INK, SOFT, LINE = "#1f2328", "#667085", "#e4e1da"
_FONT = 'font-family="PingFang SC,Microsoft YaHei,Noto Sans CJK SC,sans-serif" font-size="12"'


@dataclass(frozen=True, slots=True)
class Point:
    """A mark in a scatter plot with the words that stand beside it on hover."""

    x: float
    y: float
    group: int
    title: str


def strips(
    series: Mapping[str, Sequence[float]], *, low: float = 0, high: float = 100, mark: float = 80
) -> str:
    """Draw one row of dots a series with its mean, from ``low`` to ``high``; ``mark`` is a line to reach."""
    left, width, step = 150, 640, 44
    height = step * len(series) + 40

    def x(value: float) -> float:
        return left + (min(max(value, low), high) - low) / (high - low) * width

    out = [_grid(x, [low + (high - low) * i / 5 for i in range(6)], height - 28)]
    out.append(
        f'<line x1="{x(mark):.1f}" x2="{x(mark):.1f}" y1="6" y2="{height - 28}" stroke="#1f7a3d" stroke-dasharray="4 3"/>'
    )
    for n, (name, values) in enumerate(series.items()):
        y, colour = 24 + n * step, PALETTE[n % len(PALETTE)]
        out.append(_text(left - 10, y + 4, name, "end"))
        for i, value in enumerate(values):
            jitter = ((i * 7) % 5 - 2) * 3
            out.append(
                f'<circle cx="{x(value):.1f}" cy="{y + jitter}" r="4" fill="{colour}" fill-opacity=".55"><title>{value:.1f}</title></circle>'
            )
        if values:
            middle = sum(values) / len(values)
            out.append(f'<path d="M{x(middle):.1f},{y - 12}v24" stroke="{INK}" stroke-width="2.5"/>')
            out.append(_text(left + width + 8, y + 4, f"{middle:.1f}"))
    return _svg(left + width + 60, height, out, "strips")


def bars(rows: Sequence[tuple[str, Sequence[float | None]]], names: Sequence[str]) -> str:
    """Draw a group of bars a row, one for each name; values are shares from 0 to 1."""
    left, width, thick = 150, 600, 9
    step = thick * len(names) + 12
    height = step * len(rows) + 60
    out = [_grid(lambda v: left + v * width, [0, 0.25, 0.5, 0.75, 1], height - 50, percent=True)]
    for n, (label, values) in enumerate(rows):
        top = 8 + n * step
        out.append(_text(left - 10, top + step / 2, label, "end"))
        for k, value in enumerate(values):
            y = top + k * thick
            if value is None:
                out.append(_text(left + 4, y + thick, "不适用", size=8))
                continue
            out.append(
                f'<rect x="{left}" y="{y}" width="{max(1.0, value * width):.1f}" height="{thick - 2}" '
                f'fill="{PALETTE[k % len(PALETTE)]}"><title>{escape(names[k])} {label} {value:.0%}</title></rect>'
            )
    out.append(_legend(names, left, height - 10))
    return _svg(left + width + 60, height, out, "bars")


def scatter(
    points: Sequence[Point],
    names: Sequence[str],
    *,
    x_label: str,
    y_label: str,
    most: float | None = None,
    band: bool = True,
) -> str:
    """Draw points over a diagonal, with a ``band`` of a tenth on either side; both axes end at ``most``."""
    left, top, side, right = 70, 10, 440, 180
    highest = most or max([1000.0, *(max(p.x, p.y) for p in points)]) * 1.05
    unit = 10 ** math.floor(math.log10(highest))
    tick = unit if highest / unit >= 4 else unit / (2 if highest / unit >= 2 else 5)

    def sx(v: float) -> float:
        return left + v / highest * side

    def sy(v: float) -> float:
        return top + side - v / highest * side

    inside = f"{sx(0):.1f},{sy(0):.1f} {sx(highest):.1f},{sy(highest * 0.9):.1f} {sx(highest):.1f},{sy(highest):.1f} {sx(highest / 1.1):.1f},{sy(highest):.1f}"
    out = [f'<polygon points="{inside}" fill="#1f7a3d" fill-opacity=".12"/>'] if band else []
    out.append(
        f'<line x1="{sx(0)}" y1="{sy(0)}" x2="{sx(highest)}" y2="{sy(highest)}" stroke="#1f7a3d" stroke-dasharray="4 3"/>'
    )
    for i in range(1, int(highest / tick) + 1):
        v = i * tick
        out.append(f'<line x1="{sx(v):.1f}" x2="{sx(v):.1f}" y1="{top}" y2="{top + side}" stroke="{LINE}"/>')
        out.append(
            f'<line x1="{left}" x2="{left + side}" y1="{sy(v):.1f}" y2="{sy(v):.1f}" stroke="{LINE}"/>'
        )
        out.append(_text(sx(v), top + side + 16, f"{v:g}", "middle"))
        out.append(_text(left - 6, sy(v) + 4, f"{v:g}", "end"))
    out += [
        f'<circle cx="{sx(p.x):.1f}" cy="{sy(p.y):.1f}" r="5" fill="{PALETTE[p.group % len(PALETTE)]}" fill-opacity=".7"><title>{escape(p.title)}</title></circle>'
        for p in points
    ]
    out.append(_text(left + side / 2, top + side + 36, x_label, "middle"))
    out.append(
        f'<g transform="rotate(-90 16 {top + side / 2})">{_text(16, top + side / 2, y_label, "middle")}</g>'
    )
    for k, name in enumerate(names):
        out.append(
            f'<circle cx="{left + side + 20}" cy="{top + 14 + 20 * k}" r="5" fill="{PALETTE[k % len(PALETTE)]}"/>'
        )
        out.append(_text(left + side + 32, top + 18 + 20 * k, name))
    return _svg(left + side + right, top + side + 46, out, "scatter")


def heat(rows: Sequence[tuple[str, Sequence[float]]], columns: Sequence[str]) -> str:
    """Draw a table of numbers, darker for more; 0 stays white."""
    left, top, wide, tall = 150, 70, max(44, min(90, 760 // max(1, len(columns)))), 24
    most = max([1e-9, *(v for _, values in rows for v in values)])
    out = []
    for k, name in enumerate(columns):
        x = left + k * wide + wide / 2
        out.append(f'<g transform="rotate(-32 {x:.0f} {top - 8})">{_text(x, top - 8, name, "start")}</g>')
    for n, (label, values) in enumerate(rows):
        y = top + n * tall
        out.append(_text(left - 8, y + 16, label, "end"))
        for k, value in enumerate(values):
            share = math.sqrt(value / most) if value > 0 else 0.0
            ink = "#fff" if share > 0.6 else INK
            out.append(
                f'<rect x="{left + k * wide}" y="{y}" width="{wide - 2}" height="{tall - 2}" fill="#b3122a" fill-opacity="{share:.2f}" stroke="{LINE}"><title>{escape(label)} {escape(columns[k])} {value:.2f}</title></rect>'
            )
            if value:
                shown = f"{value:.1f}".removesuffix(".0")
                out.append(
                    f'<text x="{left + k * wide + wide / 2 - 1}" y="{y + 15}" text-anchor="middle" fill="{ink}" {_FONT}>{shown}</text>'
                )
    return _svg(left + wide * len(columns) + 90, top + tall * len(rows) + 10, out, "heat")


def dumbbells(rows: Sequence[tuple[str, float, float]], *, low: float = 0, high: float = 100) -> str:
    """Draw from the first value (hollow) to the second (full) a row: green where it rose, red where it fell."""
    left, width, step = 190, 560, 20
    height = step * len(rows) + 40

    def x(value: float) -> float:
        return left + (min(max(value, low), high) - low) / (high - low) * width

    out = [_grid(x, [low + (high - low) * i / 5 for i in range(6)], height - 28)]
    for n, (label, before, after) in enumerate(rows):
        y = 16 + n * step
        colour = "#1f7a3d" if after > before else "#b3122a" if after < before else SOFT
        out.append(_text(left - 10, y + 4, label, "end"))
        out.append(
            f'<line x1="{x(before):.1f}" x2="{x(after):.1f}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="3"/>'
        )
        out.append(
            f'<circle cx="{x(before):.1f}" cy="{y}" r="4.5" fill="#fff" stroke="{colour}" stroke-width="2"><title>初稿 {before:.1f}</title></circle>'
        )
        out.append(
            f'<circle cx="{x(after):.1f}" cy="{y}" r="5" fill="{colour}"><title>定稿 {after:.1f}</title></circle>'
        )
        out.append(_text(left + width + 8, y + 4, f"{after - before:+.1f}"))
    return _svg(left + width + 60, height, out, "dumbbells")


def _grid(
    x: Callable[[float], float], values: Sequence[float], bottom: float, *, percent: bool = False
) -> str:
    out = []
    for v in values:
        out.append(f'<line x1="{x(v):.1f}" x2="{x(v):.1f}" y1="4" y2="{bottom}" stroke="{LINE}"/>')
        out.append(_text(x(v), bottom + 16, f"{v:.0%}" if percent else f"{v:g}", "middle"))
    return "".join(out)


def _legend(names: Sequence[str], left: float, y: float) -> str:
    out, x = [], left
    for k, name in enumerate(names):
        out.append(f'<rect x="{x}" y="{y - 10}" width="11" height="11" fill="{PALETTE[k % len(PALETTE)]}"/>')
        out.append(_text(x + 16, y, name))
        x += 30 + 13 * len(name)
    return "".join(out)


def _text(x: float, y: float, words: str, anchor: str = "start", size: int = 12) -> str:
    font = _FONT if size == 12 else _FONT.replace('"12"', f'"{size}"')
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{INK if size == 12 else SOFT}" {font}>{escape(words)}</text>'


def _svg(width: float, height: float, parts: Sequence[str], name: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart {name}" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" role="img">{"".join(parts)}</svg>'
    )
