"""What is asked of one draw, in the words of the numerics: hold the posture, let it give, let loads grow."""

import jax.numpy as jnp
from jax import Array

from counterpull.mechanics import laws
from counterpull.mechanics.asked import BRACE
from counterpull.mechanics.coordinates import Numeric
from counterpull.mechanics.model import Muscles
from counterpull.mechanics.yardsticks import SEEN_ROTATION, SEEN_SHIFT
from counterpull.numerics import balance


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
        # A row that moves nothing demands nothing.
        softness=1.0 * ~jnp.any(held != 0, axis=1),
        one_sided=jnp.zeros(rows, bool),
        force_unit=force_unit,
        brace=jnp.full(rows, BRACE),
    )


def growing(demands: balance.Demands, grown: Array, factor: Numeric) -> balance.Demands:
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


def giving(demands: balance.Demands, most: Numeric, price: Numeric) -> balance.Demands:
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
