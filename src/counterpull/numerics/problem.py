"""The problem: least effort under linear demands, and what can come of it.

    minimise over a    ½ Σ w_i (a_i - t_i)²  +  ½ Σ_soft (rows·a - aim)_r² / softness_r
    subject to         lo ≤ a ≤ hi
                       rows_r · a  =  aim_r     hard demands
                       rows_r · a  ≥  aim_r     one-sided demands

A soft demand is met at a price: its miss is -softness times its multiplier. Nothing here knows what an
activation or a joint is.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # who only asks how it came out starts no JAX
    from jax import Array
    from jax.typing import ArrayLike


class Problem(NamedTuple):
    """One problem, or a batch with leading axes. n unknowns, m demands."""

    weight: ArrayLike
    """w (n,), positive."""
    target: ArrayLike
    """t (n,): what costs nothing."""
    low: ArrayLike
    """lo (n,)"""
    high: ArrayLike
    """hi (n,), finite, not below lo."""
    rows: ArrayLike
    """(m, n)"""
    aim: ArrayLike
    """(m,)"""
    softness: ArrayLike
    """(m,) not negative; 0 for a hard demand."""
    one_sided: ArrayLike
    """(m,) whether the demand is rows·a ≥ aim."""


class Outcome(IntEnum):
    """What came of it, one value for each element of a batch."""

    CONVERGED = 0
    INFEASIBLE = 1
    UNFINISHED = 2
    UNSTABLE = 3

    @property
    def sentence(self) -> str:
        """The outcome in words."""
        return _SENTENCES[self]


_SENTENCES = {
    Outcome.CONVERGED: "The forces are in balance and the posture is held.",
    Outcome.INFEASIBLE: "The posture cannot be held: no activation within its bounds balances the loads.",
    Outcome.UNFINISHED: "No balance was found within the allowed steps; the last state is given. "
    "Try a smaller load, or report this case.",
    Outcome.UNSTABLE: "Something is loose or topples: the stiffness is not positive. Fix or support it.",
}


class Solution(NamedTuple):
    """Answer to a Problem, with the same leading axes."""

    value: Array
    """a (n,)"""
    multiplier: Array
    """λ (m,): what one more unit of each aim would cost; not negative for one-sided demands."""
    miss: Array
    """rows·a - aim (m,)"""
    outcome: Array
    """An Outcome as a whole number. INFEASIBLE is proven by `multiplier`: see `certified`."""
    steps: Array
    """Newton steps taken."""
