"""`counterpull answer FILE`: a person's findings in, an explained answer out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from counterpull.quantities import InputError
from counterpull.scenarios.case import Case, read_case
from counterpull.scenarios.choices import MOST_DRAWS
from counterpull.scenarios.moments import activity_id

if TYPE_CHECKING:
    from counterpull.scenarios.answer import Answer

Say = Callable[[str], object]


def run(
    *, file: str, activity: str | None, draws: int, seed: int, as_json: bool, out: str | None = None
) -> int:
    """Check everything that was asked before work begins, then answer, print, and write the report if asked.

    A posture that cannot be held is an answer (exit code 0), not a fault.
    """
    case = read_case(Path(file))
    moment = activity_id(activity) if activity is not None else case.activity
    if not 1 <= draws <= MOST_DRAWS:
        raise InputError(f"answer: --draws {draws} is outside 1 to {MOST_DRAWS}; 256 give a fair interval.")
    path = None if out is None else _place(out)

    from rich.console import Console

    from counterpull.interfaces.cli import answer_page

    with Console(stderr=True, quiet=as_json or not sys.stderr.isatty()).status(
        "Reading the tables"
    ) as status:
        record = answered(case, moment, draws, seed, lambda text: status.update(f"{text} ..."), path)
    if as_json:
        print(json.dumps(record, indent=2, allow_nan=False))
    else:
        answer_page.show(record, Console(highlight=False))
    if path is not None:
        print(f"Report: {path}", file=sys.stderr if as_json else sys.stdout)
    return 0


def answered(
    case: Case,
    moment: str,
    draws: int,
    seed: int = 0,
    say: Say = lambda _: None,
    report: Path | None = None,
) -> dict[str, Any]:
    """The record of a case in an activity, written as a report too; `say` hears what is being done."""
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
    record = reply.record(answer, case)
    if report is not None:
        say("Drawing the report")
        _write(report, record, answer, case)
    return record


def _place(out: str) -> Path:
    """Where the report goes; refused before any work if it cannot go there."""
    path = Path(out)
    if path.suffix.lower() not in (".html", ".htm"):
        raise InputError(
            f'answer: "{out}" does not end in .html; the report is a web page, such as report.html.'
        )
    if not path.parent.is_dir():
        raise InputError(f'answer: there is no folder "{path.parent}"; make it first.')
    if path.is_dir():
        raise InputError(f'answer: "{out}" is a folder; give the name of a file.')
    return path


def _write(path: Path, record: dict[str, Any], answer: Answer, case: Case) -> None:
    from datetime import date

    from counterpull.interfaces.report.pictures import pictures
    from counterpull.interfaces.report.write import page

    path.write_text(page(record, pictures(answer, record), case.text, date.today()), encoding="utf-8")
