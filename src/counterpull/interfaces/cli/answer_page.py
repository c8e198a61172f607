"""The answer for people: sentences first, then a table per side, what pulls and what pulls back, modes, margin."""

from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from counterpull.anatomy.posture import SIDES
from counterpull.interfaces.words import parts, says
from counterpull.interfaces.words.phrases import text, unit


def show(record: dict[str, Any], console: Console) -> None:
    """Print a record of the schema counterpull.answer/1."""
    console.print(f"[bold]Answer: {record['label']}[/]")
    for sentence in says.opening(record):
        _para(console, sentence, bold=True)
    console.print(says.person(record))
    _para(console, says.findings(record))
    if record["sides"]:
        _body(record, console)
    console.print()
    for sentence in says.CLOSING:
        _para(console, sentence)
    outcomes = record["solver"]["outcomes"]["with_findings"]
    console.print(
        f"\n[dim]Bodies: {record['draws']}; in balance with the findings: {outcomes['converged']}.\n"
        f"counterpull {record['version']}, numbers {record['parameters']}.[/]"
    )


def _body(record: dict[str, Any], console: Console) -> None:
    if record["findings"]:
        console.print()
        said = [says.mode_chosen(record), says.pelvis(record), *(says.side(record, side) for side in SIDES)]
        for sentence in (*said, f"So {says.lower(says.verdict(record))} {says.within(record)}"):
            _para(console, sentence)
    for side in SIDES:
        _side(record, side, console)
    if record["contributions"]:
        _pulls(record, console)
    if record["findings"]:
        console.print("\n[bold]Three ways to respond: tip of each hip bone on the sacrum[/]")
        for mode in record["modes"]:
            _para(console, says.mode(record, mode))
    if said := says.margin(record):
        console.print("\n[bold]Reserve[/]")
        _para(console, said)


def _side(record: dict[str, Any], side: str, console: Console) -> None:
    columns = ("as usual", "change", "seen") if record["findings"] else ("as usual", "seen")
    table = _table(f"{side} hip bone on sacrum", *columns)
    for name, label in says.ROWS.items():
        one, seen = record["sides"][side][name], record["imaging"].get(f"detects_{unit(name)}")
        digits = 0 if seen is None else 2
        cells = [text(one["baseline"], digits), text(one["change"], digits)][: len(columns) - 1]
        table.add_row(label, *cells, "" if seen is None else f"{seen:g}")
    _put(console, table)
    if side == SIDES[-1]:
        _para(console, f"{says.COUNTED} Seen: what the best imaging can just detect.")


def _pulls(record: dict[str, Any], console: Console) -> None:
    """What pulls and what pulls back on the hip bone that changes most."""
    side, name = parts.most_moved(record)
    console.print(f"\n[bold]What pulls the {side} hip bone, and what pulls back[/]")
    table = _table("", "as usual, N", "change, N", f"part: {says.ROWS[name]}")
    for part in parts.of_change(record, side, [name]):
        usual = "" if part.usual is None else f"{part.usual['median']:.0f}"
        change = "" if part.change is None else text(part.change)
        table.add_row(part.label, usual, change, text(part.parts[name], 2))
    _put(console, table)
    _para(console, says.PARTS)
    _para(console, says.part_of(record, side, parts.UP if name == parts.TURN else parts.TURN))
    _para(console, says.holding(record))


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, collapse_padding=True, header_style="dim")
    for i, column in enumerate(columns):
        table.add_column(column, justify="right" if i else "left", max_width=None if i else 30)
    return table


def _put(console: Console, table: Table) -> None:
    console.print(Padding(table, (1, 0, 0, 3), expand=False))


def _para(console: Console, sentence: str, bold: bool = False) -> None:
    if sentence:
        console.print(Text(sentence, style="bold" if bold else ""))
