"""The program that defines what it is to balance: the laws and the numerics in JAX, compiled for kinds of settings.

`balancing` asks it where nobody has compiled the kernel; tests compare the two.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from counterpull.compiled import kept
from counterpull.mechanics import laws
from counterpull.mechanics.asked import GROWS, MOST_TURN, Asked, Found, usual
from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.demands import balanced_problem, giving, growing, protected
from counterpull.mechanics.model import LOADS, Model, Muscles, taken
from counterpull.numerics import balance, conditions
from counterpull.numerics.problem import Outcome

CHUNK = 32
"""Draws in a program: what is compiled has one shape. Fewer are filled up, and only those asked for are solved."""
_ROWS, _STRINGS = 4, 48
"""Held coordinates and strings are filled up to multiples of these: rows that demand nothing, strings without pull."""


def balanced(
    model: Model, asked: Asked, rows: np.ndarray, protection: float = 0.0, settle: bool = False
) -> Found:
    """See `balancing.balanced`; CHUNK draws at a time."""
    program = _settling if settle else _finding

    def some(chosen: np.ndarray) -> list[np.ndarray]:
        with jax.enable_x64(True):
            found = program(*_arguments(model, asked.of(chosen), rows[chosen], protection))
            return [np.asarray(each)[: len(chosen)] for each in found]

    found = Found(*_in_chunks(some, np.arange(len(rows))))
    held = np.r_[: len(model.held), _roomy(len(model.held), _ROWS) : found.multiplier.shape[1]]
    return found._replace(**{name: getattr(found, name)[:, held] for name in ("multiplier", "again", "turn")})


def prepare(model: Model, protection: float = 0.0) -> None:
    """Load or compile what goes first for such a model."""
    first = np.arange(1)
    with jax.enable_x64(True):
        _finding.prepare(*_arguments(model, usual(model, first, protection), first, protection))


def _arguments(model: Model, asked: Asked, rows: np.ndarray, protection: float) -> tuple:
    filled = _filling(len(rows))
    part, asked = taken(model, rows[filled]), asked.of(filled)
    held, strings = len(model.held), part.structure.strings
    more = _roomy(held, _ROWS) - held
    slack = _roomy(strings.axis.shape[1], _STRINGS) - strings.axis.shape[1]
    ends = dict.fromkeys(strings._fields, 0.0) | {"toe": 1.0}
    strings = laws.Strings(*(_padded(each, 1, slack, ends[name]) for name, each in strings._asdict().items()))
    part = part._replace(
        pull=part.pull[part.variant],
        variant=np.arange(CHUNK),
        held=_padded(part.held, 0, more),
        structure=part.structure._replace(strings=strings),
    )
    asked = asked._replace(multiplier=np.insert(asked.multiplier, [held] * more, 0.0, axis=1))
    return part, protection > 0, np.float64(protection), np.int64(len(rows)), asked


def _roomy(count: int, step: int) -> int:
    """A round number that holds so many: settings of nearly the same size share one program."""
    return max(step, -(-count // step) * step)


def _padded(array: Floats, axis: int, more: int, value: float = 0.0) -> Floats:
    widths = [(0, more if i == axis else 0) for i in range(array.ndim)]
    return np.pad(array, widths, constant_values=value)


def _in_chunks(
    solve_some: Callable[[np.ndarray], Sequence[np.ndarray]], rows: np.ndarray
) -> list[np.ndarray]:
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


def _filling(count: int) -> np.ndarray:
    """Indices that fill up a chunk of `count` with its last."""
    return np.minimum(np.arange(CHUNK), count - 1)


@partial(kept, static=(1,))
def _finding(model: Model, spared: bool, protection: Array, count: Array, asked: Asked) -> Found:
    return _each(_found, model, spared, protection, count, asked)


@partial(kept, static=(1,))
def _settling(model: Model, spared: bool, protection: Array, count: Array, asked: Asked) -> Found:
    return _each(_settled, model, spared, protection, count, asked)


def _each(
    one: Callable[..., balance.Balanced],
    model: Model,
    spared: bool,
    protection: Array,
    count: Array,
    asked: Asked,
) -> Found:
    # One after the other: a batch in step would run at the pace of its slowest element.
    parts = (model.pull, model.structure, model.loads, model.muscles, asked)

    def add(i: Array, every: Found) -> Found:
        here = jax.tree.map(lambda a: jnp.asarray(a)[i], parts)
        law, demands, grown = _posed(model, spared, protection, *here)
        found = one(law, demands, grown, here[-1])
        value = found.value[:elements], found.value[elements]
        new = Found(found.x, *value, found.multiplier, *found[3:])
        return jax.tree.map(lambda all_, each: all_.at[i].set(each), every, new)

    elements, none = model.muscles.low.shape[1], jnp.zeros(CHUNK)
    x, multiplier = jnp.zeros_like(asked.x), jnp.zeros_like(asked.multiplier)
    whole = jnp.zeros(CHUNK, int)
    empty = Found(
        x, jnp.zeros((CHUNK, elements)), none, multiplier, whole, whole, none, multiplier, x, multiplier
    )
    return jax.lax.fori_loop(0, count, add, empty)


def _found(law: balance.Law, demands: balance.Demands, grown: Array, asked: Asked) -> balance.Balanced:
    return balance.find(
        law,
        demands,
        asked.x,
        asked.multiplier,
        asked.newton_steps,
        asked.caution,
        asked.most_steps,
        asked.tolerance,
        asked.cold > 0,
        grown,
    )


def _settled(law: balance.Law, demands: balance.Demands, grown: Array, asked: Asked) -> balance.Balanced:
    del grown
    none, zero = jnp.zeros(()), jnp.zeros((), int)
    value = jnp.zeros_like(demands.weight)
    start = balance.Balanced(
        asked.x,
        value,
        asked.multiplier,
        zero,
        zero,
        none,
        asked.multiplier,
        0.0 * asked.x,
        0.0 * asked.multiplier,
    )
    settled = conditions.settle(law, demands, start)
    done = settled.outcome == Outcome.CONVERGED
    unsettled = start._replace(outcome=settled.outcome)
    return balance.verdict(law, demands, jax.tree.map(partial(jnp.where, done), settled, unsettled))


def _posed(
    model: Model,
    spared: bool,
    protection: Array,
    pull: Array,
    structure: laws.Structure,
    loads: Array,
    tissue: Muscles,
    asked: Asked,
) -> tuple[balance.Law, balance.Demands, Array]:
    """What is asked of one draw: law, demands, and the load that λ multiplies."""
    quick = asked.quick
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
    demands = growing(demands, grown, asked.factor)
    demands = giving(demands, asked.gives * MOST_TURN, asked.price)
    if spared:
        demands = protected(demands, structure, protection)
    return partial(laws.law, structure), demands, grown
