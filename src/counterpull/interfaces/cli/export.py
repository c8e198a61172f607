"""`counterpull export`: one balanced person as a file for OpenSim or MuJoCo."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from counterpull.anatomy.reading import read
from counterpull.anatomy.scaling import Person
from counterpull.quantities import InputError, nearest, or_list
from counterpull.scenarios.case import Case, read_case
from counterpull.scenarios.moments import activity_id

if TYPE_CHECKING:
    from counterpull.interfaces.interop.person import Person as Balanced

ENGINES = {"opensim": ".osim", "mujoco": ".xml"}
WRAPS = ("follow", "fixed")


def run(
    *,
    file: str | None,
    to: str,
    out: str | None,
    activity: str | None,
    sex: str | None,
    height: str | None,
    mass: str | None,
    wraps: str,
) -> int:
    """Check everything that was asked before work begins, then balance and write."""
    to = _one_of("engine", to.lower(), tuple(ENGINES))
    wraps = _one_of("way of wrapping", wraps, WRAPS)
    case = _case(file, activity, sex, height, mass)
    path = _path(out or f"{case.activity}{ENGINES[to]}", to)

    from rich.console import Console

    from counterpull.interfaces.interop.files import written

    with Console(stderr=True, quiet=not sys.stderr.isatty()).status("Balancing the forces ..."):
        person = balanced(case)
        found = written(person, to, wraps)
    path.write_text(found.text, encoding="utf-8")
    print(
        f"{path}: {len(person.elements)} muscle elements, for {'OpenSim' if to == 'opensim' else 'MuJoCo'}."
    )
    for note in found.notes:
        print(f"- {note}")
    return 0


def balanced(case: Case) -> Balanced:
    """The mean body of a case with its findings, in balance."""
    from counterpull.anatomy.body import Body
    from counterpull.interfaces.interop.person import person
    from counterpull.mechanics.equilibrium import solve
    from counterpull.mechanics.model import situation
    from counterpull.scenarios.catalogue import activity
    from counterpull.scenarios.effects import effects

    body = Body(read(), case.person)
    draws = body.mean
    if case.strength != 1.0:
        draws = replace(draws, specific_tension=draws.specific_tension * case.strength)
    setting = activity(case.activity).setting
    here = situation(body, setting, draws)
    effect = effects(here, case.findings, case.choices)
    here = situation(body, setting, effect.draws, here.place)
    choices = case.choices
    found = solve(here.model(effect.state), protection=choices.protection, exponent=choices.exponent)
    return person(here, found)


def _case(
    file: str | None, activity: str | None, sex: str | None, height: str | None, mass: str | None
) -> Case:
    """The case of a file, or an average person."""
    moment = None if activity is None else activity_id(activity)
    if file is None:
        person = Person.of(read(), sex or "female", height, mass)
        return Case(person=person, activity=moment or "standing")
    given = [f"--{name}" for name, value in (("sex", sex), ("height", height), ("mass", mass)) if value]
    if given:
        raise InputError(
            f"export: the case file says who it is, and {or_list(given)} does as well; leave one of them out."
        )
    case = read_case(Path(file))
    return case if moment is None else replace(case, activity=moment)


def _path(out: str, to: str) -> Path:
    path, ends = Path(out), ENGINES[to]
    if path.suffix.lower() != ends:
        raise InputError(f'export: "{out}" does not end in {ends}; write it as in "person{ends}".')
    if not path.parent.is_dir():
        raise InputError(f'export: there is no folder "{path.parent}"; make it first.')
    if path.is_dir():
        raise InputError(f'export: "{out}" is a folder; give the name of a file.')
    return path


def _one_of(what: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        near = nearest(value, allowed)
        hint = f"did you mean {or_list(near)}?" if near else f"use {or_list(allowed)}."
        raise InputError(f'export: there is no {what} "{value}"; {hint}')
    return value
