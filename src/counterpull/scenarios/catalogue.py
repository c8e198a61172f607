"""Activities as plain data: posture, supports, loads and what is held, each with its source.

The tables hold the right side; the left one is its mirror image. Postures are those of the anatomy
(postures.csv), so that the audit covers them.
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from counterpull.anatomy.posture import mirror_name
from counterpull.anatomy.reading import read
from counterpull.anatomy.records import Tables
from counterpull.anatomy.rows import Row
from counterpull.mechanics.setting import HELD, Load, Setting
from counterpull.quantities import GRADES, or_list
from counterpull.scenarios.moments import activity_id
from counterpull.scenarios.rows import rows

_DIRECTION = {"upright": (0.0, -1.0, 0.0), "supine": (-1.0, 0.0, 0.0)}


@dataclass(frozen=True, kw_only=True)
class Activity:
    """A named activity: its setting, in words for people, and where it comes from."""

    id: str
    label: str
    setting: Setting
    source: str
    grade: str
    reason: str

    def mirrored(self) -> "Activity":
        """The same on the other side."""
        swapped = self.label.replace("right", "left") if "right" in self.label else self.label
        return replace(self, id=mirror_name(self.id), label=swapped, setting=self.setting.mirrored())


def activity(name: str, tables: Tables | None = None) -> Activity:
    """The activity of this name ("standing", "single_leg_standing_left").

    A one-sided activity named without its side is the right one. Raises InputError with near misses.

    >>> activity("sitting").label
    'sitting without a backrest'
    """
    return activities(tables)[activity_id(name)]


@cache
def activities(tables: Tables | None = None) -> dict[str, Activity]:
    """Every activity, both sides, by id."""
    tables = tables or read()
    numbers: dict[str, dict[str, float]] = {}
    for row in rows("activity_numbers.csv", "activity", "quantity"):
        numbers.setdefault(row["activity"], {})[row["quantity"]] = row.number("value")
    loads: dict[str, list[Load]] = {}
    for row in rows("activity_loads.csv", "activity", "load"):
        loads.setdefault(row["activity"], []).append(_load(row))
    out = {}
    for row in rows("activities.csv", "activity"):
        one = _activity(row, tables, numbers.get(row.name, {}), tuple(loads.get(row.name, ())))
        out[one.id] = one
        if (other := one.mirrored()).id != one.id:
            out[other.id] = other
    return out


def _activity(row: Row, tables: Tables, numbers: dict[str, Any], loads: tuple[Load, ...]) -> Activity:
    posture = row.required("posture", tuple(tables.postures))
    held = tuple(row["held"].split())
    for name in held:
        if name not in HELD:
            raise row.error("held", f"names '{name}'; use {or_list(HELD)}")
    return Activity(
        id=row.name,
        label=row.required("label"),
        setting=Setting(
            name=row.name,
            posture=tables.postures[posture],
            gravity=_DIRECTION[row.required("body_is", tuple(_DIRECTION))],
            balance=row.required("balance", ("none", "pitch", "both")),
            rests_on=tuple(row.required("rests_on").split()),
            held=held,
            loads=loads,
            **numbers,
        ),
        source=row.required("source"),
        grade=row.required("grade", tuple(GRADES)),
        reason=row.required("reason"),
    )


def _load(row: Row) -> Load:
    x, y, z = (row.number(c, "position_unit") for c in "xyz")
    forward, up, right = (row.number(c, "force_unit") for c in ("forward", "up", "right"))
    axes = row.required("axes", ("pelvis", "world", "s1"))
    return Load(name=row["load"], body=row["body"], at=(x, y, z), force=(forward, up, right), axes=axes)
