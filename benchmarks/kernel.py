"""The kernel beside its definition in JAX, where its time goes, and what the machine would allow. One core for each.

Prints three tables and writes benchmarks/results/kernel.json; every time stands beside its number of balances. The
bound counts the multiplications and additions that a balance cannot do without, at the pace of a matrix product of
NumPy's in the same run, and the rows of the tissue that it must read, at the pace of copying as many bytes.
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
from numba import njit
from rich.console import Console
from rich.table import Table

from counterpull.anatomy import load
from counterpull.mechanics import MuscleState, definition, kernel, situation
from counterpull.mechanics.asked import Asked, Found, usual
from counterpull.mechanics.kernel import balance, dual, law, packing
from counterpull.mechanics.kernel.tissue import BLOCK, thin
from counterpull.mechanics.model import Model
from counterpull.scenarios import activity

RESULTS = Path(__file__).parent / "results" / "kernel.json"
DRAWS, FINDINGS, TIMES, CALLS = 64, 4, 5, 2000
ROWS = np.arange(DRAWS)


def fastest(work: Callable[[], Any]) -> float:
    seconds = []
    for _ in range(TIMES):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


# -- beside its definition -----------------------------------------------------------------------------------


def compared(what: str, model: Model, asked: Asked, protection: float = 0.0) -> dict[str, Any]:
    """The same draws by the kernel and by JAX."""
    ours = kernel.balanced(model, asked, ROWS, protection)
    theirs = definition.balanced(model, asked, ROWS, protection)
    both = (ours.outcome == 0) & (theirs.outcome == 0)
    slow = fastest(lambda: definition.balanced(model, asked, ROWS, protection)) / DRAWS
    fast = fastest(lambda: kernel.balanced(model, asked, ROWS, protection)) / DRAWS
    return {
        "what": what,
        "balances": DRAWS,
        "finished_by_both": int(both.sum()),
        "steps": round(float(ours.steps[both].mean()), 1),
        "jax_us": round(1e6 * slow),
        "kernel_us": round(1e6 * fast),
        "ratio": round(slow / fast, 2),
        "largest_difference_of_an_activation": float(np.abs(ours.activation - theirs.activation)[both].max()),
    }


# -- where the time goes -------------------------------------------------------------------------------------


@njit
def laid_out(given, size):
    """The rows of the first draw, as blocks."""
    elements, strings = given.pull.shape[1], given.axis.shape[1]
    tissues = elements + strings + 12
    count, begin = np.zeros(tissues, np.int64), np.zeros((tissues, size // BLOCK), np.int64)
    value, moving = np.zeros((tissues, size // BLOCK, BLOCK)), np.zeros(size)
    moving[: len(given.moving[0])] = given.moving[0]
    thin(given.pull[given.variant[0]], moving, elements, count, begin, value)
    thin(given.axis[0], moving, elements + strings, count, begin, value)
    thin(given.frame[0], moving, tissues, count, begin, value)
    return count, begin, value


@njit
def felt(times, tissue, blocks, linear, x, costate, room, force, product):
    for _ in range(times):
        law.felt(tissue, 0, blocks, linear, x, costate, room, force, product)


@njit
def tangent(times, tissue, blocks, linear, x, room, out):
    for _ in range(times):
        law.tangent(tissue, 0, blocks, linear, x, False, room, out)


@njit
def factored(times, matrix, out):
    for _ in range(times):
        out[:] = matrix
        dual.factored(out)


@njit
def eliminated(times, blocks, active, loads, held, spring, worth, factors, through, rows, length):
    for _ in range(times):
        balance.eliminated(blocks, active, loads, held, spring, worth, factors, through, rows, length)


@njit
def pulled(times, blocks, active, loads, held, spring, costate, out):
    for _ in range(times):
        balance.pulled(blocks, active, loads, held, spring, costate, out)


@njit
def pushed(times, blocks, active, loads, held, spring, a, out):
    for _ in range(times):
        balance.pushed(blocks, active, loads, held, spring, a, 1.0, out)


@njit
def solved(times, factors, right):
    for _ in range(times):
        dual.solved(factors, right)


@njit
def newton(times, rows, worth, goal, low, high, aim, soft, start, push, slope, multiplier):
    for _ in range(times):
        multiplier[:] = start
        dual.newton(rows, worth, goal, low, high, aim, soft, multiplier, push, slope)


def profiled(model: Model, found: Found) -> tuple[dict[str, tuple[float, str]], dict[str, float]]:
    """Seconds of each part at the balance of the first draw and when it is done; and sizes."""
    given, m = packing.given(model, 0.0), len(model.held)
    size = given.held.shape[1]
    blocks = count, _, value = laid_out(given, size)
    tissues, elements = len(count), len(given.active[0])
    x = np.append(found.x[0], np.zeros(size - len(found.x[0])))
    a = np.concatenate([found.activation[0], [1.0], np.zeros(m)])
    worth = 1.0 / np.concatenate([given.weight[0], [1e9], np.ones(m)])
    low = np.concatenate([given.low[0], [1.0], np.zeros(m)])
    high = np.concatenate([given.high[0], [1.0], np.zeros(m)])
    linear, real = np.eye(size), len(found.x[0])
    linear[:real, :real] = given.linear[0] + given.toppling[0]
    linear += (given.held.T * given.spring) @ given.held
    loads = np.zeros((2, size))
    loads[:, :real] = given.loads[0]
    room = (*np.zeros((4, tissues)), np.zeros((2, 6, 6)))
    force, product, costate = np.zeros((3, size)) + 1e-6
    matrix, factors = np.zeros((size, size)), np.zeros((size, size))
    through, rows, length = np.zeros((m, size)), np.zeros((m, len(a))), np.zeros(m)
    out, push, slope = np.zeros(len(a)), np.zeros(len(a)), np.full(m, 1e-4)
    act = given.active[0], loads, given.held, given.spring
    once, each = "for each tangent", "at every step"
    parts: dict[str, tuple[Callable[..., None], tuple, str]] = {
        "tangent": (tangent, (given.tissue, blocks, linear, x, room, matrix), once),
        "its factors": (factored, (matrix, factors), once),
        "rows of the demands": (eliminated, (blocks, *act, worth, factors, through, rows, length), once),
        "force, and the tangent times the costate": (
            felt,
            (given.tissue, blocks, linear, x, costate, room, force, product),
            each,
        ),
        "what the costate asks of the unknowns, twice": (pulled, (blocks, *act, costate, out), each),
        "what the unknowns pull, twice": (pushed, (blocks, *act, a, force.copy()), each),
        "two solutions with the factors": (solved, (factors, force.copy()), each),
        "Newton step on the dual": (
            newton,
            (rows, worth, 0 * a, low, high, rows @ a, 0 * length, length.copy(), push, slope, length.copy()),
            each,
        ),
    }
    seconds = {}
    for name, (part, arguments, when) in parts.items():
        part(2, *arguments)
        twice = 2.0 if name.endswith("twice") or name.startswith("two") else 1.0
        seconds[name] = twice * fastest(lambda p=part, a=arguments: p(CALLS, *a)) / CALLS, when
    muscles = BLOCK * int(count[:elements].sum())
    sizes = {
        "size": size,
        "demands": m,
        "unknowns": len(a),
        "entries": BLOCK * int(count.sum()),
        "of_muscles": muscles,
        "of_pairs": float((BLOCK * count * (BLOCK * count + 1) / 2).sum()),
        "bytes": value.itemsize * BLOCK * int(count.sum()),
    }
    return seconds, sizes


def bound(sizes: dict[str, float], steps: float, tangents: float) -> dict[str, float]:
    """Seconds that one balance takes at least at the pace of a product, and at that of reading."""
    n, m, u = sizes["size"], sizes["demands"], sizes["unknowns"]
    step = (
        4 * sizes["entries"]  # stretches and pulls, of x and of the costate
        + 4 * sizes["of_muscles"]  # what the costate asks, what the unknowns pull, twice each
        + 6 * n**2  # linear stiffness twice, two solutions
        + m * (m + 1) / 2 * u
        + 5 * m * u  # Newton's matrix; products with the rows
    )
    new = sizes["of_pairs"] + n**3 / 6 + 2 * m * n**2 + m * sizes["of_muscles"]
    a, b = np.random.default_rng(0).normal(size=(2, 256, 256))
    product = fastest(lambda: [a @ b for _ in range(20)]) / 20 / 256**3
    many = np.zeros(int(sizes["bytes"]) // 8)
    to = np.empty_like(many)
    reading = fastest(lambda: [np.copyto(to, many) for _ in range(1000)]) / 1000
    # Copying reads and writes; a step reads the rows six times: for stretches, pulls and the unknowns.
    return {
        "products": (steps * step + tangents * new) * product,
        "reading": (6 * steps + tangents) * reading,
    }


def main() -> None:
    """Print and write."""
    if not kernel.ready():
        raise SystemExit("The kernel is not compiled: python -m counterpull.mechanics.kernel does it.")
    body = load("female")
    here = situation(body, activity("standing").setting, body.draw(DRAWS, seed=1))
    model = here.model()
    asked = usual(model, ROWS)

    def weaker(f: int) -> Model:
        strength = np.ones(len(body.elements))
        strength[f :: 4 * FINDINGS] = 0.7
        return here.model(MuscleState(strength=strength))

    found = kernel.balanced(model, asked, ROWS)
    near = asked._replace(x=found.x, multiplier=found.again, cold=np.zeros(DRAWS))
    before = asked._replace(drive=found.activation, before=found.x, x=found.x, gives=np.ones(DRAWS))
    growing = np.tile([4.0, 0.0, 2.0, 0.5], (DRAWS, 1))
    rows = [
        compared("from nothing", model, asked),
        compared("the joints are spared", model, usual(model, ROWS, 1.0), 1.0),
        compared("the load as far as it can grow", model, near._replace(factor=growing)),
        compared("weak muscles, the posture may yield", weaker(0), before),
        compared("weak muscles, before a reaction", weaker(0), before._replace(quick=np.ones(DRAWS))),
        *(compared(f"weak muscles {f + 1}, from a neighbour", weaker(f), near) for f in range(FINDINGS)),
    ]
    console = Console()
    table = Table(title=f"{DRAWS} balances each, one core", box=None)
    for column in ("what", "steps", "JAX, µs each", "kernel, µs each", "ratio", "largest difference"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for row in rows:
        numbers = (row["steps"], row["jax_us"], row["kernel_us"], row["ratio"])
        table.add_row(row["what"], *map(str, numbers), f"{row['largest_difference_of_an_activation']:.0e}")
    console.print(table)

    seconds, sizes = profiled(model, found)
    last = rows[-1]
    # From a neighbour nearly all draws keep the first tangent.
    least = bound(sizes, last["steps"], 1.0)
    table = Table(title=f"Where {last['kernel_us']} µs of {last['steps']} steps go", box=None)
    for column in ("part", "µs", "when"):
        table.add_column(column, justify="right" if column == "µs" else "left")
    for name, (each, when) in seconds.items():
        table.add_row(name, f"{1e6 * each:.1f}", when)
    console.print(table)
    cores = os.cpu_count() or 1
    share = max(least.values()) / (1e-6 * last["kernel_us"])
    console.print(
        f"At least {1e6 * least['products']:.0f} µs at the pace of a matrix product, "
        f"{1e6 * least['reading']:.0f} µs at that of reading the rows: {share:.0%} of that bound is reached; "
        f"{cores} cores could do {cores / max(least.values()):,.0f} balances a second."
    )
    measured = {
        "balances": rows,
        "parts_us": {name: [round(1e6 * each, 2), when] for name, (each, when) in seconds.items()},
        "sizes": sizes,
        "bound_us": {name: round(1e6 * each, 1) for name, each in least.items()},
        "share_of_bound": round(share, 3),
    }
    RESULTS.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    console.print(f"written to benchmarks/results/{RESULTS.name}")


if __name__ == "__main__":
    main()
