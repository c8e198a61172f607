"""What more draws and more findings cost: seconds beside balances, and the figure docs/explanation/cost.svg.

Writes benchmarks/results/cost.json too. A slope of 1 in the figure is a cost that grows as the number does.
"""

import json
import time
from pathlib import Path

import numpy as np
from rich.console import Console

from counterpull.anatomy import load
from counterpull.mechanics import MuscleState, situation, solve
from counterpull.scenarios import activity

RESULTS = Path(__file__).parent / "results" / "cost.json"
FIGURE = Path(__file__).parents[1] / "docs" / "explanation" / "cost.svg"
DRAWS, FINDINGS, TIMES = (32, 64, 128, 256, 512, 1024, 2048), (1, 2, 4, 8, 16, 32), 3


def main() -> None:
    """Measure, print, draw."""
    body, setting = load("female"), activity("standing").setting

    def seconds(draws: int, findings: int) -> float:
        """Of so many draws with so many findings, from the same draws without."""
        here = situation(body, setting, body.draw(draws, seed=1))
        usual, times = solve(here.model()), []
        for _ in range(TIMES):
            start = time.perf_counter()
            for f in range(findings):
                strength = np.ones(len(body.elements))
                strength[f::32] = 0.7
                solve(here.model(MuscleState(strength=strength)), near=usual)
            times.append(time.perf_counter() - start)
        return min(times)

    rows = [(n, 4, seconds(n, 4)) for n in DRAWS] + [(256, f, seconds(256, f)) for f in FINDINGS]
    console = Console()
    for draws, findings, each in rows:
        balances = draws * findings
        console.print(
            f"{draws} draws × {findings} findings: {each:.3f} s, {balances / each:,.0f} balances a second"
        )
    slopes = {
        name: float(np.polyfit(np.log([row[i] for row in some]), np.log([row[2] for row in some]), 1)[0])
        for i, (name, some) in enumerate((("draws", rows[: len(DRAWS)]), ("findings", rows[len(DRAWS) :])))
    }
    console.print(f"slopes: {slopes['draws']:.2f} in draws, {slopes['findings']:.2f} in findings")
    drawn(rows)
    measured = [{"draws": d, "findings": f, "balances": d * f, "seconds": round(s, 4)} for d, f, s in rows]
    RESULTS.write_text(
        json.dumps({"measured": measured, "slopes": slopes}, indent=2) + "\n", encoding="utf-8"
    )


def drawn(rows: list[tuple[int, int, float]]) -> None:
    """Seconds over balances, both logarithmic, beside a line of slope 1."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    from counterpull.interfaces.figures.style import LIGHT, PICTURE_FONT, SERIES

    matplotlib.rcParams |= {"svg.hashsalt": "cost", "font.family": PICTURE_FONT, "font.size": 9}
    figure, axes = plt.subplots(figsize=(6.0, 3.6))
    for some, label, mark, colour in (
        (rows[: len(DRAWS)], "more draws, 4 findings", "o", SERIES[0]),
        (rows[len(DRAWS) :], "more findings, 256 draws", "s", SERIES[1]),
    ):
        counts, seconds = [d * f for d, f, _ in some], [s for *_, s in some]
        axes.loglog(counts, seconds, mark + "-", color=colour, label=label)
    ends = np.array([100, 10_000])
    pace = rows[-1][2] / (rows[-1][0] * rows[-1][1])
    axes.loglog(ends, ends * pace, ":", color=LIGHT.quiet, label="in proportion")
    axes.set_xlabel("balances")
    axes.set_ylabel("seconds")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(FIGURE, metadata={"Date": None})


if __name__ == "__main__":
    main()
