"""The fast method finds what the reference and another library's solver find, and proves what cannot be done."""

from typing import Any

import clarabel
import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog, lsq_linear

from counterpull.numerics import dual, reference
from counterpull.numerics.problem import Outcome, Problem

pytestmark = pytest.mark.usefixtures("double")
N, M, COUNT = 20, 5, 40
Program: Any = clarabel
_one = jax.jit(dual.solve)
_many = jax.jit(jax.vmap(dual.solve))


def draw(seed, n=N, m=M, soft=0.3, one_sided=0.3) -> Any:
    """A problem that some a in the midst of its bounds solves; each row is hard, soft or one-sided by chance."""
    rng = np.random.default_rng(seed)
    weight, low = 10 ** rng.uniform(-1, 1, n), rng.choice([0.0, 0.1], n)
    high = low + rng.uniform(0.3, 1, n)
    target = np.where(rng.random(n) < 0.5, low, rng.uniform(low, high))
    rows = rng.normal(size=(m, n)) * 10 ** rng.uniform(-1, 2, (m, 1))
    size = np.sqrt(np.sum(rows**2 / weight, axis=1))
    softness = np.where(rng.random(m) < soft, 10 ** rng.uniform(-3, 0, m), 0.0) * size**2
    reached = rows @ (low + (high - low) * np.clip(rng.uniform(-0.2, 1.2, n), 0.05, 0.95))
    aim = reached + np.where(softness > 0, rng.normal(size=m), 0.0) * size
    return Problem(weight, target, low, high, rows, aim, softness, rng.random(m) < one_sided)


def batch(problems) -> Any:
    return Problem(*(np.stack(part) for part in zip(*problems, strict=True)))


def one(*problem_and_start):
    return jax.tree.map(np.asarray, _one(*problem_and_start))


def solved(problems, *start):
    """All at once."""
    return jax.tree.map(np.asarray, _many(batch(problems), *start))


FEASIBLE = [draw(seed) for seed in range(COUNT)]


# -- the same as others --------------------------------------------------------------------------------------


def test_equals_the_reference():
    found = solved(FEASIBLE)
    assert (found.outcome == Outcome.CONVERGED).all()
    for i, problem in enumerate(FEASIBLE):
        slow = reference.least_effort(problem)
        assert slow.outcome == Outcome.CONVERGED
        assert found.value[i] == pytest.approx(slow.value, abs=1e-9)
        assert found.miss[i] == pytest.approx(slow.miss, abs=1e-7)
        assert found.multiplier[i] == pytest.approx(slow.multiplier, rel=1e-7, abs=1e-9)


def by_clarabel(p):
    """The same as a quadratic program with a slack u for each soft demand: rows·a + u = aim (or ≥)."""
    soft, two, n = np.flatnonzero(p.softness), ~p.one_sided, p.weight.size
    cost = sparse.diags(np.concatenate([p.weight, 1 / p.softness[soft]]), format="csc")
    linear = np.concatenate([-p.weight * p.target, np.zeros(soft.size)])
    rows, bound = np.hstack([p.rows, np.eye(p.aim.size)[:, soft]]), np.eye(n + soft.size)[:n]
    # the aims' sizes differ a thousandfold
    size = np.linalg.norm(p.rows, axis=1)
    rows, aim = rows / size[:, None], p.aim / size
    left = sparse.csc_matrix(np.vstack([rows[two], -rows[~two], bound, -bound]))
    right = np.concatenate([aim[two], -aim[~two], p.high, -p.low])
    cones = [Program.ZeroConeT(two.sum()), Program.NonnegativeConeT(right.size - two.sum())]
    settings = Program.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-13
    done = Program.DefaultSolver(cost, linear, left, right, cones, settings).solve()
    assert str(done.status) == "Solved"
    return np.array(done.x)[:n]


def test_equals_another_librarys_quadratic_program():
    found = solved(FEASIBLE)
    for value, problem in zip(found.value, FEASIBLE, strict=True):
        assert value == pytest.approx(by_clarabel(problem), abs=1e-8)


def test_a_batch_equals_its_elements():
    found = solved(FEASIBLE)
    for i in range(0, COUNT, 5):
        alone = one(FEASIBLE[i])
        assert found.value[i] == pytest.approx(alone.value, abs=1e-10)
        assert found.outcome[i] == alone.outcome


# -- what a solution is --------------------------------------------------------------------------------------


def test_a_soft_demand_is_missed_at_its_price():
    found, given_ = solved(FEASIBLE), batch(FEASIBLE)
    size = np.sqrt(np.sum(given_.rows**2 / given_.weight[:, None], axis=2))
    two = ~given_.one_sided
    over = (found.miss + given_.softness * found.multiplier) / size
    assert np.abs(over[two]).max() < 1e-11
    # one-sided: exceeded for nothing, or just met at a price, and some are either
    over, price = over[~two], (found.multiplier * size)[~two]
    assert over.min() > -1e-11 and price.min() >= 0
    assert np.minimum(over, price).max() < 1e-11
    assert (price > 0).any() and (over > 1e-3).any()


@given(st.integers(0, 10_000), st.integers(0, M - 1))
def test_the_multiplier_is_what_one_more_unit_costs(seed, r):
    with jax.enable_x64(True):
        problem, step = draw(seed), np.eye(M)[r]
        step *= 1e-5 * np.sqrt(np.sum(problem.rows[r] ** 2 / problem.weight))

        def cost(aim):
            asked = problem._replace(aim=aim)
            found = one(asked)
            assert found.outcome == Outcome.CONVERGED
            soft = problem.softness > 0
            lacks = np.where(problem.one_sided, np.minimum(found.miss, 0), found.miss)[soft]
            away = found.value - problem.target
            return (problem.weight @ away**2 + np.sum(lacks**2 / problem.softness[soft])) / 2

        slope = (cost(problem.aim + step) - cost(problem.aim - step)) / (2 * step[r])
        # half the sum of the slopes on either side, where the price bends
        assert slope * step[r] == pytest.approx(one(problem).multiplier[r] * step[r], rel=1e-3, abs=1e-8)


def test_without_demands_everything_stays_at_its_target():
    p = draw(1)
    p = p._replace(target=p.target + np.linspace(-1, 1, N))
    found = one(
        p._replace(rows=p.rows[:0], aim=p.aim[:0], softness=p.softness[:0], one_sided=p.one_sided[:0])
    )
    assert found.outcome == Outcome.CONVERGED
    assert np.array_equal(found.value, np.clip(p.target, p.low, p.high))
    assert found.multiplier.shape == found.miss.shape == (0,)


@pytest.mark.parametrize("other", [1.0, -3.0], ids=["the same", "thrice the opposite"])
def test_a_demand_said_twice_is_one_demand(other):
    once = draw(3, soft=0, one_sided=0)
    last = np.arange(M) == M - 1
    once = once._replace(rows=np.where(last[:, None], 0, once.rows), aim=np.where(last, 0, once.aim))
    twice = once._replace(
        rows=once.rows + other * np.outer(last, once.rows[0]), aim=once.aim + other * last * once.aim[0]
    )
    assert one(twice).outcome == one(once).outcome == Outcome.CONVERGED
    assert one(twice).value == pytest.approx(one(once).value, abs=1e-9)


def test_saying_it_twice_does_not_keep_it_from_ending():
    # Between two demands that say the same (one as "at least") prices can be shifted freely: a step that has
    # nothing to gain but rounding must not be made long by it.
    rng, problems = np.random.default_rng(0), []
    for weak in 0.0136 * rng.uniform(0.5, 2, 200):
        rows = np.array([[0.03, 0, -1.04, 0.005, 0, -0.07], [0, 0, 0, 93, 0, 0], [0] * 6])
        rows *= rng.uniform(0.8, 1.2, (3, 6))
        rows[2] = rows[1] / 85.2
        aim, low = rows @ [0.04, 0.15, 0.108, 0.5, 0, 0.0025], np.array([0.04, 0, 0, 0, 0, 0])
        weight, target = np.array([0.5, 0.7, weak, 36, 0.06, 0.2]), low + np.array([0, 0.15, 0.08, 0, 0, 0])
        problems.append(Problem(weight, target, low, np.ones(6), rows, aim, np.zeros(3), np.arange(3) == 2))
    found = solved(problems)
    assert (found.outcome == Outcome.CONVERGED).all() and found.steps.max() < 10


def test_prices_of_millions_are_found_as_far_as_they_round():
    # Hardly soft, and out of reach: nearly the least miss, at prices that rounding alone makes uncertain.
    problems = []
    for seed in range(COUNT):
        p = draw(seed, one_sided=0)
        size = np.sqrt(np.sum(p.rows**2 / p.weight, axis=1))
        problems.append(p._replace(softness=1e-8 * size**2, aim=3 * p.aim))
    found = solved(problems)
    assert (found.outcome == Outcome.CONVERGED).all()
    dearest = 0.0
    for p, miss in zip(problems, found.miss, strict=True):
        size = np.sqrt(np.sum(p.rows**2 / p.weight, axis=1))
        least = lsq_linear(p.rows / size[:, None], p.aim / size, (p.low, p.high), tol=1e-14)
        assert np.linalg.norm(miss / size) == pytest.approx(np.sqrt(2 * least.cost), abs=1e-5)
        dearest = max(dearest, np.abs(miss / size).max() / 1e-8)
    assert dearest > 1e6


def test_what_has_no_room_stays():
    p = draw(4)
    fixed = np.arange(N) % 4 == 0
    stays = np.where(fixed, 0.5 * (p.low + p.high), 0.0)
    p = p._replace(low=np.where(fixed, stays, p.low), high=np.where(fixed, stays, p.high))
    p = p._replace(aim=p.rows @ (0.5 * (p.low + p.high)))
    found = one(p)
    assert found.outcome == Outcome.CONVERGED
    assert np.array_equal(found.value[fixed], stays[fixed])
    assert found.value == pytest.approx(reference.least_effort(p).value, abs=1e-9)


# -- warm starts ---------------------------------------------------------------------------------------------


def test_a_warm_start_finds_the_same_in_no_more_steps():
    before = solved(FEASIBLE)
    again = solved(FEASIBLE, before.multiplier)
    assert again.value == pytest.approx(before.value, abs=1e-10)
    assert (again.steps <= before.steps).all() and again.steps.max() <= 2
    # and a little further
    nearby = [p._replace(aim=p.aim * 1.001) for p in FEASIBLE]
    cold, near = solved(nearby), solved(nearby, before.multiplier)
    assert near.value == pytest.approx(cold.value, abs=1e-9)
    assert (near.steps <= cold.steps).all()


# -- what cannot be done -------------------------------------------------------------------------------------


def highs(p, cost=None, towards=None):
    """Phase one by HiGHS: the hard demands, exactly; with `towards` (m,) the last unknown moves the aim."""
    hard = p.softness == 0
    rows = p.rows if towards is None else np.hstack([p.rows, -towards[:, None]])
    two, least = hard & ~p.one_sided, hard & p.one_sided
    bounds = [*zip(p.low, p.high, strict=True), *([] if towards is None else [(0, None)])]
    cost = np.zeros(rows.shape[1]) if cost is None else cost
    return linprog(cost, -rows[least], -p.aim[least], rows[two], p.aim[two], bounds, method="highs")


def edge(seed) -> Any:
    """A problem whose aims are as far as possible in some direction, and that direction."""
    p = draw(seed)
    p = p._replace(softness=np.where(np.arange(M) < 2, 0.0, p.softness))
    middle, rng = p.rows @ (0.5 * (p.low + p.high)), np.random.default_rng(seed)
    direction = rng.normal(size=M) * np.linalg.norm(p.rows, axis=1)
    # one hard two-sided demand at least, so that there is an edge
    p = p._replace(aim=middle, one_sided=p.one_sided & (np.arange(M) > 0))
    furthest = highs(p, -np.eye(N + 1)[N], direction)
    return p, middle, direction * furthest.x[-1]


FACTORS = (0.9, 0.99, 0.999, 1 - 1e-5, 1 + 1e-5, 1.001, 1.01, 1.1)


@pytest.mark.parametrize("factor", FACTORS)
def test_the_edge_of_what_can_be_done_is_where_highs_finds_it(factor):
    problems = [p._replace(aim=middle + factor * far) for p, middle, far in map(edge, range(COUNT))]
    found = solved(problems)
    for problem, outcome in zip(problems, found.outcome, strict=True):
        status = highs(problem).status
        assert status == (2 if factor > 1 else 0)
        assert outcome == (Outcome.INFEASIBLE if factor > 1 else Outcome.CONVERGED)
        assert reference.feasible(problem).possible == (factor < 1)


def proves(p, multiplier):
    """Farkas, in plain words: whatever is within the bounds gives less of this mixture than is asked."""
    y = p.rows.T @ multiplier
    most = np.maximum(p.low * y, p.high * y).sum()
    lawful = not multiplier[p.softness > 0].any() and (multiplier[p.one_sided] >= 0).all()
    return lawful and most < p.aim @ multiplier


@pytest.mark.parametrize("factor", [f for f in FACTORS if f > 1] + [3.0])
def test_impossible_is_proven(factor):
    problems = [p._replace(aim=middle + factor * far) for p, middle, far in map(edge, range(COUNT))]
    found = solved(problems)
    for problem, proof in zip(problems, found.multiplier, strict=True):
        other: Any = reference.feasible(problem).certificate
        assert other is not None
        assert proves(problem, proof) and proves(problem, other)
        assert dual.certified(problem, problem.rows, problem.aim, proof)
        assert dual.certified(problem, problem.rows, problem.aim, other)
        # and no proof proves too much
        assert not dual.certified(problem, problem.rows, problem.rows @ problem.high, proof)
    assert found.steps.max() < dual.DUAL_STEPS


@pytest.mark.parametrize("factor", [1.1, 3.0])
def test_the_impossible_ends_at_the_least_miss(factor):
    problems = [p._replace(aim=middle + factor * far) for p, middle, far in map(edge, range(COUNT))]
    found, hard = solved(problems), 0
    for i, p in enumerate(problems):
        size = np.sqrt(np.sum(p.rows**2 / p.weight, axis=1))
        # that is, with the hard demands a little soft
        softened = p._replace(softness=np.where(p.softness == 0, dual.YIELDING * size**2, p.softness))
        assert found.value[i] == pytest.approx(reference.least_effort(softened).value, abs=1e-8)
        if not (p.softness.any() or p.one_sided.any()):
            hard += 1
            least = lsq_linear(p.rows / size[:, None], p.aim / size, (p.low, p.high), tol=1e-14)
            spared = dual.YIELDING * p.weight @ (least.x - p.target) ** 2
            assert least.cost - 1e-12 <= np.sum((found.miss[i] / size) ** 2) / 2 <= least.cost + spared / 2
    assert hard
