"""Who is measured: women, men and specimens, as draws that all rows share."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from counterpull.anatomy.body import Body, load, reference
from counterpull.anatomy.ensemble import Draws
from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.equilibrium import solve
from counterpull.mechanics.model import situation
from counterpull.mechanics.rig import Done, Rig
from counterpull.numerics.problem import Outcome
from counterpull.scenarios.answer import State
from counterpull.scenarios.catalogue import activity

SEXES = ("female", "male")
SPECIMEN = "specimen"
"""Neither: the body whose joints have the stiffness of the specimens of both sexes."""

Measure = Callable[["People"], Floats]
MEASURES: dict[str, Measure] = {}
"""What is computed for each row of the table, by id: values (n,) in the row's unit, nan where a draw does not hold."""


def row(name: str, **given: Any) -> Callable[[Callable[..., Floats]], Callable[..., Floats]]:
    """Says that a function computes this row of the table, with these arguments."""

    def registered(function: Callable[..., Floats]) -> Callable[..., Floats]:
        MEASURES[name] = lambda people: function(people, **given)
        return function

    return registered


class People:
    """So many draws of each body, and what they did, computed once."""

    def __init__(self, draws: int, seed: int = 2026) -> None:
        """Nothing is drawn before it is asked for."""
        self.n, self.seed = draws, seed
        self._kept: dict[Any, Any] = {}

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """What `make` gives, made at the first call with this key."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def body(self, who: str) -> Body:
        """A "female", "male" or "specimen" of average size."""
        return self.once(who, lambda: reference() if who == SPECIMEN else load(who))

    def drawn(self, who: str) -> Draws:
        """The draws of this body."""
        return self.once((who, "draws"), lambda: self.body(who).draw(self.n, self.seed))

    def doing(self, who: str, moment: str) -> State:
        """Balanced in an activity."""

        def balanced() -> State:
            here = situation(self.body(who), activity(moment).setting, self.drawn(who))
            return State(here, solve(here.model()))

        return self.once((who, moment), balanced)

    def specimen(self, who: str = SPECIMEN, keep: str = "pelvis") -> Rig:
        """A specimen without weight or muscles."""
        return replace(Rig.specimen(self.body(who), keep=keep), draws=self.drawn(who))

    def person(self, who: str, moment: str) -> Rig:
        """A living person in an activity, to be changed."""
        return replace(Rig.person(self.body(who), activity(moment).setting), draws=self.drawn(who))


def both(measure: Callable[[str], Floats]) -> Floats:
    """Women and men, one after the other."""
    return np.concatenate([measure(sex) for sex in SEXES])


def counted(values: Floats, *states: State | Done) -> Floats:
    """The values (n,), nan where one of the states does not hold."""
    good = np.all([one.found.outcome == Outcome.CONVERGED for one in states], axis=0)
    return np.where(good, values, np.nan)
