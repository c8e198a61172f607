"""What the tables hold, typed: right side only, SI units, numbers with their papers."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from counterpull.anatomy.posture import SIDED_BODIES, Posture
from counterpull.anatomy.rows import Row, TableError
from counterpull.quantities import Known, nearest, or_list

Floats = NDArray[np.float64]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Muscle:
    """A named muscle and the groups that it belongs to."""

    id: str
    label: str
    latin: str
    kind: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PathPoint:
    """One point of an element's path: where it is fixed, and which wrap the string meets after it."""

    row: Row
    body: str
    kind: str
    at: Floats
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

    id: str
    shape: str
    body: str
    centre: Floats
    axis: Floats
    radius: Known
    winding: int


@dataclass(frozen=True, slots=True)
class Landmark:
    """A place on a bone, or a joint centre; `sided` when there is one on the left as well."""

    id: str
    body: str
    at: Floats
    spread: float
    sided: bool


@dataclass(frozen=True, slots=True)
class Ligament:
    """A line from one body to another (right side); its numbers are `ligament.<id>.stiffness` and `.preload`."""

    id: str
    group: str
    ends: tuple[tuple[str, Floats], tuple[str, Floats]]
    in_joint_stiffness: bool
    """Whether the six of the joint contain it already, so that it must not be added again."""


@dataclass(frozen=True, slots=True)
class SheetEdge:
    """Where a sheet of connective tissue is sewn to a bone (right side); its number is `sheet.<id>.stiffness`."""

    id: str
    sheet: str
    body: str
    at: Floats


@dataclass(frozen=True, slots=True)
class Patch:
    """Where the body rests on the world (right side); its numbers are `patch.<id>.stiffness` and `.toe`."""

    id: str
    group: str
    body: str
    landmark: str
    upright: bool
    """Whether the offset is along forward, up and right of the world, and not of the body."""
    offset: Floats
    """(3,) from the landmark, as a fraction of stature."""

    @property
    def sided(self) -> bool:
        """Whether its body exists on both sides."""
        return self.body in SIDED_BODIES


@dataclass(frozen=True, slots=True)
class KneePose:
    """Where the tibia or patella is in the femur at one knee angle: origin (m), rotation vector (rad)."""

    body: str
    angle: float
    at: Floats
    turn: Floats


@dataclass(frozen=True, slots=True)
class Sharing:
    """How much of the variance of a kind of number is common to a cause, and how much is a side's own."""

    cause: str
    of_cause: float
    of_side: float


@dataclass(frozen=True, slots=True)
class Published:
    """A published range of a group's total cross-section, m²."""

    group: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class BoneCheck:
    """A rule on which side of a bone, or how near to a landmark, path points lie (metres)."""

    id: str
    kind: str
    muscles: str
    point: str
    landmarks: tuple[str, ...]
    low: float
    high: float
    reason: str


@dataclass(frozen=True, eq=False)
class Tables:
    """Everything the tables say, typed. `number` finds a Known by its id, such as "piriformis.pcsa"."""

    folder: Path
    muscles: dict[str, Muscle]
    elements: dict[str, Element]
    wraps: dict[str, Wrap]
    known: dict[str, Known]
    landmarks: dict[str, Landmark]
    ligaments: dict[str, Ligament]
    sheets: dict[str, SheetEdge]
    patches: dict[str, Patch]
    joint_axes: dict[str, Floats]
    """Unit normal of each joint's surface, right side."""
    knee: tuple[KneePose, ...]
    postures: dict[str, Posture]
    sharing: dict[str, Sharing]
    area_totals: tuple[Published, ...]
    bone_checks: tuple[BoneCheck, ...]
    aliases: dict[str, tuple[str, ...]]
    sources: frozenset[str]
    rows: tuple[Row, ...]

    def number(self, key: str) -> Known:
        """The number named `key`; a TableError with near misses when there is none."""
        return _found(self.known, key, "number")

    def landmark(self, name: str) -> Landmark:
        """The landmark of this name; a TableError with near misses when there is none."""
        return _found(self.landmarks, name, "row of landmarks.csv")

    def share(self, kind: str) -> Sharing:
        """How numbers of this kind vary together; a TableError when sharing.csv does not say."""
        return _found(self.sharing, kind, "row of sharing.csv")


def _found(rows: dict[str, T], key: str, what: str) -> T:
    if key in rows:
        return rows[key]
    near = nearest(key, rows)
    raise TableError(
        f'there is no {what} "{key}" in the tables' + (f"; did you mean {or_list(near)}?" if near else ".")
    )
