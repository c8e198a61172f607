"""Everything that a file for an engine is written from: one balanced person, frozen."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from counterpull.anatomy.kinematics import AnyArray, Skeleton
from counterpull.anatomy.paths import Geometry
from counterpull.interfaces.interop.courses import Course, courses
from counterpull.interfaces.interop.frozen import Frozen, frozen
from counterpull.interfaces.interop.mechanism import SPINE, Floats, Mechanism, mechanism
from counterpull.mechanics import muscle
from counterpull.mechanics.coordinates import FREE, block
from counterpull.mechanics.equilibrium import Equilibrium
from counterpull.mechanics.model import Situation
from counterpull.quantities import InputError

ON_SKELETON = ("sacrum", "innominate_right", "innominate_left", "abdomen", "fascia")
BETWEEN = ("l4", "l3", "l2", "l1")
"""Vertebrae that follow L5 and the rib cage."""
LIGHT = 1e-5
"""kg of bodies to which the balance gives no mass: engines want some."""
GYRATION = 0.1
"""m: radius of gyration of every body. Assumed (grade D); engines want one, and no balance depends on it."""


@dataclass(frozen=True, eq=False)
class Person:
    """One draw of a situation and its equilibrium."""

    here: Situation
    found: Equilibrium
    draw: int = 0

    @property
    def name(self) -> str:
        """What the file's model is called."""
        return f"counterpull_{self.here.setting.name}"

    @cached_property
    def variant(self) -> int:
        """Which geometry."""
        return int(self.here.draws.variant[self.draw])

    @cached_property
    def geometry(self) -> Geometry:
        """Of this draw."""
        whole = self.here.draws.geometry

        def one(part: AnyArray) -> Floats:
            return np.asarray(part)[self.variant]

        skeleton = Skeleton._make(one(part) for part in whole.skeleton)
        return Geometry._make([*(one(part) for part in whole[:-1]), skeleton])

    @cached_property
    def tree(self) -> Mechanism:
        """Bodies and coordinates in the posture."""
        place = self.here.place.centres[self.variant]
        centres = {body: place[FREE.index(body)] for body in ON_SKELETON}
        return mechanism(self.geometry.skeleton, self.here.setting.posture, centres)

    @cached_property
    def frozen(self) -> Frozen:
        """What acts beside the muscles."""
        return frozen(self.here, self.found, self.draw)

    def courses(self, keep: set[str]) -> list[Course]:
        """Paths with wraps for the elements of `keep`."""
        return courses(self.here.body.topology, self.geometry, self.tree, keep)

    @property
    def elements(self) -> tuple[str, ...]:
        """Ids, as in the body."""
        return self.here.body.elements

    @cached_property
    def active(self) -> Floats:
        """(E,) newtons at full activation in the posture."""
        return self.found.model.muscles.active[self.draw]

    @cached_property
    def tissue(self) -> muscle.Tissue:
        """Passive parts of the elements, (E,) each."""
        whole = self.found.model.muscles.tissue
        curves = (np.broadcast_to(part, whole.along.shape)[self.draw] for part in whole.curves)
        return muscle.Tissue._make([*(part[self.draw] for part in whole[:-1]), muscle.Curves._make(curves)])

    @cached_property
    def along(self) -> Floats:
        """(E,) metres of path beyond the tendon's slack length, in the posture; a shortening does not count."""
        return self.here.place.length[self.variant] - self.here.draws.slack_length[self.draw]

    @cached_property
    def fibre_active(self) -> Floats:
        """(E,) newtons at full activation in the posture, for a muscle of usual strength."""
        draws, i = self.here.draws, self.draw
        shape = (draws.slack_length[i], draws.fibre_length[i], draws.pennation[i])
        fibre = muscle.fibre(self.here.place.length[self.variant], *shape, self.tissue.curves)
        return fibre.active * draws.max_force[i]

    @cached_property
    def activation(self) -> Floats:
        """(E,) at the solution."""
        return self.found.activation[self.draw]

    @cached_property
    def passive(self) -> Floats:
        """(E,) newtons that do not depend on activation, at the solution."""
        return self.found.tension[self.draw] - self.activation * self.active

    @cached_property
    def spine(self) -> dict[str, Floats]:
        """For each vertebra that follows: its six coordinates per those of the rib cage's joint, (6, 6)."""
        twist = self.here.place.twist[self.variant]
        thorax = block("thorax")

        def own(body: str) -> Floats:
            below = (("sacrum", *SPINE))[SPINE.index(body)]
            index = [i for i, c in enumerate(self.tree.coordinates) if c.name.startswith(f"{body}_")]
            moves = (self.tree.twists[body] - self.tree.twists[below])[:, index]
            here, there = (twist[self.here.place.body(name)] for name in (body, below))
            return np.linalg.solve(moves, (here - there)[:, thorax])

        whole = np.linalg.inv(own("thorax"))
        return {body: own(body) @ whole for body in BETWEEN}

    def mass(self, body: str) -> tuple[float, Floats]:
        """Mass and its centre in the body's frame."""
        lump = self.frozen.lumps.get(body)
        if lump is None:
            return LIGHT, np.zeros(3)
        return lump.mass, self.tree.posed_local(body, lump.at)

    def centre(self, body: str) -> Floats:
        """Where the constant forces of a free body act, in its frame."""
        return self.tree.posed_local(body, self.frozen.centres[FREE.index(body)])


def person(here: Situation, found: Equilibrium, draw: int = 0) -> Person:
    """Check that there is something to export. Raises InputError when the posture is not held."""
    if not found.held[draw]:
        raise InputError(
            f'export: in "{here.setting.name}" this body does not hold the posture, and there is no balance to '
            "freeze; choose another activity or milder findings."
        )
    return Person(here, found, draw)
