"""Solve: the activations of least effort whose tensions, with everything else, balance the ring.

Three modes of response:

* `held`: the nervous system balances the loads anew and holds the posture exactly;
* `yields`: a deviation of the posture costs effort too (θ of it as much as the whole effort), so it gives way;
* `before_reaction`: activations are frozen as given; joints, passive tissue and the short-range stiffness of
  the active fibres respond. Weight then does not topple: in a tenth of a second inertia does not let it.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from counterpull.mechanics.asked import MANY_NEWTONS, Asked, Found, careful, usual
from counterpull.mechanics.balancing import balanced
from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.model import Model, taken
from counterpull.mechanics.muscle import passive_tension
from counterpull.numerics.problem import Outcome
from counterpull.quantities import InputError, or_list

MODES = ("held", "yields", "before_reaction")
_ROUNDS, _AGREES, _LEAST = 40, 1e-6, 1e-5
"""Of the cubed effort: most rounds, change of the activations that counts as none, and the least that counts."""


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """What was found, n draws. SI; tension and activation in the order of Body.elements."""

    model: Model
    x: Floats
    """(n, N) displacement from the posture, unloaded ring = 0."""
    activation: Floats
    """(n, E) total drive, involuntary included."""
    multiplier: Floats
    """(n, m) what it costs to move a held coordinate by one unit."""
    outcome: np.ndarray
    """(n,) of numerics.Outcome."""
    steps: np.ndarray
    unbalanced: Floats
    """(n,) largest unbalanced force over the largest force."""
    again: Floats
    """(n, m) multipliers with which a neighbour starts."""

    @cached_property
    def tension(self) -> Floats:
        """(n, E) newtons, passive parts and their stretch included."""
        muscles, stretch = self.model.muscles, np.empty_like(self.activation)
        for v in np.unique(self.model.variant):
            some = self.model.variant == v
            stretch[some] = -(self.x[some] @ self.model.pull[v])
        return passive_tension(muscles.tissue, stretch)[0] + self.activation * muscles.active

    def of(self, rows: np.ndarray) -> "Equilibrium":
        """The same of some draws."""
        rest = (
            self.x,
            self.activation,
            self.multiplier,
            self.outcome,
            self.steps,
            self.unbalanced,
            self.again,
        )
        return Equilibrium(taken(self.model, rows), *(part[rows] for part in rest))

    @property
    def held(self) -> np.ndarray:
        """(n,) whether the posture is held."""
        return self.outcome == Outcome.CONVERGED


def solve(
    model: Model,
    mode: str = "held",
    frozen: Equilibrium | None = None,
    protection: float = 0.0,
    exponent: int = 2,
    near: Equilibrium | None = None,
) -> Equilibrium:
    """Balance every draw of a model.

    `mode` is "held", "yields" or "before_reaction"; the last two start from a `frozen` equilibrium (the
    baseline): its effort is the measure of yielding, its activations are those that are frozen.
    `protection` g adds ½ g Σ (d / limit)² to the effort, d the shifts and turns of both sacroiliac joints and limit
    what imaging can detect (0.47 mm, 0.71 deg): a nervous system that spares the joints. 0 is the reference case.
    `exponent` 3 makes the effort the sum of the cubes of the activations (Crowninshield & Brand 1981); it takes
    some ten times as long. `near` is an equilibrium of the same draws not far away, to start from.
    """
    if mode not in MODES:
        raise InputError(f'solve: there is no mode "{mode}"; use {or_list(MODES)}.')
    if not protection >= 0:
        raise InputError(f"solve: protection is {protection}; it must not be negative.")
    if exponent not in (2, 3):
        raise InputError(f"solve: the exponent of the effort is {exponent}; use 2 or 3.")
    if exponent == 3 and mode != "before_reaction":
        return _cubed(model, mode, frozen, protection)
    return _squared(model, mode, frozen, protection, near)


def _squared(
    model: Model,
    mode: str,
    frozen: Equilibrium | None,
    protection: float,
    near: Equilibrium | None,
    newton_steps: int = 1,
) -> Equilibrium:
    """Least sum of w a²/2."""
    n = len(model.variant)
    asked, effort = usual(model, np.arange(n), protection), np.ones(n)
    asked = asked._replace(newton_steps=np.full(n, newton_steps))
    if frozen is not None:
        effort = np.sum(model.muscles.weight * frozen.activation**2, axis=1)
        asked = asked._replace(drive=frozen.activation, before=frozen.x, x=frozen.x)
    asked = asked._replace(
        quick=np.full(n, float(mode == "before_reaction")),
        gives=np.full(n, float(mode != "held")),
        price=np.maximum(effort, 1e-9) / model.yielding**2,
    )
    warm = asked if near is None else _from(asked, near)
    found = balanced(model, warm, np.arange(n), protection)
    # What does not end from a neighbour may from a cold start, what circles with small steps.
    for other in (asked, careful(asked)):
        rest = np.flatnonzero(found.outcome == Outcome.UNFINISHED)
        if len(rest) and other is not warm:
            again = balanced(model, other.of(rest), rest, protection)
            ended = again.outcome != Outcome.UNFINISHED
            _join(found, rest, again, ended | (again.unbalanced < found.unbalanced[rest]))
    rest = np.flatnonzero(found.outcome == Outcome.UNFINISHED)
    if len(rest):
        start = asked.of(rest)._replace(x=found.x[rest], multiplier=found.multiplier[rest])
        again = balanced(model, start, rest, protection, settle=True)
        _join(found, rest, again, again.outcome == Outcome.CONVERGED)
        found.outcome[rest] = again.outcome
    return _equilibrium(model, found)


def _join(found: Found, rows: np.ndarray, again: Found, better: np.ndarray) -> None:
    """Put in what was found again, where that is better."""
    for every, each in zip(found, again, strict=True):
        every[rows[better]] = each[better]


def _from(asked: Asked, near: Equilibrium) -> Asked:
    """The same, started from a neighbour where that holds its posture."""
    known = near.held
    return asked._replace(
        x=np.where(known[:, None], near.x, asked.x),
        multiplier=np.where(known[:, None], near.again, asked.multiplier),
        cold=np.where(known, 0.0, asked.cold),
    )


def _equilibrium(model: Model, found: Found) -> Equilibrium:
    at = found.x, found.activation, found.multiplier
    return Equilibrium(model, *at, found.outcome, found.steps, found.unbalanced, found.again)


def _cubed(model: Model, mode: str, frozen: Equilibrium | None, protection: float) -> Equilibrium:
    """Least sum of w d³/3: the least sum of ½ (w d) d², the factor w d taken from the last round.

    A round squares the miss of d; its geometric mean with the last d is the answer when the multipliers stay. Draws
    that agree, and those that cannot hold the posture, whatever effort costs, leave.
    """
    drive, found, rows = np.full_like(model.muscles.low, 0.1), None, np.arange(len(model.variant))
    for _ in range(_ROUNDS):
        part, last = taken(model, rows), np.maximum(drive[rows], _LEAST)
        weighed = part._replace(muscles=part.muscles._replace(weight=part.muscles.weight * last))
        start = None if found is None else found.of(rows)
        # Weights that differ by 1e5 need the maximum of the dual at each tangent, or x circles.
        here = _squared(weighed, mode, frozen and frozen.of(rows), protection, start, MANY_NEWTONS)
        found = here if found is None else _with(found, rows, here)
        now = np.sqrt(last * np.maximum(here.activation - part.muscles.target, 0.0))
        change, drive[rows] = np.abs(now - drive[rows]).max(axis=1), now
        rows = rows[here.held & (change >= _AGREES)]
        if not len(rows):
            break
    assert found is not None
    return replace(found, model=model)


def _with(every: Equilibrium, rows: np.ndarray, some: Equilibrium) -> Equilibrium:
    """The same with some draws replaced."""

    def put(name: str) -> np.ndarray:
        out = np.array(getattr(every, name))
        out[rows] = getattr(some, name)
        return out

    return replace(every, **{name: put(name) for name in _RESULTS})


_RESULTS = ("x", "activation", "multiplier", "outcome", "steps", "unbalanced", "again")
