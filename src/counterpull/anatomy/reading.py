"""The tables of the body, read, typed and checked: a row without unit, source or grade does not load.

Right side only; the left is its mirror image. Reading checks every field of every table at once, so that a
broken row is found before any work begins.
"""

import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

from counterpull.anatomy.posture import COORDINATES, LEVELS, MIDLINE_BODIES, SIDED_BODIES, Posture
from counterpull.anatomy.records import (
    BoneCheck,
    Element,
    Floats,
    KneePose,
    Landmark,
    Ligament,
    Muscle,
    Patch,
    PathPoint,
    Published,
    Sharing,
    SheetEdge,
    Tables,
    Wrap,
)
from counterpull.anatomy.rows import Row, TableError
from counterpull.quantities import GRADES, InputError, Known, nearest, or_list

FOLDER = Path(__file__).parent / "tables"
PARAMETER_SET = "adult_2026"
"""Name of this set of numbers; every machine-readable output carries it."""

SHEETS = ("abdomen", "fascia")
"""Sheets of connective tissue that bodies are made of: linea alba, thoracolumbar fascia."""

_RIGHT_BODIES = MIDLINE_BODIES + SIDED_BODIES


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
    for names, keys in (
        (elements, ("share", "fibre_length", "slack_length")),
        (muscles, ("pcsa", "pennation")),
    ):
        for name in names:
            for key in keys:
                if f"{name}.{key}" not in known:
                    raise TableError(f"architecture.csv: the row {name}, {key} is missing.")
    names = {*elements, *muscles, *(group for muscle in muscles.values() for group in muscle.groups), "all"}
    aliases = dict(_alias(row, names) for row in table["aliases.csv"])
    return Tables(
        folder=folder,
        muscles=muscles,
        elements=elements,
        wraps=wraps,
        known=known,
        landmarks={row.name: _landmark(row) for row in table["landmarks.csv"]},
        ligaments={row.name: _ligament(row) for row in table["ligaments.csv"]},
        sheets={row.name: _sheet_edge(row) for row in table["sheets.csv"]},
        patches={row.name: _patch(row, table["landmarks.csv"]) for row in table["patches.csv"]},
        joint_axes={row.name: _axis(row, "normal") for row in table["joint_axes.csv"]},
        knee=_knee(table["knee.csv"]),
        postures=_postures(table["postures.csv"]),
        sharing={row.name: _sharing(row) for row in table["sharing.csv"]},
        area_totals=tuple(
            Published(row.name, row.number("low"), row.number("high")) for row in table["area_totals.csv"]
        ),
        bone_checks=tuple(_bone_check(row, names, aliases) for row in table["bone_checks.csv"]),
        aliases=aliases,
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
    "sheets.csv": ("edge",),
    "patches.csv": ("patch",),
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
# Normal and not lognormal: angles, offsets, what may be nothing, and tendons that may be all but absent.
_SIGNED = ("pennation", "centre_before_l5s1", "slack_length", "axis_turn", "closure_gain", "capsule_offset")


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
    if not seen:
        raise TableError(f"{name}: the table has no rows.")


def _check_papers(row: Row, sources: frozenset[str]) -> None:
    if row.file in _WITHOUT_NUMBERS:
        return
    row.required("grade", tuple(GRADES))
    for field in ("source", *(["preload_source"] if row.file == "ligaments.csv" else [])):
        if row.required(field) not in sources:
            near = nearest(row[field], sources)
            hint = f"; did you mean {or_list(near)}" if near else ""
            raise row.error(field, f"is '{row[field]}', which sources.bib does not hold{hint}")


def _known(table: dict[str, list[Row]]) -> Iterator[tuple[str, Known]]:
    for name in _LONG:
        for row in table[name]:
            key = row.name if name != "joints.csv" else f"joint.{row.name}"
            yield key, row.known(key, positive=not row["quantity"].startswith(_SIGNED))
    for row in table["lumbar_rhythm.csv"]:
        row.required("level", LEVELS)
        yield f"rhythm.{row.name}", row.known(f"rhythm.{row.name}")
    for row in table["ligaments.csv"]:
        for quantity in ("stiffness", "preload"):
            key = f"ligament.{row.name}.{quantity}"
            yield key, row.known(key, quantity, f"{quantity}_")
    for row in table["sheets.csv"]:
        yield (
            f"sheet.{row.name}.stiffness",
            row.known(f"sheet.{row.name}.stiffness", "stiffness", "stiffness_"),
        )
    for row in table["patches.csv"]:
        for quantity in ("stiffness", "toe"):
            key = f"patch.{row.name}.{quantity}"
            yield key, row.known(key, quantity, f"{quantity}_")


def _muscle(row: Row) -> Muscle:
    kind = row.required("class", ("limb", "trunk"))
    return Muscle(row.name, row.required("label"), row.required("latin"), kind, tuple(row["groups"].split()))


def _wrap(row: Row) -> Wrap:
    shape = row.required("shape", ("cylinder", "sphere"))
    winding = row.whole("winding")
    if winding not in (-1, 1):
        raise row.error("winding", f"is '{row['winding']}'; use 1 or -1")
    radius = row.known(f"wrap.{row.name}.radius", "radius")
    return Wrap(
        row.name, shape, row.required("body", _RIGHT_BODIES), row.point(), _axis(row, "axis"), radius, winding
    )


def _axis(row: Row, stem: str) -> Floats:
    axis = np.array([row.plain(f"{stem}_{c}") for c in "xyz"])
    if not 0.999 < np.linalg.norm(axis) < 1.001:
        raise row.error(f"{stem}_x", "and its neighbours are no unit vector")
    return axis


def _elements(
    rows: list[Row], points: list[Row], muscles: dict[str, Muscle], wraps: dict[str, Wrap]
) -> dict[str, Element]:
    paths: dict[str, list[PathPoint]] = {}
    shared: dict[str, PathPoint] = {}
    names = tuple(row.name for row in rows)
    for row in points:
        path = paths.setdefault(row.required("element", names), [])
        if row.whole("index") != len(path):
            raise row.error("index", f"is '{row['index']}'; the next point of this path is {len(path)}")
        kind = row.required("kind", ("origin", "via", "insertion"))
        if (kind == "origin") != (not path):
            raise row.error("kind", f"is '{kind}'; a path has one origin, its first point")
        wrap = row["wrap"] and row.required("wrap", tuple(wraps))
        body = row.required("body", _RIGHT_BODIES)
        row.required("reason")
        point = PathPoint(row, body, kind, row.point(), row.spread(), wrap, row["cause"])
        twin = shared.setdefault(point.cause, point) if point.cause else point
        if (twin.body, *twin.at) != (body, *point.at):
            field = "body" if twin.body != body else "cause"
            raise row.error(
                field, f"is '{row[field]}', but {twin.row.name} shares its cause and lies elsewhere"
            )
        path.append(point)
    out = {}
    for row in rows:
        path = tuple(paths.get(row.name, ()))
        if len(path) < 2 or path[-1].kind != "insertion" or path[-1].wrap:
            raise row.error("element", "has no path from an origin to an insertion in paths.csv")
        for end, point in (("from_bone", path[0]), ("to_bone", path[-1])):
            if row.required(end, _RIGHT_BODIES) != point.body:
                raise point.row.error(
                    "body", f"is '{point.body}', but elements.csv says '{row[end]}' ({end})"
                )
        actions = tuple(_action(row, text) for text in row["actions"].split())
        muscle = row.required("muscle", tuple(muscles))
        label, start, end = (row.required(field) for field in ("label", "from", "to"))
        out[row.name] = Element(row.name, muscle, label, start, end, actions, path)
    return out


def _action(row: Row, text: str) -> tuple[str, int]:
    """One textbook action, such as "hip_flexion+"."""
    name, sign = text[:-1], text[-1:]
    known = ("sacral_nutation", *{c.removesuffix("_right").removesuffix("_left") for c in COORDINATES})
    if sign not in ("+", "-") or name not in known:
        raise row.error("actions", f"holds '{text}'; write one of {or_list(sorted(known))} with + or -")
    row.required("actions_source")
    return name, 1 if sign == "+" else -1


def _landmark(row: Row) -> Landmark:
    sided = row.required("side", ("right", "midline")) == "right"
    return Landmark(row.name, row.required("body", _RIGHT_BODIES), row.point(), row.spread(), sided)


def _ligament(row: Row) -> Ligament:
    bodies = (*_RIGHT_BODIES, *(f"{body}_left" for body in SIDED_BODIES))
    row.number("spread")
    ends = [
        (row.required(f"{end}_body", bodies), row.point(*(f"{c}{i}" for c in "xyz")))
        for i, end in ((1, "from"), (2, "to"))
    ]
    inside = row.required("in_joint_stiffness", ("yes", "no")) == "yes"
    return Ligament(row.name, row.required("group"), (ends[0], ends[1]), inside)


def _sheet_edge(row: Row) -> SheetEdge:
    return SheetEdge(
        row.name, row.required("sheet", SHEETS), row.required("body", _RIGHT_BODIES), row.point()
    )


def _patch(row: Row, landmarks: list[Row]) -> Patch:
    marks = ("ankle_centre", *(mark.name for mark in landmarks))
    offset = np.array([row.plain(field, -1, 1) for field in ("forward", "up", "lateral")])
    return Patch(
        row.name,
        row.required("group"),
        row.required("body", _RIGHT_BODIES),
        row.required("landmark", marks),
        row.required("offset_along", ("world", "body")) == "world",
        offset,
    )


def _knee(rows: list[Row]) -> tuple[KneePose, ...]:
    out = []
    for row in rows:
        turn = np.array([row.number(f"turn_{c}", "turn_unit") for c in "xyz"])
        body = row.required("body", ("tibia", "patella"))
        out.append(KneePose(body, row.number("knee_flexion", "angle_unit"), row.point(), turn))
    angles = {body: sorted(p.angle for p in out if p.body == body) for body in ("tibia", "patella")}
    if angles["tibia"] != angles["patella"] or len(angles["tibia"]) < 4:
        raise TableError("knee.csv: tibia and patella need poses at the same knee angles, four or more.")
    return tuple(sorted(out, key=lambda p: p.angle))


def _sharing(row: Row) -> Sharing:
    common, sided = row.plain("of_cause", 0, 1), row.plain("of_side", 0, 1)
    if common + sided > 1:
        raise row.error("of_side", f"is '{row['of_side']}'; with of_cause it exceeds 1")
    return Sharing(row["cause"], common, sided)


def _postures(rows: list[Row]) -> dict[str, Posture]:
    angles: dict[str, dict[str, str]] = {}
    for row in rows:
        row.number("value")
        written = {row["coordinate"]: f"{row['value']} {row['unit']}"}
        try:
            Posture.of(**written)
        except InputError as error:
            raise row.error("coordinate", f"is '{row['coordinate']}'; {error}".rstrip(".?")) from None
        angles.setdefault(row["posture"], {}).update(written)
    return {name: Posture.of(**values) for name, values in angles.items()}


def _alias(row: Row, names: set[str]) -> tuple[str, tuple[str, ...]]:
    ids = tuple(row.required("ids").split())
    for name in ids:
        _known_name(row, "ids", name, names)
    return row["alias"], ids


def _bone_check(row: Row, names: set[str], aliases: dict[str, tuple[str, ...]]) -> BoneCheck:
    for name in row.required("muscles").split(", "):
        _known_name(row, "muscles", name, names | set(aliases))
    kind = row.required("kind", ("near", "plane", "joint"))
    point = row.required("point", ("origin", "via", "insertion", *_RIGHT_BODIES))
    low, high = row.number("low"), row.number("high")
    marks = tuple(row.required("landmarks").split())
    return BoneCheck(row.name, kind, row["muscles"], point, marks, low, high, row.required("reason"))


def _known_name(row: Row, field: str, name: str, names: set[str]) -> None:
    if name not in names:
        near = nearest(name, names)
        hint = f"; did you mean {or_list(near)}" if near else ""
        raise row.error(field, f"names '{name}', which is unknown{hint}")
