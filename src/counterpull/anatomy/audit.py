"""The audit: is the anatomy what it says it is? Each check answers with what it found, in a sentence.

The unscaled model and an average woman and man are audited. Names of elements in the details say where to
look; the rows are in the tables beside this file.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from counterpull.anatomy import names, sweeps
from counterpull.anatomy.body import Body, calibrated_slack, load, reference
from counterpull.anatomy.posture import BODIES, COORDINATES, SIDES, Posture, mirror_name
from counterpull.anatomy.reading import PARAMETER_SET, read
from counterpull.anatomy.records import BoneCheck, Tables
from counterpull.anatomy.scaling import MODEL_STATURE, mirrored
from counterpull.quantities import GRADES

POSTURES = (
    "standing",
    "single_leg_standing_right",
    "sitting",
    "supine",
    "active_straight_leg_raise_right",
    "thomas_test_right",
    "half_kneeling_right",
    "hinge",
    "step_up_right",
)
"""The postures in which every muscle is audited, on both sides."""

ACTION_FLOOR = 2e-3
"""m: an action counts when its moment arm exceeds this."""


BONE_MARGIN = 0.010
"""m: landmarks are sparse, so that the other bone's may be nearer by so much (assumed, grade D)."""
_NEIGHBOURS = {"sacrum": "innominate", "innominate": "sacrum"}


@dataclass(frozen=True, slots=True)
class Check:
    """One question and its answer."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True)
class Audit:
    """The answers, the rows by grade, and per element the posture range in which it was checked."""

    parameters: str
    checks: tuple[Check, ...]
    elements_per_side: int
    rows_by_grade: dict[str, int]
    ranges: dict[str, dict[str, tuple[float, float]]]
    """Degrees, by element and coordinate."""

    @property
    def ok(self) -> bool:
        """Whether every check passed."""
        return all(check.ok for check in self.checks)


def audit(tables: Tables | None = None) -> Audit:
    """Run all checks on a table set (the package's own by default). Takes some ten seconds."""
    tables = tables or read()
    model, woman, man = reference(tables), load("female", tables=tables), load("male", tables=tables)
    people = {"the model": model, "a woman": woman, "a man": man}
    single = {who: list(sweeps.singles(body)) for who, body in people.items()}
    crossed = [one for body in people.values() for one in sweeps.combined(body)]
    checks = [
        sources_and_grades(tables),
        areas(tables),
        slack_lengths(model),
        *(mirror(body, who) for who, body in people.items()),
        actions(model),
        moment_arms(model),
        *(fibre_lengths(body, who) for who, body in people.items()),
        *(bones(body, who) for who, body in people.items()),
        *(wraps(body, who) for who, body in people.items()),
        continuity([*crossed, *(s for each in single.values() for s in each)], model),
    ]
    half = len(model.elements) // 2
    ranges = sweeps.checked_ranges(single["the model"], half)
    labels = [element.removesuffix("_right") for element in model.elements[:half]]
    checks.append(postures_inside(tables, dict(zip(labels, ranges, strict=True))))
    grades = Counter(row["grade"] for row in tables.rows if "grade" in row.fields)
    return Audit(
        parameters=PARAMETER_SET,
        checks=tuple(checks),
        elements_per_side=half,
        rows_by_grade={grade: grades[grade] for grade in GRADES},
        ranges=dict(zip(labels, ranges, strict=True)),
    )


def sources_and_grades(tables: Tables) -> Check:
    """Every number has unit, source and grade (tables that lack one do not load), and every source is used."""
    text = " ".join(value for row in tables.rows for value in row.fields.values())
    idle = sorted(key for key in tables.sources if key not in text)
    numbers = sum("grade" in row.fields for row in tables.rows)
    found = f"{numbers} rows of numbers from {len(tables.sources)} sources"
    return _check("sources and grades", [f"sources.bib: {key} is named by no row" for key in idle], found)


def areas(tables: Tables) -> Check:
    """Physiological cross-sections per group lie within what was published, and shares sum to one."""
    wrong, group_members = [], names.groups(tables)
    for row in tables.area_totals:
        members = group_members.get(row.group, (row.group,))
        total = sum(tables.number(f"{muscle}.pcsa").value for muscle in members)
        low, high = row.low, row.high
        if not low <= total <= high:
            wrong.append(f"{row.group}: {total * 1e4:.1f} cm^2, published {low * 1e4:g} to {high * 1e4:g}")
    for muscle in tables.muscles:
        shares = [
            tables.number(f"{e.id}.share").value for e in tables.elements.values() if e.muscle == muscle
        ]
        partly = muscle == "latissimus_dorsi"  # only its pelvic parts are modelled
        if not shares or sum(shares) > 1.002 or (sum(shares) < 0.998 and not partly):
            wrong.append(f"architecture.csv: the shares of {muscle} sum to {sum(shares):.3f}")
    return _check(
        "cross-sections", wrong, f"{len(tables.area_totals)} group totals lie within published ones"
    )


def slack_lengths(model: Body) -> Check:
    """Calibrated slack lengths are what their formula gives."""
    wrong, count, mean = [], 0, model.mean
    for e, length in enumerate(model.lengths()[: len(model.elements) // 2]):
        name = model.elements[e].removesuffix("_right")
        row = model.tables.number(f"{name}.slack_length")
        if "calibrated_slack" in row.note:
            count += 1
            expected = calibrated_slack(float(length), mean.fibre_length[0, e], mean.pennation[0, e])
            if abs(row.value - expected) > 2e-4:
                wrong.append(
                    f"architecture.csv, {name}.slack_length: {row.value * 1e3:.1f} mm, "
                    f"formula {expected * 1e3:.1f} mm"
                )
    return _check("calibrated slack lengths", wrong, f"{count} rows equal their formula within 0.2 mm")


def mirror(body: Body, who: str) -> Check:
    """The left side is the mirror image of the right: bodies, points, lengths and moment arms."""
    wrong, top, half = [], body.topology, len(body.elements) // 2
    points, count = np.asarray(body.geometry.points), len(top.point_body) // 2
    for i in range(count):
        right, left = BODIES[top.point_body[i]], BODIES[top.point_body[i + count]]
        apart = np.abs(points[i + count] - mirrored(points[i])).max()
        if mirror_name(right) != left or apart > 1e-12:
            wrong.append(f"point {i}: {right} on the right, {left} on the left, {apart * 1e3:.3g} mm apart")
    posture = Posture(hip_flexion_right=0.7, hip_abduction_right=0.2, knee_flexion_left=0.5, trunk_bend=0.1)
    here, there = body.moment_arms(posture), body.moment_arms(posture.mirrored())
    flip = [COORDINATES.index(mirror_name(name)) for name in COORDINATES]
    sign = np.array([-1.0 if name in ("trunk_bend", "trunk_rotation") else 1.0 for name in COORDINATES])
    apart = np.abs(here[:half] - there[half:][:, flip] * sign).max()
    if apart > 1e-12:
        wrong.append(f"moment arms differ by {apart * 1e3:.3g} mm in mirrored postures")
    return _check(f"mirror symmetry, {who}", wrong, f"{count} points and {half} elements match to 1e-12 m")


def actions(model: Body) -> Check:
    """Each textbook action has the sign that the path gives it, standing."""
    wrong, count, arms, pulls = [], 0, model.moment_arms(), model.wrenches()
    joint = model.landmarks["sij_centre_right"]
    sacrum = BODIES.index("sacrum")
    for e, element in enumerate(model.tables.elements.values()):
        for action, sign in element.actions:
            if action == "sacral_nutation":
                force, moment = pulls[e, sacrum, :3], pulls[e, sacrum, 3:]
                value = -(moment - np.cross(joint, force))[2]
            else:
                coordinate = action if action in COORDINATES else f"{action}_right"
                value = arms[e, COORDINATES.index(coordinate)]
            count += 1
            if value * sign < ACTION_FLOOR:
                expected = "positive" if sign > 0 else "negative"
                wrong.append(f"{element.id}: {action} arm {value * 1e3:.1f} mm, textbook {expected}")
    return _check("textbook actions", wrong, f"{count} actions have their textbook sign, by at least 2 mm")


def moment_arms(model: Body) -> Check:
    """Moment arms from the pull on the bodies equal -dL/dq by finite differences, in every posture."""
    step, worst, where = 1e-5, 0.0, ""
    for name, posture in _postures(model.tables):
        base = posture.array()
        shift = np.concatenate([np.eye(12), -np.eye(12)]) * step
        lengths, _ = sweeps.lengths_and_arms(model, base + shift)
        slope = -(lengths[:12] - lengths[12:]).T / (2 * step)
        apart = np.abs(slope - model.moment_arms(posture)[: slope.shape[0]])
        if apart.max() > worst:
            worst, e = float(apart.max()), int(apart.max(1).argmax())
            where = f"{model.elements[e]}, {name}"
    wrong = [f"{where}: {worst:.2g} m"] if worst > 1e-6 else []
    return _check("moment arms = -dL/dq", wrong, f"largest difference {worst:.1g} m ({where})")


def fibre_lengths(body: Body, who: str) -> Check:
    """Path length against fibre and slack length: near optimal standing, never overstretched, slack if short."""
    wrong, lowest, highest, slack = [], np.inf, -np.inf, set()
    for name, posture in _postures(body.tables):
        ratio = body.fibre_ratio(posture)
        low, high = sweeps.STANDING_RATIO if name == "standing" else (-np.inf, sweeps.LONGEST)
        if name == "standing":
            lowest, highest = float(ratio.min()), float(ratio.max())
        for e in np.flatnonzero(~((ratio >= low) & (ratio <= high))):
            wrong.append(
                f"architecture.csv, {body.elements[e]}: the fibre is at {ratio[e]:.2f} of its optimal length ({name}); "
                "check fibre_length and slack_length"
            )
        slack |= {body.elements[e].rsplit("_", 1)[0] for e in np.flatnonzero(ratio < sweeps.SLACK)}
    found = f"standing, fibres are at {lowest:.2f} to {highest:.2f} of their optimal length"
    hanging = f"; slack in some posture: {', '.join(sorted(slack))}" if slack else ""
    return _check(f"fibre lengths, {who}", wrong, found + hanging)


def bones(body: Body, who: str) -> Check:
    """Path points lie on the right side of bones and near the landmarks that they are named after."""
    wrong, count = [], 0
    points, per_side = np.asarray(body.geometry.points), len(body.topology.point_body) // 2
    index: dict[tuple[str, int], int] = {}
    for element in body.tables.elements.values():
        for i in range(len(element.path)):
            index[element.id, i] = len(index)
    size = max(1.0, float(body.measures.stature[0]) / MODEL_STATURE)
    for row in body.tables.bone_checks:
        measure = _bone_measure(row, body)
        chosen = {
            e.removesuffix("_right") for e in names.find(row.muscles, body.tables) if e.endswith("_right")
        }
        for name in sorted(chosen):
            for i, point in enumerate(body.tables.elements[name].path):
                if row.point not in (point.kind, point.body):
                    continue
                at = points[index[name, i]]
                if row.kind == "joint" and not _beside_sacrum(at):
                    continue
                count += 1
                value = measure(at)
                if not row.low * size <= value <= row.high * size:
                    wrong.append(
                        f"paths.csv, {name}.{i} ({row.id}): {value * 1e3:.0f} mm, "
                        f"allowed {row.low * size * 1e3:.0f} to {row.high * size * 1e3:.0f}; {row.reason}"
                    )
    for (name, i), at in zip(index, points[:per_side], strict=True):
        if at[2] < -5e-4:
            wrong.append(f"paths.csv, {name}.{i}: {-at[2] * 1e3:.1f} mm across the midline")
        bone = body.tables.elements[name].path[i].body
        if bone in _NEIGHBOURS and not _beside_sacrum(at):
            count += 1
            own, other = (_to_bone(body, at, which) for which in (bone, _NEIGHBOURS[bone]))
            if own > other + BONE_MARGIN * size:
                wrong.append(
                    f"paths.csv, {name}.{i}: the field 'body' is '{bone}', but landmarks of the "
                    f"{_NEIGHBOURS[bone]} are {(own - other) * 1e3:.0f} mm nearer"
                )
    return _check(
        f"points and bones, {who}",
        wrong,
        f"{count} positions against {len(body.tables.bone_checks)} rules and the nearest landmarks",
    )


def wraps(body: Body, who: str) -> Check:
    """Every path point lies outside the wrap that its segment runs over, standing."""
    wrong, top, half = [], body.topology, len(body.topology.wrapped) // 2
    points = np.asarray(body.geometry.points)
    for w, segment in enumerate(top.wrapped[:half]):
        for end in (top.start[segment], top.end[segment]):
            arm = points[end] - np.asarray(body.geometry.wrap_centre)[w]
            if not top.is_sphere[w]:
                axis = np.asarray(body.geometry.wrap_axes)[w][:, 2]
                arm = arm - (arm @ axis) * axis
            gap = np.linalg.norm(arm) - np.asarray(body.geometry.wrap_radius)[w]
            if gap < 0:
                wrong.append(
                    f"{body.elements[top.element[segment]]}: a point is {-gap * 1e3:.1f} mm inside its wrap"
                )
    return _check(f"wraps, {who}", wrong, f"{half} wrapped segments start and end outside their wraps")


def continuity(all_sweeps: list[sweeps.Sweep], model: Body) -> Check:
    """Lengths and moment arms are continuous over the whole range, degree by degree."""
    wrong, steps = [], 0
    for one in all_sweeps:
        smooth = one.smooth
        steps += smooth.shape[0]
        for e in np.flatnonzero(~smooth.all(0)):
            at = one.degrees[int(np.argmin(smooth[:, e]))]
            held = ", ".join(
                f"{name} {np.rad2deg(getattr(one.held, name)):.0f}"
                for name in COORDINATES
                if getattr(one.held, name) and name != one.coordinate
            )
            wrong.append(
                f"{model.elements[e]}: jumps at {one.coordinate} {at:.0f} deg"
                + (f" ({held})" if held else "")
            )
    return _check(
        "continuity", wrong, f"{steps} steps of one degree in {len(all_sweeps)} sweeps without a jump"
    )


def postures_inside(tables: Tables, ranges: dict[str, dict[str, tuple[float, float]]]) -> Check:
    """The audited postures lie inside the range in which each muscle was checked."""
    wrong = []
    for posture in POSTURES:
        for element, name, angle, (low, high) in outside(tables.postures[posture], ranges):
            wrong.append(
                f"{posture}: {element} was checked for {name} {low:.0f} to {high:.0f}, not at {angle:.0f} deg"
            )
    return _check(
        "audited postures", wrong, f"{len(POSTURES)} postures lie inside every muscle's checked range"
    )


def outside(
    posture: Posture, ranges: dict[str, dict[str, tuple[float, float]]]
) -> Iterator[tuple[str, str, float, tuple[float, float]]]:
    """The elements that a posture takes out of their checked range: element, coordinate, degrees, range."""
    for coordinate, value in zip(COORDINATES, np.rad2deg(posture.array()), strict=True):
        name = next(
            (coordinate.removesuffix(f"_{s}") for s in SIDES if coordinate.endswith(f"_{s}")), coordinate
        )
        for element, checked in ranges.items():
            if name in checked and not checked[name][0] - 0.5 <= value <= checked[name][1] + 0.5:
                yield element, coordinate, float(value), checked[name]


def _postures(tables: Tables) -> Iterator[tuple[str, Posture]]:
    """The audited postures; one-sided ones also mirrored."""
    for name in POSTURES:
        posture = tables.postures[name]
        yield name, posture
        if posture != posture.mirrored():
            yield mirror_name(name), posture.mirrored()


def _bone_measure(rule: BoneCheck, body: Body) -> Callable[[np.ndarray], float]:
    """What a rule measures at a point, in metres."""

    def at(name: str) -> np.ndarray:
        body.tables.landmark(name)
        return body.landmarks[name if name in body.landmarks else f"{name}_right"]

    marks = rule.landmarks
    if rule.kind == "near":
        return lambda x: min(float(np.linalg.norm(x - at(mark))) for mark in marks)
    if rule.kind == "joint":
        return lambda x: float((x - at(marks[0])) @ body.tables.joint_axes["sacroiliac"])
    a, b = at(marks[0]), at(marks[1])
    across = np.array([0.0, 0.0, 1.0]) if marks[2] == "right" else at(marks[2]) - a
    normal = np.cross(b - a, across)
    return lambda x: float((x - a) @ normal / np.linalg.norm(normal))


def _to_bone(body: Body, at: np.ndarray, bone: str) -> float:
    """Distance to the nearest landmark of a bone, right side or midline."""
    marks = body.tables.landmarks.values()
    near = [body.landmarks[f"{m.id}_right" if m.sided else m.id] for m in marks if m.body == bone]
    return float(np.linalg.norm(np.array(near) - at, axis=1).min())


def _beside_sacrum(at: np.ndarray) -> bool:
    """Behind the hips and above the ischial spine, where the joint's plane parts sacrum from hip bone."""
    return bool(at[0] < -0.06 and at[1] > -0.07)


def _check(name: str, wrong: list[str], found: str) -> Check:
    """`found` when nothing is wrong; otherwise the first few findings and how many there are."""
    if not wrong:
        return Check(name, True, found)
    more = f" (and {len(wrong) - 5} more)" if len(wrong) > 5 else ""
    return Check(name, False, "; ".join(wrong[:5]) + more)
