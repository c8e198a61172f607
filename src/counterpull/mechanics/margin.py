"""The margin: by how much could the load of this activity grow before something gives way?

    margin = the largest λ for which λ × (weight and external loads) is balanced in the held posture within all
    bounds, with each sacroiliac joint within a stated shift of its resting value

The resting value is where the joint stands in the activity itself; where a finding is asked about, without it. So
a margin of 1.3 says: at 1.3 times the load a joint would stand that far from where it usually stands, or the muscles
would give way. Counted from the unloaded pelvis instead, healthy standing would already be beyond what imaging
can see (docs/decisions/0015).

Two limits, both read off one curve, that of the balances of least effort x(λ). *Capacity*: λ becomes an unknown
that is drawn far out of reach; the less effort counts beside that, the further along the curve the balance lies,
until muscles at their bounds stop it. *Shift*: between the last balance within the limit and the first beyond it
the curve is taken as the cubic with the values and slopes of both, and balanced again where that meets the
limit. A λ below 1 means that the activity itself is too much.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from counterpull.mechanics.asked import GROWS, PINNED, usual
from counterpull.mechanics.balancing import balanced
from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.equilibrium import Equilibrium, solve
from counterpull.mechanics.model import LOADS, Model
from counterpull.mechanics.yardsticks import SEEN_ROTATION, SEEN_SHIFT
from counterpull.numerics.problem import Outcome

MOST = 50.0
"""λ beyond this counts as this."""
LEAST = 0.1
"""λ below this counts as 0: without weight a body floats, and a balance is hard to find."""
_LEAST_PRICE, _CHEAPER = 2e-3, 0.1
"""Of effort beside the loss of λ: capacity is a thousandth short. Reached in steps; from a cold start it circles."""
_MOST_GROWTHS = 5
_CLOSE = 5e-3
"""Share of the limit by which a balance may miss it; the cubic from there misses it by far less."""
_NARROW = 1e-3
"""Share of λ within which the limit is known well enough, however far both ends miss it."""
_MOST_SOLVES, _MOST_STEPS = 12, 120
"""Solves of a draw, and steps of a solve: what takes more rarely ends."""
_TOLERANCE = 1e-4
"""Unbalanced force over the largest force; it moves λ by less than a millionth."""
_LEAP = 0.25
"""Part of λ that is kept in one step where no balance within the limit is known: far extrapolation misleads."""
_LEAST_PART = 0.3
"""Below this, after four failures on end, what is known already must do."""
_GRID = 64
"""Points at which the cubic is read."""


@dataclass(frozen=True, eq=False)
class Margin:
    """Margins of n draws."""

    capacity: Floats
    """(n,) largest λ within the muscles' bounds; 0 where not even the unloaded posture can be held."""
    shift: Floats
    """(n,) largest λ up to capacity with both joints within the limit; 0 where there is none."""
    limited_by: list[str]
    """What gives way first: "muscles" or "shift right", "shift left"."""
    at_bound: np.ndarray
    """(n, E) elements at their bound when capacity is reached."""

    @property
    def value(self) -> Floats:
        """(n,) the margin."""
        return np.minimum(self.capacity, self.shift)


def with_load(model: Model, factor: Floats) -> Model:
    """The model with weight and external loads multiplied, (n,)."""
    loads = model.loads.copy()
    for name in GROWS:
        loads[:, LOADS.index(name)] *= np.asarray(factor)[:, None]
    return model._replace(loads=loads)


def margin(
    model: Model,
    shift_rows: Floats,
    rotation: float = SEEN_ROTATION,
    shift: float = SEEN_SHIFT,
    found: Equilibrium | None = None,
    rest: Floats | None = None,
) -> Margin:
    """Margin of every draw; `shift_rows` (n, 2, 6, N) as given by `readings.shift_rows`.

    `found` is the equilibrium of the same draws in the activity itself, where it is known already; `rest` (n, N) the
    displacement that shifts count from (default: that of `found`, or none where the activity cannot be held).
    """
    found = solve(model) if found is None else found
    rest = np.where(found.held[:, None], found.x, 0.0) if rest is None else np.asarray(rest)
    limit = _Limit(np.asarray(shift_rows) / np.repeat([rotation, shift], 3)[:, None], rest)
    state = _State.start(model, found)
    while len(rows := np.flatnonzero(state.goes_on)):
        state = state.joined(rows, _step(state.of(rows), model, _mapped(lambda a: a[rows], limit), rows))
    low = _known(state.low, state.high)
    part, side = _met(low, state.high, limit)
    ended = np.isinf(state.high.factor)
    end = low.factor + part * (np.where(ended, low.factor, state.high.factor) - low.factor)
    end = np.where(ended, np.inf, np.where(end < LEAST, 0.0, end))
    limited = [
        "muscles" if c <= s else f"shift {('right', 'left')[i]}"
        for c, s, i in zip(state.capacity, end, side, strict=True)
    ]
    return Margin(state.capacity, np.minimum(end, state.capacity), limited, state.at_bound)


class _Limit(NamedTuple):
    """How far the joints may go, n draws."""

    rows: Floats
    """(n, 2, 6, N) turns and shifts of both sides per coordinate, over their limits."""
    rest: Floats
    """(n, N) displacement that they count from."""

    def shares(self, x: Floats) -> Floats:
        """(n, ..., 2) share of the limit that each side uses at x (n, ..., N)."""
        gone = x - self.rest.reshape(len(x), *(1,) * (x.ndim - 2), -1)
        motion = np.einsum("nsrx,n...x->n...sr", self.rows, gone, optimize=True)
        return np.linalg.norm(motion.reshape(*motion.shape[:-1], 2, 3), axis=-1).max(axis=-1)


class _At(NamedTuple):
    """A balance of each draw on its curve, and where the curve goes from there."""

    factor: Floats
    """(n,) λ"""
    x: Floats
    """(n, N)"""
    way: Floats
    """(n, N) dx/dλ"""
    multiplier: Floats
    """(n, m) of effort at its own price."""
    turn: Floats
    """(n, m) how fast the multiplier changes with λ."""
    share: Floats
    """(n,) the larger share of the limit that a side uses."""


class _State(NamedTuple):
    """What is known of each draw."""

    low: _At
    """The furthest balance within the limit; its factor is 0 as long as there is none."""
    high: _At
    """The nearest beyond the limit; its factor is infinite as long as there is none."""
    last: _At
    """The one to start from; its factor is 0 as long as there is none."""
    capacity: Floats
    at_bound: np.ndarray
    """(n, E)"""
    price: Floats
    """Of effort, at the furthest balance so far."""
    cheaper: Floats
    """Factor of the price for the next."""
    part: Floats
    """How much of the way back from `high` to go: less after a failure."""
    solves: np.ndarray

    @classmethod
    def start(cls, model: Model, found: Equilibrium) -> "_State":
        """Nothing but where the activity itself is balanced, if it is."""
        none, held = np.zeros(len(found.x)), found.held[:, None]
        # Soft demands of protection come after the held rows; a margin has none.
        multiplier = np.where(held, found.again[:, : len(model.held)], 0.0)
        nowhere = _At(none, 0 * found.x, 0 * found.x, 0 * multiplier, 0 * multiplier, none)
        last = nowhere._replace(x=np.where(held, found.x, 0.0), multiplier=multiplier)
        at_bound = np.zeros(found.activation.shape, bool)
        price, cheaper = none + 1.0, none + _CHEAPER
        beyond = nowhere._replace(factor=none + np.inf)
        return cls(nowhere, beyond, last, none, at_bound, price, cheaper, none + 1.0, none.astype(int))

    def of(self, rows: np.ndarray) -> "_State":
        """The same of some draws."""
        return _mapped(lambda each: each[rows], self)

    def joined(self, rows: np.ndarray, some: "_State") -> "_State":
        """The same with some draws replaced."""

        def put(each: np.ndarray, new: np.ndarray) -> np.ndarray:
            each = each.copy()
            each[rows] = new
            return each

        return _mapped(put, self, some)

    @property
    def grows(self) -> np.ndarray:
        """(n,) whether capacity is still sought."""
        return (self.price > _LEAST_PRICE) & (self.solves <= _MOST_GROWTHS)

    @property
    def goes_on(self) -> np.ndarray:
        """(n,) whether there is more to find."""
        low, high = self.low, self.high
        near = np.minimum(np.abs(low.share - 1.0), np.abs(high.share - 1.0)) <= _CLOSE
        # Where two balances exist side by side the share jumps across the limit.
        jump = high.factor - low.factor <= _NARROW * high.factor
        settled = np.isinf(high.factor) | (high.factor <= LEAST) | near | jump | (self.part < _LEAST_PART)
        return self.grows | (~settled & (self.solves < _MOST_SOLVES))


def _step(state: _State, model: Model, limit: _Limit, rows: np.ndarray) -> _State:
    """One more balance of every draw: the activity itself, then capacity at falling prices, then the shift."""
    high, last, first = state.high, state.last, state.solves == 0
    growing, seeking = ~first & state.grows, ~first & ~state.grows
    price = np.where(growing, state.price * state.cheaper, 1.0)
    low = _known(state.low, high)
    width = np.where(np.isinf(high.factor), 0.0, high.factor - low.factor)
    part = np.clip(_met(low, high, limit)[0], np.where(state.low.factor > 0, 0.01, _LEAP), 0.99)
    part = 1.0 - state.part * (1.0 - part)
    at = np.maximum(np.where(seeking, low.factor + part * width, 1.0), LEAST)
    near = _cubic(low, high, np.where(width > 0, (at - low.factor) / np.where(width > 0, width, 1.0), 0.0))
    # At the muscles' bounds the worth of λ settles the multipliers, whatever effort costs.
    kept = last.multiplier * np.where(state.solves > 1, state.price, price)[:, None]
    given = np.stack([at, at, at, np.full_like(at, PINNED)], axis=1)
    sought = np.array([2.0 * MOST, 0.0, MOST, 1.0 / MOST])
    asked = usual(model, rows)._replace(
        effort=price,
        factor=np.where(growing[:, None], sought, given),
        x=np.where(seeking[:, None], near[0], last.x),
        multiplier=np.where(seeking[:, None], near[1], kept),
        # What lies on the curve already knows which strings are slack; a cold start takes them as taut first.
        cold=((last.factor == 0) & (~first | ~last.x.any(axis=1))).astype(float),
        most_steps=np.full(len(rows), _MOST_STEPS),
        tolerance=np.full(len(rows), _TOLERANCE),
        onward=np.ones(len(rows)),
    )
    found = balanced(model, asked, rows)
    held, factor = found.outcome == Outcome.CONVERGED, found.factor
    multiplier, turn = found.again / price[:, None], found.turn / price[:, None]
    here = _At(factor, found.x, found.way, multiplier, turn, limit.shares(found.x).max(axis=-1))
    beyond = held & (here.share > 1.0) & (factor < high.factor)
    within = held & (here.share <= 1.0) & (factor > state.low.factor) & (factor < high.factor)
    further = held & (factor > state.capacity) & ~seeking
    full = found.activation >= model.muscles.high[rows] - 1e-9
    return _State(
        _chosen(within, here, state.low),
        _chosen(beyond, here, high),
        _chosen(held, here, last),
        np.where(further, factor, state.capacity),
        np.where(further[:, None], full, state.at_bound),
        np.where(growing & held, price, state.price),
        np.where(growing & ~held, state.cheaper**0.3, state.cheaper),
        # A body that floats already has no balance to be found further down.
        np.where(seeking & ~held, np.where(at < 1.5 * LEAST, 0.0, 0.7 * state.part), 1.0),
        state.solves + 1,
    )


def _mapped(function: Callable[..., np.ndarray], *states: Any) -> Any:
    """A function of each array in nested tuples."""
    parts = (
        _mapped(function, *each) if isinstance(each[0], tuple) else function(*each)
        for each in zip(*states, strict=True)
    )
    return type(states[0])(*parts)


def _chosen(which: np.ndarray, one: _At, other: _At) -> _At:
    return _mapped(lambda a, b: np.where(which.reshape(-1, *[1] * (a.ndim - 1)), a, b), one, other)


def _known(low: _At, high: _At) -> _At:
    """`low`; while there is none, where the curve would start if it were straight before `high`."""
    reach = np.where(np.isinf(high.factor), 0.0, high.factor)[:, None]
    straight = high._replace(
        factor=np.zeros_like(low.factor),
        x=high.x - reach * high.way,
        multiplier=high.multiplier - reach * high.turn,
    )
    return _chosen((low.factor > 0) | np.isinf(high.factor), low, straight)


def _cubic(low: _At, high: _At, part: Floats) -> tuple[Floats, Floats]:
    """x and multiplier parts (n, ...) of the way between two balances, from the values and slopes of both."""
    extra = (1,) * (part.ndim - 1)
    width = np.where(np.isinf(high.factor), 0.0, high.factor - low.factor).reshape(-1, *extra, 1)
    part, rest = part[..., None], 1.0 - part[..., None]

    def between(*ends: Floats) -> Floats:
        a, b, slope_a, slope_b = (each.reshape(len(each), *extra, -1) for each in ends)
        values = a * rest**2 * (1 + 2 * part) + b * part**2 * (1 + 2 * rest)
        return values + width * part * rest * (slope_a * rest - slope_b * part)

    return (
        between(low.x, high.x, low.way, high.way),
        between(low.multiplier, high.multiplier, low.turn, high.turn),
    )


def _met(low: _At, high: _At, limit: _Limit) -> tuple[Floats, np.ndarray]:
    """At which part of the way from `low` to `high` the cubic leaves the limit, and on which side, (n,) each."""
    every = np.arange(len(low.factor))
    begin, width = np.zeros(len(every)), 1.0
    for _ in range(2):
        along = begin[:, None] + width * np.linspace(0.0, 1.0, _GRID + 1)
        used = limit.shares(_cubic(low, high, along)[0])
        # The last that is within, and the one after.
        within = used.max(axis=2) <= 1.0
        after = np.minimum(_GRID + 1 - np.argmax(within[:, ::-1], axis=1), _GRID)
        after = np.where(within.any(axis=1), after, 1)
        begin, width = along[every, after - 1], width / _GRID
    inside, beyond = used[every, after - 1].max(axis=1), used[every, after].max(axis=1)
    part = (1.0 - inside) / np.where(beyond > inside, beyond - inside, 1.0)
    part = np.clip(begin + width * np.clip(part, 0.0, 1.0), 0.0, 1.0)
    return part, used[every, after].argmax(axis=1)
