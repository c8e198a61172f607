"""How fast the ground floors are: starting, reading, drawing bodies, moment arms.

Prints a table and writes benchmarks/results/anatomy.json. Each time is the best of a few; a ratio compares
with a peer measured in the same run (plain NumPy making as many random numbers; a Python that imports
nothing), because a time alone says more about the machine than about the code.
"""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results" / "anatomy.json"


def best(work: Callable[[], object], times: int = 5) -> float:
    """Seconds of the fastest of so many runs."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def started(*arguments: str) -> float:
    return best(lambda: subprocess.run([sys.executable, *arguments], capture_output=True, check=True))


def main() -> None:
    console = Console()
    rows: list[tuple[str, float, str, float]] = []
    with console.status("starting processes ..."):
        nothing = started("-c", "pass")
        command = str(Path(sys.executable).with_name("counterpull"))
        rows.append(("import counterpull", started("-c", "import counterpull"), "python -c pass", nothing))
        rows.append(("counterpull --help", started(command, "--help"), "python -c pass", nothing))
    from counterpull.anatomy import load, read, sweeps

    rows.append(("read and check all tables (cold)", best(lambda: read_afresh(read), 3), "", 0.0))
    body = load("female")
    with console.status("compiling ..."):
        start = time.perf_counter()
        body.draw(16)
        compiled = time.perf_counter() - start
        sweeps.lengths_and_arms(body, np.zeros((64, 12)))
    rows.append(("first draw, with compilation", compiled, "", 0.0))
    draws = body.draw(4096, seed=1)
    count = sum(a.size for a in (draws.pcsa, draws.fibre_length, draws.slack_length, draws.pennation))
    count += draws.specific_tension.size + draws.segment_mass.size
    count += sum(a.size for a in (*draws.joints.values(), *draws.ligaments.values()))
    peer = best(lambda: np.exp(np.random.default_rng(0).standard_normal(count)))
    rows.append(
        ("Body.draw(4096)", best(lambda: body.draw(4096, seed=2)), f"NumPy, {count:,} lognormals", peer)
    )
    rows.append(("Body.draw(256)", best(lambda: body.draw(256, seed=2)), "", 0.0))
    postures = np.random.default_rng(0).uniform(-0.3, 0.6, (1024, 12))
    taken = best(lambda: sweeps.lengths_and_arms(body, postures), 3)
    rows.append(("lengths and moment arms, 1024 postures x 274 elements", taken, "", 0.0))

    table = Table(title="Anatomy", box=None)
    for column in ("what", "time", "peer", "ratio"):
        table.add_column(column, justify="right" if column in ("time", "ratio") else "left")
    for what, seconds, against, reference in rows:
        table.add_row(
            what, f"{seconds * 1e3:.0f} ms", against, f"{seconds / reference:.1f}" if reference else ""
        )
    console.print(table)
    RESULTS.parent.mkdir(exist_ok=True)
    machine = {"processor": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
    measured = [
        {"what": w, "seconds": round(s, 4), "peer": p, "ratio": round(s / r, 2) if r else None}
        for w, s, p, r in rows
    ]
    RESULTS.write_text(
        json.dumps({"machine": machine, "measured": measured}, indent=2) + "\n", encoding="utf-8"
    )
    console.print(
        f"written to {RESULTS.relative_to(Path.cwd()) if RESULTS.is_relative_to(Path.cwd()) else RESULTS}"
    )


def read_afresh(read: Callable) -> object:
    from counterpull.anatomy import reading

    reading._read.cache_clear()
    return read()


if __name__ == "__main__":
    main()
