"""Cadaver rigs: specimens in frames, and what moved."""

import numpy as np

from counterpull.anatomy.posture import SIDES
from counterpull.evidence.people import People, counted, row
from counterpull.mechanics import miller1987, readings
from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.rig import Done

# -- Miller, Schultz & Andersson 1987: force and moment at the centre of the sacrum, axes of the S1 endplate --------


@row("miller_anterior", direction="anterior")
@row("miller_medial", direction="medial")
@row("miller_bending", direction="right bending")
@row("miller_torsion", direction="clockwise torsion")
def one_ilium_held(people: People, direction: str) -> Floats:
    """The left ilium held: the rig that the joint's stiffness was fitted to, on draws that the fit did not see."""
    return _one_held(people)[direction]


@row("miller_ratio")
def one_over_both_held(people: People) -> Floats:
    """The same loads with both ilia held: how many times less moves, the median of all directions."""
    rig = people.specimen().cut("sacrotuberous", "sacrospinous").fix("left innominate", "right innominate")
    centre, ratios = miller1987.sacral_centre(rig.body), []
    for name, load in miller1987.LOADS.items():
        kind = "moment" if load.endswith("Nm") else "force"
        done = rig.load("sacrum", at=centre, axes="s1", **{kind: load}).solve()
        read = done.motion("sacrum", "left innominate", at=centre, axes="s1")
        along = [float(part.split()[0]) != 0 for part in load.split(",")].index(True)
        moved = np.abs((read.turn_deg if kind == "moment" else read.shift_mm)[:, along])
        ratios.append(counted(_one_held(people)[name] / moved, done))
    return np.median(ratios, axis=0)


def _one_held(people: People) -> dict[str, Floats]:
    body, draws = people.body("specimen"), people.drawn("specimen")
    return people.once("miller", lambda: miller1987.motions(body, draws))


# -- Odeh 2021: single-leg stance, pure moments; how far the axis of rotation is off the moment's ------------------


@row("odeh_flexion_extension", about="0, 0, 1")
@row("odeh_axial_rotation", about="0, 1, 0")
@row("odeh_lateral_bending", about="1, 0, 0")
def off_axis(people: People, about: str) -> Floats:
    """The left hip bone clamped, the right one hanging; 7.5 Nm to and fro on the sacrum; both joints."""
    axis, clamped = np.array([float(x) for x in about.split(",")]), people.specimen().fix("left innominate")
    to, fro = (
        clamped.load(
            "sacrum", at="s1_endplate_centre", moment=", ".join(f"{m * x}" for x in axis) + " Nm"
        ).solve()
        for m in (7.5, -7.5)
    )
    angles = []
    for side in SIDES:
        turns = [
            done.motion("sacrum", f"{side} innominate", at="s1_endplate_centre").turn_deg
            for done in (to, fro)
        ]
        range_ = turns[0] - turns[1]
        share = np.abs(range_ @ axis) / np.linalg.norm(range_, axis=1)
        angles.append(counted(np.rad2deg(np.arccos(np.clip(share, 0, 1))), to, fro))
    return np.concatenate(angles)


# -- Hammer 2013: body weight on the first sacral endplate -----------------------------------------------------------


@row("hammer_axis_height")
def axis_of_nutation_above_s2(people: People) -> Floats:
    """Both ilia held, 600 N down on S1: where the axis of rotation meets the midline, its height over S2's centre."""
    held = people.specimen().fix("left innominate", "right innominate")
    done = held.load("sacrum", at="s1_endplate_centre", force="0, -600, 0 N").solve()
    marks, variant = done.situation.place.marks, done.situation.draws.variant
    s2 = 500 * (marks["s1_endplate_centre"] + marks["s3_centre"])[variant]
    moved = done.motion("sacrum", "left innominate", at="s1_endplate_centre")
    way, point = moved.axis, moved.axis_point_mm
    in_midline = point - way * (point[:, 2] / way[:, 2])[:, None]
    return counted((in_midline - s2)[:, 1], done)


# -- Pool-Goudzwaard 2004: springs for the pelvic floor ------------------------------------------------------------

FLOOR = "pelvic floor"


@row("pool_stiffness_women", sex="female")
@row("pool_stiffness_men", sex="male")
def pelvic_floor_stiffens(people: People, sex: str) -> Floats:
    """Sacrum held, 10 Nm turn both hip bones to and fro; stiffer by so many % once the floor pulls at its most."""
    held = people.specimen(sex).fix("sacrum")

    def swing(rig) -> Floats:
        to, fro = (
            rig.load("right innominate", at="sij_centre_right", moment=f"0, 0, {m} Nm")
            .load("left innominate", at="sij_centre_left", moment=f"0, 0, {m} Nm")
            .solve()
            for m in (10, -10)
        )
        turned = (
            to.shifts_deg_mm("right")["sagittal_rotation"] - fro.shifts_deg_mm("right")["sagittal_rotation"]
        )
        return counted(np.abs(turned), to, fro)

    return 100 * (swing(held) / swing(held.pull(FLOOR)) - 1)


@row("pool_sacrum_women", sex="female")
@row("pool_sacrum_men", sex="male")
def pelvic_floor_turns_the_sacrum(people: People, sex: str) -> Floats:
    """Hip bones held, the floor pulls at its most: degrees by which the sacrum turns forward (nutates)."""
    done = people.specimen(sex).fix("left innominate", "right innominate").pull(FLOOR).solve()
    return counted(-done.shifts_deg_mm("right")["sagittal_rotation"], done)


# -- Vleeming 1996: tension of the long dorsal ligament, 50 N on one structure at a time -----------------------------

LONG_DORSAL = "posterior_sacroiliac_long"


@row("long_dorsal_nutation", moment="0, 0, -5 Nm")
@row("long_dorsal_counternutation", moment="0, 0, 5 Nm")
def long_dorsal_under_load(people: People, moment: str) -> Floats:
    """Both ilia held, the sacrum turned: 50 N with a lever of 10 cm."""
    held = people.specimen().fix("left innominate", "right innominate")
    return _long_dorsal(held.load("sacrum", at="s1_endplate_centre", moment=moment).solve())


@row("long_dorsal_pushed_down")
def long_dorsal_under_weight(people: People) -> Floats:
    """Both ilia held, 50 N down on the promontory: the sacrum nutates and sinks."""
    held = people.specimen().fix("left innominate", "right innominate")
    return _long_dorsal(held.load("sacrum", at="sacral_promontory", force="0, -50, 0 N").solve())


@row("long_dorsal_sacrotuberous")
def long_dorsal_under_the_sacrotuberous(people: People) -> Floats:
    """The right sacrotuberous ligament drawn with 50 N: its sacral end goes toward the ischial tuberosity."""
    held = people.specimen().fix("left innominate", "right innominate")
    marks = held.body.landmarks
    way = marks["ischial_tuberosity_posterior_right"] - marks["sacrum_inferolateral_angle_right"]
    x, y, z = 50 * way / np.linalg.norm(way)
    return _long_dorsal(
        held.load("sacrum", at="sacrum_inferolateral_angle_right", force=f"{x}, {y}, {z} N").solve()
    )


@row("long_dorsal_erector_spinae", muscle="right erector spinae")
@row("long_dorsal_gluteus_maximus", muscle="right gluteus maximus")
def long_dorsal_under_a_muscle(people: People, muscle: str) -> Floats:
    """Trunk, hip bones and thighs held; the muscle of that side pulls with 50 N."""
    whole = people.specimen(keep="everything")
    held = whole.fix("thorax", "left innominate", "right innominate", "left femur", "right femur")
    return _long_dorsal(held.pull(muscle, "50 N").solve())


def _long_dorsal(done: Done) -> Floats:
    """By how much the right long dorsal ligament has become longer, mm."""
    here = done.situation
    i = list(here.body.tables.ligaments).index(LONG_DORSAL)
    sacral, iliac = np.moveaxis(here.draws.ligament_ends[:, SIDES.index("right"), i], 1, 0)
    way = (iliac - sacral) / np.linalg.norm(iliac - sacral, axis=1, keepdims=True)
    moved = readings.motion(here, done.found, "innominate_right", "sacrum", iliac)
    return counted(1e3 * np.einsum("ni,ni->n", way[here.draws.variant], moved.shift), done)
