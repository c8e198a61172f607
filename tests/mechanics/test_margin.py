"""The margin: how far the load of an activity can grow, and what gives way first."""

import numpy as np
import pytest

from counterpull.mechanics import MuscleState, situation, solve
from counterpull.mechanics.margin import LEAST, MOST, margin, with_load
from counterpull.mechanics.model import taken
from counterpull.mechanics.readings import shift_rows
from counterpull.mechanics.yardsticks import SEEN_ROTATION, SEEN_SHIFT
from counterpull.scenarios import activity

FEW = 12
ACTIVITIES = ("standing", "single_leg_standing_right")


@pytest.fixture(scope="module")
def cases(woman):
    """Situation, model, rows of shift and margin of a few draws in two activities."""
    out = {}
    for name in ACTIVITIES:
        here = situation(woman, activity(name).setting, woman.draw(FEW, seed=5))
        rows = shift_rows(here)[here.draws.variant]
        out[name] = (here, here.model(), rows, margin(here.model(), rows))
    return out


def used(model, rows, factor):
    """Share of the limit that both sides use at λ, (n, 2), counted from where the activity itself leaves them."""
    usual = solve(model)
    rest = np.where(usual.held[:, None], usual.x, 0.0)
    motion = np.einsum("nsrx,nx->nsr", rows, solve(with_load(model, factor)).x - rest)
    turned, moved = (np.linalg.norm(part, axis=-1) for part in (motion[..., :3], motion[..., 3:]))
    return np.maximum(turned / SEEN_ROTATION, moved / SEEN_SHIFT)


@pytest.mark.parametrize("name", ACTIVITIES)
def test_at_the_margin_the_joint_that_limits_uses_its_whole_limit(cases, name):
    _, model, rows, most = cases[name]
    by_shift = np.array(most.limited_by) != "muscles"
    some = np.flatnonzero(by_shift & (most.shift > LEAST))
    assert len(some) >= FEW // 2
    share = used(taken(model, some), rows[some], most.value[some])
    # One in a hundred has no balance that can be found at its limit, only near it.
    assert share.max(axis=1) == pytest.approx(1.0, abs=1e-2)
    assert (np.abs(share.max(axis=1) - 1.0) > 1e-3).sum() <= 1
    sides = [most.limited_by[i].removeprefix("shift ") for i in some]
    assert sides == [("right", "left")[side] for side in share.argmax(axis=1)]


@pytest.mark.parametrize("name", ACTIVITIES)
def test_capacity_is_the_last_load_that_is_held(cases, name):
    _, model, _, most = cases[name]
    assert ((most.capacity > 0) & (most.capacity < MOST)).all()
    assert solve(with_load(model, most.capacity * 0.99)).held.all()
    assert not solve(with_load(model, most.capacity * 1.02)).held.any()
    assert most.at_bound.any(axis=1).all()


def test_a_known_equilibrium_changes_nothing(cases):
    _, model, rows, cold = cases["standing"]
    warm = margin(model, rows, found=solve(model))
    assert warm.capacity == pytest.approx(cold.capacity, rel=2e-3)
    assert warm.shift == pytest.approx(cold.shift, rel=1e-3)
    assert warm.limited_by == cold.limited_by


def test_a_weaker_body_carries_no_more(cases):
    here, _, rows, most = cases["single_leg_standing_right"]
    weaker = margin(here.model(MuscleState(strength=0.7)), rows)
    assert (weaker.capacity <= most.capacity * 1.001).all()
    assert (weaker.capacity < most.capacity * 0.9).any()


def test_without_a_limit_muscles_give_way_first(cases):
    _, model, rows, most = cases["standing"]
    free = margin(model, rows, rotation=1e3, shift=1e3)
    assert set(free.limited_by) == {"muscles"}
    assert free.value == pytest.approx(most.capacity, rel=1e-9)


def test_no_room_leaves_the_load_as_it_is(cases):
    _, model, rows, _ = cases["standing"]
    none = margin(model, rows, rotation=1e-9, shift=1e-9)
    assert none.value == pytest.approx(1.0, abs=2e-3) and "muscles" not in none.limited_by


def test_shifts_may_count_from_elsewhere(cases):
    # From where it hung before any weight a joint has gone further, so that less load is left.
    _, model, rows, most = cases["standing"]
    unloaded = margin(model, rows, rest=np.zeros_like(solve(model).x))
    assert (unloaded.shift < most.shift).all() and (unloaded.capacity == most.capacity).all()
    assert (margin(model, rows, rest=np.ones_like(solve(model).x)).value == 0).all()


def test_who_cannot_hold_the_posture_has_no_margin(cases):
    here, _, rows, _ = cases["standing"]
    limp = margin(here.model(MuscleState(strength=0.0)), rows)
    assert np.isfinite(limp.capacity).all() and (limp.capacity < 0.2).all()
    assert (limp.value <= limp.capacity).all()
