"""The sentences of an answer: plain, calm, for a lay reader; one place for all of them.

They read the record of `reply` and nothing else. Shift, load and pain are three things; these speak of the first two.
"""

from collections.abc import Callable, Iterable
from typing import Any

from counterpull.anatomy.names import separate
from counterpull.anatomy.posture import SIDES
from counterpull.anatomy.reading import read
from counterpull.interfaces.words.phrases import (
    HARDLY,
    Ways,
    ends_of,
    listed,
    move,
    percent,
    unit,
    unsure,
)
from counterpull.interfaces.words.record import Quantity
from counterpull.scenarios.screen import QUESTIONS

USUAL_SHARE = 0.95
"""Below this share of bodies that hold the posture, it is said first."""
STAYS = 0.02
"""A load whose whole interval of change is a smaller part of it than this stays."""
ALIKE = 0.1
"""Shares of bodies that differ less are called alike."""
ROWS = {
    "sagittal_rotation_deg": "tips forward, deg",
    "frontal_rotation_deg": "crest outward, deg",
    "axial_rotation_deg": "opens outward, deg",
    "superior_shift_mm": "up, mm",
    "anterior_shift_mm": "forward, mm",
    "lateral_shift_mm": "outward, mm",
    "compression_N": "pressed together, N",
    "shear_N": "along the joint, N",
    "load_N": "whole load, N",
}
"""What is positive in each row of a table."""
CAUSES = {
    "gravity": "weight of the body",
    "external": "weight that is carried",
    "pressure": "pressure in the abdomen",
    "posture": "the posture itself",
    "preload": "ligament tension at rest",
}
MODES = {
    "held": "If the muscles keep the posture",
    "yields": "If the posture may give way a little",
    "before_reaction": "In the first moment, before any muscle reacts",
}
COUNTED = "Counted from the unloaded pelvis."
PARTS = "A part counts all that the joints and ligaments answer to this muscle; all parts together are the change."
CLOSING = (
    "What this does not say: whether it hurts. Shift, load and pain are three things; this predicts the first two. "
    "Small shifts are normal: these joints give a little in every posture of every body.",
    "Education and research, not a diagnosis. Ranges in brackets hold 90% of the possible bodies of this person.",
)

_TIPS: Ways = ("tip", "forward", "backward")
_SHIFTS: Ways = ("shift", "up", "down")
_PELVIS: dict[str, Ways] = {
    "tilt": ("tip", "forward", "backward"),
    "obliquity": ("rise", "on its right side", "on its left side"),
    "rotation": ("turn", "to the left", "to the right"),
}
_SIZES = {"mild": "mildly", "moderate": "moderately", "marked": "markedly"}
_KINDS = {"spasm": "in spasm"}
_READINGS = {
    "thomas": "Thomas test",
    "straight_leg_raise": "straight-leg raise",
    "shorter": "shorter by",
    "stiffer": "stiffer by",
    "force": "",
    "drive": "drive of",
    "strength": "strength",
    "mmt": "manual muscle test",
    "dynamometer": "dynamometer",
    "hold": "held for",
    "ceiling": "at most",
    "softer": "softer by",
}
_LIMITS = {
    "muscles": "the muscles' strength",
    "shift_right": "motion of the right joint",
    "shift_left": "motion of the left joint",
}


def opening(record: dict[str, Any]) -> list[str]:
    """What comes before anything else: the screen, and whether the posture is held."""
    said = []
    if record["screen"]:
        asked = listed([f'"{QUESTIONS[key].asked}"' for key in record["screen"]])
        said.append(
            f"You answered yes to {asked} Please speak with a doctor about that first; "
            "what follows cannot judge it."
        )
    if record["context"]:
        said.append(
            "You are pregnant or gave birth in the last year: joints are often looser then than those that this model "
            "was measured on. A lax joint can be added as a finding; plan exercise with your midwife or doctor."
        )
    held = record["held"]
    if not held["both"]:
        said.append(_cannot(record))
    elif min(held["baseline"], held["with_findings"]) < USUAL_SHARE:
        said.append(
            f"{percent(held['baseline'])} of the possible bodies of this person hold the posture "
            f"without the findings, and {percent(held['with_findings'])} with them. "
            f"The numbers below are of the {percent(held['both'])} that hold both."
        )
    return said


def _cannot(record: dict[str, Any]) -> str:
    whose = "with these findings" if record["held"]["baseline"] else "even without the findings"
    return (
        f"In this model the posture cannot be held {whose}: {lower(record['sentence'] or '')} "
        "There is no shift to report. Try an easier activity, such as supine, or smaller findings."
    )


def person(record: dict[str, Any]) -> str:
    """Who it is, in a sentence.

    >>> person({"person": {"sex": "female", "height_cm": 168.0, "mass_kg": 63.0}})
    'A woman of 168 cm and 63 kg.'
    """
    one = record["person"]
    who = {"female": "woman", "male": "man"}.get(one["sex"], "person")
    if one["height_cm"] is None:
        return f"A {who}."
    return f"A {who} of {one['height_cm']:.0f} cm and {one['mass_kg']:.0f} kg."


def findings(record: dict[str, Any]) -> str:
    """What was found, in a sentence.

    >>> weak = {"kind": "weak", "where": "right glutes", "size": None, "measured": "mmt", "reading": "4-"}
    >>> findings({"findings": [weak]})
    'Compared: this person as usual, and with right glutes weak (manual muscle test 4-).'
    """
    if not record["findings"]:
        return "No findings were given, so nothing changes: these are the shifts and loads of the person as usual."
    return f"Compared: this person as usual, and with {listed(map(one_finding, record['findings']), '; ')}."


def one_finding(one: dict[str, Any]) -> str:
    """One finding.

    >>> one_finding({"kind": "lax", "where": "both sacroiliac", "size": "mild", "measured": None})
    'both sacroiliac joints mildly lax'
    """
    parts = one["where"].split(",") if one["kind"] == "lax" else separate(one["where"], read())
    where = listed([part.strip() for part in parts])
    if one["kind"] == "lax" and "sacroiliac" in where:
        where += " joints" if "both" in where or "," in one["where"] else " joint"
    how = f"{_SIZES[one['size']]} " if one["size"] else ""
    said = f"{where} {how}{_KINDS.get(one['kind'], one['kind'])}"
    return (
        f"{said} ({_READINGS[one['measured']]} {one['reading']})".replace("( ", "(")
        if one["measured"]
        else said
    )


def mode_chosen(record: dict[str, Any]) -> str:
    """Which way of responding the numbers are of, where it is not the usual one."""
    return "" if record["mode"] == "held" else f"{MODES[record['mode']]}:"


def pelvis(record: dict[str, Any]) -> str:
    """The whole pelvis: kept by the muscles, or what it does when it may give way."""
    yields = record["modes"].get("yields")
    if not yields or not yields["pelvis"]:
        return ""
    kept = [name for name in _PELVIS if f"pelvis_{name}" in record["holds"]]
    moves = _moves(_PELVIS, yields["pelvis"])
    if record["mode"] != "held" or not kept:
        return f"{_predicted('The whole pelvis', moves)}."
    free = _moves({name: ways for name, ways in _PELVIS.items() if name not in kept}, record["pelvis"])
    rest = f", but {_predicted('it', free)}" if free else ""
    given = _predicted("If the posture may give way, it", moves)
    return f"The muscles keep the posture of the whole pelvis{rest}. {given}."


def _moves(ways: dict[str, Ways], changes: dict[str, Any]) -> list[str]:
    return [
        said for name, way in ways.items() if (said := move(way, changes[f"{name}_deg"]["change"], "degrees"))
    ]


def _predicted(who: str, moves: list[str], hardly: str = "moves (less than {0:g} degrees)") -> str:
    if not moves:
        return f"{who} hardly {hardly.format(HARDLY)}"
    return f"{who} is predicted to {listed(moves)}"


def side(record: dict[str, Any], which: str) -> str:
    """One hip bone on the sacrum: how it moves, beside what can be seen, and how its load changes."""
    shown, shares = record["sides"][which], record["shares"][which]
    tip, up = "sagittal_rotation_deg", "superior_shift_mm"
    moves = [
        move(_TIPS, shown[tip]["change"], "degrees", shares[tip]),
        move(_SHIFTS, shown[up]["change"], "mm", shares[up]),
    ]
    still = ("tips (less than {0:g} degrees)", "shifts up or down (less than {0:g} mm)")
    hardly = " or ".join(words.format(HARDLY) for words, moved in zip(still, moves, strict=True) if not moved)
    said = _predicted(f"The {which} hip bone", [moved for moved in moves if moved], hardly)
    if any(moves) and hardly:
        said += f", and hardly {hardly}"
    return f"{said} on the sacrum. {_beside(record, which)}{_load(shown['load_N'], which)}"


def most_visible(record: dict[str, Any], which: str, names: Iterable[str] = ROWS) -> tuple[str, float]:
    """The shift whose change comes nearest to what imaging can see, and how near (1: just seen)."""
    imaging, out = record["imaging"], ("sagittal_rotation_deg", 0.0)
    for name in names:
        if (limit := imaging.get(f"detects_{unit(name)}")) is not None:
            size = abs(record["sides"][which][name]["change"]["median"]) / limit
            out = max(out, (name, size), key=lambda each: each[1])
    return out


def _beside(record: dict[str, Any], which: str) -> str:
    """The changes of a side beside what the best imaging can detect; nothing where there is hardly a change."""
    name, size = most_visible(record, which)
    often = record["shares"][which]["any"]["detectable"]
    imaging = record["imaging"]
    limits = f"{imaging['detects_deg']:g} degrees or {imaging['detects_mm']:g} mm"
    if size >= 1:
        way = {"deg": "turn", "mm": "shift"}[unit(name)]
        return f"Its largest {way} is one that the best imaging could detect (from {limits}). "
    if often >= 0.005:
        return (
            f"In most bodies that is smaller than the best imaging can detect ({limits}); "
            f"in {percent(often)} some part of it could be seen. "
        )
    return f"That is smaller than the best imaging can detect ({limits}). " if size >= HARDLY else ""


def _load(load: dict[str, Quantity], which: str) -> str:
    """How the size of the force across a joint changes.

    >>> steady = {"median": 1.0, "low": 0.0, "high": 2.0}
    >>> _load({"baseline": {"median": 214.2}, "change": steady}, "left")
    'The load across the left joint stays about 214 N.'
    """
    before, change = load["baseline"]["median"] or 0.0, load["change"]
    ends = ends_of(change)
    if max(map(abs, ends)) < max(STAYS * before, 1.0):
        return f"The load across the {which} joint stays about {before:.0f} N."
    if unsure(change):
        return (
            f"The load across the {which} joint may rise or fall, from {before:.0f} N "
            f"by {ends[0]:+.0f} to {ends[1]:+.0f} N."
        )
    middle = change["median"] or 0.0
    low, high = sorted(map(abs, ends))
    part = f"{abs(middle) / before:.0%}, " if before >= 1 else ""
    between = f" ({low:.0f} to {high:.0f})" if low != high else ""
    verb = "rises" if middle > 0 else "falls"
    return f"The load across the {which} joint {verb} by {part}{abs(middle):.0f} N{between}, from {before:.0f} N."


def verdict(record: dict[str, Any]) -> str:
    """Whether the findings move a joint visibly, in one sentence; computed, never assumed."""
    share = record["shares"]["any"]["detectable"]
    if share < 0.05:
        return "These findings by themselves are not predicted to move a sacroiliac joint visibly."
    if share < 0.5:
        return (
            f"In {percent(share)} of the possible bodies these findings move a sacroiliac joint enough for "
            "the best imaging to see; in the others they do not."
        )
    return (
        f"In {percent(share)} of the possible bodies these findings move a sacroiliac joint "
        "by as much as the best imaging can see."
    )


def within(record: dict[str, Any]) -> str:
    """Whether everything stays within what has been measured in living people."""
    beyond, before = (record["shares"]["any"][key] for key in ("beyond_measured", "beyond_measured_baseline"))
    if beyond < 0.05:
        return "Everything stays within what has been measured in living people."
    without = "as many" if before == beyond else f"{percent(before)}" if before else "none"
    return (
        f"In {percent(beyond)} of the bodies ({without} without the findings) a joint stands further from its "
        "unloaded place than has been measured in living people; take that as a limit of this model, not as a "
        "prediction."
    )


def mode(record: dict[str, Any], which: str) -> str:
    """One response mode in a line."""
    one = record["modes"][which]
    if not one["sides"]:
        return f"{MODES[which]}: no balance was found."
    tips = [move(("", *_TIPS[1:]), one["sides"][s]["sagittal_rotation_deg"]["change"], "deg") for s in SIDES]
    if not any(tips):
        return f"{MODES[which]}: hardly a tip on either side (less than {HARDLY:g} degrees)."
    parts = [f"{s} {tip or f'hardly (less than {HARDLY:g} deg)'}" for s, tip in zip(SIDES, tips, strict=True)]
    return f"{MODES[which]}: {', '.join(parts)}."


def part_of(record: dict[str, Any], which: str, name: str, most: int = 4) -> str:
    """Which muscles a change comes from, largest first."""
    named = sorted(
        ((row["part_of_change"][which][name]["median"], row) for row in record["contributions"]),
        key=lambda each: -abs(each[0]),
    )
    digits = [(f"{part:+.2f}", row) for part, row in named[:most] if abs(part) >= 0.005]
    if not digits:
        return ""
    words = listed(f"{row['side']} {row['label'].replace(',', '')} ({part})" for part, row in digits)
    verb = {
        "deg": "Its tip forward (+) or backward (-), in degrees",
        "mm": "Its shift up (+) or down (-), in mm",
    }
    return f"{verb[unit(name)]}, comes mostly from {words}."


def holding(record: dict[str, Any], most: int = 4) -> str:
    """Which muscles' moments on pelvis and trunk together change, by direction."""

    def those(wanted: Callable[[float], bool]) -> str:
        rows = [(row["moment_Nm"]["median"], row) for row in record["holding"]]
        rows = sorted((each for each in rows if wanted(each[0])), key=lambda each: -abs(each[0]))[:most]
        return listed(
            f"{row['side']} {row['label'].replace(',', '')} ({moment:+.1f})" for moment, row in rows
        )

    forward, back = those(lambda moment: moment >= 0.05), those(lambda moment: moment <= -0.05)
    said = [f"forward by {forward}" * bool(forward), f"backward by {back}" * bool(back)]
    said = [part for part in said if part]
    if not said:
        return ""
    return (
        f"About the hips, pelvis and trunk together are drawn {'; '.join(said)}; in newton metres, compared with "
        "usual. "
        "A muscle that lets go counts as drawing the other way."
    )


def margin(record: dict[str, Any]) -> str:
    """How much the load could grow, before and after, and what limits it."""
    margin = record["margin"]
    if margin["limited_by"] is None:
        return ""
    with_findings = bool(record["findings"])
    before, after = (margin["capacity"][key]["median"] or 0.0 for key in ("baseline", "with_findings"))
    said = (
        f"The muscles could carry {_times(before, margin['most'])} the load of this activity before they are at "
        "their limit"
    )
    if with_findings:
        same = _times(after, margin["most"]) == _times(before, margin["most"])
        said += (
            ", with and without the findings"
            if same
            else f", and {_times(after, margin['most'])} with the findings"
        )
    before, after = (margin[key]["median"] or 0.0 for key in ("baseline", "with_findings"))
    said += (
        f". At {before:.1f} times the load a joint would stand as far from its usual place as imaging can just "
        "detect"
    )
    if with_findings:
        said += (
            f", with the findings at {after:.1f}"
            if after >= 0.05
            else "; the findings alone move one that far"
        )
    limits = margin["limited_by"]["with_findings"]
    return f"{said}; that is a limit of seeing, not of safety. What limits first is mostly {_first(limits)}."


def _first(limits: dict[str, float]) -> str:
    """What limits in most bodies; both joints where they are alike.

    >>> _first({"muscles": 0.0, "shift_right": 0.5, "shift_left": 0.5})
    'motion of a joint, as often the right as the left'
    """
    right, left = limits["shift_right"], limits["shift_left"]
    if right + left > limits["muscles"] and abs(right - left) < ALIKE:
        return "motion of a joint, as often the right as the left"
    return _LIMITS[max(limits, key=lambda name: limits[name])]


def _times(factor: float, most: float) -> str:
    return f"more than {most:g} times" if factor >= most else f"{factor:.1f} times"


def lower(sentence: str) -> str:
    """A sentence that goes on."""
    return sentence[:1].lower() + sentence[1:]
