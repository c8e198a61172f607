"""The tables of the body, read and checked: a row without unit, source or grade does not load.

Right side only; the left is its mirror image. Every message names the file, the row and the field.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from counterpull.anatomy.posture import COORDINATES, LEVELS, MIDLINE_BODIES, SIDED_BODIES, Posture
from counterpull.quantities import GRADES, InputError, Known, nearest, or_list, si_factor

FOLDER = Path(__file__).parent / "tables"
PARAMETER_SET = "adult_2026"
"""Name of this set of numbers; every machine-readable output carries it."""

_TEXT = {"element", "muscle", "ligament", "landmark", "wrap", "name", "posture", "segment", "joint"}
_DIMENSIONS = {
    "mm": "length",
    "cm": "length",
    "cm^2": "area",
    "cm^3": "volume",
    "deg": "angle",
    "N": "force",
    "N/cm^2": "stress",
    "N/mm": "stiffness",
    "N*m/deg": "angular stiffness",
    "kg": "mass",
}


class TableError(InputError):
    """A row of the tables is at fault; the message names file, row and field."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of one table: text fields, and where it stands."""

    file: str
    line: int
    name: str
    fields: dict[str, str]

    def __getitem__(self, field: str) -> str:
        """The text of a field; a TableError when the table has no such column."""
        if field not in self.fields:
            raise self.error(field, "is missing; the table has no such column")
        return self.fields[field]

    def error(self, field: str, why: str) -> TableError:
        """The sentence that names this row."""
        return TableError(f"{self.file}, line {self.line}, row {self.name}: the field '{field}' {why}.")

    def required(self, field: str, allowed: tuple[str, ...] | None = None) -> str:
        """A text field that must not be empty, and be one of `allowed` when given."""
        value = self[field].strip()
        if not value:
            raise self.error(field, "is empty")
        if allowed is not None and value not in allowed:
            near = nearest(value, allowed)
            hint = f"did you mean {or_list(near)}?" if near else f"use {or_list(allowed)}"
            raise self.error(field, f"is '{value}'; {hint.rstrip('?')}")
        return value

    def number(self, field: str, unit_field: str = "unit") -> float:
        """A number in SI, by the unit named in `unit_field`."""
        written, unit = self.required(field), self.required(unit_field)
        try:
            value = float(written)
        except ValueError:
            raise self.error(field, f"is '{written}', which is not a number") from None
        if not np.isfinite(value):
            raise self.error(field, f"is '{written}'; it must be finite")
        return value * self._factor(unit, unit_field)

    def plain(self, field: str) -> float:
        """A number without a unit: a direction, a count, a factor."""
        try:
            return float(self.required(field))
        except ValueError:
            raise self.error(field, f"is '{self[field]}', which is not a number") from None

    def known(
        self, key: str, value: str = "value", prefix: str = "", *, positive: bool = True, cause: str = ""
    ) -> Known:
        """The number in the field `value` with its papers. `prefix` picks columns such as preload_unit."""
        unit_field, spread_field, kind_field = f"{prefix}unit", f"{prefix}spread", f"{prefix}spread_kind"
        unit, kind = self.required(unit_field), self.required(kind_field)
        source = "preload_source" if prefix == "preload_" else "source"
        grade = "preload_grade" if prefix == "preload_" else "grade"
        spread = 0.0
        if kind != "exact":
            spread = self.plain(spread_field) * (self._factor(unit, unit_field) if kind == "sd" else 1.0)
        n = self.fields.get("n", "")
        try:
            return Known(
                id=key,
                value=self.number(value, unit_field),
                unit=unit,
                spread=spread,
                spread_kind=kind,
                source=self.required(source),
                grade=self.required(grade, tuple(GRADES)),
                locator=self.fields.get("locator", ""),
                n=int(n) if n.isdigit() else None,
                population=self.fields.get("population", "") or n,
                note=self.fields.get("note", ""),
                cause=cause,
                positive=positive,
            )
        except InputError as error:
            if isinstance(error, TableError):
                raise
            sentence = str(error).removeprefix(f"{key}: ")
            raise TableError(f"{self.file}, line {self.line}, row {self.name}: {sentence}") from None

    def point(self, x: str = "x", y: str = "y", z: str = "z") -> NDArray[np.float64]:
        """Coordinates in metres, (3,)."""
        return np.array([self.number(field) for field in (x, y, z)])

    def _factor(self, unit: str, field: str) -> float:
        if unit == "fraction":
            return 1.0
        if unit == "cm^3/(m*kg)":
            return 1e-6
        if unit not in _DIMENSIONS:
            raise self.error(field, f"is '{unit}'; use {or_list([*_DIMENSIONS, 'fraction'])}")
        return si_factor(unit, _DIMENSIONS[unit])


@dataclass(frozen=True, slots=True)
class PathPoint:
    """One point of an element's path: where it is fixed, and which wrap the string meets after it."""

    row: Row
    body: str
    kind: str
    at: NDArray[np.float64]
    spread: float
    wrap: str
    cause: str


@dataclass(frozen=True, slots=True)
class Element:
    """One line of action of a muscle (right side)."""

    id: str
    muscle: str
    label: str
    origin: str
    insertion: str
    actions: tuple[tuple[str, int], ...]
    path: tuple[PathPoint, ...]


@dataclass(frozen=True, slots=True)
class Wrap:
    """A cylinder or sphere that stands for what a muscle slides over (right side)."""

    row: Row
    shape: str
    body: str
    centre: NDArray[np.float64]
    axis: NDArray[np.float64]
    radius: Known
    winding: int


@dataclass(frozen=True, slots=True)
class Muscle:
    """A named muscle and the groups that it belongs to."""

    id: str
    label: str
    latin: str
    kind: str
    groups: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Tables:
    """Everything the tables say, typed. `number` finds a Known by its id, such as "piriformis.pcsa"."""

    folder: Path
    muscles: dict[str, Muscle]
    elements: dict[str, Element]
    wraps: dict[str, Wrap]
    known: dict[str, Known]
    landmarks: dict[str, Row]
    ligaments: dict[str, Row]
    knee: tuple[Row, ...]
    postures: dict[str, Posture]
    sharing: dict[str, Row]
    area_totals: tuple[Row, ...]
    joint_axes: tuple[Row, ...]
    aliases: tuple[Row, ...]
    bone_checks: tuple[Row, ...]
    sources: frozenset[str]
    rows: tuple[Row, ...]

    def number(self, key: str) -> Known:
        """The number named `key`; a TableError with near misses when there is none."""
        if key not in self.known:
            near = nearest(key, self.known)
            hint = f"; did you mean {or_list(near)}?" if near else "."
            raise TableError(f'there is no row "{key}" in the tables{hint}')
        return self.known[key]


def read(folder: Path | str = FOLDER) -> Tables:
    """Read and check all tables. Raises TableError at the first row that is at fault."""
    folder = Path(folder)
    return _read(folder, tuple(sorted((f.name, f.stat().st_mtime_ns) for f in folder.glob("*"))))


@cache
def _read(folder: Path, stamp: object) -> Tables:
    del stamp  # read again when a file has changed
    sources = frozenset(re.findall(r"^@\w+\{([^,\s]+),", _text(folder, "sources.bib"), re.MULTILINE))
    table = {name: list(_rows(folder, name)) for name in _FILES}
    for row in (row for rows in table.values() for row in rows):
        _check_papers(row, sources)
    known = dict(_known(table))
    muscles = {row.name: _muscle(row) for row in table["muscles.csv"]}
    wraps = {row.name: _wrap(row) for row in table["wraps.csv"]}
    elements = _elements(table["elements.csv"], table["paths.csv"], muscles, wraps)
    for element in elements.values():
        for key in ("share", "fibre_length", "slack_length"):
            if f"{element.id}.{key}" not in known:
                raise TableError(f"architecture.csv: the row {element.id}, {key} is missing.")
    for muscle in muscles.values():
        for key in ("pcsa", "pennation"):
            if f"{muscle.id}.{key}" not in known:
                raise TableError(f"architecture.csv: the row {muscle.id}, {key} is missing.")
    return Tables(
        folder=folder,
        muscles=muscles,
        elements=elements,
        wraps=wraps,
        known=known,
        landmarks={row.name: row for row in table["landmarks.csv"]},
        ligaments={row.name: row for row in table["ligaments.csv"]},
        knee=tuple(table["knee.csv"]),
        postures=_postures(table["postures.csv"]),
        sharing={row.name: row for row in table["sharing.csv"]},
        area_totals=tuple(table["area_totals.csv"]),
        joint_axes=tuple(table["joint_axes.csv"]),
        aliases=tuple(table["aliases.csv"]),
        bone_checks=tuple(table["bone_checks.csv"]),
        sources=sources,
        rows=tuple(row for rows in table.values() for row in rows),
    )


# Which columns name a row, table by table.
_FILES = {
    "muscles.csv": ("muscle",),
    "elements.csv": ("element",),
    "architecture.csv": ("name", "quantity"),
    "paths.csv": ("element", "index"),
    "wraps.csv": ("wrap",),
    "landmarks.csv": ("landmark",),
    "ligaments.csv": ("ligament",),
    "joints.csv": ("name", "quantity"),
    "joint_axes.csv": ("joint",),
    "segments.csv": ("segment", "quantity", "sex"),
    "person.csv": ("quantity", "sex"),
    "proportions.csv": ("quantity", "sex"),
    "size.csv": ("name", "quantity"),
    "knee.csv": ("body", "knee_flexion"),
    "lumbar_rhythm.csv": ("level", "movement"),
    "sharing.csv": ("kind",),
    "postures.csv": ("posture", "coordinate"),
    "area_totals.csv": ("group",),
    "aliases.csv": ("alias", "kind"),
    "bone_checks.csv": ("check",),
}
_WITHOUT_NUMBERS = {"muscles.csv", "elements.csv", "aliases.csv"}
_LONG = ("architecture.csv", "joints.csv", "segments.csv", "person.csv", "proportions.csv", "size.csv")
# Normal and not lognormal: angles, offsets, and tendons that may be all but absent.
_SIGNED = ("pennation", "centre_before_l5s1", "slack_length")


def _text(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise TableError(f"{name}: the file is missing from {folder}.") from None
    except UnicodeDecodeError:
        raise TableError(f"{name}: the file is not UTF-8 text.") from None


def _rows(folder: Path, name: str) -> Iterator[Row]:
    reader = csv.DictReader(_text(folder, name).splitlines())
    seen: set[str] = set()
    for fields in reader:
        keys = [str(fields.get(key) or "") for key in _FILES[name]]
        label = ".".join(keys)
        row = Row(name, reader.line_num, label, {k: (v or "").strip() for k, v in fields.items() if k})
        if None in fields or None in fields.values():
            raise row.error(
                str(reader.fieldnames and reader.fieldnames[0]), "does not fit the table's columns"
            )
        if not all(keys):
            raise row.error(_FILES[name][keys.index("")], "is empty; a row needs its name")
        if label in seen:
            raise row.error(_FILES[name][0], "names a row that is already there")
        seen.add(label)
        yield row


def _check_papers(row: Row, sources: frozenset[str]) -> None:
    if row.file in _WITHOUT_NUMBERS:
        return
    row.required("grade", tuple(GRADES))
    for field in ("source", "preload_source"):
        if field in row.fields and row.required(field) not in sources:
            near = nearest(row[field], sources)
            hint = f"; did you mean {or_list(near)}" if near else ""
            raise row.error(field, f"is '{row[field]}', which sources.bib does not hold{hint}")


def _known(table: dict[str, list[Row]]) -> Iterator[tuple[str, Known]]:
    for name in _LONG:
        for row in table[name]:
            key = row.name if name != "joints.csv" else f"joint.{row.name}"
            yield (
                key,
                row.known(
                    key, positive=not row["quantity"].startswith(_SIGNED), cause=row.fields.get("cause", "")
                ),
            )
    for row in table["lumbar_rhythm.csv"]:
        row.required("level", LEVELS)
        yield f"rhythm.{row.name}", row.known(f"rhythm.{row.name}")
    for row in table["ligaments.csv"]:
        for quantity in ("stiffness", "preload"):
            key = f"ligament.{row.name}.{quantity}"
            yield key, row.known(key, quantity, f"{quantity}_")


def _muscle(row: Row) -> Muscle:
    kind = row.required("class", ("limb", "trunk"))
    return Muscle(row.name, row.required("label"), row.required("latin"), kind, tuple(row["groups"].split()))


def _wrap(row: Row) -> Wrap:
    shape = row.required("shape", ("cylinder", "sphere"))
    axis = np.array([row.plain(f"axis_{c}") for c in "xyz"])
    if not 0.999 < np.linalg.norm(axis) < 1.001:
        raise row.error("axis_x", "and its neighbours are no unit vector")
    winding = int(row.plain("winding"))
    if winding not in (-1, 1):
        raise row.error("winding", f"is '{row['winding']}'; use 1 or -1")
    radius = row.known(f"wrap.{row.name}.radius", "radius")
    return Wrap(row, shape, row.required("body", _RIGHT_BODIES), row.point(), axis, radius, winding)


_RIGHT_BODIES = MIDLINE_BODIES + SIDED_BODIES


def _elements(
    rows: list[Row], points: list[Row], muscles: dict[str, Muscle], wraps: dict[str, Wrap]
) -> dict[str, Element]:
    paths: dict[str, list[PathPoint]] = {}
    names = [row.name for row in rows]
    for row in points:
        element = row.required("element", tuple(names))
        path = paths.setdefault(element, [])
        if int(row.plain("index")) != len(path):
            raise row.error("index", f"is '{row['index']}'; the next point of this path is {len(path)}")
        kind = row.required("kind", ("origin", "via", "insertion"))
        if (kind == "origin") != (not path):
            raise row.error("kind", f"is '{kind}'; a path has one origin, its first point")
        wrap = row["wrap"] and row.required("wrap", tuple(wraps))
        if row.required("spread_kind") != "sd":
            raise row.error("spread_kind", f"is '{row['spread_kind']}'; the spread of a point is an sd")
        body = row.required("body", _RIGHT_BODIES)
        row.required("reason")
        path.append(PathPoint(row, body, kind, row.point(), row.number("spread"), wrap, row["cause"]))
    out = {}
    for row in rows:
        path = tuple(paths.get(row.name, ()))
        if len(path) < 2 or path[-1].kind != "insertion" or path[-1].wrap:
            raise row.error("element", "has no path from an origin to an insertion in paths.csv")
        for end, point in (("from_bone", path[0]), ("to_bone", path[-1])):
            if row.required(end, _RIGHT_BODIES) != point.body:
                sentence = f"is '{point.body}', but elements.csv says '{row[end]}' ({end})"
                raise point.row.error("body", sentence)
        actions = tuple(_action(row, text) for text in row["actions"].split())
        muscle = row.required("muscle", tuple(muscles))
        out[row.name] = Element(
            row.name, muscle, row.required("label"), row.required("from"), row.required("to"), actions, path
        )
    return out


def _action(row: Row, text: str) -> tuple[str, int]:
    """One textbook action, such as "hip_flexion+"."""
    name, sign = text[:-1], text[-1:]
    known = ("sacral_nutation", *{c.removesuffix("_right").removesuffix("_left") for c in COORDINATES})
    if sign not in ("+", "-") or name not in known:
        raise row.error("actions", f"holds '{text}'; write one of {or_list(sorted(known))} with + or -")
    row.required("actions_source")
    return name, 1 if sign == "+" else -1


def _postures(rows: list[Row]) -> dict[str, Posture]:
    angles: dict[str, dict[str, str]] = {}
    for row in rows:
        written = f"{row.required('value')} {row.required('unit')}"
        angles.setdefault(row["posture"], {})[row["coordinate"]] = written
    try:
        return {name: Posture.of(**values) for name, values in angles.items()}
    except InputError as error:
        raise TableError(f"postures.csv: {error}") from None
