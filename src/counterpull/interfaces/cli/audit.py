"""`counterpull audit`: the checks as a table for people or as JSON for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from counterpull.anatomy.reading import read
from counterpull.anatomy.rows import TableError
from counterpull.interfaces.words.record import head
from counterpull.quantities import GRADES, InputError

if TYPE_CHECKING:
    from counterpull.anatomy.audit import Audit
    from counterpull.anatomy.records import Tables

SCHEMA = "counterpull.audit/1"


def run(as_json: bool, folder: str | None) -> int:
    """Audit, print, and answer with the exit code: 0 all checks passed, 1 one failed, 2 no such folder."""
    if folder is not None and not Path(folder).is_dir():
        raise InputError(f'audit: there is no folder "{folder}"; give the folder that holds the tables.')
    try:
        tables = read(folder) if folder else read()
        result = _audited(tables, quiet=as_json)
    except TableError as error:
        return _unreadable(error, as_json)
    if as_json:
        print(json.dumps(_record(result), indent=2))
    else:
        _show(result)
    return 0 if result.ok else 1


def _audited(tables: Tables, quiet: bool) -> Audit:
    """Ten to thirty seconds of work; says so while a person waits."""
    from rich.console import Console

    from counterpull.anatomy.audit import audit

    with Console(stderr=True, quiet=quiet).status("Auditing the anatomy of a woman, a man and the model ..."):
        return audit(tables)


def _record(result: Audit) -> dict[str, object]:
    return {
        **head(SCHEMA),
        "ok": result.ok,
        "checks": [{"name": c.name, "ok": c.ok, "detail": c.detail} for c in result.checks],
        "elements_per_side": result.elements_per_side,
        "rows_by_grade": result.rows_by_grade,
        "checked_range_deg": result.ranges,
    }


def _unreadable(error: TableError, as_json: bool) -> int:
    """A table that does not load is a check that failed."""
    if as_json:
        check = {"name": "tables load", "ok": False, "detail": str(error)}
        print(
            json.dumps(
                {**head(SCHEMA), "ok": False, "checks": [check], "elements_per_side": 0, "rows_by_grade": {}}
            )
        )
    else:
        print(f"The tables do not load. {error}")
    return 1


def _show(result: Audit) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()

    table = Table(
        title=f"Anatomy {result.parameters}: {result.elements_per_side} muscle elements a side", box=None
    )
    table.add_column("")
    table.add_column("check")
    table.add_column("what was found", ratio=1)
    for check in result.checks:
        table.add_row("[green]✓[/]" if check.ok else "[bold red]✗[/]", check.name, check.detail)
    console.print(table)
    total = sum(result.rows_by_grade.values())
    grades = Table(title="Rows by grade", box=None)
    for column in ("grade", "rows", "share", "meaning"):
        grades.add_column(column, justify="right" if column in ("rows", "share") else "left")
    for grade, count in result.rows_by_grade.items():
        grades.add_row(grade, str(count), f"{count / total:.0%}", GRADES[grade])
    console.print(grades)
    failed = sum(not check.ok for check in result.checks)
    verdict = (
        f"{failed} of {len(result.checks)} checks failed."
        if failed
        else f"All {len(result.checks)} checks passed."
    )
    console.print(verdict + " The range in which each muscle was checked: counterpull audit --json")
