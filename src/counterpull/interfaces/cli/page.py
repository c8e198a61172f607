"""The balance sheet for people: the record of `sheet`, printed in sections with a sentence of meaning each."""

from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from counterpull.anatomy.posture import SIDES
from counterpull.interfaces.words import balance as words
from counterpull.interfaces.words.phrases import text
from counterpull.quantities import GRADES

USUAL_SHARE = 0.95
"""Below this share of draws that hold the posture, it is said first."""
RESTING = 0.1
"""Per cent of activation below which a muscle counts as resting."""
NAMED = 4
"""So many muscles at their bound are named."""


def show(record: dict[str, Any], console: Console) -> None:
    """Print a record of the schema counterpull.balance/1."""
    _opening(record, console)
    if not record["held"]:
        console.print()
        _says(console, "There is no balance to show. Try another activity, a smaller load or another person.")
    else:
        _trunk(record, console)
        _ring(record, console)
        _shifts(record, console)
        _muscles(record, console)
        _margin(record, console)
    _closing(record, console)


def _opening(record: dict[str, Any], console: Console) -> None:
    person, draws, held = record["person"], record["draws"], record["held"]
    who = {"female": "woman", "male": "man"}.get(person["sex"], "person")
    console.print(f"[bold]Balance sheet: {record['activity']['label']}[/]")
    console.print(f"A {who} of {person['height_cm']:.0f} cm and {person['mass_kg']:.0f} kg.")
    console.print("Education and research, not a diagnosis.")
    console.print("Shift, load and pain are three things. This sheet predicts the first two.")
    console.print()
    if held < USUAL_SHARE:
        console.print(f"[bold]{record['answer']}[/]" if not held else _some(record))
    elif draws > 1:
        console.print(f"{words.share(record)} possible bodies of this person hold the posture.")
    if held and draws > 1:
        console.print("Numbers are medians, with the interval that holds 90 % of these bodies.")
    elif held:
        console.print("Numbers are those of the mean body; how far people differ is not shown.")


def _some(record: dict[str, Any]) -> str:
    return (
        f"[bold]{words.share(record)} possible bodies of this person hold the posture;[/] "
        "the numbers are of these. The others lack strength for it, or no balance was found."
    )


def _trunk(record: dict[str, Any], console: Console) -> None:
    trunk = record["trunk"]
    table = _section(console, "1  What holds the trunk up", ("", "newtons"))
    table.add_row("weight above L5/S1: trunk, head, arms", text(trunk["weight_N"]))
    if trunk["carried_N"]["median"]:
        table.add_row("weight carried in addition", text(trunk["carried_N"]))
    table.add_row("lift by the pressure in the abdomen", text(trunk["pressure_lift_N"]))
    table.add_row("compression of the disc L5/S1", text(trunk["compression_L5S1_N"]))
    table.add_row("shear of the disc L5/S1 (+ L5 forward)", text(trunk["shear_L5S1_N"]))
    _put(console, table)
    table = _table("muscles up to the trunk, N", "right", "left")
    for group, label in words.GROUPS.items():
        table.add_row(label, *(text(trunk["muscles"][group][f"{side}_N"]) for side in SIDES))
    _put(console, table)
    _says(console, "A muscle's pull is that of all its fascicles together, stretched tissue included.")


def _ring(record: dict[str, Any], console: Console) -> None:
    joint, hips = record["sacroiliac"], record["hips"]
    table = _section(console, "2  Loads through the pelvic ring", ("sacroiliac joints", "right", "left"))
    rows = {
        "compression_N": "compression (- drawn apart), N",
        "shear_N": "along the joint surface, N",
        "up_N": "upward, carrying the sacrum, N",
        "closure_factor": "stiffening by compression, times",
    }
    for key, label in rows.items():
        digits = 2 if key == "closure_factor" else 0
        table.add_row(label, *(text(joint[side][key], digits) for side in SIDES))
    _put(console, table)
    table = _table("ligaments and hips", "right", "left")
    for group, tension in record["ligaments"].items():
        table.add_row(f"{group} ligament, N", *(text(tension[f"{side}_N"]) for side in SIDES))
    table.add_row("force on the hip joint, N", *(text(hips[side]["force_N"]) for side in SIDES))
    table.add_row("the same, % body weight", *(text(hips[side]["force_percent_BW"]) for side in SIDES))
    _put(console, table)
    pubis = record["symphysis"]
    table = _table("pubic symphysis", "")
    table.add_row("compression (- drawn apart), N", text(pubis["together_N"]))
    table.add_row("along the joint, N", text(pubis["shear_N"]))
    for way in ("forward", "up", "apart"):
        label = "gap wider, mm" if way == "apart" else f"right side {way}, mm"
        table.add_row(label, text(pubis[f"{way}_mm"], 2))
    _put(console, table)
    if record["supports"]:
        table = _table("what the body rests on", "newtons", "% body weight")
        places = {name: force for name, force in record["supports"].items() if name != "all"}
        if len(places) > 1:
            places = record["supports"]
        for place, force in places.items():
            table.add_row(words.place(place), text(force["push_N"]), text(force["push_percent_BW"]))
        _put(console, table)


def _shifts(record: dict[str, Any], console: Console) -> None:
    table = _section(console, "3  Shifts", ("whole pelvis, turned from its posture", "degrees"))
    for name, label in words.PELVIS.items():
        held = f"pelvis_{name}" in record["activity"]["holds"]
        table.add_row(label, "held by the muscles" if held else text(record["pelvis"][f"{name}_deg"], 2))
    _put(console, table)
    imaging = record["imaging"]
    table = _table("hip bone on sacrum", "right", "left", "seen", "most", label=18, value=4)
    for key, label in words.SHIFTS.items():
        name, unit = label.removesuffix(" rotation").removeprefix("shift "), key.rsplit("_", 1)[1]
        sides = (text(record["shifts"][side][key], 2) for side in SIDES)
        limits = (f"{imaging[f'{which}_{unit}']:g}" for which in ("detects", "measured"))
        table.add_row(f"{name}, {unit}", *sides, *limits)
    _put(console, table)
    _says(console, words.meaning(record))
    _says(
        console,
        "Rotations are positive with the iliac crest forward (sagittal) or outward (frontal) and with outflare "
        "(axial). Shifts count from the unloaded pelvis. Seen: the least that the best imaging "
        "(radiostereometry) can tell from no motion. Most: the most it has found in living people between "
        "postures.",
    )


def _muscles(record: dict[str, Any], console: Console) -> None:
    columns = ("muscle", "activation, %", "tension, N")
    table = _section(console, "4  The muscles that work hardest", columns)
    if all(row["activation_percent"]["median"] < RESTING for row in record["muscles"]):
        _says(
            console, "None has to work: the muscles may rest. What tension there is, is stretched tissue's."
        )
        return
    for row in record["muscles"]:
        name = f"{row['side']} {row['label']}"
        table.add_row(name, text(row["activation_percent"], 1), text(row["tension_N"]))
    _put(console, table)
    _says(console, "The least effort that holds the posture; real people often use more.")


def _margin(record: dict[str, Any], console: Console) -> None:
    margin, imaging = record["margin"], record["imaging"]
    table = _section(console, "5  Margin: how far weight and loads could change", ("", "times this load"))
    table.add_row("until a limit below is met", text(margin["margin_factor"], 2))
    most, capacity = margin["most_factor"], margin["capacity_factor"]
    bound = f"{most:g} or more" if capacity["median"] >= most else text(capacity, 1)
    table.add_row("until the muscles are at their limit", bound)
    _put(console, table)
    limits = {
        "muscles": "the muscles",
        "shift_right": "shift of the right sacroiliac joint",
        "shift_left": "shift of the left sacroiliac joint",
    }
    first = [f"{limits[name]} ({share:.0%})" for name, share in margin["limited_by"].items() if share]
    whose = "What limits first" + (", in so many of the bodies" if record["draws"] > 1 else "")
    _says(console, f"{whose}: {', '.join(first) if record['draws'] > 1 else first[0].split(' (')[0]}.")
    _says(
        console,
        f"The shift limit is what imaging can just detect ({imaging['detects_deg']} deg in all or "
        f"{imaging['detects_mm']} mm), counted from where the joint stands under the usual load. It is a limit of "
        "seeing, not of safety.",
    )
    if margin["at_bound"]:
        names = words.by_side(((row["label"], row["side"]) for row in margin["at_bound"]), NAMED)
        often = " most often" if record["draws"] > 1 else ""
        _says(console, f"At the muscles' limit, these are fully used{often}: {names}.")


def _closing(record: dict[str, Any], console: Console) -> None:
    solver, activity = record["solver"], record["activity"]
    console.print("\n[bold]6  How well it is solved[/]")
    words = {
        "converged": "in balance",
        "infeasible": "cannot be held",
        "unfinished": "not finished",
        "unstable": "unstable",
    }
    counts = [f"{count} {words[name]}" for name, count in solver["outcomes"].items() if count]
    worst = solver["unbalanced_fraction"]
    rest = "" if worst is None else f"; largest unbalanced force {worst:.0e} of the largest force"
    _says(console, f"{', '.join(counts)}{rest}.")
    grade = GRADES[activity["grade"]]
    _says(console, f"Description of the activity: grade {activity['grade']} ({grade}).")
    _says(console, f"counterpull {record['version']}, numbers {record['parameters']}.")


def _section(console: Console, title: str, columns: tuple[str, ...]) -> Table:
    """A heading and the first table under it."""
    console.print(f"\n[bold]{title}[/]")
    return _table(*columns)


def _table(*columns: str, label: int = 34, value: int = 20) -> Table:
    """A table whose columns stand below those of the others, at least so many characters wide."""
    table = Table(box=None, pad_edge=False, collapse_padding=True, header_style="dim")
    for i, column in enumerate(columns):
        table.add_column(column, justify="right" if i else "left", min_width=value if i else label)
    return table


def _put(console: Console, table: Table) -> None:
    console.print(Padding(table, (0, 0, 1, 3), expand=False))


def _says(console: Console, sentence: str) -> None:
    console.print(Padding(sentence, (0, 0, 0, 3), expand=False))
