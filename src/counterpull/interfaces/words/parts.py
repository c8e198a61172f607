"""What pulls and what pulls back on a hip bone: whose part of a change is how large, the largest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from counterpull.anatomy.posture import SIDES
from counterpull.interfaces.words import says
from counterpull.interfaces.words.record import Quantity

TURN, UP = "sagittal_rotation_deg", "superior_shift_mm"
"""The two changes that are taken apart."""
LEAST = 0.005
"""Degrees or mm: a smaller part rounds to nothing."""
NAMED = 10
"""So many muscles are shown."""


@dataclass(frozen=True)
class Part:
    """One muscle, or one cause that is no muscle."""

    label: str
    parts: dict[str, Quantity]
    """In the change of TURN (forward +) and of UP."""
    usual: Quantity | None = None
    """Tension as usual, N; None of a cause."""
    change: Quantity | None = None

    def size(self, name: str) -> float:
        """How much it matters in one of the two changes."""
        return abs(self.parts[name]["median"] or 0.0)


def most_moved(record: dict[str, Any]) -> tuple[str, str]:
    """The side, and the one of TURN and UP, whose change comes nearest to what imaging can see."""
    side = max(SIDES, key=lambda s: says.most_visible(record, s, (TURN, UP))[1])
    return side, says.most_visible(record, side, (TURN, UP))[0]


def of_change(record: dict[str, Any], side: str, names: Iterable[str], most: int = NAMED) -> list[Part]:
    """Muscles, then causes, whose part in any of `names` does not round to nothing; by their part in the first."""
    names = tuple(names)
    muscles = [
        Part(
            label=f"{row['side']} {row['label']}",
            parts=row["part_of_change"][side],
            usual=row["tension_N"]["baseline"],
            change=row["tension_N"]["change"],
        )
        for row in record["contributions"]
    ]
    causes = [Part(label=says.CAUSES[key], parts=part[side]) for key, part in record["causes"].items()]
    return _largest(muscles, names)[:most] + _largest(causes, names)


def _largest(parts: list[Part], names: tuple[str, ...]) -> list[Part]:
    some = [part for part in parts if any(part.size(name) >= LEAST for name in names)]
    return sorted(some, key=lambda part: -part.size(names[0]))
