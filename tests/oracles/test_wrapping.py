"""Strings over cylinders and spheres against closed forms and against the shortest way found by search."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize

from counterpull.anatomy import wrapping

R = 0.03
# Of a point on the surface, rounding makes one 1e-16 off it, whose tangent is 1e-8 long: lengths are good to this.
SURFACE = 1e-9
pytestmark = pytest.mark.usefixtures("double")


def cylinder(p, s, r=R, winding=1.0):
    return float(wrapping.cylinder_length(jnp.array(p, float), jnp.array(s, float), r, winding))


def sphere(p, s, r=R):
    return float(wrapping.sphere_length(jnp.array(p, float), jnp.array(s, float), r))


# -- closed forms --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("drop", [0.0, 0.01, 0.04])
def test_half_a_turn_with_both_ends_hanging_down(drop):
    # A rope over a branch: two straight ends and half the girth. From -x over the top to +x winds clockwise.
    rope = cylinder([-R, -drop, 0], [R, -drop, 0], winding=-1.0)
    assert rope == pytest.approx(np.pi * R + 2 * drop, abs=1e-15)


def test_half_a_girth_between_opposite_poles():
    assert sphere([0, 0, R], [0, 0, -R]) == pytest.approx(np.pi * R, abs=1e-15)
    assert sphere([0, 0, 2 * R], [0, 0, -2 * R]) == pytest.approx(
        2 * np.sqrt(3) * R + R * (np.pi - 2 * np.arccos(0.5)), abs=1e-15
    )


@pytest.mark.parametrize("turn", [10, 90, 180, 270])
@pytest.mark.parametrize("rise", [0.0, 0.05, -0.02])
@pytest.mark.parametrize("winding", [1.0, -1.0])
def test_a_helix_on_the_surface_is_a_slanted_line_unrolled(turn, rise, winding):
    angle = np.deg2rad(turn)
    end = [R * np.cos(angle), winding * R * np.sin(angle), rise]
    assert cylinder([R, 0, 0], end, winding=winding) == pytest.approx(np.hypot(R * angle, rise), abs=SURFACE)


@pytest.mark.parametrize("turn", [1, 45, 90, 179])
def test_a_great_circle_on_the_surface_of_a_sphere(turn):
    rng, angle = np.random.default_rng(turn), np.deg2rad(turn)
    frame, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    first = R * frame[0]
    second = R * (np.cos(angle) * frame[0] + np.sin(angle) * frame[1])
    assert sphere(first, second) == pytest.approx(R * angle, abs=SURFACE)


def test_two_tangents_and_an_arc():
    # Ends at 50 mm from the axis, 150 degrees apart: textbook geometry of a belt.
    d, b = 0.05, np.deg2rad(150)
    end = [d * np.cos(b), d * np.sin(b), 0]
    belt = 2 * np.sqrt(d**2 - R**2) + R * (b - 2 * np.arccos(R / d))
    assert cylinder([d, 0, 0], end) == pytest.approx(belt, abs=1e-15)
    assert sphere([d, 0, 0], end) == pytest.approx(belt, abs=1e-15)


@pytest.mark.parametrize("length", [cylinder, sphere])
@pytest.mark.parametrize(
    ("p", "s"),
    [
        ([0.1, -0.1, 0.02], [0.1, 0.1, -0.03]),  # passes by
        ([0.05, 0, 0], [0.09, 0, 0.01]),  # both on one side
        ([0.031, -0.001, 0], [0.031, 0.001, 0]),  # close by, not touching
    ],
)
def test_a_string_that_does_not_touch_is_straight(length, p, s):
    assert length(p, s) == pytest.approx(np.linalg.norm(np.subtract(p, s)), abs=1e-15)


def test_a_string_on_the_other_side_of_a_cylinder_is_straight():
    # The winding direction says on which side the wrap is; on the other side there is nothing to touch.
    p, s = [0.028, -0.0125, 0], [0.028, 0.0125, 0.01]
    assert cylinder(p, s) > 1.001 * np.linalg.norm(np.subtract(p, s))
    assert cylinder(p, s, winding=-1.0) == pytest.approx(np.linalg.norm(np.subtract(p, s)), abs=1e-15)


def test_a_string_pressed_through_the_middle_winds_on():
    # The string is pulled across the axis: it stays on its side and grows, it does not jump to the other.
    across = np.linspace(-0.01, 0.01, 201)
    lengths = [cylinder([x, -0.05, 0], [x, 0.05, 0]) for x in across]
    assert (np.diff(lengths) < 0).all() and np.abs(np.diff(lengths)).max() < 4e-4


# -- the shortest way by search ------------------------------------------------------------------------------


def _places(seed, count=40):
    """Random ends outside of the wrap."""
    rng = np.random.default_rng(seed)
    while count:
        p, s = rng.uniform(-0.08, 0.08, (2, 3))
        if min(np.hypot(*p[:2]), np.hypot(*s[:2])) > 1.05 * R:
            count -= 1
            yield p, s


def _shortest(way, start, outside):
    """Least length over the points of contact; free runs may not pass through the wrap (outside >= 0)."""
    found = minimize(
        way,
        start,
        method="SLSQP",
        constraints={"type": "ineq", "fun": outside},
        options={"maxiter": 1000, "ftol": 1e-15},
    )
    assert np.min(outside(found.x)) > -1e-9
    return found.fun


@pytest.mark.parametrize("winding", [1.0, -1.0])
def test_a_cylinder_string_is_the_shortest_that_winds_that_way(winding):
    wound = 0
    for p, s in _places(seed=1):
        touches = bool(wrapping.cylinder_contact(jnp.asarray(p), jnp.asarray(s), R, winding).touches)
        wound += touches
        if touches:
            assert cylinder(p, s, winding=winding) == pytest.approx(
                _searched_cylinder(p, s, winding), abs=1e-7
            )
    assert wound >= 10


def _searched_cylinder(p, s, winding):
    """Free run, helix, free run: the least over angle and height of both points of contact."""
    start = np.arctan2(p[1], p[0])
    turn = (winding * (np.arctan2(s[1], s[0]) - start)) % (2 * np.pi)

    def contacts(x):
        angle = start + winding * x[:2] * turn
        return np.stack([R * np.cos(angle), R * np.sin(angle), x[2:] * R], axis=1)

    def way(x):
        first, second = contacts(x)
        helix = np.hypot(R * turn * (x[1] - x[0]), second[2] - first[2])
        return (np.linalg.norm(first - p) + helix + np.linalg.norm(s - second)) / R

    def outside(x):
        first, second = contacts(x)
        runs = (p - first)[:2] @ first[:2], (s - second)[:2] @ second[:2]
        return np.array([*runs, (x[1] - x[0]) * R**2]) / R**2

    return R * _shortest(way, [0.45, 0.55, p[2] / R, s[2] / R], outside)


def test_a_sphere_string_is_the_shortest_outside_of_the_ball():
    touched = 0
    for p, s in _places(seed=2):
        touches = bool(wrapping.sphere_contact(jnp.asarray(p), jnp.asarray(s), R).touches)
        touched += touches
        if touches:
            assert sphere(p, s) == pytest.approx(_searched_sphere(p, s), abs=1e-7)
    assert touched >= 4


def _searched_sphere(p, s):
    """Free run, great circle, free run: the least over both points of contact, anywhere on the ball."""

    def contacts(x):
        return [R * part / np.linalg.norm(part) for part in (x[:3], x[3:])]

    def way(x):
        first, second = contacts(x)
        arc = R * np.arctan2(np.linalg.norm(np.cross(first, second)), first @ second)
        return (np.linalg.norm(p - first) + arc + np.linalg.norm(s - second)) / R

    def outside(x):
        first, second = contacts(x)
        return np.array([(p - first) @ first, (s - second) @ second]) / R**2

    # From beside the plane of the ends: the search must find that plane itself.
    beside = 0.2 * np.cross(p, s) / np.linalg.norm(np.cross(p, s))
    toward = [x / np.linalg.norm(x) for x in (p, s)]
    start = [0.8 * toward[0] + 0.2 * toward[1] + beside, 0.2 * toward[0] + 0.8 * toward[1] + beside]
    return R * _shortest(way, np.concatenate(start), outside)


# -- contact -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("winding", [1.0, -1.0])
def test_tangent_points_lie_on_the_cylinder_and_add_up(winding):
    for p, s in _places(seed=3):
        contact = wrapping.cylinder_contact(jnp.asarray(p), jnp.asarray(s), R, winding)
        if not contact.touches:
            continue
        first, second = np.asarray(contact.first), np.asarray(contact.second)
        assert np.hypot(*first[:2]) == pytest.approx(R) and np.hypot(*second[:2]) == pytest.approx(R)
        # free runs are tangent, and the pieces make the length
        assert abs((p - first)[:2] @ first[:2]) < 1e-15 and abs((s - second)[:2] @ second[:2]) < 1e-15
        turn = (winding * (np.arctan2(*second[1::-1]) - np.arctan2(*first[1::-1]))) % (2 * np.pi)
        pieces = (
            np.linalg.norm(p - first) + np.hypot(R * turn, second[2] - first[2]) + np.linalg.norm(s - second)
        )
        assert pieces == pytest.approx(cylinder(p, s, winding=winding), abs=1e-14)


def test_tangent_points_lie_on_the_sphere_and_add_up():
    for p, s in _places(seed=4):
        contact = wrapping.sphere_contact(jnp.asarray(p), jnp.asarray(s), R)
        if not contact.touches:
            continue
        first, second = np.asarray(contact.first), np.asarray(contact.second)
        assert np.linalg.norm(first) == pytest.approx(R) and np.linalg.norm(second) == pytest.approx(R)
        assert abs((p - first) @ first) < 1e-15 and abs((s - second) @ second) < 1e-15
        arc = R * np.arccos(np.clip(first @ second / R**2, -1, 1))
        pieces = np.linalg.norm(p - first) + arc + np.linalg.norm(s - second)
        assert pieces == pytest.approx(sphere(p, s), abs=1e-9)


# -- continuity ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrap", [wrapping.cylinder_length, wrapping.sphere_length], ids=["cylinder", "sphere"]
)
def test_length_and_slope_agree_where_the_string_lets_go(wrap):
    extra = (1.0,) if wrap is wrapping.cylinder_length else ()

    def length(x):
        return wrap(jnp.array([x, -0.06, 0.01]), jnp.array([x, 0.07, 0.01]), R, *extra)

    value_and_slope = jax.jit(jax.value_and_grad(length))
    # The straight line between the ends touches the wrap at exactly this distance.
    distance = R if wrap is wrapping.cylinder_length else np.sqrt(R**2 - 0.01**2)
    (on, slope_on), (off, slope_off) = (value_and_slope(distance + d) for d in (-1e-9, 1e-9))
    assert abs(float(on) - float(off)) < 1e-10
    assert abs(float(slope_on) - float(slope_off)) < 1e-6
    # and a little further in, it does touch
    assert float(value_and_slope(distance - 1e-3)[0]) > 0.13 > float(off) - 1e-9


@pytest.mark.parametrize("wrap", [cylinder, sphere])
def test_a_point_that_enters_the_wrap_changes_the_length_continuously(wrap):
    radii = R + np.array([-2e-9, -1e-9, 0, 1e-9, 2e-9])
    lengths = [wrap([-0.05, -0.02, 0], [x, 0, 0.004]) for x in radii]
    assert np.abs(np.diff(lengths)).max() < 1e-8


def test_a_vanishing_wrap_is_no_wrap():
    p, s = np.array([-0.05, 0.001, 0.01]), np.array([0.06, 0.002, -0.02])
    for length in (cylinder(p, s, r=1e-9, winding=-1.0), sphere(p, s, r=1e-9)):
        assert length == pytest.approx(np.linalg.norm(p - s), abs=1e-8)
