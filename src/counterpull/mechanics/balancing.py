"""Many draws of a Model balanced, each as it is asked to be: one program for all modes, loads and starts.

All modes of response are one problem. `quick` 1 is the moment before a reaction, `gives` 1 lets the posture
deviate at a price, and λ, the factor of weight and external loads, is one more unknown: 1, or given, or sought.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from counterpull.anatomy.draws import VARIANTS
from counterpull.compiled import kept
from counterpull.mechanics import laws
from counterpull.mechanics.coordinates import Numeric
from counterpull.mechanics.model import LOADS, Model, Muscles
from counterpull.mechanics.yardsticks import SEEN_ROTATION, SEEN_SHIFT
from counterpull.numerics import balance, conditions
from counterpull.numerics.problem import Outcome

BRACE = 3e3
"""Nm/rad: springs that hold the posture while the balance is sought; they carry nothing in the end."""
MOST_TURN = 1.0
"""rad by which a posture may yield."""
CHUNK = 32
"""Draws in a program: what is compiled has one shape. Fewer are filled up, and only those asked for are solved."""
GROWS = ("gravity", "external")
"""Loads that λ multiplies."""
PINNED = 1e9
"""Weight of λ where it is given."""


class Asked(NamedTuple):
    """How each of n draws is to be balanced."""

    quick: Numeric
    """(n,) 1: only what responds at once responds, and weight does not topple."""
    gives: Numeric
    """(n,) 1: the posture may deviate."""
    price: Numeric
    """(n,) of a deviation: its square beside the effort."""
    drive: Numeric
    """(n, E) activations that are frozen where `quick`."""
    before: Numeric
    """(n, N) displacement that stretch counts from where `quick`."""
    effort: Numeric
    """(n,) price of effort beside the worth of λ."""
    factor: Numeric
    """(n, 4) λ is drawn to, at least, at most, and how firmly."""
    x: Numeric
    """(n, N) where to start."""
    multiplier: Numeric
    """(n, m) to start with."""
    cold: Numeric
    """(n,) 1: nothing is known yet of what is open or slack."""
    most_steps: Numeric
    """(n,)"""
    tolerance: Numeric
    """(n,) unbalanced force that may be left, over the largest force."""

    def of(self, rows: np.ndarray) -> "Asked":
        """The same of some draws."""
        return Asked(*(each[rows] for each in self))


class Found(NamedTuple):
    """What was found, n draws."""

    x: Numeric
    activation: Numeric
    """(n, E)"""
    factor: Numeric
    """(n,) λ"""
    multiplier: Numeric
    """(n, m) what it costs to move a held coordinate by one unit."""
    outcome: Numeric
    steps: Numeric
    unbalanced: Numeric
    again: Numeric
    """(n, m) multipliers with which a neighbour starts."""
    way: Numeric
    """(n, N) dx/dλ"""
    turn: Numeric
    """(n, m) how fast `again` changes with λ."""


def usual(model: Model, rows: np.ndarray, protection: float = 0.0) -> Asked:
    """Hold the posture under the loads as they are, from a cold start: for some draws."""
    n, size, elements = len(rows), model.pull.shape[1], model.pull.shape[2]
    one, none = np.ones(n), np.zeros(n)
    return Asked(
        quick=none,
        gives=none,
        price=one,
        drive=np.zeros((n, elements)),
        before=np.zeros((n, size)),
        effort=one,
        factor=np.tile([1.0, 1.0, 1.0, PINNED], (n, 1)),
        x=np.zeros((n, size)),
        multiplier=np.zeros((n, len(model.held) + (12 if protection else 0))),
        cold=one,
        most_steps=np.full(n, balance.MOST_STEPS),
        tolerance=np.full(n, balance.FORCE_TOLERANCE),
    )


def balanced(
    model: Model, asked: Asked, rows: np.ndarray, protection: float = 0.0, thorough: bool = False
) -> Found:
    """Balance some draws, each as asked in the same order, CHUNK at a time, on all cores."""

    def some(chosen: np.ndarray) -> list[np.ndarray]:
        with jax.enable_x64(True):
            found = _chunk(*_arguments(model, asked.of(chosen), rows[chosen], protection, thorough))
            return [np.asarray(each)[: len(chosen)] for each in found]

    return Found(*in_chunks(some, np.arange(len(rows))))


def prepare(model: Model, protection: float = 0.0) -> None:
    """Compile for such a model."""
    with jax.enable_x64(True):
        first = np.arange(1)
        _chunk.prepare(*_arguments(model, usual(model, first, protection), first, protection, False))


def _arguments(model: Model, asked: Asked, rows: np.ndarray, protection: float, thorough: bool) -> tuple:
    filled = filling(len(rows))
    part = taken(model, rows[filled])
    part = part._replace(pull=part.pull[part.variant], variant=np.arange(CHUNK))
    return part, protection > 0, thorough, np.float64(protection), np.int64(len(rows)), asked.of(filled)


def in_chunks(solve_some: Callable[[np.ndarray], Sequence[np.ndarray]], rows: np.ndarray) -> list[np.ndarray]:
    """Solve at most CHUNK draws at a time, on all cores, and join the results."""
    cores = os.cpu_count() or 1
    count = -(-len(rows) // CHUNK)
    if len(rows) >= 4 * cores:
        count = -(-count // cores) * cores
    pieces = np.array_split(rows, count)
    if count == 1:
        parts = [solve_some(rows)]
    else:
        with ThreadPoolExecutor(cores) as pool:
            parts = list(pool.map(solve_some, pieces))
    return [np.concatenate(each) for each in zip(*parts, strict=True)]


def filling(count: int) -> np.ndarray:
    """Indices that fill up a chunk of `count` with its last."""
    return np.minimum(np.arange(CHUNK), count - 1)


def taken(model: Model, rows: np.ndarray) -> Model:
    """Some draws of a model. Variants stay whole, unless there are more of them than draws are taken."""
    per_draw = partial(jax.tree.map, lambda a: a[rows])
    pull, variant = model.pull, model.variant[rows]
    if len(pull) > max(len(rows), VARIANTS):
        pull, variant = pull[variant], np.arange(len(rows))
    return model._replace(
        variant=variant,
        pull=pull,
        structure=per_draw(model.structure),
        loads=model.loads[rows],
        muscles=per_draw(model.muscles),
        yielding=model.yielding[rows],
    )


@partial(kept, static=(1, 2))
def _chunk(
    model: Model, spared: bool, thorough: bool, protection: Array, count: Array, asked: Asked
) -> Found:
    # One after the other: a batch in step would run at the pace of its slowest element.
    parts = (model.pull, model.structure, model.loads, model.muscles, asked)

    def one(i: Array, found: Found) -> Found:
        here = _single(model, spared, thorough, protection, *jax.tree.map(lambda a: jnp.asarray(a)[i], parts))
        return jax.tree.map(lambda every, each: every.at[i].set(each), found, here)

    elements, none = model.muscles.low.shape[1], jnp.zeros(CHUNK)
    x, multiplier = jnp.zeros_like(asked.x), jnp.zeros_like(asked.multiplier)
    whole = jnp.zeros(CHUNK, int)
    empty = Found(
        x, jnp.zeros((CHUNK, elements)), none, multiplier, whole, whole, none, multiplier, x, multiplier
    )
    return jax.lax.fori_loop(0, count, one, empty)


def _single(
    model: Model,
    spared: bool,
    thorough: bool,
    protection: Array,
    pull: Array,
    structure: laws.Structure,
    loads: Array,
    tissue: Muscles,
    asked: Asked,
) -> Found:
    """One draw."""
    quick, elements = asked.quick, tissue.low.shape[0]
    fast = (pull * structure.moving[:, None] * (quick * tissue.short_range * asked.drive)) @ pull.T
    fast = fast * structure.moving
    # Stretch counts from the baseline, and what has toppled so far stays.
    stays = (fast - quick * structure.toppling) @ asked.before
    structure = structure._replace(
        linear=structure.linear + fast, toppling=(1.0 - quick) * structure.toppling
    )
    frozen, now = jnp.clip(asked.drive + tissue.low, 0.0, 1.0), quick > 0
    tissue = tissue._replace(
        weight=tissue.weight * asked.effort,
        low=jnp.where(now, frozen, tissue.low),
        high=jnp.where(now, frozen, tissue.high),
        target=jnp.where(now, frozen, tissue.target),
    )
    grows = jnp.array([name in GROWS for name in LOADS])[:, None]
    grown = jnp.sum(jnp.where(grows, loads, 0.0), axis=0) * structure.moving
    steady = jnp.where(grows, 0.0, loads).at[-1].add(stays)
    structure, demands = balanced_problem(pull, model.held, model.force_unit, structure, steady, tissue)
    demands = _growing(demands, grown, asked.factor)
    demands = _giving(demands, asked.gives * MOST_TURN, asked.price)
    if spared:
        demands = protected(demands, structure, protection)
    law, start = partial(laws.law, structure), (asked.x, asked.multiplier)
    found = balance.find(
        law,
        demands,
        *start,
        most_steps=asked.most_steps,
        tolerance=asked.tolerance,
        cold=asked.cold > 0,
        change=grown,
    )
    if thorough:
        found = _settled(law, demands, start, found)
    return Found(
        found.x,
        found.value[:elements],
        found.value[elements],
        found.multiplier,
        found.outcome,
        found.steps,
        found.unbalanced,
        found.again,
        found.way,
        found.turn,
    )


def _settled(
    law: balance.Law, demands: balance.Demands, start: tuple[Array, Array], first: balance.Balanced
) -> balance.Balanced:
    """What circles where the tangent changes fast, with more care."""
    careful = balance.find(law, demands, *start, newton_steps=15, caution=4.0)
    better = careful.unbalanced < first.unbalanced
    nearer = jax.tree.map(partial(jnp.where, better), careful, first)
    settled = conditions.settle(law, demands, nearer)
    for other in (careful, settled):
        done = (first.outcome == Outcome.UNFINISHED) & (other.outcome != Outcome.UNFINISHED)
        first = jax.tree.map(partial(jnp.where, done), other, first)
    return balance.verdict(law, demands, first)


def _growing(demands: balance.Demands, grown: Array, factor: Numeric) -> balance.Demands:
    """The same demands with λ, the factor of some load, as one more unknown."""
    aim, least, most, firm = factor
    none = jnp.zeros((demands.direct.shape[0], 1))
    return demands._replace(
        pull=jnp.concatenate([demands.pull, grown[:, None]], axis=1),
        direct=jnp.concatenate([demands.direct, none], axis=1),
        weight=jnp.append(demands.weight, firm),
        target=jnp.append(demands.target, aim),
        low=jnp.append(demands.low, least),
        high=jnp.append(demands.high, most),
    )


def _giving(demands: balance.Demands, most: Numeric, price: Numeric) -> balance.Demands:
    """The same demands, from which the posture may deviate by `most` at a price: held·x = deviation."""
    rows = demands.held.shape[0]

    def with_deviation(a: Numeric, value: Numeric) -> Array:
        return jnp.concatenate([a, jnp.full(rows, value)])

    return demands._replace(
        pull=jnp.concatenate([demands.pull, jnp.zeros((demands.pull.shape[0], rows))], axis=1),
        direct=jnp.concatenate([demands.direct, -jnp.eye(rows)], axis=1),
        weight=with_deviation(demands.weight, price),
        target=with_deviation(demands.target, 0.0),
        low=with_deviation(demands.low, -most),
        high=with_deviation(demands.high, most),
    )


def balanced_problem(
    pull: Numeric,
    held: Numeric,
    force_unit: Numeric,
    structure: laws.Structure,
    loads: Numeric,
    tissue: Muscles,
) -> tuple[laws.Structure, balance.Demands]:
    """The structure with its passive muscles, and what is demanded of it to hold the posture, for one draw."""
    held, force_unit = jnp.asarray(held), jnp.asarray(force_unit)
    moving = structure.moving
    pull = pull * moving[:, None]
    structure = structure._replace(passive=laws.Passive(pull, tissue.tissue))
    rows = held.shape[0]
    return structure, balance.Demands(
        pull=pull * tissue.active,
        load=loads.sum(axis=0) * moving,
        weight=jnp.asarray(tissue.weight),
        target=jnp.asarray(tissue.target),
        low=jnp.asarray(tissue.low),
        high=jnp.asarray(tissue.high),
        held=held,
        direct=jnp.zeros((rows, tissue.active.shape[0])),
        aim=jnp.zeros(rows),
        softness=jnp.zeros(rows),
        one_sided=jnp.zeros(rows, bool),
        force_unit=force_unit,
        brace=jnp.full(rows, BRACE),
    )


def protected(demands: balance.Demands, structure: laws.Structure, protection: Numeric) -> balance.Demands:
    """The same demands, and soft ones that keep both sacroiliac joints where they rest."""
    limit = jnp.array([SEEN_SHIFT] * 3 + [SEEN_ROTATION] * 3)
    rows = (structure.sacroiliac.frame / limit[:, None]).reshape(12, -1) * structure.moving
    none = jnp.zeros(12)
    return demands._replace(
        held=jnp.concatenate([demands.held, rows]),
        direct=jnp.concatenate([demands.direct, jnp.zeros((12, demands.direct.shape[1]))]),
        aim=jnp.concatenate([demands.aim, none]),
        softness=jnp.concatenate([demands.softness, none + 1.0 / protection]),
        one_sided=jnp.concatenate([demands.one_sided, none.astype(bool)]),
        brace=jnp.concatenate([jnp.asarray(demands.brace), none]),
    )
