"""Strength tests done on the body itself: what a dynamometer, a manual muscle test and a hold time say.

A dynamometer reads the moment of a movement, weight of the limb taken off. The body's own is that of all muscles
which move that way, fully active in the posture of the test (strength_tests.csv); what other muscles must do to
steady the joint is left out, so it is an upper bound. All of them are taken as equally strong or weak.
"""

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from counterpull.anatomy.body import Body
from counterpull.anatomy.ensemble import Draws
from counterpull.anatomy.names import groups
from counterpull.anatomy.posture import COORDINATES, SIDES, Posture
from counterpull.anatomy.records import Tables
from counterpull.mechanics import muscle
from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.model import curves_of
from counterpull.quantities import InputError
from counterpull.scenarios.findings import Finding
from counterpull.scenarios.length_tests import swept
from counterpull.scenarios.rows import known, rows


@dataclass(frozen=True, kw_only=True)
class StrengthTest:
    """A movement against a dynamometer."""

    movement: str
    groups: tuple[str, ...]
    """Groups of muscles that it is a test of."""
    coordinate: str
    """Without its side."""
    direction: int
    posture: Posture

    @property
    def joint(self) -> str:
        """ "knee", or "hip", which stands for the trunk as well."""
        return "knee" if self.coordinate.startswith("knee") else "hip"

    @lru_cache(maxsize=64)  # noqa: B019  (the tests are few and live as long as the process)
    def moment(self, body: Body, draws: Draws, side: str) -> Floats:
        """The body's own largest moment (n,) in Nm; of both sides together for a movement of the trunk.

        >>> from counterpull.anatomy import load
        >>> woman = load("female")
        >>> bool(strength_tests()["hip_abduction"].moment(woman, woman.mean, "left")[0] > 20)
        True
        """
        name, v = f"{self.coordinate}_{side}", draws.variant
        sided = name in COORDINATES
        name = name if sided else self.coordinate
        every = np.arange(len(body.elements))
        length, arm, *_ = swept(
            body, draws, self.posture, name, np.array([getattr(self.posture, name)]), every
        )
        curves = curves_of(draws, body.tables)
        fibre = muscle.fibre(length[v, 0], draws.slack_length, draws.fibre_length, draws.pennation, curves)
        agonist = np.maximum(self.direction * arm[v, 0], 0.0)
        if sided:
            agonist[:, [not e.endswith(side) for e in body.elements]] = 0.0
        return (agonist * draws.max_force * fibre.active).sum(axis=1)


@cache
def strength_tests() -> dict[str, StrengthTest]:
    """Every movement that can be tested, by name."""
    out = {}
    for row in rows("strength_tests.csv", "movement"):
        hip = {
            f"{c}_{side}": row.number(c, "angle_unit")
            for c in ("hip_flexion", "hip_abduction", "knee_flexion")
            for side in SIDES
        }
        out[row.name] = StrengthTest(
            movement=row.name,
            groups=tuple(row.required("muscles").split()),
            coordinate=row.required("coordinate"),
            direction=1 if row.required("direction", ("+", "-")) == "+" else -1,
            posture=Posture(**hip),
        )
    return out


def movement_of(finding: Finding, tables: Tables) -> StrengthTest | None:
    """The test whose muscles are most like those of a finding; None when no test has any of them."""
    mine = {tables.elements[element.rsplit("_", 1)[0]].muscle for element in finding.elements}
    members = groups(tables)

    def likeness(test: StrengthTest) -> float:
        return max(len(mine & set(g)) / len(mine | set(g)) for g in (members[name] for name in test.groups))

    best = max(strength_tests().values(), key=likeness)
    return best if likeness(best) > 0 else None


def by_dynamometer(finding: Finding, reading: Floats, body: Body, draws: Draws) -> tuple[Floats, Floats]:
    """Strength (n,) over the body's own at a reading (n,) in Nm, and the body's own in Nm.

    Raises InputError when no movement tests these muscles.
    """
    test = movement_of(finding, body.tables)
    if test is None:
        raise InputError(
            f'weak, dynamometer: no movement tests "{finding.where}" alone; give a size or strength = "60 %".'
        )
    own = test.moment(body, draws, finding.sides[0])
    return np.minimum(reading / own, known("weak.most").value), own


def by_grade(finding: Finding, grade: float, z: Floats, tables: Tables) -> Floats:
    """Strength (n,) at a grade of the manual muscle test: quantiles of a triangle, wide by nature.

    Grades with + and - that the table lacks lie between their neighbours.
    """
    test = movement_of(finding, tables)
    triangles = _triangles()[test.joint if test else "hip"]
    grades = sorted(triangles)
    low, mode, high = (np.interp(grade, grades, [triangles[g][i] for g in grades]) for i in range(3))
    if high <= low:
        return np.full(z.shape, low)
    from scipy.special import ndtr

    u, peak = ndtr(z), (mode - low) / (high - low)
    rising = low + np.sqrt(u * (high - low) * (mode - low))
    falling = high - np.sqrt((1 - u) * (high - low) * (high - mode))
    return np.where(u < peak, rising, falling)


def by_hold(finding: Finding, seconds: float, spread: float | None, z: Floats, body: Body) -> Floats:
    """Strength (n,) at a hold time: that of the trunk curve of Frey-Law & Avin, with what it leaves open.

    Time goes with (share of maximum) ^ -2.27, so strength goes with time ^ (1 / 2.27).
    """
    mine = {body.tables.elements[element.rsplit("_", 1)[0]].muscle for element in finding.elements}
    sex = body.person.sex if body.person else "male"
    back = mine <= set(groups(body.tables)["back_extensors"])
    usual = known("hold.back_extensors" if back else f"hold.abdominals_{sex}").value
    exponent = 1.0 / known("hold.exponent").value
    sigma = np.hypot(known("hold.uncertainty").value, exponent * (spread or 0.0) / seconds)
    grown = np.exp(np.minimum(sigma * z, 50.0))  # far beyond the most that is read
    return np.minimum((seconds / usual) ** exponent * grown, known("weak.most").value)


@cache
def _triangles() -> dict[str, dict[float, tuple[float, float, float]]]:
    """Lowest, likeliest and highest strength by joint and grade, + a third of a grade."""
    out: dict[str, dict[float, tuple[float, float, float]]] = {}
    for row in rows("mmt.csv", "joint", "grade", grade="evidence"):
        grade = int(row["grade"][0]) + (1 / 3 if row["grade"].endswith("+") else 0)
        low, mode, high = (row.plain(field, 0, 1) for field in ("low", "mode", "high"))
        out.setdefault(row["joint"], {})[grade] = low, mode, high
    return out
