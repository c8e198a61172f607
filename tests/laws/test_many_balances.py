"""Random people in every activity: each ends in balance, or as a posture that cannot be held and is proven so.

3,000 in `make test`; 100,000 in `make soak`, which writes benchmarks/results/soak_balance.json.
"""

import json
import time
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from counterpull.anatomy import load, read
from counterpull.mechanics import laws, situation, solve
from counterpull.mechanics.demands import balanced_problem
from counterpull.mechanics.gradients import numbers
from counterpull.numerics import balance, reference
from counterpull.numerics.problem import Outcome
from counterpull.scenarios import activities

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results" / "soak_balance.json"
SEED = 20261124


def people(count, seed):
    """Sex, height and mass of so many adults."""
    rng = np.random.default_rng(seed)
    for person in range(count):
        sex = ("female", "male")[person % 2]
        height = float(np.clip(rng.normal(1.63 if sex == "female" else 1.76, 0.09), 1.40, 2.10))
        mass = float(np.clip(rng.normal(24.5, 4.5) * height**2, 40, 160))
        yield sex, f"{height:.3f} m", f"{mass:.1f} kg"


@jax.jit
def at_its_tangent(held, force_unit, here, x):
    """What is left of the problem at the frozen tangent, for HiGHS."""
    structure, demands = balanced_problem(here.pull, held, force_unit, *here[1:])
    return balance.linearised(partial(laws.law, structure), demands, x, jnp.array(False)).problem


def cannot_be_held(found, draw):
    """Whether HiGHS agrees, at the frozen tangent, that no activation within bounds meets the demands."""
    model = found.model
    with jax.enable_x64(True):
        problem = at_its_tangent(model.held, model.force_unit, numbers(found, draw), found.x[draw])
    return not reference.feasible(jax.tree.map(np.asarray, problem)).possible


def survey(count, draws, seed):
    """Balance everybody in everything; count the ends, and confirm what cannot be held."""
    tables, counts, unconfirmed, worst, seconds = read(), {}, [], 0.0, 0.0
    for person, (sex, height, mass) in enumerate(people(count, seed)):
        body = load(sex, height, mass, tables=tables)
        ensemble = body.draw(draws, seed=seed + person)
        for activity in activities(tables).values():
            model = situation(body, activity.setting, ensemble).model()
            start = time.perf_counter()
            found = solve(model)
            seconds += time.perf_counter() - start
            ends = counts.setdefault(activity.id, dict.fromkeys((o.name for o in Outcome), 0))
            for end in found.outcome:
                ends[Outcome(int(end)).name] += 1
            assert np.isfinite(found.x).all() and np.isfinite(found.activation).all()
            worst = max(worst, found.unbalanced[found.held].max(initial=0.0))
            who = (person, activity.id)
            unconfirmed += [
                (*who, int(i))
                for i in np.flatnonzero(found.outcome == Outcome.INFEASIBLE)
                if not cannot_be_held(found, i)
            ]
    return counts, unconfirmed, worst, seconds


def test_three_thousand_end_well():
    counts, unconfirmed, worst, _ = survey(10, 30, SEED)
    assert sum(sum(ends.values()) for ends in counts.values()) == 3000
    assert sum(ends["UNFINISHED"] + ends["UNSTABLE"] for ends in counts.values()) == 0, counts
    assert unconfirmed == []
    assert worst <= 1e-8
    assert counts["standing"]["CONVERGED"] == counts["supine"]["CONVERGED"] == 300


@pytest.mark.soak
def test_a_hundred_thousand_end_well():
    counts, unconfirmed, worst, seconds = survey(80, 128, SEED + 1)
    total = sum(sum(ends.values()) for ends in counts.values())
    bad = sum(ends["UNFINISHED"] + ends["UNSTABLE"] for ends in counts.values()) + len(unconfirmed)
    found = {
        "problems": total,
        "people": 80,
        "draws_each": 128,
        "ends": counts,
        "cannot_be_held_but_not_confirmed": unconfirmed,
        "share_ended_well": 1 - bad / total,
        "largest_unbalanced_force_over_largest_force": float(worst),
        "seconds_solving": round(seconds),
    }
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    assert total >= 100_000
    assert bad / total <= 1e-4, found
