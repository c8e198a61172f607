"""A structure that stiffens, and unknowns that pull at it: balance, posture and least effort at once."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize

from counterpull.numerics import balance, reference
from counterpull.numerics.problem import Outcome, Problem

pytestmark = pytest.mark.usefixtures("double")


def springs(structure, x, closed):
    """Linear springs (N, N) and stiffening ones along `rows` (s, N): c stretch³; the same with contacts closed."""
    del closed
    linear, rows, stiffening = structure
    stretch = rows @ x
    force = linear @ x + rows.T @ (stiffening * stretch**3)
    return force, linear + (rows.T * (3 * stiffening * stretch**2)) @ rows


def asked(pull, load, held, **parts) -> Any:
    """Hard two-sided demands that `held` x is 0; unknowns of weight 1 and target 0 between 0 and 1."""
    (size, n), m = np.shape(pull), len(held)
    plain = {
        "weight": np.ones(n),
        "target": np.zeros(n),
        "low": np.zeros(n),
        "high": np.ones(n),
        "direct": np.zeros((m, n)),
        "aim": np.zeros(m),
        "softness": np.zeros(m),
        "one_sided": np.zeros(m, bool),
        "force_unit": np.ones(size),
    }
    given = {"pull": pull, "load": load, "held": held, **parts}
    return balance.Demands(**{**plain, **{name: np.asarray(part) for name, part in given.items()}})


@jax.jit
def _find(structure, demands):
    return balance.find(
        partial(springs, structure), demands, jnp.zeros(demands.load.shape), jnp.zeros(demands.aim.shape)
    )


_find_all = jax.jit(jax.vmap(_find))


def find(structure, demands):
    return jax.tree.map(np.asarray, _find(structure, demands))


def rest(structure, demands, found):
    """Largest unbalanced force of the structure alone, over the largest force."""
    pushed = demands.load + demands.pull @ found.value
    force = np.asarray(springs(structure, found.x, True)[0])
    return np.abs(pushed - force).max() / np.abs([pushed, force, demands.load]).max()


def toy(seed) -> Any:
    """Three coordinates on springs that stiffen by about as much again; one is held, by three unknowns."""
    rng = np.random.default_rng(seed)
    spread = rng.normal(size=(3, 3))
    structure = (np.eye(3) * 3 + spread @ spread.T, rng.normal(size=(3, 3)), 10 ** rng.uniform(0, 2, 3))
    pull = rng.normal(size=(3, 3)) * 4
    held = np.array([[1.0, 0, 0]])
    # what some middling pull and load hold
    x, a = np.array([0.0, *rng.uniform(-0.4, 0.4, 2)]), rng.uniform(0.2, 0.8, 3)
    load = np.asarray(springs(structure, x, True)[0]) - pull @ a
    return structure, asked(pull, load, held, weight=10 ** rng.uniform(-0.5, 0.5, 3))


SEEDS = range(12)


# -- the balance ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_forces_balance_and_the_posture_is_held(seed):
    structure, demands = toy(seed)
    found = find(structure, demands)
    assert found.outcome == Outcome.CONVERGED
    assert rest(structure, demands, found) < 1e-9 and found.unbalanced < 1e-9
    assert demands.held @ found.x == pytest.approx(0, abs=1e-10)
    assert (found.value >= 0).all() and (found.value <= 1).all()
    # far from what the linear springs alone would do
    assert np.abs(structure[0] @ found.x - springs(structure, found.x, True)[0]).max() > 0.001


@pytest.mark.parametrize("seed", SEEDS)
def test_equals_a_search_over_everything_at_once(seed):
    structure, demands = toy(seed)
    found = find(structure, demands)

    def unbalanced(both):
        force = np.asarray(springs(structure, both[:3], True)[0])
        return np.append(force - demands.load - demands.pull @ both[3:], both[0])

    def slopes(both):
        tangent = np.asarray(springs(structure, both[:3], True)[1])
        return np.vstack([np.hstack([tangent, -demands.pull]), np.eye(6)[0]])

    best = minimize(
        lambda both: demands.weight @ both[3:] ** 2 / 2,
        # from another start, near enough for the search to end at the same place
        np.concatenate([0.9 * found.x, 0.5 * found.value + 0.2]),
        jac=lambda both: np.append(np.zeros(3), demands.weight * both[3:]),
        method="SLSQP",
        bounds=[(None, None)] * 3 + [(0, 1)] * 3,
        constraints={"type": "eq", "fun": unbalanced, "jac": slopes},
        options={"ftol": 1e-16, "maxiter": 500},
    )
    assert np.abs(unbalanced(best.x)).max() < 1e-8
    assert found.x == pytest.approx(best.x[:3], abs=1e-6)
    assert found.value == pytest.approx(best.x[3:], abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_tangent_at_the_answer_is_the_one_it_was_found_with(seed):
    # Linearised where it ended, the problem has the same answer: no earlier tangent is left in it.
    structure, demands = toy(seed)
    found = find(structure, demands)
    linear = balance.linearised(partial(springs, structure), demands, found.x, jnp.array(False))
    again = reference.least_effort(Problem(*map(np.asarray, linear.problem)))
    assert found.value == pytest.approx(again.value, abs=1e-8)
    assert found.multiplier == pytest.approx(again.multiplier, rel=1e-6, abs=1e-8)


def test_a_linear_structure_takes_its_tangent_once():
    (linear, rows, stiffening), demands = toy(0)
    found = find((linear, rows, 0 * stiffening), demands)
    through = demands.held @ np.linalg.inv(linear)
    demand = {"rows": through @ demands.pull, "aim": -through @ demands.load}
    effort = {name: getattr(demands, name) for name in ("weight", "target", "low", "high")}
    alone = reference.least_effort(
        Problem(**effort, **demand, softness=demands.softness, one_sided=demands.one_sided)
    )
    assert found.outcome == alone.outcome
    assert found.value == pytest.approx(alone.value, abs=1e-10)


# -- demands -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("softness", [1e-4, 0.01, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_a_soft_posture_gives_way_at_its_price(seed, softness):
    structure, demands = toy(seed)
    found = find(structure, demands._replace(softness=np.array([softness])))
    assert found.outcome == Outcome.CONVERGED
    assert rest(structure, demands, found) < 1e-9
    assert demands.held @ found.x == pytest.approx(-softness * found.multiplier, rel=1e-8, abs=1e-10)
    assert abs(found.x[0]) > 1e-6


def test_a_softer_posture_gives_way_further_for_less():
    structure, demands = toy(1)
    ways = [find(structure, demands._replace(softness=np.array([s]))) for s in (0, 0.01, 0.1, 1.0)]
    assert (np.diff([abs(found.x[0]) for found in ways]) > 0).all()
    assert (np.diff([demands.weight @ found.value**2 for found in ways]) < 0).all()


def test_at_least_is_exceeded_for_nothing_and_met_at_a_price():
    structure, demands = toy(2)
    alone = find(structure, demands._replace(softness=np.array([1e9])))
    at_least = demands._replace(one_sided=np.array([True]))
    below, above = (find(structure, at_least._replace(aim=alone.x[:1] + by)) for by in (-0.05, 0.02))
    assert below.outcome == above.outcome == Outcome.CONVERGED
    assert below.value == pytest.approx(alone.value, abs=1e-6) and below.multiplier == [0]
    assert above.x[0] == pytest.approx(alone.x[0] + 0.02, abs=1e-10) and above.multiplier > 0


def test_unknowns_can_be_asked_for_directly():
    structure, demands = toy(3)
    both = demands._replace(
        held=np.vstack([demands.held, np.zeros(3)]),
        direct=np.array([[0, 0, 0], [1, 1, 0.0]]),
        aim=np.array([0, 0.3 + find(structure, demands).value[:2].sum()]),
        softness=np.zeros(2),
        one_sided=np.zeros(2, bool),
    )
    found = find(structure, both)
    assert found.outcome == Outcome.CONVERGED
    assert found.value[:2].sum() == pytest.approx(both.aim[1], abs=1e-10)
    assert rest(structure, both, found) < 1e-9 and found.x[0] == pytest.approx(0, abs=1e-10)


def test_a_demand_can_ask_for_coordinates_and_unknowns_at_once():
    # whatever springs brace it on the way: in the end they carry nothing and cost nothing
    structure, demands = toy(5)
    mixed = demands._replace(direct=np.array([[0.1, -0.05, 0]]), aim=np.array([0.03]))
    answers = [find(structure, mixed._replace(brace=np.array([spring]))) for spring in (0.0, 5.0, 100.0)]
    for found in answers:
        assert found.outcome == Outcome.CONVERGED and rest(structure, mixed, found) < 1e-9
        assert mixed.held @ found.x + mixed.direct @ found.value == pytest.approx([0.03], abs=1e-10)
        assert found.value == pytest.approx(answers[0].value, abs=1e-8)
        assert found.multiplier == pytest.approx(answers[0].multiplier, rel=1e-6)


def test_without_demands_the_structure_just_settles():
    structure, demands = toy(4)
    free = demands._replace(
        **{name: getattr(demands, name)[:0] for name in ("held", "direct", "aim", "softness", "one_sided")}
    )
    found = find(structure, free)
    assert found.outcome == Outcome.CONVERGED
    assert (found.value == 0).all() and rest(structure, free, found) < 1e-9


# -- what topples, what cannot be held, what swings ----------------------------------------------------------


def pole(load, strength) -> Any:
    """A pole that topples (stiffness -1 and a little stiffening) between two guys of some strength."""
    structure = (np.array([[-1.0]]), np.eye(1), np.array([2.0]))
    return structure, asked([[strength, -strength]], [load], [[1.0]])


def test_a_pole_that_topples_alone_is_held_upright():
    structure, demands = pole(load=0.3, strength=1.0)
    found = find(structure, demands)
    assert found.outcome == Outcome.CONVERGED
    assert found.x == pytest.approx([0], abs=1e-10)
    assert found.value == pytest.approx([0, 0.3], abs=1e-9)


def test_a_pole_that_is_too_heavy_is_not():
    structure, demands = pole(load=1.4, strength=1.0)
    found = find(structure, demands)
    assert found.outcome == Outcome.INFEASIBLE
    # the guy that can help does all it can
    assert found.value == pytest.approx([0, 1], abs=1e-9)


def stiff(seed) -> Any:
    """Six coordinates, two of them held by twenty unknowns, on springs most of whose force is stiffening."""
    rng = np.random.default_rng(seed)
    spread = rng.normal(size=(6, 6))
    structure = (
        spread @ spread.T * 100 + np.eye(6) * 50,
        rng.normal(size=(6, 6)),
        10 ** rng.uniform(2, 4, 6),
    )
    held = np.linalg.qr(rng.normal(size=(6, 6)))[0][:2]
    return structure, asked(rng.normal(size=(6, 20)) * 30, rng.normal(size=6) * 20, held)


def test_tangents_that_call_forth_each_other_do_not_swing_forever():
    count = 64
    cases = [stiff(seed) for seed in range(count)]
    structure, demands = jax.tree.map(lambda *parts: np.stack(parts), *cases)
    found = jax.tree.map(np.asarray, _find_all(structure, demands))
    assert (found.outcome == Outcome.CONVERGED).all()
    for i, (one_structure, one_demands) in enumerate(cases):
        one = jax.tree.map(lambda part, i=i: part[i], found)
        assert rest(one_structure, one_demands, one) < 1e-9
        assert one_demands.held @ one.x == pytest.approx(0, abs=1e-9)
    # and a batch is its elements
    for i in range(0, count, 16):
        assert find(*cases[i]).value == pytest.approx(found.value[i], abs=1e-8)


def test_an_unfinished_element_on_a_falling_tangent_is_called_unstable(double):
    # A ball on a hill: the law pushes it on, so that no step ends, and the verdict says why.
    def hill(x, closed):
        del closed
        return -x, -jnp.eye(1)

    one, none = jnp.ones((1, 1)), jnp.zeros((0, 1))
    demands = balance.Demands(
        pull=0 * one, load=jnp.ones(1), weight=jnp.ones(1), target=jnp.zeros(1), low=jnp.zeros(1),
        high=jnp.ones(1), held=none, direct=none, aim=jnp.zeros(0), softness=jnp.zeros(0),
        one_sided=jnp.zeros(0, bool), force_unit=jnp.ones(1),
    )  # fmt: skip
    stopped = balance.Balanced(
        jnp.zeros(1),
        jnp.zeros(1),
        jnp.zeros(0),
        jnp.array(int(Outcome.UNFINISHED)),
        jnp.array(1),
        jnp.array(1.0),
        jnp.zeros(0),
        jnp.zeros(1),
        jnp.zeros(0),
    )
    assert Outcome(int(balance.verdict(hill, demands, stopped).outcome)) is Outcome.UNSTABLE
