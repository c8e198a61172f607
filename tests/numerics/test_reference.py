"""The reference against closed forms and its own conditions; what HiGHS says of the largest and the impossible."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from counterpull.numerics import reference
from counterpull.numerics.problem import Outcome, Problem
from counterpull.quantities import InputError

EXPONENTS = (2, 3)


def task(rows, aim, **parts) -> Any:
    """n unknowns of weight 1 and target 0 between 0 and 1, hard two-sided demands; `parts` changes that."""
    m, n = np.shape(rows)
    plain = {"weight": np.ones(n), "target": np.zeros(n), "low": np.zeros(n), "high": np.ones(n)}
    asked = {"softness": np.zeros(m), "one_sided": np.zeros(m, bool)}
    given_ = {name: np.asarray(part) for name, part in {"rows": rows, "aim": aim, **parts}.items()}
    return Problem(**{**plain, **asked, **given_})


def draw(seed, n=15, m=4) -> Any:
    """A problem that some a in the midst of its bounds solves: hard, soft and one-sided demands by turns."""
    rng = np.random.default_rng(seed)
    rows, low = rng.normal(size=(m, n)) * 10 ** rng.uniform(-1, 2, (m, 1)), rng.choice([0.0, 0.1], n)
    high = low + rng.uniform(0.3, 1, n)
    return task(
        rows,
        rows @ (low + (high - low) * np.clip(rng.uniform(-0.2, 1.2, n), 0.05, 0.95)),
        weight=10 ** rng.uniform(-1, 1, n),
        target=np.where(rng.random(n) < 0.5, low, rng.uniform(low, high)),
        low=low,
        high=high,
        softness=np.array([0, 0, 0, 0.1]) * np.sum(rows**2, axis=1),
        one_sided=np.arange(m) % 2 == 1,
    )


def effort(p, a, exponent):
    return p.weight @ np.abs(a - p.target) ** exponent / exponent


# -- least effort --------------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.floats(0.1, 10), st.floats(0.1, 10)), min_size=2, max_size=6),
    st.sampled_from(EXPONENTS),
    st.sampled_from([-1.0, 1.0]),
)
def test_muscles_share_a_demand_by_arm_over_weight(muscles, exponent, sign):
    arm, weight = np.array(muscles).T
    share = (arm / weight) ** (1 / (exponent - 1))
    n = arm.size
    found = reference.least_effort(
        task([arm], [sign * 7.0], weight=weight, low=np.full(n, -1e3), high=np.full(n, 1e3)), exponent
    )
    assert found.outcome == Outcome.CONVERGED
    assert found.value == pytest.approx(sign * 7 * share / (arm @ share), rel=1e-9)
    # one more newton metre costs λ
    assert found.multiplier == pytest.approx(sign * (7 / (arm @ share)) ** (exponent - 1), rel=1e-8)


def test_what_one_cannot_give_the_other_must():
    found = reference.least_effort(task([[1, 2]], [2.4], high=[1, 0.8]))
    assert found.value == pytest.approx([0.8, 0.8], abs=1e-12)
    assert found.multiplier == pytest.approx([0.8], abs=1e-12)


def test_a_cube_shares_more_evenly_than_a_square():
    p = draw(5)
    square, cube = (reference.least_effort(p, exponent).value for exponent in EXPONENTS)
    assert np.abs(square - cube).max() > 0.01


@pytest.mark.parametrize("exponent", EXPONENTS)
@pytest.mark.parametrize("seed", range(12))
def test_nothing_is_worth_changing(seed, exponent):
    p = draw(seed)
    found = reference.least_effort(p, exponent)
    assert found.outcome == Outcome.CONVERGED
    a, price = found.value, found.multiplier
    y = p.rows.T @ price
    pull = p.weight * np.abs(a - p.target) ** (exponent - 2) * (a - p.target) - y
    scale = 1e-9 * (1 + np.abs(y))
    at_low, at_high = a == p.low, a == p.high
    assert (np.abs(pull) < scale)[~at_low & ~at_high].all()
    assert (pull > -scale)[at_low].all() and (pull < scale)[at_high].all()
    # demands: met, or missed at their price; one-sided ones exceeded for nothing
    over = (p.rows @ a - p.aim + p.softness * price) / np.linalg.norm(p.rows, axis=1)
    assert np.abs(over[~p.one_sided]).max() < 1e-9
    assert over.min() > -1e-9 and price[p.one_sided].min() >= 0
    assert np.abs((over * price)[p.one_sided]).max() < 1e-7


@given(st.integers(0, 10_000), st.sampled_from(EXPONENTS))
def test_no_other_way_costs_less(seed, exponent):
    # Hard demands only: from the answer, any way that keeps them and the bounds goes up.
    p = draw(seed)
    p = p._replace(softness=0 * p.softness, one_sided=np.zeros(4, bool))
    found = reference.least_effort(p, exponent)
    assert found.outcome == Outcome.CONVERGED
    rng, least = np.random.default_rng(seed), effort(p, found.value, exponent)
    for _ in range(5):
        corner = linprog(rng.normal(size=15), A_eq=p.rows, b_eq=p.aim, bounds=np.stack([p.low, p.high], 1)).x
        for part in (1e-3, 0.1, 1.0):
            assert effort(p, found.value + part * (corner - found.value), exponent) > least - 1e-7


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_without_demands_everything_stays_at_its_target(exponent):
    found = reference.least_effort(task(np.zeros((0, 3)), [], target=[-0.5, 0.3, 2.0]), exponent)
    assert found.outcome == Outcome.CONVERGED
    assert found.value == pytest.approx([0, 0.3, 1], abs=1e-12)


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_what_has_no_room_stays_and_what_nothing_asks_for_rests(exponent):
    p = task([[1, 2, 0, 1]], [2], low=[0, 0, 0, 0.5], high=[1, 1, 1, 0.5], target=[0, 0, 0.25, 0])
    found = reference.least_effort(p, exponent)
    assert found.outcome == Outcome.CONVERGED
    share = np.array([1, 2]) ** (1 / (exponent - 1))
    assert found.value == pytest.approx([*(1.5 * share / (share @ [1, 2])), 0.25, 0.5], abs=1e-9)


def test_a_demand_said_twice_is_one_demand():
    p = draw(3)
    rows, aim = np.vstack([p.rows, -2 * p.rows[:1]]), np.append(p.aim, -2 * p.aim[0])
    twice = p._replace(
        rows=rows, aim=aim, softness=np.append(p.softness, 0), one_sided=np.append(p.one_sided, False)
    )
    found = reference.least_effort(twice)
    assert found.outcome == Outcome.CONVERGED
    assert found.value == pytest.approx(reference.least_effort(p).value, abs=1e-9)


@pytest.mark.parametrize("exponent", [1, 2.5, 4])
def test_other_exponents_are_refused(exponent):
    with pytest.raises(InputError, match=rf"got the exponent {exponent}. Use 2 or 3"):
        reference.least_effort(draw(0), exponent)


def test_what_does_not_stand_up_is_unfinished(monkeypatch):
    monkeypatch.setattr(reference, "MOST_STEPS", 3)
    monkeypatch.setattr(reference, "_POLISHES", 0)
    assert reference.least_effort(draw(0)).outcome == Outcome.UNFINISHED


# -- the largest ---------------------------------------------------------------------------------------------


def test_the_least_ceiling_is_the_same_for_all_who_can_help():
    # 3 and 1 help, -2 would hinder, 0 is not asked
    found = reference.min_max(task([[3, 1, -2, 0]], [2], target=[0, 0, 0, 0.3]))
    assert found.value == pytest.approx([0.5, 0.5, 0, 0.3], abs=1e-9)
    assert found.multiplier == pytest.approx([0.25])
    assert found.miss == pytest.approx([0], abs=1e-9)


def test_one_at_its_bound_raises_the_ceiling_of_the_others():
    found = reference.min_max(task([[3, 1]], [2], high=[0.4, 1]))
    assert found.value == pytest.approx([0.4, 0.8], abs=1e-9)
    assert found.multiplier == pytest.approx([1.0])


def test_under_the_ceiling_effort_is_least():
    # The first demand sets the ceiling, the second is shared as by squares.
    found = reference.min_max(task([[1, 0, 0], [0, 1, 2]], [0.9, 1.0]))
    assert found.value == pytest.approx([0.9, 0.2, 0.4], abs=1e-9)
    # a soft demand has its say only there, upward and downward
    p = task([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [0.5, 2, -2], low=[-1] * 3, softness=[0, 0.1, 0.1])
    assert reference.min_max(p).value == pytest.approx([0.5, 0.5, -0.5], abs=1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_no_exponent_has_a_lower_ceiling(seed):
    p = draw(seed)
    p = p._replace(softness=0 * p.softness)
    found = reference.min_max(p)
    assert found.outcome == Outcome.CONVERGED
    ceiling, *others = (
        np.abs(a - p.target).max()
        for a in (found.value, *(reference.least_effort(p, exponent).value for exponent in EXPONENTS))
    )
    assert ceiling < min(others) - 1e-6
    size = np.linalg.norm(p.rows, axis=1)
    assert (found.miss / size)[~p.one_sided] == pytest.approx(0, abs=1e-9)
    assert (found.miss / size).min() > -1e-9


# -- the impossible ------------------------------------------------------------------------------------------


def test_the_least_miss_of_one_demand_is_what_all_together_lack():
    p = task([[3, 4]], [12], weight=[1, 4])
    found = reference.feasible(p)
    assert not found.possible
    assert found.value.tolist() == [1, 1]
    # 12 asked, 7 given, over √(3²/1 + 4²/4)
    assert found.least_miss == pytest.approx(5 / np.sqrt(13))
    assert found.certificate is not None and found.certificate[0] > 0


@pytest.mark.parametrize("aim", [5.0, 7.0])
def test_the_possible_has_no_certificate_and_no_miss(aim):
    found = reference.feasible(task([[3, 4]], [aim]))
    assert found.possible and found.certificate is None
    assert found.least_miss == pytest.approx(0, abs=1e-12)
    assert found.value @ [3, 4] == pytest.approx(aim)


def test_at_least_is_possible_where_exactly_is_not():
    asked = {"low": [0.5, 0.5], "rows": [[3, 4]], "aim": [1]}
    assert not reference.feasible(task(**asked)).possible
    assert reference.feasible(task(**asked, one_sided=[True])).possible
    assert reference.feasible(task(**asked, softness=[1e-6])).possible


def test_a_contradiction_is_proven_by_both_its_sides():
    # at least 1 and, said ten times as large, at most 0.5 of the same; what is soft proves nothing
    p = task([[1, 1], [-10, -10], [1, 0]], [1, -5, 9], one_sided=[True, True, False], softness=[0, 0, 1])
    proof: Any = reference.feasible(p).certificate
    assert proof[0] == pytest.approx(10 * proof[1]) and proof[0] > 0 and proof[2] == 0


@pytest.mark.parametrize("solve", [reference.least_effort, reference.min_max])
def test_the_impossible_is_said_with_its_proof(solve):
    p = task([[3, 4], [1, -1]], [12, 0])
    found = solve(p)
    assert found.outcome == Outcome.INFEASIBLE
    y = p.rows.T @ found.multiplier
    assert np.maximum(y, 0).sum() < p.aim @ found.multiplier
    assert found.miss == pytest.approx([-5, 0])
