"""What can be measured of a finding: the methods by name, their units, and where a reading makes sense."""

import math
import re
from dataclasses import dataclass

from counterpull.quantities import InputError, or_list, parse
from counterpull.scenarios.fields import Table, quantity, shown, within, words

SIZES = ("mild", "moderate", "marked")


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A measurement of a finding."""

    name: str
    """Name of its method, a key of METHODS."""
    value: float
    """In SI. Shares are fractions; an MMT grade is a number, + and - a third of a grade ("4-" is 3.667);
    a dynamometer reads N if there is a lever, else N m (N m/kg times the person's mass)."""
    spread: float | None = None
    """One standard deviation, in SI; None: the table's."""
    lever: float | None = None
    """m from the joint to the dynamometer."""


@dataclass(frozen=True, kw_only=True)
class Method:
    """One way to measure a finding."""

    kind: str
    name: str
    dimension: str
    """Of quantities.DIMENSIONS; "grade" and "strength" have readers of their own."""
    low: float = 0.0
    high: float = 1.0
    """SI; outside, the number or its unit is a slip."""
    example: str
    meaning: str
    groups: tuple[str, ...] = ()
    """Muscle groups of which the named muscles must be part (of one of them); none: any muscle."""
    sides: str = "any"
    """"one" for a test that is done on one side at a time, "both" for one that is done on both together."""


_DEG = math.pi / 180
METHODS = {
    method.name: method
    for method in (
        Method(
            kind="tight",
            name="thomas",
            dimension="angle",
            low=-45 * _DEG,
            high=60 * _DEG,
            example="5 deg",
            meaning="modified Thomas test: angle of the thigh above the horizontal (+) or below it (-)",
            groups=("hip_flexors",),
            sides="one",
        ),
        Method(
            kind="tight",
            name="straight_leg_raise",
            dimension="angle",
            low=10 * _DEG,
            high=130 * _DEG,
            example="55 deg",
            meaning="passive straight-leg raise: angle of the leg above the couch",
            groups=("hamstrings",),
            sides="one",
        ),
        Method(
            kind="tight",
            name="shorter",
            dimension="fraction",
            high=0.5,
            example="8 %",
            meaning="how much shorter the muscle is, in per cent of its optimal fibre length",
        ),
        Method(
            kind="tight",
            name="stiffer",
            dimension="fraction",
            high=5.0,
            example="45 %",
            meaning="how much more it resists when it is stretched",
        ),
        Method(
            kind="spasm",
            name="force",
            dimension="force",
            high=3000.0,
            example="60 N",
            meaning="force of the spasm, all parts of the named muscles of that side together",
            sides="one",
        ),
        Method(
            kind="spasm",
            name="drive",
            dimension="fraction",
            example="8 %",
            meaning="involuntary drive, in per cent of the muscle's own maximum",
        ),
        Method(
            kind="weak",
            name="strength",
            dimension="fraction",
            example="60 %",
            meaning="strength, in per cent of what this body would have",
        ),
        Method(
            kind="weak",
            name="mmt",
            dimension="grade",
            example="4-",
            meaning="manual muscle test: grade 0 to 5, with + or -",
        ),
        Method(
            kind="weak",
            name="dynamometer",
            dimension="strength",
            example="62 Nm",
            meaning='dynamometer: "62 Nm", "1.1 Nm/kg", or "85 N" together with lever = "35 cm"',
        ),
        Method(
            kind="weak",
            name="hold",
            dimension="time",
            low=1.0,
            high=3600.0,
            example="40 s",
            meaning="hold time: Sorensen test of the back extensors, plank of the abdominals",
            groups=("back_extensors", "abdominals"),
            sides="both",
        ),
        Method(
            kind="inhibited",
            name="ceiling",
            dimension="fraction",
            example="75 %",
            meaning="the most that can be activated at will, in per cent of all",
        ),
        Method(
            kind="lax",
            name="softer",
            dimension="fraction",
            high=10.0,
            example="50 %",
            meaning="how much more the joint moves under the same load",
        ),
    )
}
"""Every method by its name in the case file."""

_GRADE = re.compile(r"([0-5])\s*([+\-−–]?)")
_STRENGTH = {"force": 3000.0, "moment": 1000.0, "moment per mass": 15.0}
"""What a dynamometer may read, up to a limit in SI."""
_LEVER = (0.05, 1.2)


def methods_of(kind: str) -> tuple[Method, ...]:
    """The ways to measure a finding of this kind.

    >>> [method.name for method in methods_of("spasm")]
    ['force', 'drive']
    """
    return tuple(method for method in METHODS.values() if method.kind == kind)


def measure(table: Table, method: Method, where: str, mass: float | None) -> Measure:
    """The measurement in a table of a finding. `mass` (kg) turns Nm/kg to Nm; without it they are refused."""
    field, written = f"{where}, {method.name}", table[method.name]
    if method.dimension == "grade":
        if "uncertainty" in table:
            raise InputError(f"{where}, uncertainty: an MMT grade has its own wide interval; leave this out.")
        return Measure(name=method.name, value=_grade(written, field))
    if method.dimension == "strength":
        return _dynamometer(table, where, mass)
    value = quantity(written, method.dimension, field, method.example)
    within(value, method.low, method.high, method.dimension, field, written)
    return Measure(name=method.name, value=value, spread=_spread(table, method.dimension, method.high, where))


def _spread(table: Table, dimension: str, high: float, where: str) -> float | None:
    """The uncertainty, of the dimension of the measurement; above nothing and below its largest value."""
    if "uncertainty" not in table:
        return None
    field, written = f"{where}, uncertainty", table["uncertainty"]
    spread = quantity(written, dimension, field, "5 deg" if dimension == "angle" else "")
    if not 0 < spread <= high:
        raise InputError(
            f'{field}: "{shown(written)}" is no standard deviation of this measurement; it must be positive '
            "and smaller than the largest value that can be measured."
        )
    return spread


def _grade(written: object, field: str) -> float:
    """A grade of the manual muscle test as a number."""
    match = _GRADE.fullmatch(str(written).strip()) if type(written) in (int, str) else None
    if match is None or (match[2] and match[1] in "0") or match[0].startswith("5+"):
        raise InputError(f'{field}: "{shown(written)}" is no grade; write 0 to 5, with + or -, as in "4-".')
    return int(match[1]) + {"": 0.0, "+": 1 / 3}.get(match[2], -1 / 3)


def _dynamometer(table: Table, where: str, mass: float | None) -> Measure:
    """Newtons with a lever, newton-metres, or newton-metres per kilogram of body mass."""
    field, written = f"{where}, dynamometer", words(table["dynamometer"], f"{where}, dynamometer", "62 Nm")
    for dimension in _STRENGTH:
        try:
            value = parse(written, dimension, field)
        except InputError:
            continue
        break
    else:
        offered = or_list(('"62 Nm"', '"1.1 Nm/kg"', '"85 N" with lever = "35 cm"'))
        raise InputError(f'{field}: "{shown(written)}" is no force and no moment; write it as in {offered}.')
    most = _STRENGTH[dimension]
    within(value, 0.0, most, dimension, field, written)
    spread, lever = _spread(table, dimension, most, where), None
    if dimension == "force":
        if "lever" not in table:
            raise InputError(
                f'{field}: "{shown(written)}" needs its lever, the distance from the joint to the dynamometer; '
                'add lever = "35 cm".'
            )
        lever = quantity(table["lever"], "length", f"{where}, lever", "35 cm")
        within(lever, *_LEVER, "length", f"{where}, lever", table["lever"])
    elif "lever" in table:
        raise InputError(f'{where}, lever: "{shown(written)}" is a moment already; leave the lever out.')
    if dimension == "moment per mass":
        if mass is None:
            raise InputError(f'{field}: "{shown(written)}" needs the body mass; write Nm instead.')
        value, spread = value * mass, spread and spread * mass
    return Measure(name="dynamometer", value=value, spread=spread, lever=lever)
