"""The answer for people: sentences first, then a table per side, what pulls and what pulls back, modes, margin."""

from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from counterpull.anatomy.posture import SIDES
from counterpull.interfaces.cli import says
from counterpull.interfaces.cli.words import SHIFTS, text

NAMED = 10
"""So many muscles are shown."""
_FEW = 5


def show(record: dict[str, Any], console: Console) -> None:
    """Print a record of the schema counterpull.answer/1."""
    person = record["person"]
    who = {"female": "woman", "male": "man"}.get(person["sex"], "person")
    console.print(f"[bold]Answer: {record['label']}[/]")
    console.print(f"A {who} of {person['height_cm']:.0f} cm and {person['mass_kg']:.0f} kg.")
    _para(console, says.findings(record))
    for sentence in says.opening(record):
        _para(console, sentence, bold=True)
    if record["sides"]:
        _body(record, console)
    console.print()
    for sentence in says.CLOSING:
        _para(console, sentence)
    outcomes = record["solver"]["outcomes"]["with_findings"]
    console.print(
        f"\n[dim]{record['draws']} bodies, {outcomes['converged']} in balance with the findings; "
        f"counterpull {record['version']}, numbers {record['parameters']}.[/]"
    )


def _body(record: dict[str, Any], console: Console) -> None:
    console.print()
    if record["findings"]:
        if said := says.pelvis(record):
            _para(console, said)
        for side in SIDES:
            _para(console, says.side(record, side))
        _para(console, says.verdict(record))
    for side in SIDES:
        _side(record, side, console)
    if record["contributions"]:
        _pulls(record, console)
    if record["findings"]:
        console.print("\n[bold]Three ways to respond[/]")
        for mode in record["modes"]:
            _para(console, says.mode(record, mode))
    if said := says.margin(record):
        console.print("\n[bold]Reserve[/]")
        _para(console, said)


def _side(record: dict[str, Any], side: str, console: Console) -> None:
    shown, imaging = record["sides"][side], record["imaging"]
    table = _table(f"{side} hip bone on the sacrum", "as usual", "change by the findings", "seen from")
    for name, label in SHIFTS.items():
        unit = name.rsplit("_", 1)[1]
        words = f"{label}, {unit}"
        one = shown[name]
        table.add_row(
            words, text(one["baseline"], 2), text(one["change"], 2), f"{imaging[f'detects_{unit}']:g}"
        )
    for name, label in (("compression_N", "pressed together, N"), ("shear_N", "along the joint, N")):
        table.add_row(label, text(shown[name]["baseline"]), text(shown[name]["change"]), "")
    _put(console, table)


def _pulls(record: dict[str, Any], console: Console) -> None:
    """What pulls and what pulls back on the hip bone that changes most."""
    side = max(SIDES, key=lambda s: abs(record["sides"][s]["sagittal_rotation_deg"]["change"]["median"]))
    console.print(f"\n[bold]What pulls the {side} hip bone, and what pulls back[/]")
    table = _table("muscle", "pull as usual, N", "change, N", "its part, deg forward")
    rows = sorted(
        record["contributions"],
        key=lambda row: -abs(row["part_of_change"][side]["sagittal_rotation_deg"]["median"]),
    )[:NAMED]
    for row in rows:
        part = row["part_of_change"][side]["sagittal_rotation_deg"]
        table.add_row(
            f"{row['side']} {row['label']}",
            text(row["tension_N"]["baseline"]),
            text(row["tension_N"]["change"]),
            text(part, 2),
        )
    _put(console, table)
    _para(
        console,
        "Each part counts all that the joints and ligaments answer to this muscle; all parts together are the change. "
        "A plus turns this hip bone forward.",
    )
    holders = [row for row in record["holding"] if abs(row["moment_Nm"]["median"]) >= 0.05][:_FEW]
    if holders:
        names = [f"{row['side']} {row['label']} ({row['moment_Nm']['median']:+.1f} Nm)" for row in holders]
        _para(
            console,
            f"The moment that tips the whole pelvis changes most by {says.listed(names)}; plus tips it forward.",
        )


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, collapse_padding=True, header_style="dim")
    for i, column in enumerate(columns):
        table.add_column(column, justify="right" if i else "left", min_width=18 if i else 28)
    return table


def _put(console: Console, table: Table) -> None:
    console.print(Padding(table, (1, 0, 0, 3), expand=False))


def _para(console: Console, sentence: str, bold: bool = False) -> None:
    console.print(Padding(f"[bold]{sentence}[/]" if bold else sentence, (0, 0, 0, 0), expand=False))
