"""Words of the balance sheet: labels for people, and what shifts mean."""

from collections.abc import Iterable
from typing import Any

from counterpull.anatomy.posture import SIDES

GROUPS = {
    "erector_spinae": "erector spinae",
    "multifidus": "multifidus",
    "quadratus_lumborum": "quadratus lumborum",
    "psoas": "psoas",
    "abdominals": "abdominals",
    "latissimus_dorsi": "latissimus dorsi",
}
SHIFTS = {
    "sagittal_rotation_deg": "sagittal rotation",
    "frontal_rotation_deg": "frontal rotation",
    "axial_rotation_deg": "axial rotation",
    "superior_shift_mm": "shift up",
    "anterior_shift_mm": "shift forward",
    "lateral_shift_mm": "shift outward",
}
PELVIS = {
    "tilt": "tilt (+ forward)",
    "obliquity": "obliquity (+ right side up)",
    "rotation": "rotation (+ to the left)",
}
_PLACES = {
    "foot": "under the {side} foot",
    "seat": "seat, {side} half",
    "couch_leg": "couch, under the {side} leg",
    "couch_pelvis": "couch, under the pelvis",
    "couch_trunk": "couch, under the trunk",
    "all": "all together",
}


def share(record: dict[str, Any]) -> str:
    """How many of the draws hold the posture, in words; never "100 %" unless it is all.

    >>> share({"held": 0.999, "draws": 4096})
    '99% of 4096'
    """
    held, draws = record["held"], record["draws"]
    return f"All {draws}" if held == 1 else f"{min(held, 0.99):.0%} of {draws}"


def place(name: str) -> str:
    """What carries the body.

    >>> place("foot_left")
    'under the left foot'
    """
    stem, _, side = name.rpartition("_")
    return _PLACES[stem].format(side=side) if stem in _PLACES else _PLACES.get(name, name.replace("_", " "))


def by_side(named: Iterable[tuple[str, str]], most: int = 99) -> str:
    """Pairs of a name and its side as a list, each name once.

    >>> by_side([("iliacus", "left"), ("psoas major", "left"), ("iliacus", "right")])
    'iliacus (both sides); psoas major (left)'
    """
    sides: dict[str, list[str]] = {}
    for name, side in named:
        sides.setdefault(name, []).append(side)
    listed = [f"{n} ({'both sides' if len(s) > 1 else s[0]})" for n, s in sides.items()]
    return "; ".join(listed[:most])


def meaning(record: dict[str, Any]) -> str:
    """What the shifts of the hip bones mean beside what imaging can see, in one or two sentences."""
    seen, beyond = [], []
    for key, label in SHIFTS.items():
        unit = key.rsplit("_", 1)[1]
        for side in SIDES:
            size = abs(record["shifts"][side][key]["median"])
            if size > record["imaging"][f"measured_{unit}"]:
                beyond.append((label, side))
            elif size >= record["imaging"][f"detects_{unit}"]:
                seen.append((label, side))
    if beyond:
        return (
            f"More than has been found in living people: {by_side(beyond)}. "
            "Take that as a limit of this model, not as a finding."
        )
    if seen:
        return (
            f"Enough for the best imaging to detect: {by_side(seen)}. The rest is smaller; "
            "all are within what has been found in living people."
        )
    return "All of these are smaller than the best imaging can detect."
