"""Findings to mechanics: what a person's findings change in the joints and muscles of every draw.

    tight       the tendon's slack length is shorter, or passive force a factor more
    spasm       involuntary drive; newtons become the one drive that gives them in this posture
    weak        a factor of active force
    inhibited   a ceiling on activation
    lax         a factor on all stiffnesses of a joint

The numbers and their papers are in tables/findings.csv. Each finding has its own scores, which sizes and sides
share: marked exceeds moderate in every draw, and a mirrored finding has the mirrored effect. Findings on one element
act together: strengths multiply, shortenings and drives add, the lower ceiling counts. Length tests are read last,
on the body with all its other findings.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from counterpull.anatomy.ensemble import Draws
from counterpull.anatomy.names import groups
from counterpull.anatomy.posture import SIDES
from counterpull.anatomy.records import Tables
from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.model import MuscleState, Situation, muscles
from counterpull.quantities import Known, lognormal_sigma
from counterpull.scenarios.choices import Choices
from counterpull.scenarios.findings import Finding
from counterpull.scenarios.length_tests import LENGTH_TESTS, length_test
from counterpull.scenarios.measures import METHODS
from counterpull.scenarios.rows import known, standard
from counterpull.scenarios.strength_tests import by_dynamometer, by_grade, by_hold

Sizes = dict[str, Floats]


@dataclass(frozen=True, eq=False)
class Effects:
    """What findings change. Without findings the draws are the very same and the state is MuscleState()."""

    draws: Draws
    state: MuscleState
    sizes: list[Sizes]
    """For each finding what was drawn for it, (n,) each, in plain units by name: "shorter_percent", "drive_percent"
    and "force_N", "strength_percent", "ceiling_percent", "softer_percent", ..."""


def effects(here: Situation, findings: Sequence[Finding], choices: Choices | None = None) -> Effects:
    """What the findings change in a person's draws; `here` gives the posture in which a spasm has its newtons.

    Raises InputError when a test says nothing about the muscles that are named.

    >>> from counterpull.anatomy import load
    >>> from counterpull.mechanics import situation
    >>> from counterpull.scenarios import activity, finding
    >>> woman = load("female")
    >>> here = situation(woman, activity("standing").setting)
    >>> spasm = finding({"kind": "spasm", "muscle": "left quadratus lumborum", "force": "60 N"})
    >>> float(effects(here, [spasm]).sizes[0]["force_N"][0])
    60.0
    """
    choices = choices or Choices()
    work = _Work(here, choices)
    out: dict[int, Sizes] = {}
    for i, one in sorted(enumerate(findings), key=lambda item: _turn(item[1])):
        out[i] = getattr(work, one.kind)(one, standard(work.draws, one.key))
    state = work.state if any(one.elements for one in findings) else MuscleState()
    return Effects(work.draws, state, [out[i] for i in range(len(findings))])


def _turn(finding: Finding) -> int:
    """When it is read: a spasm's newtons need all other changes, a length test needs most."""
    tested = finding.measure is not None and finding.measure.name in LENGTH_TESTS
    return 2 if finding.kind == "spasm" else int(tested)


class _Work:
    """Draws and state, finding by finding.

    Tests of length and strength are done on the draws as they were: lax joints and force closure play no part in them.
    """

    def __init__(self, here: Situation, choices: Choices) -> None:
        self.here, self.body = here, here.body
        self.draws = without_closure(here.draws) if not choices.force_closure else here.draws
        one = np.ones_like(self.draws.pcsa)
        self.state = MuscleState(
            strength=one,
            passive=one,
            shortening=0 * one,
            involuntary=0 * one,
            ceiling=one,
            floor=choices.spasm_law == "floor",
        )

    def rows(self, finding: Finding, side: str = "") -> np.ndarray:
        """Indices of a finding's elements, of one side if asked."""
        at = {element: i for i, element in enumerate(self.body.elements)}
        return np.array([at[e] for e in finding.elements if e.endswith(side)], dtype=int)

    def change(self, finding: Finding, **values: Floats) -> None:
        """Factors `strength` and `passive`, additions `shortening` (shares) and `involuntary`, a `ceiling`."""
        rows, out = self.rows(finding), {}
        for name, value in values.items():
            now, new = np.array(getattr(self.state, name)), value[:, None]
            if name == "ceiling":
                now[:, rows] = np.minimum(now[:, rows], new)
            elif name in ("strength", "passive"):
                now[:, rows] *= new
            elif name == "shortening":
                now[:, rows] += new * self.draws.fibre_length[:, rows]
            else:
                now[:, rows] = np.minimum(now[:, rows] + new, 1.0)
            out[name] = now
        self.state = replace(self.state, **out)

    def tight(self, finding: Finding, z: Floats) -> Sizes:
        measure = finding.measure
        if measure and measure.name == "stiffer":
            more = _measured(finding, z)
            self.change(finding, passive=1 + more)
            return {"stiffer_percent": 100 * more}
        extra: Sizes = {}
        if measure and measure.name in LENGTH_TESTS:
            spread = known(f"{measure.name}.uncertainty").value if measure.spread is None else measure.spread
            angle = measure.value + spread * z
            test = length_test(measure.name, finding.sides[0], self.body, self.here.draws)
            own = test.angle(self.state)
            share = test.shortening(angle, self.rows(finding), self.state)
            extra = {"measured_deg": np.rad2deg(angle), "own_deg": np.rad2deg(own)}
        elif measure:
            share = np.minimum(_measured(finding, z), known("tight.longest").value)
        elif tests("thomas", finding, self.body.tables):
            return self.raised(finding, known(f"tight.thomas_{finding.size}").at(z))
        else:
            share = known(f"tight.{finding.size}").at(z)
        self.change(finding, shortening=share)
        return {"shorter_percent": 100 * share, **extra}

    def raised(self, finding: Finding, rise: Floats) -> Sizes:
        """Hip flexors so short that the thigh comes to rest higher in the Thomas test, each side by itself."""
        shares = []
        for side in finding.sides:
            own = replace(finding, elements=tuple(e for e in finding.elements if e.endswith(side)))
            test = length_test("thomas", side, self.body, self.here.draws)
            shares.append(test.shortening(test.angle(self.state) + rise, self.rows(own), self.state))
            self.change(own, shortening=shares[-1])
        return {"shorter_percent": 100 * np.mean(shares, axis=0), "thomas_rise_deg": np.rad2deg(rise)}

    def spasm(self, finding: Finding, z: Floats) -> Sizes:
        rows = self.rows(finding)
        here = muscles(self.here.place, self.draws, self.state, self.here.setting)
        most = here.active[:, rows].sum(axis=1)
        drive = _measured(finding, z) if finding.measure else known(f"spasm.{finding.size}").at(z)
        if finding.measure and finding.measure.name == "force":
            drive = np.where(most > 0, drive / np.where(most > 0, most, 1.0), 0.0)
        drive = np.minimum(drive, 1.0)
        self.change(finding, involuntary=drive)
        return {"drive_percent": 100 * drive, "force_N": drive * most}

    def weak(self, finding: Finding, z: Floats) -> Sizes:
        measure, extra = finding.measure, {}
        if measure is None:
            strength = _power(known(f"weak.{finding.size}"), z)
        elif measure.name == "mmt":
            strength = by_grade(finding, measure.value, z, self.body.tables)
        elif measure.name == "hold":
            strength = by_hold(finding, measure.value, measure.spread, z, self.body)
        elif measure.name == "dynamometer":
            read = _measured(finding, z) * (1.0 if measure.lever is None else measure.lever)
            strength, own = by_dynamometer(finding, read, self.body, self.here.draws)
            extra = {"measured_Nm": read, "own_Nm": own}
        else:
            strength = np.minimum(_measured(finding, z), known("weak.most").value)
        self.change(finding, strength=strength)
        return {"strength_percent": 100 * strength, **extra}

    def inhibited(self, finding: Finding, z: Floats) -> Sizes:
        row = None if finding.measure else known(f"inhibited.{finding.size}")
        ceiling = _power(row, z) if row else np.minimum(_measured(finding, z), 1.0)
        self.change(finding, ceiling=ceiling)
        return {"ceiling_percent": 100 * ceiling}

    def lax(self, finding: Finding, z: Floats) -> Sizes:
        row = None if finding.measure else known(f"lax.{finding.size}")
        compliance = _power(row, z) if row else 1 + _measured(finding, z)
        joints = dict(self.draws.joints)
        for place in finding.joints:
            joint = "symphysis" if place == "pubic_symphysis" else "sacroiliac"
            for name in joints:
                if name.startswith(f"{joint}.") and name.endswith("_stiffness"):
                    values = np.array(joints[name])
                    if joint == "symphysis":
                        values /= compliance
                    else:
                        values[:, SIDES.index(place.removeprefix("sacroiliac_"))] /= compliance
                    joints[name] = values
        self.draws = replace(self.draws, joints=joints)
        return {"softer_percent": 100 * (compliance - 1)}


def tests(method: str, finding: Finding, tables: Tables) -> bool:
    """Whether a length test is one of the named muscles."""
    muscles_ = {tables.elements[e.rsplit("_", 1)[0]].muscle for e in finding.elements}
    members = groups(tables)
    return any(muscles_ <= set(members[group]) for group in METHODS[method].groups)


def without_closure(draws: Draws) -> Draws:
    """The draws with sacroiliac joints that compression does not stiffen; the same if they are that already."""
    gain = draws.joints["sacroiliac.closure_gain"]
    if not np.any(gain):
        return draws
    return replace(draws, joints={**draws.joints, "sacroiliac.closure_gain": 0.0 * gain})


def _power(row: Known, z: Floats) -> Floats:
    """A factor whose logarithm is lognormal: it never crosses 1."""
    return row.value ** np.exp(row.sigma * z)


def _measured(finding: Finding, z: Floats) -> Floats:
    """A measured positive quantity with its uncertainty, (n,) in SI: lognormal about the value."""
    measure = finding.measure
    assert measure is not None
    if measure.value == 0:
        return 0.0 * z
    usual = known(f"{measure.name}.uncertainty").value
    cv = usual if measure.spread is None else measure.spread / measure.value
    # An uncertainty that says nothing must not overflow: e^50 is beyond whatever is read.
    return measure.value * np.exp(np.clip(lognormal_sigma(min(cv, 1e6)) * z, -50.0, 50.0))
