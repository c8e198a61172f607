"""The laws of the answer: nothing found, nothing changed; mirrored; more draws; a stronger finding; sums."""

import numpy as np
import pytest

from counterpull.mechanics.readings import SHIFTS
from counterpull.quantities import InputError
from counterpull.scenarios import Choices, finding, run
from counterpull.scenarios.pulls import pulls

TIGHT = finding({"kind": "tight", "muscle": "right iliopsoas", "thomas": "10 deg"})
SPASM = finding({"kind": "spasm", "muscle": "left quadratus lumborum", "drive": "20 %"})


def margins_of(answer):
    assert answer.margins is not None
    return answer.margins


@pytest.fixture(scope="module")
def tight(woman):
    return run(woman, [TIGHT], "standing", draws=32)


def test_no_findings_change_nothing_at_all(woman):
    answer = run(woman, [], "standing", draws=4)
    for reaction in answer.modes.values():
        change = reaction.with_findings.shifts - reaction.baseline.shifts
        assert (change == 0).all() and reaction.both.all()
    before, after = margins_of(answer)
    assert (before.value == after.value).all()


@pytest.mark.parametrize("mode", ["held", "yields", "before_reaction"])
def test_a_mirrored_finding_has_the_mirrored_answer(woman, tight, mode):
    mirrored = run(woman, [TIGHT.mirrored()], "standing", draws=32, margins=False, modes=[mode])
    for name in SHIFTS:
        for side, other in (("right", "left"), ("left", "right")):
            one, two = (np.median(a.change(s, name, mode)) for a, s in ((tight, side), (mirrored, other)))
            assert one == pytest.approx(two, rel=1e-5, abs=1e-9)
    pelvis, other = (a.modes[mode].with_findings.pelvis for a in (tight, mirrored))
    assert np.median(pelvis.tilt) == pytest.approx(np.median(other.tilt), abs=1e-9)
    assert np.median(pelvis.obliquity) == pytest.approx(-np.median(other.obliquity), abs=1e-9)


def test_more_draws_begin_with_the_same_draws_and_say_about_the_same(woman, tight):
    more = run(woman, [TIGHT], "standing", draws=64, margins=False, modes=[])
    few, many = (a.reaction.with_findings.shifts[:, 0, 0] for a in (tight, more))
    np.testing.assert_allclose(many[:32], few, rtol=1e-6, atol=1e-9)
    error = 1.25 * np.std(few) / np.sqrt(16)  # of a median of 16 pairs
    assert abs(np.median(many) - np.median(few)) < 3 * error


@pytest.mark.parametrize(
    "steps",
    [
        [("tight", "right iliacus", {"size": size}) for size in ("mild", "moderate", "marked")],
        [("tight", "left hamstrings", {"shorter": f"{part} %"}) for part in (2, 8, 15)],
        [("tight", "right iliopsoas", {"stiffer": f"{part} %"}) for part in (20, 60, 150)],
        [("spasm", "left quadratus lumborum", {"size": size}) for size in ("mild", "moderate", "marked")],
        [("spasm", "right piriformis", {"force": f"{force} N"}) for force in (10, 40, 90)],
    ],
)
def test_a_stronger_finding_never_pulls_less(woman, steps):
    before = None
    for kind, muscle, size in steps:
        answer = run(
            woman,
            [finding({"kind": kind, "muscle": muscle, **size})],
            "standing",
            draws=8,
            margins=False,
            modes=[],
        )
        state = answer.reaction.with_findings
        rows = [woman.elements.index(name) for name in answer.findings[0].elements]
        tension = state.found.tension[:, rows].sum(axis=1)
        if before is not None:
            assert (tension >= before - 1e-6 * (1 + before)).all()
        before = tension


def test_pulls_and_causes_sum_to_the_change(woman, tight):
    held = tight.modes["held"]
    found = pulls(woman, held)
    change = (held.with_findings.shifts - held.baseline.shifts)[held.both]
    np.testing.assert_allclose(found.total, change, atol=1e-9)
    mine = [found.muscles.index((muscle, "right")) for muscle in ("iliacus", "psoas_major")]
    assert np.median(found.tension[:, mine].sum(axis=1)) > 0
    assert np.median(found.moment[:, mine].sum(axis=1)) > 0  # it tips the pelvis forward


def test_the_first_moment_keeps_every_activation(tight):
    reaction = tight.modes["before_reaction"]
    base, moved = reaction.baseline.found, reaction.with_findings.found
    np.testing.assert_array_equal(base.activation, moved.activation)
    assert np.abs(moved.x - base.x).max() > 1e-6


def test_structural_choices_reach_the_model(woman):
    def changes(**choices):
        answer = run(woman, [SPASM], "standing", Choices(**choices), draws=8, margins=False, modes=[])
        return answer, answer.change("left", "superior_shift")

    plain, reference = changes()
    assert not np.allclose(changes(force_closure=False)[1], reference)
    assert not np.allclose(changes(protection=1.0)[1], reference)
    floor, _ = changes(spasm_law="floor")
    rows = [woman.elements.index(name) for name in SPASM.elements]
    added = plain.reaction.with_findings.found.activation[:, rows]
    least = floor.reaction.with_findings.found.activation[:, rows]
    drive = plain.effects.sizes[0]["drive_percent"][:, None] / 100
    assert (least >= drive - 1e-9).all() and (added >= least - 1e-9).all() and (added > least + 1e-4).any()


def test_cubes_of_activation_share_the_work_more_evenly(woman):
    answers = {
        e: run(woman, [], "standing", Choices(exponent=e), draws=2, margins=False, modes=[]) for e in (2, 3)
    }
    found = {e: a.reaction.baseline.found for e, a in answers.items()}
    both = found[2].held & found[3].held
    assert both.any()
    cost = {e: (f.model.muscles.weight * f.activation**3).sum(axis=1)[both] for e, f in found.items()}
    most = {e: f.activation.max(axis=1)[both] for e, f in found.items()}
    assert (cost[3] < cost[2]).all() and (most[3] < most[2]).all()


def test_a_stronger_body_has_more_in_reserve(woman):
    weak, strong = (
        margins_of(run(woman, [], "standing", strength=s, draws=4, modes=[]))[0] for s in (0.7, 1.4)
    )
    assert (strong.capacity > 1.5 * weak.capacity).all()


def test_a_margin_beside_protection(woman):
    answer = run(woman, [], "standing", Choices(protection=1.0), draws=2, modes=[])
    assert (margins_of(answer)[0].capacity > 1).all()


def test_a_posture_that_cannot_be_held_is_an_answer(woman):
    nothing = finding(
        {"kind": "weak", "muscle": "both hip abductors, both glutes, both adductors", "strength": "1 %"}
    )
    answer = run(woman, [nothing], "single leg standing right", draws=4)
    assert answer.reaction.baseline.held.any() and not answer.reaction.both.any() and answer.margins is None


@pytest.mark.parametrize("draws", [0, -3, 5000])
def test_a_number_of_draws_that_cannot_be_is_a_sentence(woman, draws):
    with pytest.raises(InputError, match="draws were asked for"):
        run(woman, [], draws=draws)
