"""The sentences of an answer: plain, calm, for a lay reader; one place for all of them.

They read the record of `reply` and nothing else. Shift, load and pain are three things; these speak of the first two.
"""

from typing import Any

from counterpull.anatomy.posture import SIDES
from counterpull.interfaces.cli.record import Quantity
from counterpull.scenarios.screen import QUESTIONS

USUAL_SHARE = 0.95
"""Below this share of bodies that hold the posture, it is said first."""
NOTHING_DEG, NOTHING_MM = 0.005, 0.0005
"""What rounds to 0.00 deg or mm counts as no change."""
_TURNS = {
    "sagittal_rotation_deg": ("tip forward", "tip backward"),
    "frontal_rotation_deg": ("lean outward at its crest", "lean inward at its crest"),
    "axial_rotation_deg": ("open outward in front", "close inward in front"),
    "superior_shift_mm": ("shift up", "shift down"),
    "anterior_shift_mm": ("shift forward", "shift back"),
    "lateral_shift_mm": ("shift outward", "shift inward"),
}
_PELVIS = {
    "tilt_deg": ("tip forward", "tip backward"),
    "obliquity_deg": ("rise on its right side", "rise on its left side"),
    "rotation_deg": ("turn to the left", "turn to the right"),
}
_SIZES = {"mild": "mildly", "moderate": "moderately", "marked": "markedly"}
_KINDS = {
    "tight": "{how} tight",
    "spasm": "{how} in spasm",
    "weak": "{how} weak",
    "inhibited": "{how} inhibited",
    "lax": "{how} lax",
}
MODES = {
    "held": "If the muscles keep the posture as it is",
    "yields": "If the posture may give way a little",
    "before_reaction": "In the first moment, before any muscle reacts",
}


def opening(record: dict[str, Any]) -> list[str]:
    """What comes before any number: the screen, and whether the posture is held."""
    said = []
    if record["screen"]:
        asked = " ".join(QUESTIONS[key].asked for key in record["screen"])
        said.append(
            f"You answered yes to: {asked} Please speak with a doctor about that first. "
            "What follows cannot judge it."
        )
    held = record["held"]
    if not held["both"]:
        said.append(_cannot(record))
    elif min(held["baseline"], held["with_findings"]) < USUAL_SHARE:
        said.append(
            f"{_percent(held['baseline'])} of the possible bodies of this person hold the posture "
            f"without the findings, and {_percent(held['with_findings'])} with them. "
            f"The numbers below are of the {_percent(held['both'])} that hold both."
        )
    return said


def _cannot(record: dict[str, Any]) -> str:
    whose = "with these findings" if record["held"]["baseline"] else "even without the findings"
    return (
        f"In this model the posture cannot be held {whose}: {_lower(record['sentence'] or '')} "
        "There is no shift to report. Try an easier activity, such as supine, or smaller findings."
    )


def findings(record: dict[str, Any]) -> str:
    """What was found, in a sentence.

    >>> findings({"findings": [{"kind": "tight", "where": "right iliopsoas", "size": "mild", "measured": None}]})
    'Compared: this person as usual, and with right iliopsoas mildly tight.'
    """
    if not record["findings"]:
        return "No findings were given, so nothing changes: these are the shifts and loads of the person as usual."
    each = [_finding(one) for one in record["findings"]]
    return f"Compared: this person as usual, and with {listed(each)}."


def _finding(one: dict[str, Any]) -> str:
    measured = one["measured"] and one["measured"].replace("_", " ")
    how = _SIZES[one["size"]] if one["size"] else ""
    said = " ".join(_KINDS[one["kind"]].format(how=how).split())
    joint = " joint" if one["kind"] == "lax" and "sacroiliac" in one["where"] else ""
    return f"{one['where']}{joint} {said}" + (f" (by {measured})" if measured else "")


def pelvis(record: dict[str, Any]) -> str:
    """The whole pelvis: held by the muscles, or what it does when it may give way."""
    yields = record["modes"].get("yields")
    if not yields or not yields["pelvis"]:
        return ""
    moves = [
        _move(words, yields["pelvis"][name]["change"], "deg")
        for name, words in _PELVIS.items()
        if _counts(yields["pelvis"][name]["change"], "deg")
    ]
    kept = "Kept in posture by the muscles, the pelvis as a whole does not turn; " if _keeps(record) else ""
    if not moves:
        said = f"{kept}even if the posture may give way, the pelvis as a whole is not predicted to turn."
    else:
        said = f"{kept}if the posture may give way, the pelvis as a whole is predicted to {listed(moves)}."
    return said[0].upper() + said[1:]


def _keeps(record: dict[str, Any]) -> bool:
    return record["mode"] == "held" and any(name.startswith("pelvis_") for name in record["holds"])


def side(record: dict[str, Any], which: str) -> str:
    """One hip bone on the sacrum: how it moves, beside what can be seen, and how its load changes."""
    shown, imaging = record["sides"][which], record["imaging"]
    turn, up = shown["sagittal_rotation_deg"]["change"], shown["superior_shift_mm"]["change"]
    moves = []
    if _counts(turn, "deg"):
        moves.append(f"{_move(_TURNS['sagittal_rotation_deg'], turn, 'deg')} on the sacrum")
    if _counts(up, "mm"):
        moves.append(_move(_TURNS["superior_shift_mm"], up, "mm"))
    biggest = _most_visible(record, which)
    if not moves:
        said = f"The {which} hip bone is not predicted to tip or shift up or down on the sacrum."
    else:
        said = f"The {which} hip bone is predicted to {listed(moves)}. "
        said += _beside(biggest, imaging, record["shares"][which])
    return f"{said} {_load(shown, which)}"


def _most_visible(record: dict[str, Any], which: str) -> tuple[str, float]:
    """The shift whose change comes nearest to what imaging can see, and how near (1: just seen)."""
    imaging, out = record["imaging"], ("sagittal_rotation_deg", 0.0)
    for name in _TURNS:
        size = abs(record["sides"][which][name]["change"]["median"]) / imaging[f"detects_{_unit(name)}"]
        if size > out[1]:
            out = name, size
    return out


def _beside(biggest: tuple[str, float], imaging: dict[str, float], shares: dict[str, Any]) -> str:
    name, size = biggest
    often = max(each["detectable"] for each in shares.values())
    limits = f"{imaging['detects_deg']:g} degrees or {imaging['detects_mm']:g} mm"
    if size >= 1:
        way = {"deg": "turn", "mm": "shift"}[_unit(name)]
        return f"Its largest {way} is one that the best imaging could detect (from {limits})."
    if often < 0.005:
        return f"That is smaller than the best imaging can detect ({limits})."
    return (
        f"That is smaller than the best imaging can detect ({limits}) "
        f"in most bodies; in {_percent(often)} of them some part of it could be seen."
    )


def _load(shown: dict[str, Any], which: str) -> str:
    press, shear = shown["compression_N"], shown["shear_N"]
    before, after = (_size(press, shear, key) for key in ("baseline", "with_findings"))
    change = after - before
    if before < 1 or abs(change) < 1 or abs(change) < 0.01 * before:
        return f"The load across the {which} joint stays about {before:.0f} N."
    verb = "rises" if change > 0 else "falls"
    by = f"{abs(change) / before:.0%} (from {before:.0f} to {after:.0f} N)"
    return f"The load across the {which} joint {verb} by {by}."


def _size(press: dict[str, Quantity], shear: dict[str, Quantity], key: str) -> float:
    """Force across the joint in newtons, from the medians of its two parts."""
    return float((press[key]["median"] or 0.0) ** 2 + (shear[key]["median"] or 0.0) ** 2) ** 0.5


def verdict(record: dict[str, Any]) -> str:
    """Whether the findings move a joint visibly, in one sentence; computed, never assumed."""
    if not record["findings"]:
        return ""
    worst = max(
        (each["detectable"], name, which) for which in SIDES for name, each in record["shares"][which].items()
    )
    beyond = max(each["beyond_measured"] for which in SIDES for each in record["shares"][which].values())
    share = worst[0]
    if share < 0.05:
        said = "So these findings by themselves are not predicted to move a sacroiliac joint visibly."
    elif share < 0.5:
        said = (
            f"So in {_percent(share)} of the possible bodies these findings move a sacroiliac joint enough for "
            "the best imaging to see; in the others they do not."
        )
    else:
        said = (
            f"So in {_percent(share)} of the possible bodies these findings move a sacroiliac joint "
            "by as much as the best imaging can see."
        )
    if beyond >= 0.05:
        said += (
            f" In {_percent(beyond)} of them a joint then stands further than has been measured in living people; "
            "take that as a limit of this model, not as a prediction."
        )
    else:
        said += (
            " Everything stays within what has been measured in healthy and painful joints of living people."
        )
    return said


def mode(record: dict[str, Any], which: str) -> str:
    """One response mode in a line."""
    one = record["modes"][which]
    if not one["sides"]:
        return f"{MODES[which]}: no balance was found."
    parts = []
    for name in SIDES:
        change = one["sides"][name]["sagittal_rotation_deg"]["change"]
        moved = (
            _move(("forward", "backward"), change, "deg")
            if _counts(change, "deg")
            else "no turn forward or back"
        )
        parts.append(f"{name} {moved}")
    return f"{MODES[which]}: {', '.join(parts)}."


def margin(record: dict[str, Any]) -> str:
    """How much the load could grow, before and after, and what limits it."""
    margin = record["margin"]
    if margin["limited_by"] is None:
        return ""
    capacity = margin["capacity"]
    before, after = (capacity[key]["median"] for key in ("baseline", "with_findings"))
    said = (
        f"Muscle reserve: the load of this activity could grow {_times(before, margin['most'])} "
        f"before the muscles are at their limit"
    )
    said += "." if not record["findings"] else f", and {_times(after, margin['most'])} with the findings."
    shift = {key: margin[key]["median"] for key in ("baseline", "with_findings")}
    said += (
        f" Until a joint has moved as much as the best imaging can see, it could be "
        f"{shift['baseline']:.2f} times this load"
    )
    said += "." if not record["findings"] else f", and {shift['with_findings']:.2f} times with the findings."
    first = max(margin["limited_by"]["with_findings"].items(), key=lambda item: item[1])[0]
    names = {
        "muscles": "the muscles' strength",
        "shift_right": "motion of the right joint",
        "shift_left": "motion of the left joint",
    }
    return f"{said} What limits first is mostly {names[first]}."


CLOSING = (
    "What this does not say: whether it hurts. Shift, load and pain are three things; this predicts the first two. "
    "Small shifts are normal, and many people without pain have larger ones.",
    "Education and research, not a diagnosis. Intervals hold 90 % of the possible bodies of this person.",
)


def _times(factor: float, most: float) -> str:
    return f"more than {most:g} times" if factor >= most else f"{factor:.1f} times"


def _counts(change: Quantity, unit: str) -> bool:
    return abs(change["median"] or 0.0) >= (NOTHING_DEG if unit == "deg" else NOTHING_MM)


def _move(words: tuple[str, str], change: Quantity, unit: str) -> str:
    """A change as words with its interval: "tip forward 0.31 degrees (0.10 to 0.62)"."""
    median = change["median"] or 0.0
    sign = 1.0 if median >= 0 else -1.0
    name = "degrees" if unit == "deg" else "mm"
    said = f"{words[0] if median >= 0 else words[1]} {abs(median):.2f} {name}"
    if change["low"] is None or change["high"] is None:
        return said
    low, high = sorted((sign * change["low"], sign * change["high"]))
    return f"{said} ({low + 0.0:.2f} to {high + 0.0:.2f})"


def listed(parts: list[str]) -> str:
    """Parts with commas and an "and".

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _percent(share: float) -> str:
    """A share in words; never 0 % or 100 % unless it is none or all."""
    if share in (0.0, 1.0):
        return f"{share:.0%}"
    return f"{min(max(share, 0.01), 0.99):.0%}"


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _unit(name: str) -> str:
    return name.rsplit("_", 1)[1]
