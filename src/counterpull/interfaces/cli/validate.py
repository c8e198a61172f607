"""`counterpull validate`: published rigs and people computed again, as a table, as JSON, or as a page."""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from counterpull.evidence.literature import chosen, missing, published, sources
from counterpull.interfaces.words.record import head, written
from counterpull.quantities import InputError

if TYPE_CHECKING:
    from counterpull.evidence.validation import Result

SCHEMA = "counterpull.validation/1"


def run(*, rows: list[str], draws: int, seed: int, as_json: bool, out: str | None, names: bool) -> int:
    """Check what was asked before work begins, then compute, print, and write the page.

    A row that falls outside is a finding, not a fault (exit code 0).
    """
    ids = chosen(rows)
    if names:
        print("\n".join(f"{name:32} {published()[name].quantity}" for name in ids))
        return 0
    path = _checked(draws, out)
    record = validated(ids, draws, seed, quiet=as_json)
    if path:
        from counterpull.interfaces.cli import validation_page

        path.write_text(validation_page.html(record), encoding="utf-8")
    if as_json:
        print(json.dumps(record, indent=2, allow_nan=False, ensure_ascii=False))
    else:
        _show(record)
    if path:
        print(f"{path}: the whole table with a figure.", file=sys.stderr if as_json else sys.stdout)
    return 0


def validated(ids: list[str], draws: int, seed: int, quiet: bool = True) -> dict[str, Any]:
    """The record of these rows; shows how far it is while a person waits."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from counterpull.evidence.validation import validate

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet, transient=True) as progress:
        task = progress.add_task("Starting", total=len(ids))

        def say(done: int, total: int, name: str) -> None:
            del total
            progress.update(task, completed=done, description=published()[name].quantity[:60])

        return record(validate(ids, draws, seed, say), draws, seed)


def record(results: list[Result], draws: int, seed: int) -> dict[str, Any]:
    """The results as `counterpull.validation/1`: numbers in each row's own unit."""
    rows = [_row(result) for result in results]
    return {
        **head(SCHEMA),
        "date": date.today().isoformat(),
        "draws": draws,
        "seed": seed,
        "counts": counts(rows),
        "rows": rows,
        "missing": [{"what": m.what, "source": m.source, "why": m.why} for m in missing()],
    }


def counts(rows: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """How many rows have which verdict: of those fitted, of those predicted."""
    return {
        kind: dict(Counter(row["verdict"] for row in rows if row["fitted"] == fitted))
        for kind, fitted in (("fitted", True), ("predicted", False))
    }


def _row(result: Result) -> dict[str, Any]:
    row, found = result.row, result.ours
    as_meant = result.verdict in ("inside", "sign right")
    return {
        "id": row.id,
        "source": row.source,
        "citation": sources()[row.source],
        "locator": row.locator,
        "seen": row.seen,
        "population": row.population,
        "setup": row.setup,
        "quantity": row.quantity,
        "unit": row.unit,
        "kind": row.kind,
        "published": row.value,
        "spread": row.spread,
        "spread_kind": row.spread_kind or None,
        "sign": row.sign or None,
        "ours": {name: _number(getattr(found, name)) for name in ("median", "low", "high")},
        "held": written(found.held, 3),
        "agree": _number(found.agree),
        "verdict": result.verdict,
        "fitted": row.fitted,
        "why": None if as_meant else row.why or None,
    }


def _number(value: float) -> float | None:
    return written(value) if math.isfinite(value) else None


def _checked(draws: int, out: str | None) -> Path | None:
    """Refuse what is at fault while JAX has not been started; the path of the page."""
    if not 2 <= draws <= 1024:
        raise InputError(f"validate: --draws {draws} is outside 2 to 1024; 64 give a fair interval.")
    if out is None:
        return None
    path = Path(out)
    if path.suffix.lower() not in (".html", ".htm"):
        raise InputError(f'validate: "{out}" does not end in .html; write it as in "validation.html".')
    if not path.parent.is_dir():
        raise InputError(f'validate: there is no folder "{path.parent}"; make it first.')
    if path.is_dir():
        raise InputError(f'validate: "{out}" is a folder; give the name of a file.')
    return path


# -- for people ----------------------------------------------------------------------------------------------

WIDE = 120
"""Columns of a terminal that has room for the sources."""
MARKS = {
    "inside": "[green]●[/]",
    "too wide to judge": "[yellow]◌[/]",
    "outside": "[magenta]○[/]",
    "sign right": "[green]▲[/]",
    "sign wrong": "[magenta]▽[/]",
    "not comparable": "[dim]–[/]",
}


def _show(record: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    wide = console.width >= WIDE
    table = Table(box=None, title="Published rigs and people, computed again", pad_edge=False, expand=wide)
    table.add_column("")
    table.add_column("quantity", ratio=1 if wide else None, min_width=18)
    table.add_column("published", justify="right")
    table.add_column("ours", justify="right")
    table.add_column("verdict", min_width=15)
    if wide:
        table.add_column("source", no_wrap=True)
    for row in record["rows"]:
        line = [
            MARKS[row["verdict"]],
            row["quantity"],
            as_published(row),
            f"{as_ours(row)} {row['unit']}",
            row["verdict"] + (" (fitted)" if row["fitted"] else ""),
            row["source"],
        ]
        table.add_row(*line[: len(table.columns)])
    console.print(table)
    console.print("\n" + summary(record))
    for row in record["rows"]:
        if row["why"] and row["verdict"] in ("outside", "sign wrong", "too wide to judge"):
            console.print(f"{MARKS[row['verdict']]} {row['quantity']}: {row['why']}.")


def as_published(row: dict[str, Any]) -> str:
    """The published side in words.

    >>> as_published({"published": 2.74, "spread": 1.07, "sign": None})
    '2.74 ± 1.07'
    >>> as_published({"published": None, "spread": None, "sign": -1})
    'less than 0'
    """
    if row["sign"]:
        direction = "more than 0" if row["sign"] > 0 else "less than 0"
        return direction if row["published"] is None else f"{direction} ({row['published']:g})"
    if row["published"] is None:
        return "–"
    return f"{row['published']:g}" + (f" ± {row['spread']:g}" if row["spread"] else "")


def as_ours(row: dict[str, Any]) -> str:
    """Ours in words: median and 90 % interval.

    >>> as_ours({"ours": {"median": 3.2031, "low": 1.77, "high": 5.4}})
    '3.2 (1.8 to 5.4)'
    """
    median, low, high = (row["ours"][name] for name in ("median", "low", "high"))
    if median is None:
        return "no draw holds"
    size = max(abs(low), abs(high), 1e-9)
    digits = int(min(max(1 - math.floor(math.log10(size)), 0), 4))
    return f"{median:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def summary(record: dict[str, Any]) -> str:
    """How many rows have which verdict, in a sentence each."""
    predicted, fitted = (record["counts"][kind] for kind in ("predicted", "fitted"))

    def listed(counted: dict[str, int], names: tuple[str, ...]) -> str:
        return ", ".join(f"{counted.get(name, 0)} {name}" for name in names)

    numbers = listed(predicted, ("inside", "too wide to judge", "outside"))
    signs = listed(predicted, ("sign right", "sign wrong"))
    return (
        f"Predicted numbers: {numbers}. Directions: {signs}. "
        f"Not comparable: {predicted.get('not comparable', 0) + fitted.get('not comparable', 0)}. "
        f"Fitted, and so no proof: {listed(fitted, ('inside', 'too wide to judge', 'outside'))}. "
        f"{record['draws']} draws of each body."
    )
