"""The answer: how a person with findings differs from the same person without them, draw by draw.

Baseline and findings share their draws, so that a change is a change of the findings alone. Without findings the
two are the same arrays and every change is exactly 0.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from counterpull.anatomy.body import Body
from counterpull.anatomy.ensemble import Draws
from counterpull.mechanics import balancing, readings
from counterpull.mechanics.coordinates import Floats
from counterpull.mechanics.equilibrium import MODES, Equilibrium, solve
from counterpull.mechanics.margin import Margin, margin
from counterpull.mechanics.model import Model, Situation, situation
from counterpull.quantities import InputError
from counterpull.scenarios.catalogue import Activity, activity
from counterpull.scenarios.choices import DRAWS, MOST_DRAWS, Choices
from counterpull.scenarios.effects import Effects, effects, without_closure
from counterpull.scenarios.findings import Finding

MARGIN_DRAWS = 64
"""So many draws are given a margin; it takes ten times as long as all else."""
Say = Callable[[str], object]


@dataclass(frozen=True, eq=False)
class State:
    """A person in a moment, balanced."""

    here: Situation
    found: Equilibrium

    @property
    def held(self) -> np.ndarray:
        """(n,) whether the draw holds the posture, and was solved."""
        return self.found.held

    @cached_property
    def shifts(self) -> Floats:
        """(n, 2, 6) readings.SHIFTS of the right and the left innominate on the sacrum; rad, m."""
        return readings.shifts(self.here, self.found)

    @cached_property
    def pelvis(self) -> readings.Pelvis:
        """Tilt, obliquity and rotation of the whole pelvis, (n,) rad."""
        return readings.pelvis(self.found)

    @cached_property
    def joints(self) -> readings.Sacroiliac:
        """Compression and shear of both joints, (n, 2) N."""
        return readings.sacroiliac(self.here, self.found)


@dataclass(frozen=True, eq=False)
class Reaction:
    """One mode of response: the same draws without and with the findings."""

    baseline: State
    with_findings: State

    @property
    def both(self) -> np.ndarray:
        """(n,) draws in which both are in balance: those that intervals are taken over."""
        return self.baseline.held & self.with_findings.held


@dataclass(frozen=True, eq=False)
class Answer:
    """What `run` found."""

    body: Body
    activity: Activity
    findings: tuple[Finding, ...]
    choices: Choices
    effects: Effects
    modes: dict[str, Reaction]
    """By mode; the first two of MODES and the one that was chosen are always there."""
    margins: tuple[Margin, Margin] | None
    """Baseline and with findings, of the first MARGIN_DRAWS that hold both in the held mode; None if none does."""

    @property
    def reaction(self) -> Reaction:
        """In the chosen mode."""
        return self.modes[self.choices.mode]

    def change(self, side: str, name: str, mode: str | None = None) -> Floats:
        """Change of one of readings.SHIFTS of a side in every draw that holds both, rad or m.

        >>> from counterpull.anatomy import load
        >>> from counterpull.scenarios import finding
        >>> tight = finding({"kind": "tight", "muscle": "right rectus femoris", "size": "marked"})
        >>> answer = run(load("female"), [tight], "standing", draws=8)
        >>> bool(np.median(answer.change("right", "sagittal_rotation")) > 0)  # forward
        True
        """
        s, i = ("right", "left").index(side), readings.SHIFTS.index(name)
        reaction = self.modes[mode] if mode else self.reaction
        before, after = reaction.baseline.shifts, reaction.with_findings.shifts
        return (after - before)[reaction.both, s, i]


def run(
    body: Body,
    findings: Sequence[Finding] = (),
    moment: str | Activity = "standing",
    choices: Choices | None = None,
    *,
    strength: float = 1.0,
    draws: int = DRAWS,
    seed: int = 0,
    modes: Sequence[str] = MODES,
    margins: bool = True,
    say: Say = lambda _: None,
) -> Answer:
    """Answer for a body with findings in an activity, over so many draws.

    `strength` is a factor of the greatest force of all muscles, without and with the findings.

    `modes` are computed besides the chosen one; the held mode always is, as the others start from it. `say` hears
    what is being done. A posture that cannot be held is an answer, not an error. Raises InputError for an unknown
    activity, for 1 > draws or draws > 4096, and for a finding that this body cannot have.
    """
    if not 1 <= draws <= MOST_DRAWS:
        raise InputError(
            f"answer: {draws} draws were asked for; 1 to {MOST_DRAWS} can be had, 256 are usual."
        )
    choices, findings = choices or Choices(), tuple(findings)
    one = activity(moment, body.tables) if isinstance(moment, str) else moment
    say(f"Posing {draws} possible bodies")
    ensemble = _ensemble(body, draws, seed, strength, choices)
    base = situation(body, one.setting, ensemble)
    before = base.model()
    with ThreadPoolExecutor(1) as aside:
        # To load the kernel (or to compile) takes longest: it begins while findings are read.
        aside.submit(balancing.prepare, before, choices.protection)
        return _answer(body, findings, one, choices, base, before, modes, margins, say)


def _answer(
    body: Body,
    findings: tuple[Finding, ...],
    one: Activity,
    choices: Choices,
    base: Situation,
    before: Model,
    modes: Sequence[str],
    margins: bool,
    say: Say,
) -> Answer:
    say("Reading the findings")
    effect = effects(base, findings, choices)
    same = effect.draws is base.draws
    changed = base if same else situation(body, base.setting, effect.draws, base.place)
    after = changed.model(effect.state) if findings else None

    def balanced(
        where: Situation, model: Model, mode: str, frozen: Equilibrium | None, near: Equilibrium | None
    ) -> State:
        return State(where, solve(model, mode, frozen, choices.protection, choices.exponent, near))

    wanted = [mode for mode in MODES if mode == "held" or mode in modes or mode == choices.mode]
    reactions: dict[str, Reaction] = {}
    for mode in wanted:
        say(_SAID[mode])
        start = reactions["held"].baseline.found if mode != "held" else None
        still = (
            reactions["held"].baseline
            if mode == "before_reaction"
            else balanced(base, before, mode, start, start)
        )
        moved = still if after is None else balanced(changed, after, mode, start, still.found)
        reactions[mode] = Reaction(still, moved)
    limits = None
    if margins and (rows := np.flatnonzero(reactions["held"].both)[:MARGIN_DRAWS]).size:
        say("Adding load until something gives way")
        limits = _margins(reactions["held"], rows)
    return Answer(body, one, findings, choices, effect, reactions, limits)


_SAID = {
    "held": "Balancing the forces",
    "yields": "Letting the posture give way",
    "before_reaction": "Looking at the moment before muscles react",
}


def _ensemble(body: Body, draws: int, seed: int, strength: float, choices: Choices) -> Draws:
    """The person's draws, as strong as said, with force closure as it was chosen."""
    drawn = body.draw(draws, seed)
    if strength != 1.0:
        drawn = replace(drawn, specific_tension=drawn.specific_tension * strength)
    return drawn if choices.force_closure else without_closure(drawn)


def _margins(reaction: Reaction, rows: np.ndarray) -> tuple[Margin, Margin]:
    """Of baseline and findings; both count shifts from where the joints stand without the findings."""
    rest = reaction.baseline.found.x[rows]

    def one(state: State) -> Margin:
        variant = state.here.draws.variant[rows]
        found = state.found.of(rows)
        return margin(found.model, readings.shift_rows(state.here)[variant], found=found, rest=rest)

    if reaction.with_findings is reaction.baseline:
        return (before := one(reaction.baseline)), before
    with ThreadPoolExecutor(2) as pool:
        before, after = pool.map(one, (reaction.baseline, reaction.with_findings))
    return before, after
