"""Balance the same draws with the kernel and with JAX: how far apart, how fast. `python -m benchmarks.kernel`.

Both have one core here; every time stands beside its number of equilibria. Writes benchmarks/results/kernel.json.
"""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

if hasattr(os, "sched_setaffinity"):  # before any library counts the cores
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import numpy as np
from benchmarks.kernel.draws import Given, Results, Wanted, balance_draws
from benchmarks.kernel.tissue import BLOCK
from rich.console import Console
from rich.table import Table

from counterpull.anatomy import load
from counterpull.mechanics import MuscleState, situation
from counterpull.mechanics import balancing as jax_way
from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.demands import BRACE
from counterpull.mechanics.model import LOADS, Model
from counterpull.mechanics.yardsticks import SEEN_ROTATION, SEEN_SHIFT
from counterpull.scenarios import activity

RESULTS = Path(__file__).parents[1] / "results" / "kernel.json"
DRAWS, FINDINGS, TIMES = 32, 4, 5
GROWING = np.tile([4.0, 0.0, 2.0, 0.5], (DRAWS, 1))
"""λ is drawn to 4, lies between 0 and 2, and is worth something: half its square."""
GROWS = np.array([name in jax_way.GROWS for name in LOADS])


def plain(array: Any) -> Floats:
    return np.ascontiguousarray(array, float)


def given(model: Model, protection: float) -> Given:
    """A Model as the kernel reads it."""
    s, strings, joint = model.structure, model.structure.strings, model.structure.sacroiliac
    muscles, tissue, curves = model.muscles, model.muscles.tissue, model.muscles.tissue.curves
    full, size = np.ones_like(muscles.active), model.held.shape[1]
    shape, strain = curves.shape * full, curves.strain * full
    limit = np.array(([SEEN_SHIFT] * 3 + [SEEN_ROTATION] * 3) * 2 if protection else [])
    some = np.any(model.held != 0, axis=1)
    fibres = (tissue.along, tissue.optimal, tissue.thickness, tissue.strength, tissue.constant, strain, shape)
    rest = (shape / strain / np.expm1(shape), curves.begin)
    lines = (strings.stiffness, strings.toe, strings.start, strings.balanced)
    joints = (joint.positive, joint.negative, joint.toe_ratio, joint.toe, joint.gain, joint.half)
    loads = np.stack([model.loads[:, ~GROWS].sum(axis=1), model.loads[:, GROWS].sum(axis=1)], axis=1)
    bounds = (muscles.active, muscles.short_range, muscles.weight, muscles.low, muscles.high, muscles.target)
    parts: list[Any] = [
        np.asarray(model.variant, np.int64),
        plain(np.swapaxes(model.pull, 1, 2)),
        *map(plain, (s.linear, s.toppling, strings.axis, joint.frame.reshape(-1, 12, size))),
        tuple(tuple(map(plain, each)) for each in ((*fibres, *rest), lines, joints)),
        *map(plain, (s.moving, loads, *bounds)),
        np.pad(model.held, ((0, len(limit)), (0, -size % BLOCK))),
        np.append(1.0 * ~some, np.full(len(limit), 1.0 / protection if protection else 0.0)),
        np.append(BRACE * some, np.zeros(len(limit))),
        limit,
        np.append(plain(model.force_unit), np.ones(-size % BLOCK)),
    ]
    return Given(*parts)


def balanced(model: Model, asked: jax_way.Asked, rows: np.ndarray, protection: float = 0.0) -> Results:
    """`balancing.balanced` by the kernel."""
    n, m, (free, size), elements = (
        len(rows),
        asked.multiplier.shape[1],
        model.held.shape,
        model.pull.shape[2],
    )
    wanted = Wanted(
        *map(plain, (asked.quick, asked.gives * jax_way.MOST_TURN, asked.price, asked.drive, asked.before)),
        *map(plain, (asked.effort, asked.factor, asked.x, asked.multiplier, asked.cold, asked.most_steps)),
        *map(plain, (asked.tolerance, asked.caution, asked.factor[:, 3] < jax_way.PINNED)),
    )
    x, many, whole = np.zeros((n, size)), np.zeros((n, m)), np.zeros(n, np.int64)
    out = Results(
        x,
        np.zeros((n, elements + 1 + free)),
        many,
        whole,
        whole.copy(),
        np.zeros(n),
        many.copy(),
        x.copy(),
        many.copy(),
    )
    balance_draws(given(model, protection), wanted, rows, 0, n, out)
    return out


def fastest(work: Callable[[], Any]) -> float:
    seconds = []
    for _ in range(TIMES):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def main() -> None:
    """Print and write."""
    body, rows = load("female"), np.arange(DRAWS)
    here = situation(body, activity("standing").setting, body.draw(DRAWS, seed=1))
    model = here.model()
    asked = jax_way.usual(model, rows)

    def weaker(f: int) -> Model:
        strength = np.ones(len(body.elements))
        strength[f :: 4 * FINDINGS] = 0.7
        return here.model(MuscleState(strength=strength))

    start = time.perf_counter()
    balanced(model, asked, rows)
    compiled = time.perf_counter() - start
    usual = jax_way.balanced(model, asked, rows)
    near = asked._replace(x=usual.x, multiplier=usual.again, cold=np.zeros(DRAWS))
    before = asked._replace(drive=usual.activation, before=usual.x, x=usual.x, gives=np.ones(DRAWS))
    spared = jax_way.usual(model, rows, 1.0)
    cases = [
        ("from nothing", model, asked, 0.0),
        ("the joints are spared", model, spared, 1.0),
        ("the load, as far as it can grow", model, near._replace(factor=GROWING), 0.0),
        ("weak muscles, the posture may yield", weaker(0), before, 0.0),
        ("weak muscles, before a reaction", weaker(0), before._replace(quick=np.ones(DRAWS)), 0.0),
    ]
    for f in range(FINDINGS):
        cases.append((f"weak muscles {f + 1}, from the same person without", weaker(f), near, 0.0))
    table = Table(title=f"{DRAWS} draws, one core", box=None)
    for column in ("what", "JAX, µs each", "kernel, µs each", "ratio", "largest difference of an activation"):
        table.add_column(column, justify="left" if column == "what" else "right")
    found = []
    for what, one, ask, g in cases:
        ours, theirs = balanced(one, ask, rows, g), jax_way.balanced(one, ask, rows, g)
        both = (ours.outcome == 0) & (theirs.outcome == 0)
        apart = np.abs(ours.value[:, : len(body.elements)] - theirs.activation)[both].max()
        slow = fastest(lambda one=one, ask=ask, g=g: jax_way.balanced(one, ask, rows, g)) / DRAWS
        fast = fastest(lambda one=one, ask=ask, g=g: balanced(one, ask, rows, g)) / DRAWS
        table.add_row(what, f"{1e6 * slow:.0f}", f"{1e6 * fast:.0f}", f"{slow / fast:.1f}", f"{apart:.0e}")
        found.append(
            {
                "what": what,
                "draws": DRAWS,
                "finished_by_both": int(both.sum()),
                "jax_us": round(1e6 * slow),
                "kernel_us": round(1e6 * fast),
                "ratio": round(slow / fast, 2),
                "largest_difference_of_an_activation": float(apart),
            }
        )
    console = Console()
    console.print(table)
    console.print(f"The kernel took {compiled:.1f} s to compile, or to load.")
    RESULTS.write_text(json.dumps({"compile_s": round(compiled, 1), "balances": found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
