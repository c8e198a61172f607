"""Which muscles work, and how hard: activation beside surface EMG in % of the maximal voluntary contraction."""

from counterpull.anatomy.names import find
from counterpull.evidence.closure import belted
from counterpull.evidence.people import People, both, counted, row
from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.rig import Done
from counterpull.scenarios.answer import State

RAISE = "active_straight_leg_raise_right"


@row("ko_obliques_same_side", muscles="right internal oblique, right transversus abdominis")
@row("ko_obliques_other_side", muscles="left internal oblique, left transversus abdominis")
@row("ko_external_oblique_same_side", muscles="right external oblique")
@row("ko_external_oblique_other_side", muscles="left external oblique")
@row("ko_multifidus_same_side", muscles="right multifidus")
@row("ko_multifidus_other_side", muscles="left multifidus")
def raising_the_leg(people: People, muscles: str) -> Floats:
    """Active straight-leg raise of the right leg."""
    return both(lambda sex: active(people.doing(sex, RAISE), muscles))


@row("bivia_erector_spinae", muscles="erector spinae")
@row("bivia_biceps_femoris", muscles="biceps femoris long head")
def standing(people: People, muscles: str) -> Floats:
    """Women standing at ease."""
    return active(people.doing("female", "standing"), muscles)


@row("mirshams_abductors")
def abductors_on_one_leg(people: People) -> Floats:
    """Abductors of the standing hip, as a share of what they can do."""
    muscles = "right gluteus medius, right gluteus minimus"
    return both(lambda sex: active(people.doing(sex, "single_leg_standing_right"), muscles))


@row("hu_belt_abdominals", muscles="transversus abdominis, internal oblique, external oblique")
@row("hu_belt_biceps", muscles="left biceps femoris long head")
def belt_while_raising(people: People, muscles: str) -> Floats:
    """Women raise the right leg: change of activation by a belt of 50 N below the ASIS."""
    without, with_belt = _raising(people)
    return active(with_belt, muscles) - active(without, muscles)


@row("suehiro_belt_effort")
def belt_eases_the_raise(people: People) -> Floats:
    """Women raise the right leg: change of the whole effort, the weighed sum of squared activations, by a belt; %."""
    without, with_belt = (
        (done.found.model.muscles.weight * done.found.activation**2).sum(axis=1) for done in _raising(people)
    )
    return counted(100 * (with_belt / without - 1), *_raising(people))


def _raising(people: People) -> tuple[Done, Done]:
    rig = people.person("female", RAISE)
    return people.once("belted raise", lambda: (rig.solve(), belted(rig, 50, "high").solve()))


def active(state: State | Done, muscles: str) -> Floats:
    """Mean activation of muscles, by the volume of their elements; % of the maximum."""
    here = state.here if isinstance(state, State) else state.situation
    rows = [here.body.elements.index(name) for name in find(muscles, here.body.tables)]
    volume = state.found.model.muscles.weight[:, rows]
    return counted(100 * (state.found.activation[:, rows] * volume).sum(axis=1) / volume.sum(axis=1), state)
