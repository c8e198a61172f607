"""`counterpull answer FILE`: a person's findings in, an explained answer out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from counterpull.quantities import InputError
from counterpull.scenarios.case import Case, read_case
from counterpull.scenarios.choices import MOST_DRAWS
from counterpull.scenarios.moments import activity_id


def run(*, file: str, activity: str | None, draws: int, seed: int, as_json: bool) -> int:
    """Check everything that was asked before work begins, then answer and print.

    A posture that cannot be held is an answer (exit code 0), not a fault.
    """
    case = read_case(Path(file))
    moment = activity_id(activity) if activity is not None else case.activity
    if not 1 <= draws <= MOST_DRAWS:
        raise InputError(f"answer: --draws {draws} is outside 1 to {MOST_DRAWS}; 256 give a fair interval.")

    from rich.console import Console

    from counterpull.interfaces.cli import answer_page

    with Console(stderr=True, quiet=as_json or not sys.stderr.isatty()).status(
        "Reading the tables"
    ) as status:
        record = answered(case, moment, draws, seed, lambda text: status.update(f"{text} ..."))
    if as_json:
        print(json.dumps(record, indent=2, allow_nan=False))
    else:
        answer_page.show(record, Console(highlight=False))
    return 0


def answered(case: Case, moment: str, draws: int, seed: int = 0, say: Any = lambda _: None) -> dict[str, Any]:
    """The record of a case in an activity; `say` hears what is being done."""
    from counterpull.anatomy.body import Body
    from counterpull.anatomy.reading import read
    from counterpull.interfaces.words import reply
    from counterpull.scenarios.answer import run as run_scenario

    body = Body(read(), case.person)
    answer = run_scenario(
        body,
        case.findings,
        moment,
        case.choices,
        strength=case.strength,
        draws=draws,
        seed=seed,
        say=say,
    )
    say("Adding up who pulls")
    return reply.record(answer, case)
