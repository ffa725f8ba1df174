"""How the cost of a search grows with the library: measures several sizes and draws them.

    python -m bench.growth [--sizes 10000 50000 200000 1000000] [the options of bench.search_latency]

Each size is measured by `bench.search_latency` in a process of its own; the plot is an SVG beside the figures.
"""

import argparse
import json
import math
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

from bench import report
from core.settings import ROOT, child_environment, load_settings

_WIDTH, _HEIGHT, _MARGIN = 640, 400, 60
_LINES = (("p50", "#1f5fae"), ("p95", "#b3261e"))


def main() -> None:
    """Measure, publish and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 50_000, 200_000, 1_000_000])
    wanted, options = parser.parse_known_args()
    milliseconds = {size: _measured(size, options) for size in sorted(wanted.sizes)}
    report.publish("growth", {str(size): figures for size, figures in milliseconds.items()})
    (report.RESULTS / "growth.svg").write_text(plot(milliseconds))


def plot(milliseconds: Mapping[int, Mapping[str, float]]) -> str:
    """An SVG of milliseconds over passages, both logarithmic."""
    sizes = list(milliseconds)
    values = [milliseconds[size][name] for size in sizes for name, _ in _LINES]
    across = (math.log10(sizes[0]), math.log10(sizes[-1]))
    up = (math.floor(math.log10(min(values))), math.ceil(math.log10(max(values))))

    def place(size: float, value: float) -> tuple[float, float]:
        x = _MARGIN + (_WIDTH - 2 * _MARGIN) * (math.log10(size) - across[0]) / ((across[1] - across[0]) or 1)
        y = _HEIGHT - _MARGIN - (_HEIGHT - 2 * _MARGIN) * (math.log10(value) - up[0]) / ((up[1] - up[0]) or 1)
        return round(x, 1), round(y, 1)

    parts = [_grid(place, sizes, range(up[0], up[1] + 1))]
    for number, (name, colour) in enumerate(_LINES):
        points = [place(size, milliseconds[size][name]) for size in sizes]
        path = " ".join(f"{x},{y}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/><text x="{x}" y="{y - 8}" text-anchor="middle">'
            f"{milliseconds[size][name]:g}</text>"
            for size, (x, y) in zip(sizes, points, strict=True)
        ]
        parts.append(f'<text x="{_MARGIN + 10}" y="{_MARGIN + 16 * number}" fill="{colour}">{name}, ms</text>')
    title = "Milliseconds of a search over the number of passages"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
        f'font-size="12"><title>{title}</title><rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="{_WIDTH / 2}" y="24" text-anchor="middle" font-size="14">{title}</text>{"".join(parts)}</svg>\n'
    )


def _grid(place: Callable[[float, float], tuple[float, float]], sizes: Sequence[int], powers: range) -> str:
    left, right = place(sizes[0], 1)[0], place(sizes[-1], 1)[0]
    rows = [(10**power, place(sizes[0], 10**power)[1]) for power in powers]
    lines = [
        f'<line x1="{left}" x2="{right}" y1="{y}" y2="{y}" stroke="#ddd"/><text x="{left - 8}" y="{y + 4}" '
        f'text-anchor="end">{value:g}</text>'
        for value, y in rows
    ]
    labels = [
        f'<text x="{place(size, 1)[0]}" y="{_HEIGHT - _MARGIN + 20}" text-anchor="middle">{size:,}</text>'
        for size in sizes
    ]
    return "".join([*lines, *labels])


def _measured(size: int, options: Sequence[str]) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.search_latency", "--passages", str(size), *options]
    if "--parts" not in options:
        command += ["--parts", "one_at_a_time"]
    subprocess.run(command, cwd=ROOT, env=child_environment(load_settings()), check=True)
    figures = json.loads((report.RESULTS / f"search_latency_{size}.json").read_text())["one_at_a_time"]
    return {name: figures[name] for name, _ in _LINES}


if __name__ == "__main__":
    main()
