"""The kernel is the JAX program in other words: the same balances in every mode, and the same reasons for none."""

import os
import subprocess
import sys
from typing import Any, NamedTuple

import numpy as np
import pytest

from counterpull.anatomy import Body
from counterpull.mechanics import MuscleState, definition, kernel, situation, solve
from counterpull.mechanics.asked import MANY_NEWTONS, PINNED, Asked, Found, careful, usual
from counterpull.mechanics.kernel.draws import balance_draws
from counterpull.mechanics.model import Model
from counterpull.numerics.problem import Outcome
from counterpull.scenarios import activity

DRAWS = 6
ROWS = np.arange(DRAWS)


class Person(NamedTuple):
    """Without and with weak muscles, and balanced without."""

    usual: Model
    weak: Model
    asked: Asked
    found: Found


@pytest.fixture(
    scope="module",
    params=[
        "standing",
        "single_leg_standing_right",
        "supine",
        "active_straight_leg_raise_left",
        "lifting_10_kg",
    ],
)
def person(woman: Body, request: pytest.FixtureRequest) -> Person:
    here = situation(woman, activity(request.param).setting, woman.draw(DRAWS, seed=3))
    strength = np.ones(len(woman.elements))
    strength[::5] = 0.8
    model = here.model()
    asked = usual(model, ROWS)
    found = definition.balanced(model, asked, ROWS)
    return Person(model, here.model(MuscleState(strength=strength)), asked, found)


def both(model: Model, asked: Asked, protection: float = 0.0) -> tuple[Found, Found, np.ndarray]:
    """By the kernel and by JAX, and which draws both finish: nearly all."""
    ours = kernel.balanced(model, asked, ROWS, protection)
    theirs = definition.balanced(model, asked, ROWS, protection)
    finished = theirs.outcome == Outcome.CONVERGED
    assert finished.sum() >= DRAWS - 2
    assert np.all(ours.outcome[finished] == Outcome.CONVERGED)
    return ours, theirs, finished


def assert_same(found: tuple[Found, Found, np.ndarray], within: float = 1e-9) -> None:
    ours, theirs, which = found
    assert np.abs(ours.activation - theirs.activation)[which].max() <= within
    assert np.abs(ours.factor - theirs.factor)[which].max() <= within
    for name in ("x", "multiplier", "again"):
        one, other = getattr(ours, name)[which], getattr(theirs, name)[which]
        assert np.abs(one - other).max(initial=0.0) <= 3 * within * np.abs(other).max(initial=1e-300), name


def before(person: Person, **parts: Any) -> Asked:
    """From the person without weak muscles, whose effort is the measure of yielding."""
    drive = person.found.activation
    effort = np.sum(person.usual.muscles.weight * drive**2, axis=1)
    price = np.maximum(effort, 1e-9) / person.usual.yielding**2
    one = np.ones(DRAWS)
    start = {"drive": drive, "before": person.found.x, "x": person.found.x, "gives": one, "price": price}
    return person.asked._replace(**{**start, **parts})


def near(person: Person, **parts: Any) -> Asked:
    """Started from the person without weak muscles."""
    start = {"x": person.found.x, "multiplier": person.found.again, "cold": np.zeros(DRAWS)}
    return person.asked._replace(**{**start, **parts})


def test_the_set_up_has_compiled_it():
    assert kernel.ready(), "run python -m counterpull.mechanics.kernel"


def test_from_nothing(person):
    assert_same(both(person.usual, person.asked))


def test_with_the_joints_spared(person):
    assert_same(both(person.usual, usual(person.usual, ROWS, 1.0), 1.0))


def test_from_a_neighbour(person):
    assert_same(both(person.weak, near(person)))


def test_a_posture_that_may_yield(person):
    assert_same(both(person.weak, before(person)))


def test_before_a_reaction(person):
    assert_same(both(person.weak, before(person, quick=np.ones(DRAWS))))


def test_weights_that_differ_much_need_the_maximum_of_the_dual_at_each_tangent(woman):
    # As in the rounds of cubed effort, with the joints spared.
    draws = np.arange(24)
    model = situation(woman, activity("standing").setting, woman.draw(len(draws), seed=3)).model()
    drive = solve(model, protection=1.0).activation
    weight = model.muscles.weight * np.maximum(drive, 1e-5)
    weighed = model._replace(muscles=model.muscles._replace(weight=weight))
    asked = usual(weighed, draws, 1.0)
    many = asked._replace(newton_steps=np.full(len(draws), MANY_NEWTONS))
    one, most = (kernel.balanced(weighed, each, draws, 1.0).outcome for each in (asked, many))
    assert np.mean(one == Outcome.CONVERGED) < 0.5
    assert np.mean(most == Outcome.CONVERGED) > 0.9


def test_the_load_as_far_as_it_can_grow_and_how_it_goes_on_from_there(person):
    growing = near(person, factor=np.tile([4.0, 0.0, 2.0, 0.5], (DRAWS, 1)), onward=np.ones(DRAWS))
    ours, theirs, which = found = both(person.usual, growing)
    assert_same(found)
    for name in ("way", "turn"):
        one, other = getattr(ours, name)[which], getattr(theirs, name)[which]
        assert np.abs(one - other).max(initial=0.0) <= 1e-5 * np.abs(other).max(initial=1e-300)


def test_how_a_balance_goes_on_is_its_slope(person):
    def at(load: float) -> Found:
        factor = np.tile([load, load, load, PINNED], (DRAWS, 1))
        return kernel.balanced(person.usual, near(person, factor=factor, onward=np.ones(DRAWS)), ROWS)

    first, second = at(1.0), at(1.0 + 1e-4)
    ended = (first.outcome == Outcome.CONVERGED) & (second.outcome == Outcome.CONVERGED)
    assert ended.any()
    slope = (second.x - first.x)[ended] / 1e-4
    # How the tangent changes with x is left out.
    apart = np.linalg.norm(slope - first.way[ended], axis=1) / np.linalg.norm(slope, axis=1)
    assert np.median(apart) < 0.2


def test_what_cannot_be_held_is_proven_here_too_at_the_same_least_miss(woman):
    here = situation(woman, activity("single_leg_standing_right").setting, woman.draw(DRAWS, seed=3))
    for strength, some in ((0.01, DRAWS), (0.6, 1)):
        model = here.model(MuscleState(strength=strength))
        asked = usual(model, ROWS)
        ours, theirs = (by(model, asked, ROWS) for by in (kernel.balanced, definition.balanced))
        np.testing.assert_array_equal(ours.outcome, theirs.outcome)
        infeasible = ours.outcome == Outcome.INFEASIBLE
        assert infeasible.sum() >= some
        for name in ("x", "multiplier", "again"):
            one, other = getattr(ours, name)[infeasible], getattr(theirs, name)[infeasible]
            assert np.abs(one - other).max() <= 3e-9 * np.abs(other).max(), name


def test_in_small_steps(person):
    # They end where the unknowns move by less than 1e-9, and several such steps are left then.
    assert_same(both(person.usual, careful(person.asked)), 1e-8)


def test_settled_by_all_conditions_at_once(woman):
    here = situation(woman, activity("active_straight_leg_raise_left").setting, woman.draw(DRAWS, seed=3))
    usual_, weak, none = (here.model(MuscleState(strength=s)) for s in (1.0, 0.9, 0.01))
    found = kernel.balanced(usual_, usual(usual_, ROWS), ROWS)
    start = usual(weak, ROWS)._replace(x=found.x, multiplier=found.multiplier)
    for model, expected in ((weak, Outcome.CONVERGED), (none, Outcome.INFEASIBLE)):
        ours = kernel.balanced(model, start, ROWS, settle=True)
        theirs = definition.balanced(model, start, ROWS, settle=True)
        np.testing.assert_array_equal(ours.outcome, theirs.outcome)
        assert (ours.outcome == expected).sum() >= DRAWS - 1
        assert np.abs(ours.activation - theirs.activation).max() <= 1e-9
        for name in ("x", "multiplier", "again"):
            one, other = getattr(ours, name), getattr(theirs, name)
            assert np.abs(one - other).max() <= 1e-9 * np.abs(other).max(), name


def test_a_pelvis_that_gives_way_by_ten_degrees_ends_though_rounding_goes_to_and_fro(man):
    draws = np.arange(64)
    here = situation(man, activity("single_leg_standing_right").setting, man.draw(len(draws), seed=0))
    before_ = solve(here.model())
    model = here.model(MuscleState(strength=0.3))
    effort = np.sum(model.muscles.weight * before_.activation**2, axis=1)
    asked = usual(model, draws)._replace(
        gives=np.ones(len(draws)), price=np.maximum(effort, 1e-9) / model.yielding**2
    )
    found = kernel.balanced(model, asked, draws)
    assert np.sum(np.rad2deg(np.abs(found.x[:, 3:6]).max(axis=1)) > 10) >= 5
    assert np.all(found.outcome == Outcome.CONVERGED)


def test_solve_is_the_same_where_nobody_has_compiled_it(person, monkeypatch):
    with_kernel = solve(person.weak)
    monkeypatch.setattr(kernel, "ready", lambda: False)
    without = solve(person.weak)
    held = with_kernel.held & without.held
    assert held.sum() >= DRAWS - 2
    np.testing.assert_allclose(with_kernel.activation[held], without.activation[held], rtol=0, atol=1e-9)


def test_more_steps_than_were_granted_are_not_taken(person):
    found = kernel.balanced(person.usual, person.asked._replace(most_steps=np.ones(DRAWS)), ROWS)
    assert np.all(found.steps == 1) and np.all(found.outcome == Outcome.UNFINISHED)


def test_draws_in_any_order_and_number(person):
    every = kernel.balanced(person.usual, person.asked, ROWS)
    some = np.array([4, 1])
    few = kernel.balanced(person.usual, person.asked.of(some), some)
    np.testing.assert_array_equal(few.activation, every.activation[some])
    np.testing.assert_array_equal(few.x, every.x[some])


def test_one_compilation_serves_whatever_arrays_a_model_has(person):
    def odd(array: Any) -> Any:
        out = np.asfortranarray(array)
        out.flags.writeable = False
        return out

    loads, pull = odd(person.usual.loads), odd(person.usual.pull)
    model = person.usual._replace(loads=loads, pull=pull, variant=person.usual.variant.astype(np.int32))
    expected = kernel.balanced(person.usual, person.asked, ROWS)
    found = kernel.balanced(model, person.asked, ROWS.astype(np.int32))
    np.testing.assert_array_equal(found.activation, expected.activation)
    assert len(balance_draws.signatures) == 1


FORKED = """
from multiprocessing import get_context
import numpy as np
from counterpull.anatomy import load
from counterpull.mechanics import kernel, situation
from counterpull.mechanics.asked import usual
from counterpull.scenarios import activity
model = situation(load("female"), activity("standing").setting).model()
given = model, usual(model, np.arange(1)), np.arange(1)
here = kernel.balanced(*given)
with get_context("fork").Pool(1) as pool:
    there = pool.apply_async(kernel.balanced, given).get(timeout=60)
assert np.array_equal(here.activation, there.activation)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes do not fork here")
def test_a_forked_process_balances_too():
    subprocess.run([sys.executable, "-W", "ignore", "-c", FORKED], check=True, timeout=120)


def test_a_geometry_leaves_nothing_to_the_next(person):
    # Some muscles that act on nothing but a femur's turn, the last coordinates, beside the same as they are.
    usual_, few = person.usual.pull[0], np.array(person.usual.pull[0])
    turning = np.flatnonzero(np.any(usual_[-2:] != 0, axis=0))[:6]
    few[:-2, turning] = 0.0
    model = person.usual._replace(pull=np.stack([usual_, few]))

    def found(*variants: int) -> Found:
        return kernel.balanced(model._replace(variant=np.array(variants)), person.asked, ROWS)

    first, last, both = found(*[0] * DRAWS), found(*[1] * DRAWS), found(0, 1, 0, 1, 0, 1)
    np.testing.assert_array_equal(both.x[::2], first.x[::2])
    np.testing.assert_array_equal(both.x[1::2], last.x[1::2])


def test_code_of_other_sources_is_not_trusted(monkeypatch):
    kernel.ready.cache_clear()
    monkeypatch.setattr(kernel, "_SOURCES", (("laws",), ("balance",)))
    assert not kernel.ready()
    kernel.ready.cache_clear()
