"""A Model, what is asked of it and what is found, as the contiguous arrays that the kernel reads and writes."""

from typing import Any

import numpy as np

from counterpull.mechanics.asked import BRACE, GROWS, MOST_TURN, Asked, Found
from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.kernel.draws import Given, Results, Wanted
from counterpull.mechanics.kernel.tissue import BLOCK
from counterpull.mechanics.model import LOADS, Model
from counterpull.mechanics.yardsticks import SEEN_ROTATION, SEEN_SHIFT

_GROWS = np.array([name in GROWS for name in LOADS])


def given(model: Model, protection: float) -> Given:
    """A Model."""
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
    loads = np.stack([model.loads[:, ~_GROWS].sum(axis=1), model.loads[:, _GROWS].sum(axis=1)], axis=1)
    bounds = (muscles.active, muscles.short_range, muscles.weight, muscles.low, muscles.high, muscles.target)
    parts: list[Any] = [
        np.array(model.variant, np.int64),
        _plain(np.swapaxes(model.pull, 1, 2)),
        *map(_plain, (s.linear, s.toppling, strings.axis, joint.frame.reshape(-1, 12, size))),
        tuple(tuple(map(_plain, each)) for each in ((*fibres, *rest), lines, joints)),
        *map(_plain, (s.moving, loads, *bounds)),
        np.pad(model.held, ((0, len(limit)), (0, -size % BLOCK))),
        # A row that moves nothing demands nothing.
        np.append(1.0 * ~some, np.full(len(limit), 1.0 / protection if protection else 0.0)),
        np.append(BRACE * some, np.zeros(len(limit))),
        limit,
        np.append(_plain(model.force_unit), np.ones(-size % BLOCK)),
    ]
    return Given(*parts)


def wanted(asked: Asked, settle: bool) -> Wanted:
    """What is asked of each draw."""
    turn = asked.gives * MOST_TURN
    parts = (asked.quick, turn, asked.price, asked.drive, asked.before, asked.effort, asked.factor, asked.x)
    return Wanted(
        *map(
            _plain,
            (
                *parts,
                asked.multiplier,
                asked.cold,
                asked.most_steps,
                asked.tolerance,
                asked.onward,
                asked.newton_steps,
                asked.caution,
                np.full(len(asked.x), float(settle)),
            ),
        ),
    )


def empty(model: Model, asked: Asked) -> Results:
    """Room for what is found."""
    n, m = asked.multiplier.shape
    free, size = model.held.shape
    unknowns, whole = model.pull.shape[2] + 1 + free, np.zeros((2, n), np.int64)
    x, multiplier = np.zeros((2, n, size)), np.zeros((3, n, m))
    value, left = np.zeros((n, unknowns)), np.zeros(n)
    return Results(x[0], value, multiplier[0], whole[0], whole[1], left, multiplier[1], x[1], multiplier[2])


def found(model: Model, results: Results) -> Found:
    """The same in the words of the mechanics."""
    elements = model.pull.shape[2]
    x, value, multiplier, *rest = results
    return Found(x, value[:, :elements], value[:, elements], multiplier, *rest)


def _plain(array: Any) -> Floats:
    """One type for the kernel, which is compiled for one: writable, in a row."""
    return np.require(array, float, ["C", "W"])
