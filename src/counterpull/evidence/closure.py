"""What stiffens a sacroiliac joint: muscles, and belts. Laxity is motion in the joint under a small push.

Doppler imaging shakes the hip bone at the ASIS and compares how ilium and sacrum follow. Here the ASIS is pushed
backward with 10 N, and the motion of the ilium on the sacrum at the joint is read: the static like of it.
"""

import numpy as np

from counterpull.anatomy.body import Body
from counterpull.evidence.people import People, counted, row
from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.rig import Rig

EFFORT = "20 %"
"""Of each muscle's maximum: "slight" to moderate contractions."""
BRACE = "transversus abdominis, internal oblique, external oblique"


def prone(people: People) -> Rig:
    """A woman lies at rest: trunk and thighs on the couch do not move, the pelvis may."""
    whole = people.specimen("female", keep="everything")
    return whole.fix("thorax", "right femur", "left femur")


def laxity(rig: Rig) -> Floats:
    """Motion of the right ilium on the sacrum when 10 N push the ASIS backward, µm."""
    still, pushed = rig.solve(), rig.load("right innominate", at="asis_right", force="-10, 0, 0 N").solve()
    before, after = (
        done.motion("right innominate", "sacrum", at="sij_centre_right").shift_mm for done in (still, pushed)
    )
    return counted(1e3 * np.linalg.norm(after - before, axis=1), still, pushed)


def _change(people: People, rig: Rig, rest: Rig) -> Floats:
    """Change of laxity against rest, %."""
    return 100 * (laxity(rig) / people.once(("lax", rest.setting), lambda: laxity(rest)) - 1)


# -- van Wingerden 2004, Richardson 2002: muscles -------------------------------------------------------------------


@row("wingerden_erector_spinae", muscle="right erector spinae")
@row("wingerden_biceps_femoris", muscle="right biceps femoris long head")
@row("wingerden_gluteus_maximus", muscle="right gluteus maximus")
@row("wingerden_latissimus", muscle="left latissimus dorsi")
@row("richardson_transversus", muscle="transversus abdominis")
def a_muscle_contracts(people: People, muscle: str) -> Floats:
    """Change of laxity while a muscle pulls with 20 % of its maximum, %."""
    rest = prone(people)
    return _change(people, rest.pull(muscle, EFFORT), rest)


@row("richardson_transversus_or_brace")
def transversus_or_brace(people: People) -> Floats:
    """Change of laxity by transversus alone, less that by all lateral abdominals at the same 20 %; %."""
    rest = prone(people)
    alone, brace = (
        _change(people, rest.pull(name, EFFORT), rest) for name in ("transversus abdominis", BRACE)
    )
    return alone - brace


# -- Vleeming 1992, Damen 2002, Mens 2006: belts ---------------------------------------------------------------------


def belted(rig: Rig, tension: float, where: str) -> Rig:
    """A belt of so many newtons: on each side its front and back strand press the hip bone inward with twice that.

    "high": below the ASIS, on the wing of the ilium. "low": at the symphysis, where it presses through the
    trochanters on the acetabula.
    """
    for side, inward in (("right", -1), ("left", 1)):
        at = _wing(rig.body, side) if where == "high" else f"hip_centre_{side}"
        rig = rig.load(f"{side} innominate", at=at, force=f"0, 0, {inward * 2 * tension} N")
    return rig


def _wing(body: Body, side: str) -> str:
    """Outer face of the wing, half-way from ASIS to PSIS, just below the ASIS."""
    asis, psis = (body.landmarks[f"{name}_{side}"] for name in ("asis", "psis"))
    x, y, z = 1e3 * np.array([0.5 * (asis + psis)[0], asis[1] - 0.02, asis[2]])
    return f"{x:.1f}, {y:.1f}, {z:.1f} mm"


def ring(people: People) -> Rig:
    """A woman's pelvic ring, its sacrum held; legs that are free to come along with the hip bones are left out."""
    return people.specimen("female").fix("sacrum")


@row("mens_belt", tension=50, where="high")
def a_belt_lowers_laxity(people: People, tension: float, where: str) -> Floats:
    """Change of laxity by a belt, %."""
    return _change(people, belted(ring(people), tension, where), ring(people))


@row("damen_high_or_low")
def a_high_belt_does_more(people: People) -> Floats:
    """Change of laxity by a high belt of 50 N less that by a low belt, %."""
    return a_belt_lowers_laxity(people, 50, "high") - a_belt_lowers_laxity(people, 50, "low")


@row("damen_tension")
def a_tighter_belt_adds_less(people: People) -> Floats:
    """What the second 50 N of a high belt change laxity by, less what the first did, sizes; %."""
    one, two = (a_belt_lowers_laxity(people, tension, "high") for tension in (50, 100))
    return np.abs(two - one) - np.abs(one)


@row("vleeming_belt")
def a_belt_lowers_rotation(people: People) -> Floats:
    """A pelvis, sacrum held, 150 N up on each acetabulum; 10 Nm turn both hip bones to and fro. Belt of 50 N, %."""
    pelvis = people.specimen().fix("sacrum")
    for side in ("right", "left"):
        pelvis = pelvis.load(f"{side} innominate", at=f"hip_centre_{side}", force="0, 150, 0 N")

    def swing(rig: Rig) -> Floats:
        turned = []
        for m in (10, -10):
            both = rig
            for side in ("right", "left"):
                both = both.load(f"{side} innominate", at=f"sij_centre_{side}", moment=f"0, 0, {m} Nm")
            done = both.solve()
            turned.append(counted(done.shifts_deg_mm("right")["sagittal_rotation"], done))
        return np.abs(turned[0] - turned[1])

    return 100 * (swing(belted(pelvis, 50, "high")) / swing(pelvis) - 1)
