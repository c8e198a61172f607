"""`counterpull balance`: what holds a person up in an activity, as a sheet for people or as JSON for programs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from counterpull.anatomy.reading import read
from counterpull.anatomy.records import Tables
from counterpull.anatomy.scaling import Person
from counterpull.quantities import InputError
from counterpull.scenarios.choices import MOST_DRAWS
from counterpull.scenarios.moments import activity_id

if TYPE_CHECKING:
    from counterpull.anatomy.body import Body
    from counterpull.scenarios import Activity


def run(
    *,
    activity: str,
    sex: str,
    height: str | None,
    mass: str | None,
    draws: int,
    as_json: bool,
    arrays: str | None,
) -> int:
    """Check everything that was asked before work begins, then balance and print.

    A posture that cannot be held is an answer (exit code 0), not a fault.
    """
    tables = read()
    path = _checked(tables, activity, sex, height, mass, draws, arrays)

    from rich.console import Console

    from counterpull.anatomy.body import load
    from counterpull.interfaces.cli import page
    from counterpull.scenarios import activity as named

    moment = named(activity, tables)
    with Console(stderr=True, quiet=as_json).status("Building the body ...") as status:
        body = load(sex, height, mass, tables=tables)
        record = balanced(body, moment, draws, status.update)
        if path:
            status.update("Writing the problem of the mean body ...")
            outcome = _write(body, moment, path)
    if as_json:
        print(json.dumps(record, indent=2, allow_nan=False))
    else:
        page.show(record, Console(highlight=False))
    if path:
        print(f"{path}: the problem of the mean body. {outcome}", file=sys.stderr if as_json else sys.stdout)
    return 0


def balanced(body: Body, activity: Activity, draws: int, say: Any = lambda _: None) -> dict[str, Any]:
    """The sheet of a body in an activity, as a record; `say` hears what is being done."""
    from counterpull.interfaces.cli import sheet
    from counterpull.mechanics.equilibrium import solve
    from counterpull.mechanics.margin import margin
    from counterpull.mechanics.model import situation
    from counterpull.mechanics.readings import shift_rows

    several = draws > 1
    say(f"Posing {draws} possible bodies ..." if several else "Posing the mean body ...")
    here = situation(body, activity.setting, body.draw(draws) if several else None)
    model = here.model()
    say("Balancing the forces; the first time takes a minute ...")
    found = solve(model)
    most = None
    if found.held.any():
        say("Adding load until something gives way; the first time takes a minute ...")
        rows = found.held.nonzero()[0]
        some = found.of(rows)
        most = margin(some.model, shift_rows(here)[here.draws.variant[rows]], found=some)
    return sheet.record(activity, here, found, most)


def _write(body: Body, activity: Activity, path: Path) -> str:
    """Write the problem of the mean body; answers with its outcome in words."""
    import numpy as np

    from counterpull.interfaces.cli.arrays import problem_arrays
    from counterpull.mechanics.equilibrium import solve
    from counterpull.mechanics.model import situation
    from counterpull.numerics.problem import Outcome

    here = situation(body, activity.setting)
    found = solve(here.model())
    with path.open("wb") as stream:
        np.savez_compressed(
            stream, allow_pickle=False, **problem_arrays(found, body.elements, activity.setting.held)
        )
    return Outcome(int(found.outcome[0])).sentence


def _checked(
    tables: Tables,
    activity: str,
    sex: str,
    height: str | None,
    mass: str | None,
    draws: int,
    arrays: str | None,
) -> Path | None:
    """Refuse what is at fault, while JAX has not been started; the path of the arrays."""
    activity_id(activity)
    Person.of(tables, sex, height, mass)
    if not 0 <= draws <= MOST_DRAWS:
        raise InputError(
            f"balance: --draws {draws} is outside 0 to {MOST_DRAWS}; 64 give a fair interval, 0 the mean body."
        )
    if arrays is None:
        return None
    path = Path(arrays)
    if path.suffix.lower() != ".npz":
        raise InputError(f'balance: "{arrays}" does not end in .npz; write it as in "problem.npz".')
    if not path.parent.is_dir():
        raise InputError(f'balance: there is no folder "{path.parent}"; make it first.')
    if path.is_dir():
        raise InputError(f'balance: "{arrays}" is a folder; give the name of a file.')
    return path
