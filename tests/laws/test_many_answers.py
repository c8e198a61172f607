"""Random case files: each is read and ends in an answer: numbers, a posture that cannot be held, or a sentence.

Cases come in groups that share a person, an activity and the choices that are compiled in; each case is one draw of
its group's ensemble, with its own strength, findings, force closure and spasm law. So thousands are balanced with
the functions that `run` uses, in few batches; some go the whole way, as `counterpull answer` does, for comparison.
3,000 in `make test`; 100,000 in `make soak`, which writes benchmarks/results/many_answers.json.
"""

import io
import json
import os
import random
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from counterpull.anatomy import Body, find, read
from counterpull.anatomy.names import groups
from counterpull.anatomy.scaling import WIDTHS
from counterpull.interfaces.cli import answer_page
from counterpull.interfaces.cli.answer import answered
from counterpull.mechanics import MuscleState, readings, situation, solve
from counterpull.mechanics.margin import margin
from counterpull.numerics.problem import Outcome
from counterpull.quantities import InputError
from counterpull.scenarios import Case, activity, read_case, run
from counterpull.scenarios.answer import Reaction, State
from counterpull.scenarios.effects import Effects, effects
from counterpull.scenarios.findings import JOINTS, KINDS, SIZES
from counterpull.scenarios.measures import METHODS, Method, methods_of
from counterpull.scenarios.moments import activity_ids
from counterpull.scenarios.screen import QUESTIONS

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results" / "many_answers.json"
SEED = 20261125
EACH, MANY = 30, 64
"""Cases of a group, and in `make soak`."""
SOME = ("standing", "single_leg_standing_right", "single_leg_standing_left")
"""In `make test` margins and whole answers, which take long to compile, are asked for in these activities only."""


# -- random cases --------------------------------------------------------------------------------------------


def names(tables):
    """Names of muscles as people write them: ids, labels, Latin, groups, nicknames."""
    out = [*tables.elements, *tables.muscles, *groups(tables), *tables.aliases]
    for muscle in tables.muscles.values():
        out += [muscle.label, muscle.latin, muscle.label] * 2
    return sorted(out)


@dataclass(frozen=True)
class Group:
    """What the cases of a group share."""

    number: int
    person: str
    """Lines of the table [person]."""
    activity: str
    mode: str
    protection: float
    exponent: int

    @property
    def seed(self) -> int:
        return SEED + self.number


def group(number, chance, everywhere):
    sex = chance.choice(("female", "male"))
    height = min(max(chance.gauss(163 if sex == "female" else 176, 9), 135), 215)
    mass = min(max(chance.gauss(24.5, 4.5) * (height / 100) ** 2, 38), 200)
    said = [f'sex = "{sex}"']
    if chance.random() < 0.9:
        tall = chance.choice((f"{height:.1f} cm", f"{height / 100:.4f} m", f"{height * 10:.0f} mm"))
        heavy = chance.choice((f"{mass:.1f} kg", f"{mass / 0.45359237:.1f} lb"))
        said += [f'height = "{tall}"', f'mass = "{heavy}"']
    usual = {name: read().number(f"{name}.{sex}").value for name in WIDTHS}
    widths = chance.sample(WIDTHS, chance.choice((0, 0, 1, 3)))
    if widths:
        each = [f'{w} = "{1e3 * usual[w] * chance.uniform(0.9, 1.1):.1f} mm"' for w in widths]
        said += ["[person.widths]", *each]
    moment = chance.choice(activity_ids())
    return Group(
        number,
        "\n".join(said),
        moment,
        chance.choice(("held", "yields", "before_reaction")),
        chance.choice((0.0, 0.0, 0.0, 1.0)) if everywhere or moment == "standing" else 0.0,
        3 if moment == "standing" and chance.random() < 0.1 else 2,
    )


def case_text(one, chance, words):
    """A case of a group as a person may write it; it is valid."""
    person = one.person.split("\n", 1)
    if chance.random() < 0.5:
        strength = chance.choice((30, 50, 80, 100, 120, 200, 300))
        person.insert(1, f'strength = "{strength} %"')
    lines = ['schema = "counterpull.case/1"', "[person]", *person]
    said: set[tuple] = set()
    for _ in range(chance.choice((0, 1, 1, 2, 2, 3, 4))):
        lines += finding_lines(chance, words, said)
    moment = chance.choice((one.activity, one.activity.replace("_", " ")))
    lines += ["[activity]", f'name = "{moment}"']
    asked, words_ = chance.sample(list(QUESTIONS), chance.choice((0, 0, 1, 3))), ("true", "false", '"no"')
    if asked:
        lines += ["[screen]", *(f"{key} = {chance.choice(words_)}" for key in asked)]
    lines += ["[choices]", f'mode = "{one.mode}"', f"exponent = {one.exponent}"]
    if one.protection or chance.random() < 0.5:
        lines += [f"protection = {one.protection}"]
    if chance.random() < 0.4:
        lines += [f"force_closure = {chance.choice(('true', 'false'))}"]
    if chance.random() < 0.4:
        law = chance.choice(("added", "floor"))
        lines += [f'spasm_law = "{law}"']
    return "\n".join(lines) + "\n"


def finding_lines(chance, words, said):
    """One finding that fits; none if it was said already."""
    kind = chance.choice(KINDS)
    method = chance.choice((None, *methods_of(kind)))
    place = "joint" if kind == "lax" else "muscle"
    if kind == "lax":
        where = chance.choice((*JOINTS, "right SI joint", "symphysis"))
        elements = JOINTS.get(where, JOINTS["right sacroiliac" if "SI" in where else "pubic symphysis"])
    else:
        where, elements = muscles(chance, words, method)
    if (kind, elements) in said:
        return []
    said.add((kind, elements))
    how = measurement(chance, method) if method else [f'size = "{chance.choice(SIZES)}"']
    return ["[[findings]]", f'kind = "{kind}"', f'{place} = "{where}"', *how]


def muscles(chance, words, method):
    """A name with its side that a method fits, and its elements."""
    tables = read()
    among = method.groups if method else ()
    one_side = method is not None and (method.sides == "one" or method.name == "dynamometer")
    both = method is not None and method.sides == "both"
    side = "both" if both else chance.choice(("right", "left", *(() if one_side else ("both",))))
    if among:
        group_ = chance.choice(among)
        name = chance.choice((group_, *groups(tables)[group_])).replace("_", " ")
    else:
        name = chance.choice(words)
    where = chance.choice((f"{side} {name}", f"{name} {side}" if "," not in name else f"{side} {name}"))
    return where, find(where, tables)


def measurement(chance, method: Method):
    """The lines of a measurement: somewhere in its range, at an end of it, or next to nothing."""
    if method.dimension == "grade":
        grades = ["0", "1", "1+", "2-", "2", "3-", "3", "3+", "4-", "4", "4+", "5-", "5"]
        return [f'mmt = "{chance.choice(grades)}"']
    low, high, unit, lever = method.low, method.high, "", []
    if method.dimension == "strength":
        unit, high = chance.choice((("Nm", 1000.0), ("Nm/kg", 15.0), ("N", 3000.0)))
        lever = [f'lever = "{chance.randint(6, 119)} cm"'] if unit == "N" else []
        high = chance.choice((high, 0.1 * high))
    units = {
        "angle": (("deg", 180 / np.pi), ("rad", 1.0)),
        "fraction": (("%", 100.0),),
        "force": (("N", 1.0), ("kN", 1e-3)),
        "time": (("s", 1.0), ("min", 1 / 60)),
        "strength": ((unit, 1.0),),
    }
    unit, per = chance.choice(units[method.dimension])
    inside = (low + 1e-4 * (high - low) if low else low, high - 1e-4 * (high - low))
    value = chance.choice((chance.uniform(*inside), chance.uniform(*inside), *inside, 1e-6 * high))
    value = min(max(value, inside[0]), inside[1])
    lines = [f'{method.name} = "{per * value:.6g} {unit}"', *lever]
    if chance.random() < 0.3:
        spread = high * 10 ** chance.uniform(-4, 0)
        lines += [f'uncertainty = "{per * min(spread, inside[1]):.6g} {unit}"']
    return lines


# -- answered together -----------------------------------------------------------------------------------------


@dataclass
class Tally:
    """What came out."""

    cases: int = 0
    findings: Counter = field(default_factory=Counter)
    refused: Counter = field(default_factory=Counter)
    """Sentences about findings that this body cannot have."""
    ends: dict[str, Counter] = field(default_factory=dict)
    """Of the held mode and of the chosen one, without and with the findings."""
    activities: dict[str, Counter] = field(default_factory=dict)
    """With the findings, in the held mode."""
    worst: float = 0.0
    wild: list[str] = field(default_factory=list)
    """Texts of cases that have a number that is not finite."""
    unfinished: list[str] = field(default_factory=list)
    margins: int = 0
    whole: Counter = field(default_factory=Counter)

    def add(self, other):
        for name, mine in vars(self).items():
            theirs = getattr(other, name)
            if isinstance(mine, Counter):
                mine.update(theirs)
            elif isinstance(mine, dict):
                for key, ends in theirs.items():
                    mine.setdefault(key, Counter()).update(ends)
            else:
                setattr(self, name, max(mine, theirs) if isinstance(mine, float) else mine + theirs)

    def count(self, name, ends):
        self.ends.setdefault(name, Counter()).update(Outcome(int(end)).name for end in ends)


def sentence(error):
    said = str(error)
    assert said.isprintable() and said.endswith((".", "?")) and len(said) < 900, said
    return said.split('"')[0].split(":")[0]


def drawn(body, cases, seed):
    """The ensemble of a group: draw i as strong as case i says, with its force closure."""
    ensemble = body.draw(len(cases), seed)
    strength = np.array([case.strength for case in cases])
    closed = np.array([case.choices.force_closure for case in cases])
    gain = ensemble.joints["sacroiliac.closure_gain"]
    return replace(
        ensemble,
        specific_tension=ensemble.specific_tension * strength[:, None],
        joints={**ensemble.joints, "sacroiliac.closure_gain": gain * closed[:, None]},
    )


def changed(base, cases, each: list[Effects]):
    """The draws with findings: draw i changed as the findings of case i change it, and its model."""
    n, shape = len(cases), base.draws.pcsa.shape
    joints = {
        name: np.stack([effect.draws.joints[name][i] for i, effect in enumerate(each)])
        for name in base.draws.joints
    }

    def rows(name):
        return np.stack([np.broadcast_to(getattr(e.state, name), shape)[i] for i, e in enumerate(each)])

    parts = ("strength", "passive", "shortening", "involuntary", "ceiling", "added")
    state = MuscleState(**{name: rows(name) for name in parts})
    after = situation(base.body, base.setting, replace(base.draws, joints=joints), base.place)
    model = after.model(state)
    added = np.array([effect.state.floor for effect in each]).reshape(n, 1)
    tissue = model.muscles._replace(target=np.where(added, 0.0, model.muscles.target))
    return after, model._replace(muscles=tissue)


def together(one, cases, tally, margins=False):
    """Answer the cases of a group in one go; reactions by mode, draw i of case i."""
    body = Body(read(), cases[0].person)
    setting = activity(one.activity).setting
    base = situation(body, setting, drawn(body, cases, one.seed))
    each = []
    for case in cases:
        try:
            each.append(effects(base, case.findings, case.choices))
        except InputError as error:
            tally.refused[sentence(error)] += 1
            each.append(effects(base, (), case.choices))
    after, with_findings = changed(base, cases, each)
    how = (one.protection, one.exponent)
    still = State(base, solve(base.model(), "held", None, *how))
    reactions = {"held": Reaction(still, State(after, solve(with_findings, "held", None, *how)))}
    start = still.found
    if one.mode != "held":
        if one.mode == "yields":
            still = State(base, solve(base.model(), "yields", start, *how))
        reactions[one.mode] = Reaction(still, State(after, solve(with_findings, one.mode, start, *how)))
    wild = np.zeros(len(cases), bool)
    for mode, reaction in reactions.items():
        for name in ("baseline", "with_findings"):
            wild |= looked_at(getattr(reaction, name), tally, f"{mode}, {name}")
    ends = [Outcome(int(end)).name for end in reactions["held"].with_findings.found.outcome]
    tally.activities.setdefault(one.activity, Counter()).update(ends)
    rows = np.flatnonzero(reactions["held"].both)[:8]
    if margins and rows.size:
        wild[rows] |= limits(reactions["held"], rows, tally)
    tally.wild += [cases[i].text for i in np.flatnonzero(wild)]
    last = reactions[one.mode].with_findings.found.outcome
    tally.unfinished += [cases[i].text for i in np.flatnonzero(last == Outcome.UNFINISHED)]
    return reactions


def looked_at(state, tally, name):
    """Count the ends of a state and read everything that an answer reads; (n,) whether something is not finite."""
    found = state.found
    tally.count(name, found.outcome)
    tally.worst = max(tally.worst, float(found.unbalanced[state.held].max(initial=0.0)))
    read_off = (
        found.x,
        found.activation,
        found.tension,
        state.shifts,
        *state.pelvis,
        state.joints.compression,
    )
    ok = np.ones(len(found.outcome), bool)
    for values in (*read_off, state.joints.shear):
        ok &= np.isfinite(values).reshape(len(ok), -1).all(axis=1)
    return ~ok


def limits(reaction, rows, tally):
    wild = np.zeros(len(rows), bool)
    for state in (reaction.baseline, reaction.with_findings):
        found = state.found.of(rows)
        at = margin(found.model, readings.shift_rows(state.here)[state.here.draws.variant[rows]], found=found)
        wild |= ~(np.isfinite(at.capacity) & np.isfinite(at.shift) & (at.value >= 0))
        tally.margins += len(rows)
    return wild


def whole_way(case: Case, seed, tally):
    """As `counterpull answer` does, with two draws: the record as JSON, and the page."""
    try:
        record = answered(case, case.activity, 2, seed)
    except InputError as error:
        tally.whole[sentence(error)] += 1
        return
    said = json.dumps(record, allow_nan=False)
    out = io.StringIO()
    answer_page.show(record, Console(file=out, width=100, highlight=False))
    page = out.getvalue()
    assert '"schema": "counterpull.answer/1"' in said and "not a diagnosis" in page
    assert not {"nan", "inf", "None", "NaN"} & set(page.replace("(", " ").replace(")", " ").split()), page
    assert (record["sides"] is None) == (record["sentence"] is not None)
    tally.whole["numbers" if record["sides"] else record["sentence"]] += 1


def survey(count, whole, everywhere, first=0, each=EACH):
    """Answer so many groups of `each` cases; every `whole`-th goes the whole way with one of its cases."""
    words, tally = names(read()), Tally()
    for number in range(first, first + count):
        chance = random.Random(SEED * 1000 + number)
        one = group(number, chance, everywhere)
        cases = [read_case(case_text(one, chance, words)) for _ in range(each)]
        assert {case.person for case in cases} == {cases[0].person}
        assert {case.activity for case in cases} == {one.activity}
        tally.cases += len(cases)
        for case in cases:
            tally.findings.update(
                f.measure.name if f.measure else f"{f.kind} {f.size}" for f in case.findings
            )
        everything = everywhere or one.activity in SOME
        together(one, cases, tally, margins=everything and number % (20 if everywhere else 3) == 0)
        if everything and one.exponent == 2 and number % whole == 0:
            for case in cases[:: each // 3]:
                whole_way(case, one.seed, tally)
    return tally


def share_unfinished(tally):
    every = [ends for ends in tally.ends.values()]
    bad = sum(ends["UNFINISHED"] + ends["UNSTABLE"] for ends in every)
    return bad / sum(sum(ends.values()) for ends in every)


def test_three_thousand_cases_are_answered():
    tally = survey(100, 10, everywhere=False)
    assert tally.cases == 3000
    assert tally.wild == []
    assert tally.worst <= 1e-8
    assert share_unfinished(tally) <= 1e-3, (tally.ends, tally.unfinished[:3])
    assert tally.findings.keys() == {*METHODS, *(f"{kind} {size}" for kind in KINDS for size in SIZES)}
    assert sum(tally.whole.values()) >= 9 and tally.whole["numbers"] >= 5 and tally.margins > 0


@pytest.mark.parametrize("number", [2, 5])
def test_a_case_answered_among_others_has_the_answer_it_has_alone(number):
    words, chance = names(read()), random.Random(number)
    one = Group(number, 'sex = "female"\nmass = "61 kg"', "standing", "yields", 0.0, 2)
    cases = [read_case(case_text(one, chance, words)) for _ in range(6)]
    reactions = together(one, cases, Tally())
    for i, case in enumerate(cases):
        try:
            alone = run(
                Body(read(), case.person),
                case.findings,
                case.activity,
                case.choices,
                strength=case.strength,
                draws=6,
                seed=one.seed,
                modes=[],
                margins=False,
            )
        except InputError:
            continue
        for mode, reaction in reactions.items():
            for name in ("baseline", "with_findings"):
                ours, theirs = getattr(reaction, name), getattr(alone.modes[mode], name)
                assert ours.found.outcome[i] == theirs.found.outcome[i], case.text
                if theirs.held[i]:
                    np.testing.assert_allclose(ours.shifts[i], theirs.shifts[i], rtol=1e-6, atol=1e-10)


def soaked(first, count):
    return survey(count, 40, everywhere=True, first=first, each=MANY)


@pytest.mark.soak
def test_a_hundred_thousand_cases_are_answered():
    start = time.perf_counter()
    tally, firsts = Tally(), range(1000, 1000 + 1563, 30)
    counts = [min(30, 2563 - first) for first in firsts]
    # JAX has threads, which a forked process would not have.
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        for part in pool.map(soaked, firsts, counts):
            tally.add(part)
    found = {
        "cases": tally.cases,
        "seconds": round(time.perf_counter() - start),
        "findings": dict(sorted(tally.findings.items())),
        "refused_with_a_sentence": dict(tally.refused),
        "ends": {name: dict(ends) for name, ends in tally.ends.items()},
        "ends_by_activity_held_with_findings": {name: dict(ends) for name, ends in tally.activities.items()},
        "share_unfinished_or_unstable": share_unfinished(tally),
        "not_finite": len(tally.wild),
        "largest_unbalanced_force_over_largest_force": tally.worst,
        "margins": tally.margins,
        "the_whole_way": dict(tally.whole),
        "examples_unfinished": tally.unfinished[:5],
    }
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    assert tally.cases >= 100_000
    assert tally.wild == []
    assert found["share_unfinished_or_unstable"] <= 1e-3, found
