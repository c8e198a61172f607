"""Findings: what an examination says about a muscle or a joint, in a size or in a measurement.

A finding is read from one [[findings]] table of a case file. docs/reference/case-file.md says what each key means.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from counterpull.anatomy.names import find, groups, separate
from counterpull.anatomy.posture import SIDES, mirror_name
from counterpull.anatomy.reading import read
from counterpull.anatomy.records import Tables
from counterpull.quantities import InputError, or_list
from counterpull.scenarios.fields import Table, hint, one_of, only, shown, words
from counterpull.scenarios.measures import METHODS, SIZES, Measure, Method, measure, methods_of

__all__ = ["JOINTS", "KINDS", "MEANING", "SIZES", "Finding", "Measure", "finding"]

MEANING = {
    "tight": "shorter, or stiffer when it is stretched",
    "spasm": "pulls without being asked to",
    "weak": "has less force at full effort",
    "inhibited": "cannot be activated fully at will",
    "lax": "the joint gives more than usual",
}
"""What each kind of finding means."""
KINDS = tuple(MEANING)
JOINTS = {
    "right sacroiliac": ("sacroiliac_right",),
    "left sacroiliac": ("sacroiliac_left",),
    "both sacroiliac": ("sacroiliac_right", "sacroiliac_left"),
    "pubic symphysis": ("pubic_symphysis",),
}
"""Names of the joints that can be lax, and their ids."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One finding, by size or by measurement.

    >>> finding({"kind": "tight", "muscle": "right iliopsoas", "size": "mild"}).mirrored().where
    'left iliopsoas'
    """

    kind: str
    """One of KINDS."""
    where: str
    """As it was written."""
    elements: tuple[str, ...] = ()
    """Muscle elements with their side, in the order of anatomy.find; none for a joint."""
    joints: tuple[str, ...] = ()
    size: str = ""
    """One of SIZES, or "" when there is a measurement."""
    measure: Measure | None = None

    @property
    def key(self) -> str:
        """Names the random stream: kind and place, without size or side.

        So mild, moderate and marked share their chance and never cross, and a mirrored finding keeps its own.
        """
        return f"{self.kind}.{','.join(sorted(set(map(_without_side, (*self.elements, *self.joints)))))}"

    @property
    def sides(self) -> tuple[str, ...]:
        """Which sides it is on, right first; none for the pubic symphysis."""
        places = (*self.elements, *self.joints)
        return tuple(side for side in SIDES if side in map(_side, places))

    def mirrored(self) -> "Finding":
        """The same on the other side."""
        swap = {"right": "left", "left": "right", "r": "l", "l": "r"}

        def other(match: re.Match[str]) -> str:
            return swap[match[0].lower()]

        return replace(
            self,
            where=re.sub(r"(?<![^\W_])(right|left|r|l)(?![^\W_])", other, self.where, flags=re.IGNORECASE),
            elements=_right_first(map(mirror_name, self.elements)),
            joints=_right_first(map(mirror_name, self.joints)),
        )


def finding(
    table: Table, where: str = "finding", mass: float | None = None, tables: Tables | None = None
) -> Finding:
    """Read one finding. `where` names it in messages; `mass` is the body mass in kg, for "1.1 Nm/kg".

    Raises InputError, a sentence, for whatever is unknown, missing, said twice, or makes no sense together.

    >>> finding({"kind": "lax", "joint": "right sacroiliac", "size": "mild"}).joints
    ('sacroiliac_right',)
    """
    tables = tables or read()
    if "kind" not in table:
        raise InputError(f'{where}: it has no kind; add kind = "tight" ({or_list(KINDS)}).')
    kind = one_of(table["kind"], KINDS, f"{where}, kind")
    place = "joint" if kind == "lax" else "muscle"
    _only_of_kind(table, kind, place, where)
    if place not in table:
        example = "right sacroiliac" if kind == "lax" else "right iliopsoas"
        raise InputError(f'{where}: it does not say where; add {place} = "{example}".')
    written = words(table[place], f"{where}, {place}", "right iliopsoas")
    elements = joints = ()
    if kind == "lax":
        joints = _joints(written, f"{where}, joint")
    else:
        elements = _elements(written, f"{where}, muscle", tables)
    size, measured = "", None
    method = _said_once(table, kind, where)
    if method:
        _fits(method, written, elements, where, tables)
        measured = measure(table, method, where, mass)
    else:
        size = one_of(table["size"], SIZES, f"{where}, size")
        if "uncertainty" in table:
            raise InputError(
                f"{where}, uncertainty: it belongs to a measurement; leave it out beside a size."
            )
    return Finding(kind=kind, where=written, elements=elements, joints=joints, size=size, measure=measured)


def _only_of_kind(table: Table, kind: str, place: str, where: str) -> None:
    """Refuse keys that do not exist, and those that belong to another kind."""
    own = [method.name for method in methods_of(kind)]
    lever = ["lever"] if kind == "weak" else []
    known = ["kind", place, "size", *own, *lever, "uncertainty"]
    for key in table:
        if key in METHODS and key not in known:
            other = METHODS[key].kind
            raise InputError(
                f'{where}: "{key}" measures what is {other}, but the kind is {kind}; use {or_list(own)}.'
            )
        if key in ("muscle", "joint") and key != place:
            raise InputError(
                f'{where}: a finding of the kind {kind} has a {place}, not a {key}; write {place} = "...".'
            )
    only(table, known, where)
    if "lever" in table and "dynamometer" not in table:
        raise InputError(f'{where}, lever: it belongs to a dynamometer; add dynamometer = "85 N".')


def _said_once(table: Table, kind: str, where: str) -> Method | None:
    """The measurement, or None where a size is given; a finding has exactly one of them."""
    given = [key for key in ("size", *(method.name for method in methods_of(kind))) if key in table]
    if not given:
        first = methods_of(kind)[0]
        raise InputError(
            f'{where}: it does not say how much; add size = "moderate" ({or_list(SIZES)}) or a measurement '
            f'such as {first.name} = "{first.example}".'
        )
    if len(given) > 1:
        raise InputError(f"{where}: {' and '.join(given)} both say how much; keep the one that is surer.")
    return METHODS.get(given[0])


def _elements(written: str, field: str, tables: Tables) -> tuple[str, ...]:
    """Elements of the named muscles. Each name has its side, or "both"."""
    try:
        found = find(written, tables)
    except InputError as error:
        raise InputError(f"{field}: {str(error).removeprefix('muscles: ')}") from None
    for part in separate(written, tables):
        if re.search(r"(?<![^\W_])(both|bilateral)(?![^\W_])", part, re.IGNORECASE):
            continue
        sides = set(map(_side, find(part, tables)))
        if len(sides) > 1:
            name = shown(part)
            raise InputError(
                f'{field}: "{name}" has no side; write "right {name}", "left {name}" or "both {name}".'
            )
    return found


def _joints(written: str, field: str) -> tuple[str, ...]:
    """Ids of the named joints."""
    both = re.sub(r"\b(left and right|right and left)\b", "both", written.lower())
    found: list[str] = []
    for part in re.split(r"[,;+&]|\band\b", both):
        tokens = [word for word in re.split(r"[\W_]+", part) if word not in ("", "joint", "joints", "the")]
        side = [word for word in tokens if word in ("right", "left", "both")]
        name = " ".join(word for word in tokens if word not in side)
        name = {
            "si": "sacroiliac",
            "sij": "sacroiliac",
            "sacro iliac": "sacroiliac",
            "symphysis": "pubic symphysis",
        }.get(name, name)
        if name == "sacroiliac" and not side:
            raise InputError(
                f'{field}: "{shown(part)}" has no side; write it as in "right sacroiliac" or "both sacroiliac".'
            )
        whole = " ".join((*side, name)) if name == "sacroiliac" else name
        if whole not in JOINTS or (side and name != "sacroiliac"):
            raise InputError(f'{field}: there is no joint "{shown(part)}"; {hint(whole, JOINTS)}')
        found += JOINTS[whole]
    return _right_first(dict.fromkeys(found))


def _fits(method: Method, written: str, elements: tuple[str, ...], where: str, tables: Tables) -> None:
    """Refuse a test that says nothing about these muscles, or is not done on both sides, or on one."""
    field = f"{where}, {method.name}"
    muscles = {tables.elements[_without_side(element)].muscle for element in elements}
    if method.groups:
        known = groups(tables)
        if not any(muscles <= set(known[group]) for group in method.groups):
            names = or_list([group.replace("_", " ") for group in method.groups])
            raise InputError(
                f'{field}: it is a test of the {names}, and "{shown(written)}" is not; use a size.'
            )
    both = len(set(map(_side, elements))) == 2
    limb = any(tables.muscles[muscle].kind == "limb" for muscle in muscles)
    one_side = method.sides == "one" or (method.name == "dynamometer" and limb)
    if one_side and both:
        raise InputError(f"{field}: it is measured on one side at a time; write one finding for each side.")
    if method.sides == "both" and not both:
        raise InputError(f'{field}: it is a test of both sides together; write "both" before the muscle.')


def _without_side(place: str) -> str:
    return place.removesuffix(f"_{_side(place)}")


def _right_first(places: Iterable[str]) -> tuple[str, ...]:
    """Right, then left, then the midline, each in its order."""
    order = (*SIDES, "")
    return tuple(sorted(places, key=lambda place: order.index(_side(place))))


def _side(place: str) -> str:
    side = place.rsplit("_", 1)[-1]
    return side if side in SIDES else ""
