"""Against measurements in living people and cadavers. Values as read (abstract, table or data file) with source.

Fitted: the passive moments (Riener & Edrich 1999) and the joint's stiffness (Miller 1987). All else is predicted.
"""

from dataclasses import replace

import numpy as np
import pytest

from counterpull.anatomy import Posture, load
from counterpull.anatomy.posture import COORDINATES
from counterpull.mechanics import Rig, Setting, miller1987, readings, situation, solve
from counterpull.mechanics.ring import hip_capsule, knee_stop
from counterpull.mechanics.setting import G
from counterpull.mechanics.yardsticks import MOST_ROTATION, MOST_SHIFT, SEEN_SHIFT
from counterpull.scenarios import activity
from counterpull.scenarios.strength_tests import strength_tests

DRAWS = 48


@pytest.fixture(scope="module", params=["female", "male"])
def person(request):
    return load(request.param)


@pytest.fixture(scope="module")
def stood(person):
    draws = person.draw(DRAWS, seed=7)
    out = {}
    for name in ("standing", "supine", "single_leg_standing_right", "sitting"):
        here = situation(person, activity(name).setting, draws)
        out[name] = (here, solve(here.model()))
    return out


# -- fitted --------------------------------------------------------------------------------------------------


def riener_edrich_1999(hip, knee):
    """Passive flexion moments of hip and knee in Nm at angles in degrees (J Biomech 32:539; code that uses it)."""
    at_hip = (
        np.exp(1.4655 - 0.0034 * knee - 0.0750 * hip) - np.exp(1.3403 - 0.0226 * knee + 0.0305 * hip) + 8.072
    )
    at_knee = np.exp(1.800 - 0.0352 * knee + 0.0217 * hip) - np.exp(-3.971 + 0.0495 * knee - 0.0128 * hip)
    return at_hip, at_knee - 4.820 + np.exp(2.220 - 0.150 * knee)


def test_passive_moments_follow_riener_and_edrich(person):
    misses = []
    hip_row, knee_row = (COORDINATES.index(f"{joint}_flexion_right") for joint in ("hip", "knee"))
    for knee in (0, 15, 60, 90):
        for hip in (-15, 0, 20, 45, 75, 90):
            posture = Posture.of(hip_flexion=f"{hip} deg", knee_flexion=f"{knee} deg")
            here = situation(person, Setting(name="limb", gravity=None, posture=posture))
            tension = here.model().muscles.passive[0]
            half = len(tension) // 2
            arms = person.moment_arms(posture)[:half]
            at_hip = tension[:half] @ arms[:, hip_row] + hip_capsule(here.draws, here.setting, 0)[0][0]
            at_knee = tension[:half] @ arms[:, knee_row] + knee_stop(here.draws, here.setting, 0)[0][0]
            misses.append(np.subtract((at_hip, at_knee), riener_edrich_1999(hip, knee)))
    rms = np.sqrt(np.mean(np.square(misses), axis=0))
    assert rms[0] < 4 and rms[1] < 4.5, rms


def test_miller_1987_rig_shows_what_was_printed(model):
    shown = {name: v.mean() for name, v in miller1987.motions(model, model.draw(64, seed=5)).items()}
    for name, (mean, _) in miller1987.PRINTED.items():
        # Standard errors of eight specimens are 14 to 19 %, and 66 % of the medial shift.
        assert shown[name] == pytest.approx(mean, rel=0.5 if name == "medial" else 0.2), name
    for name, load_ in miller1987.LOADS.items():
        low, high = (1.40, 6.21) if load_.endswith("Nm") else (0.76, 2.74)
        assert 0.85 * low <= shown[name] <= 1.15 * high, name


@pytest.mark.soak
def test_the_table_is_conditioned_on_miller_1987(model):
    factors = miller1987.condition(model, draws=48)
    assert max(abs(np.log(f)) for f in factors.values()) < 0.2, factors


# -- predicted -----------------------------------------------------------------------------------------------


def test_from_lying_to_standing_inside_the_radiostereometric_range(stood):
    # At most 3.6 deg and 2 mm (five studies, by Kibsgard 2012); 0.9 (0.7) deg in men, 1.7 (0.8) in women (Tani 2022).
    (here, standing), (_, lying) = stood["standing"], stood["supine"]
    ok = standing.held & lying.held
    change = replace(standing, x=standing.x - lying.x)
    motion = readings.motion(here, change, "sacrum", "innominate_right", here.place.marks["sij_centre_right"])
    angle, shift = motion.angle[ok], np.linalg.norm(motion.shift[ok], axis=1)
    assert np.quantile(angle, 0.95) < MOST_ROTATION and np.quantile(shift, 0.95) < MOST_SHIFT
    woman = here.body.person.sex == "female"
    mean, sd = (1.7, 0.8) if woman else (0.9, 0.7)
    assert abs(np.rad2deg(np.median(angle)) - mean) < 2 * sd
    assert np.median(-motion.turn[ok, 2]) > 0.9 * np.median(angle)  # it is nutation
    # The axis runs from side to side at the level of S2, which is all that Hammer 2013 (abstract) says of its place.
    # How far behind the joint it lies nobody has measured; Miller's bounds leave room for 27 to 70 mm
    # (docs/decisions/0013).
    s2 = 0.5 * (here.place.marks["s1_endplate_centre"] + here.place.marks["s3_centre"])[here.draws.variant]
    assert abs(np.median((motion.axis_point - s2)[ok, 1])) < 0.015
    behind = np.median((motion.at - motion.axis_point)[ok, 0])
    assert 0 < behind < 0.06
    # Both sides alike: hardly anything slides along the axis, which is the translation of helical-axis studies.
    assert np.median(np.abs(motion.slide[ok])) < 0.7e-3


def test_from_two_legs_to_one_a_joint_turns_as_radiostereometry_shows(stood):
    # 0.5 deg in the joints of both sides, translation not detected: below 0.47 mm (11 patients, Kibsgard 2014).
    (here, one), (_, two) = stood["single_leg_standing_right"], stood["standing"]
    ok = one.held & two.held
    change = replace(one, x=one.x - two.x)
    for side in ("right", "left"):
        at = here.place.marks[f"sij_centre_{side}"]
        motion = readings.motion(here, change, "sacrum", f"innominate_{side}", at)
        assert 0.3 < np.rad2deg(np.median(motion.angle[ok])) < 0.71
        assert np.median(np.linalg.norm(motion.shift[ok], axis=1)) < SEEN_SHIFT


def test_100_kg_on_l4_push_the_first_sacral_vertebra_forward_as_in_cadavers(person):
    # 0.18 to 0.73 mm in four pelves (abstract, discovery.researcher.life/article/bc343cb54b8d3af084310f8757746563).
    # Assumed: both hip bones were held.
    def at(place):
        x, y, _ = 1e3 * person.landmarks[place]
        return f"{x:.2f}, {y:.2f}, 0 mm"

    pelvis = Rig.specimen(person, keep="sacrum, right innominate, left innominate")
    held = replace(pelvis.fix("right innominate").fix("left innominate"), draws=person.draw(32, seed=5))
    done = held.load("sacrum", at=at("l4_l5_joint_centre"), force="0, -981, 0 N").solve()
    forward = done.motion("sacrum", "right innominate", at=at("s1_endplate_centre")).shift_mm[:, 0]
    assert 0.18 < np.median(forward) < 0.73


def test_the_hip_carries_on_one_leg_what_prostheses_measure(stood):
    # 261 (29) % of body weight, 219 to 328, ten patients (Bergmann 2016, plateau of one-leg stance); slightly less than
    # 238 % in four others (Bergmann 2001, abstract).
    here, found = stood["single_leg_standing_right"]
    weight = G * here.draws.segment_mass.sum(1)
    force = np.linalg.norm(readings.hip_contact(here, found)[:, 0], axis=1) / weight
    assert 2.19 < np.median(force[found.held]) < 3.28


def test_the_hips_carry_on_two_legs_what_the_least_effort_asks(stood):
    # 38 % with least activation (Inai 2017), a lower bound. No measured value could be read: 80 to 100 % as recalled.
    here, found = stood["standing"]
    weight = G * here.draws.segment_mass.sum(1)
    force = np.linalg.norm(readings.hip_contact(here, found), axis=2).mean(axis=1) / weight
    assert 0.35 < np.median(force[found.held]) < 1.0


def test_the_symphysis_shears_on_one_leg_as_pins_and_films_show(stood):
    # 1.2 mm up to 2.6 (Walheim by Meissner 1996); right to left 1.4 (1.0) mm in men and 1.6 (0.8) in women
    # who had no child (Garras 2008).
    here, found = stood["single_leg_standing_right"]
    up = readings.symphysis(here, found).shift[found.held, 1] * 1e3
    assert 0.3 < np.median(up) < 2.6


def test_the_lowest_disc_carries_more_than_weight_and_less_than_other_models_say(stood):
    # No force was ever measured at L5/S1. For 70 kg: AnyBody's least effort has 621 N standing and 111 lying (AMMR,
    # total force of L5 on the sacrum, reference values of its tests); driven by EMG, with its co-contraction, it is
    # 1076 (243) N (Callaghan & McGill 2001, abstract). Pressure in the disc above is 0.50 MPa standing, 0.46 sitting,
    # 0.30 sitting nonchalantly, 0.10 lying prone (Wilke 1999, abstract). See docs/decisions/0013.
    forces = {}
    for name in ("standing", "supine", "sitting"):
        here, found = stood[name]
        disc = readings.lumbosacral(here, found)
        mass = here.draws.segment_mass.sum(1)
        forces[name] = np.median((np.hypot(disc.compression, disc.shear) * 70 / mass)[found.held])
    above = np.median(here.draws.segment_mass[:, 0] / mass) * 70 * G  # weight of what lies above L5/S1
    assert 1.1 * above < forces["standing"] < 621
    assert forces["supine"] < 0.4 * forces["standing"]
    assert 0.30 / 0.50 < forces["sitting"] / forces["standing"] < 1.5


def test_sitting_the_floor_carries_what_scales_show(stood):
    # 19.6, 15.9 and 12.6 kg under the feet with 44.9, 49.5 and 51.9 kg on the seat: 30, 24 and 20 % in three postures
    # of 210 people (Mbada 2016, abstract).
    here, found = stood["sitting"]
    weight = G * here.draws.segment_mass.sum(1)
    floor = sum(c.force[:, 1] for c in readings.contacts(here, found) if c.name.startswith("sole"))
    assert 0.15 < np.median((floor / weight)[found.held]) < 0.30


def test_standing_is_nearly_silent(stood):
    # Erector spinae, gluteus maximus, biceps femoris practically silent in relaxed standing (Snijders 1995); erector
    # spinae 2.4 %, biceps femoris 1.2 % in women (Bivia-Roig 2018, 34 without, 4.6 and 3.4 % late in pregnancy).
    here, found = stood["standing"]
    volume = found.model.muscles.weight
    for group in ("gluteus_maximus", "biceps_femoris", "longissimus", "multifidus"):
        rows = [i for i, name in enumerate(here.body.elements) if name.startswith(group)]
        mean = (found.activation * volume)[:, rows].sum(1) / volume[:, rows].sum(1)
        assert np.median(mean[found.held]) < 0.08, group


def test_standing_on_one_leg_asks_half_of_the_abductors(stood):
    # 53 % (women) and 55 % (men) of the maximal isometric moment (Mirshams Shahshahani 2022).
    here, found = stood["single_leg_standing_right"]
    volume = found.model.muscles.weight
    rows = [
        i
        for i, n in enumerate(here.body.elements)
        if n.startswith(("gluteus_medius", "gluteus_minimus")) and n.endswith("right")
    ]
    mean = (found.activation * volume)[:, rows].sum(1) / volume[:, rows].sum(1)
    assert 0.2 < np.median(mean[found.held]) < 0.8


def test_abductors_are_as_strong_as_dynamometers_find_people(person):
    # 1.41 (0.33) Nm/kg in women and 1.62 (0.38) in men, eccentric (831 runners, Ramskov 2014); 1.13 (0.20) and 1.29
    # (0.24), concentric (36 athletes, Sugimoto 2014). Coefficients of variation of isometric strength are 0.20 to 0.30
    # (46 studies, Benfica 2018). The spread is fitted, the size is not.
    draws = person.draw(256, seed=7)
    moment = strength_tests()["hip_abduction"].moment(person, draws, "right") / draws.segment_mass.sum(1)
    low, high = (1.13, 1.41 + 0.33) if person.person.sex == "female" else (1.29, 1.62 + 0.38)
    assert low < np.median(moment) < high
    assert 0.20 < moment.std() / moment.mean() < 0.32


def test_nearly_everyone_can_stand_on_one_leg(stood):
    # For 27 s at 60 to 69 years, longer when younger (meta-analysis, Bohannon 2006).
    assert stood["single_leg_standing_right"][1].held.mean() > 0.9
