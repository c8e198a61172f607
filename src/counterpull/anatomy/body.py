"""A body: one person's anatomy, both sides, immutable, with its uncertainty.

`load` reads the tables and scales them to a person; `Body.draw` gives an ensemble as arrays. Elements are
ordered right side first, then left, in the order of the tables. SI units, radians, the pelvis frame P
(x anterior, y superior, z right, origin midway between the ASISs of the model).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from counterpull.anatomy import paths
from counterpull.anatomy.arrays import topology
from counterpull.anatomy.ensemble import Draws, assemble, geometry, landmark_places, person_measures
from counterpull.anatomy.kinematics import Skeleton
from counterpull.anatomy.paths import Geometry, Topology
from counterpull.anatomy.posture import Posture
from counterpull.anatomy.reading import PARAMETER_SET, read
from counterpull.anatomy.records import Tables
from counterpull.anatomy.scaling import Floats, Measures, Person

STANDING = Posture()


def load(
    sex: str = "female",
    height: str | None = None,
    mass: str | None = None,
    *,
    tables: Tables | None = None,
    **widths: str,
) -> "Body":
    """The body of a person, from text with units; what is left out is the mean of the sex.

    Widths are named as in the table person.csv (inter_asis, inter_hip_centre, bi_iliac, ...).
    Raises InputError, a sentence, for unknown names, missing units and sizes outside the rules.

    >>> body = load(sex="female", height="165 cm", mass="60 kg", inter_asis="240 mm")
    >>> len(body.elements) // 2
    137
    """
    tables = tables or read()
    return Body(tables, Person.of(tables, sex, height, mass, **widths))


def reference(tables: Tables | None = None) -> "Body":
    """The model skeleton itself, unscaled, with muscle areas as printed: for comparison with other models."""
    return Body(tables or read(), None)


@dataclass(frozen=True, eq=False)
class Body:
    """One person's anatomy. Build it with `load`; `person` is None for the unscaled model."""

    tables: Tables
    person: Person | None

    parameters = PARAMETER_SET

    @property
    def elements(self) -> tuple[str, ...]:
        """Ids of all elements, right side first."""
        return self.topology.elements

    @property
    def topology(self) -> Topology:
        """Which point, wrap and body belong together."""
        return topology(self.tables)

    @cached_property
    def measures(self) -> Measures:
        """The person's measures, means where nothing was measured."""
        return person_measures(self.tables, self.person, 1, None)

    @cached_property
    def geometry(self) -> Geometry:
        """Mean geometry."""
        mean = geometry(self.tables, self.measures, None)
        bones = Skeleton(*(_fixed(part[0]) for part in mean.skeleton))
        return Geometry(*(_fixed(part[0]) for part in mean[:-1]), skeleton=bones)

    @cached_property
    def landmarks(self) -> dict[str, Floats]:
        """Where the bony landmarks are, (3,), with their side ("asis_right")."""
        places = landmark_places(self.tables, self.measures, None)
        return {name: _fixed(at[0]) for name, at in places.items()}

    @cached_property
    def mean(self) -> Draws:
        """The body with every number at its table value: an ensemble of one."""
        return assemble(self.tables, self.person, 1, None)

    def lengths(self, posture: Posture = STANDING) -> Floats:
        """Path length of every element (E,), metres."""
        return paths.lengths(self.topology, self.geometry, posture.array())

    def moment_arms(self, posture: Posture = STANDING) -> Floats:
        """Moment arm of every element about every coordinate (E, 12), metres."""
        return paths.moment_arms(self.topology, self.geometry, posture.array())

    def wrenches(self, posture: Posture = STANDING) -> Floats:
        """Pull of a unit tension of each element on each body (E, B, 6): force, moment about P's origin."""
        return paths.wrenches(self.topology, self.geometry, posture.array())

    def fibre_ratio(self, posture: Posture = STANDING) -> Floats:
        """Fibre length over optimal fibre length (E,), with a rigid tendon at its slack length.

        The fibre keeps its thickness (h = l0 sin α0), so its line is shorter than itself by pennation.
        Negative where the path is shorter than the tendon: the muscle hangs slack.
        """
        mean = self.mean
        along = self.lengths(posture) - mean.slack_length[0]
        thickness = mean.fibre_length[0] * np.sin(mean.pennation[0])
        return np.where(along > 0, np.hypot(along, thickness), along) / mean.fibre_length[0]

    def draw(self, n: int, seed: int = 0) -> Draws:
        """`n` bodies that this person may have. The same seed gives the same draws, whatever n is."""
        return assemble(self.tables, self.person, n, seed)


def calibrated_slack(length: float, fibre_length: float, pennation: float) -> float:
    """Slack length with which the fibre is at its optimal length on a path of this length, at least 2 % of it.

    >>> round(calibrated_slack(0.2, 0.1, 0.0), 3)
    0.1
    """
    return max(length - fibre_length * float(np.cos(pennation)), 0.02 * length)


def _fixed(values: Floats) -> Floats:
    """A copy that refuses to be written to: a body is immutable."""
    out = np.array(values)
    out.flags.writeable = False
    return out
