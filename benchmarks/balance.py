"""How fast a balance is found, beside general QP libraries on the same inner problems.

Prints tables and writes benchmarks/results/balance.json. One equilibrium is one converged balance with all its steps,
to an unbalanced force of 1e-9 of the largest. All in double precision, in one process, on all cores; every time stands
beside its number of balances. Where the time goes within one: benchmarks/kernel.py.
"""

import json
import os
import platform
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results" / "balance.json"
DRAWS, FINDINGS, PEOPLE, PEERS = 256, 16, 4096, 64


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    out = work()
    return time.perf_counter() - start, out


def main() -> None:
    from counterpull.anatomy import load, read
    from counterpull.mechanics import MuscleState, laws, situation, solve
    from counterpull.mechanics.demands import balanced_problem
    from counterpull.mechanics.gradients import numbers
    from counterpull.mechanics.model import taken
    from counterpull.numerics import balance, dual
    from counterpull.scenarios import activity

    console, rows, body = Console(), [], load("female")
    setting = activity("standing").setting
    draws = body.draw(DRAWS, seed=1)
    here = situation(body, setting, draws)
    assembled, model = timed(here.model)
    first, _ = timed(lambda: solve(taken(model, np.arange(32))))
    warm, _ = timed(lambda: solve(taken(model, np.arange(1))))
    single = min(timed(lambda: solve(taken(model, np.arange(1))))[0] for _ in range(5))

    def findings() -> tuple[float, int, int, float]:
        """One person, 256 draws × 16 findings: weak muscles, one sixteenth after the other, from the same person
        without, whose balance counts too."""
        seconds, usual = timed(partial(solve, model))
        count, ok, worst = DRAWS, int((usual.outcome < 2).sum()), float(usual.unbalanced[usual.held].max())
        for f in range(FINDINGS):
            strength = np.ones(len(body.elements))
            strength[f::FINDINGS] = 0.7
            one = here.model(MuscleState(strength=strength))
            taken_, found = timed(partial(solve, one, near=usual))
            seconds += taken_
            count += DRAWS
            ok += int((found.outcome < 2).sum())
            worst = max(worst, float(found.unbalanced[found.held].max()))
        return seconds, count, ok, worst

    seconds, count, ok, worst = findings()
    rows.append(("one person, 256 draws × (16 findings and none)", count, seconds, ok / count, worst))

    waits = waited(body, activity("standing"))
    tables, rng = read(), np.random.default_rng(0)
    models = []
    with console.status("bodies of 4096 people ..."):
        start = time.perf_counter()
        for person in range(PEOPLE // 16):
            sex = ("female", "male")[person % 2]
            height = float(np.clip(rng.normal(1.63 if sex == "female" else 1.76, 0.09), 1.4, 2.1))
            mass = float(np.clip(rng.normal(24.5, 4.5) * height**2, 40, 160))
            other = load(sex, f"{height:.3f} m", f"{mass:.1f} kg", tables=tables)
            # Sixteen draws have sixteen geometries: sixteen people of one size.
            models.append(situation(other, setting, other.draw(16, seed=person)).model())
        bodies = time.perf_counter() - start
    many = models[0]._replace(
        **{
            name: jax.tree.map(lambda *a: np.concatenate(a), *(getattr(m, name) for m in models))
            for name in ("pull", "structure", "loads", "muscles", "yielding")
        },
        variant=np.arange(PEOPLE),
    )
    solve(taken(many, np.arange(32)))  # compiled for this shape
    seconds, found = timed(partial(solve, many))
    rows.append(
        (
            "4096 people, each with their own geometry",
            PEOPLE,
            seconds,
            float((found.outcome < 2).mean()),
            float(found.unbalanced[found.held].max()),
        )
    )

    # The same inner problems, at the tangent of the answer, for general libraries.
    held = solve(taken(model, np.arange(PEERS)))
    problems = []
    with jax.enable_x64(True):
        for i in range(PEERS):
            one = numbers(held, i)
            structure, demands = balanced_problem(one.pull, model.held, model.force_unit, *one[1:])
            law, demands = balance.braced(partial(laws.law, structure), demands, jnp.asarray(held.x[i]))
            problems.append(
                jax.tree.map(
                    np.asarray,
                    balance.linearised(law, demands, jnp.asarray(held.x[i]), jnp.array(False)).problem,
                )
            )
        stacked = jax.tree.map(lambda *a: jnp.stack(a), *problems)
        ours = jax.jit(lambda p: jax.lax.map(dual.solve, p))
        ours(stacked).value.block_until_ready()
        inner = min(timed(lambda: ours(stacked).value.block_until_ready())[0] for _ in range(3))
        answer = np.asarray(ours(stacked).value)
    peers = [("ours (dual)", inner, 0.0)]
    for name, peer in (("OSQP", _osqp), ("Clarabel", _clarabel), ("qpax", _qpax)):
        seconds, values = timed(lambda peer=peer: [peer(p) for p in problems])
        if name == "qpax":  # the second run is compiled
            seconds, values = timed(lambda peer=peer: [peer(p) for p in problems])
        apart = max(np.abs(v - a).max() for v, a in zip(values, answer, strict=True))
        peers.append((name, seconds, float(apart)))

    table = Table(title="Balances", box=None)
    for column in ("what", "problems", "seconds", "per second", "ended well", "worst residual"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for what, count, seconds, share, worst in rows:
        table.add_row(
            what, f"{count:,}", f"{seconds:.2f}", f"{count / seconds:,.0f}", f"{share:.4%}", f"{worst:.0e}"
        )
    console.print(table)
    inner_table = Table(title=f"The same {PEERS} inner problems", box=None)
    for column in ("solver", "per second", "times slower than ours", "largest difference of an activation"):
        inner_table.add_column(column, justify="left" if column == "solver" else "right")
    for name, seconds, apart in peers:
        inner_table.add_row(name, f"{PEERS / seconds:,.0f}", f"{seconds / inner:.0f}", f"{apart:.0e}")
    console.print(inner_table)
    console.print(
        f"first call {first:.1f} s, assemble 256 draws {assembled:.3f} s, 4096 bodies {bodies:.0f} s, "
        f"one warm balance {single * 1e3:.1f} ms (first {warm * 1e3:.0f} ms)"
    )
    for what, seconds, count in waits:
        console.print(f"{what}: {seconds:.3f} s, {count:,} balances")
    machine = {"processor": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
    measured = {
        "machine": machine,
        "balances": [
            {
                "what": w,
                "problems": c,
                "seconds": round(s, 3),
                "per_second": round(c / s),
                "ended_well": o,
                "worst_residual": r,
            }
            for w, c, s, o, r in rows
        ],
        "inner_problems": [
            {
                "solver": n_,
                "per_second": round(PEERS / s),
                "times_slower": round(s / inner, 1),
                "difference": a,
            }
            for n_, s, a in peers
        ],
        "first_call_s": round(first, 2),
        "assemble_256_s": round(assembled, 3),
        "one_warm_balance_ms": round(single * 1e3, 2),
        "waits": [{"what": w, "seconds": round(s, 3), "balances": c} for w, s, c in waits],
    }
    RESULTS.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    console.print(f"written to benchmarks/results/{RESULTS.name}")


def waited(body, standing) -> list[tuple[str, float, int]]:
    """How long a person at a slider waits: what, seconds, balances."""
    from counterpull.mechanics import situation, solve
    from counterpull.scenarios import Choices, finding, run
    from counterpull.scenarios.effects import effects

    def tight(size: str) -> list:
        return [finding({"kind": "tight", "muscle": "right rectus femoris", "size": size})]

    few = situation(body, standing.setting, body.draw(32, seed=1))
    usual = solve(few.model())

    def changed() -> None:
        solve(few.model(effects(few, tight("mild"), Choices()).state), near=usual)

    changed()
    one = min(timed(changed)[0] for _ in range(5))
    steps: list[str] = []
    run(body, tight("mild"), standing, draws=DRAWS)
    every = min(
        timed(partial(run, body, tight("marked"), standing, draws=DRAWS, say=steps.append))[0]
        for _ in range(3)
    )
    assert steps  # it says what it does
    return [
        ("one changed finding, 32 draws, held mode, no margin", one, 32),
        ("a whole answer, 256 draws, three modes, and 64 margins", every, 5 * DRAWS),
    ]


def _quadratic(problem):
    """Matrices of ½ aᵀPa + qᵀa subject to l ≤ A a ≤ u."""
    n = len(problem.weight)
    rows = np.concatenate([problem.rows, np.eye(n)])
    low = np.concatenate([problem.aim, problem.low])
    high = np.concatenate([problem.aim, problem.high])
    return problem.weight, -problem.weight * problem.target, rows, low, high


def _osqp(problem):
    import osqp
    from scipy import sparse

    weight, q, rows, low, high = _quadratic(problem)
    solver = osqp.OSQP()
    solver.setup(
        sparse.diags(weight).tocsc(),
        q,
        sparse.csc_matrix(rows),
        low,
        high,
        verbose=False,
        eps_abs=1e-9,
        eps_rel=1e-9,
        max_iter=100_000,
        polishing=True,
    )
    return solver.solve().x


def _clarabel(problem):
    from scipy import sparse

    clarabel: Any = import_module("clarabel")  # a compiled module that names nothing

    n = len(problem.weight)
    rows = sparse.csc_matrix(np.concatenate([problem.rows, np.eye(n), -np.eye(n)]))
    bound = np.concatenate([problem.aim, problem.high, -problem.low])
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    cones = [clarabel.ZeroConeT(len(problem.aim)), clarabel.NonnegativeConeT(2 * n)]
    p = sparse.diags(problem.weight).tocsc()
    return np.array(
        clarabel.DefaultSolver(p, -problem.weight * problem.target, rows, bound, cones, settings).solve().x
    )


def _qpax(problem):
    import qpax

    n = len(problem.weight)
    with jax.enable_x64(True):
        solve = _qpax.__dict__.setdefault("solve", jax.jit(qpax.solve_qp))
        bounds = jnp.concatenate([jnp.eye(n), -jnp.eye(n)])
        return np.asarray(
            solve(
                jnp.diag(problem.weight),
                jnp.asarray(-problem.weight * problem.target),
                jnp.asarray(problem.rows),
                jnp.asarray(problem.aim),
                bounds,
                jnp.concatenate([jnp.asarray(problem.high), -jnp.asarray(problem.low)]),
            )[0]
        )


if __name__ == "__main__":
    main()
