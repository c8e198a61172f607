"""The rows of the report's tables, with their bars: what the template shows, in its order.

A table is in groups: {"rows": [...]}, with a "label" and "ticks" where it has them. A row is {"label", "cells"}, with
a "number" and a "bar" where it has them.
Numbers come from the record, words from `words`; nothing is computed here but where a bar begins and ends.
"""

from collections.abc import Iterable
from typing import Any

from markupsafe import Markup

from counterpull.anatomy.posture import SIDES
from counterpull.interfaces.report.balance import balance
from counterpull.interfaces.report.bars import Axis, Bar, Yardstick, bars, ticks
from counterpull.interfaces.report.typeset import cell, fine
from counterpull.interfaces.words import parts, says
from counterpull.interfaces.words import report as words
from counterpull.interfaces.words.phrases import percent, text, unit

ONE = {"median": 1.0, "low": None, "high": None}
"""The activity itself, in multiples of its load."""


def taken(record: dict[str, Any]) -> list[dict[str, Any]]:
    """What each finding changes in the model."""
    return [
        {
            "label": says.one_finding(one),
            "rows": [
                (words.TAKEN[name], cell(value, 0 if (value["median"] or 0.0) >= 10 else 1))
                for name, value in one["model"].items()
            ],
        }
        for one in record["findings"]
    ]


def cards(record: dict[str, Any]) -> list[dict[str, Any]]:
    """In short: each side's sentence and its two main bars."""
    return [
        {
            "side": side,
            "said": says.side(record, side) if record["findings"] else "",
            "bars": [
                {"name": words.SHORT[name], "ways": words.WAYS[name], "bar": _change(record, side, name)}
                for name in (parts.TURN, parts.UP)
            ],
        }
        for side in SIDES
    ]


def pelvis(record: dict[str, Any]) -> dict[str, Any]:
    """How the whole pelvis changes in each way of responding; without findings, how it stands."""
    key, modes = ("change", record["modes"]) if record["findings"] else ("baseline", {record["mode"]: record})
    return {
        "heads": [
            "change by the findings" if record["findings"] else "as usual",
            *(says.MODES[mode] for mode in modes),
        ],
        "rows": [
            {
                "label": label,
                "cells": [
                    cell(one["pelvis"][name][key], 2) if one["pelvis"] else "" for one in modes.values()
                ],
            }
            for name, label in words.PELVIS.items()
        ],
    }


def between(record: dict[str, Any]) -> dict[str, Any]:
    """How the two sides differ."""
    keys = ("baseline", "change") if record["findings"] else ("baseline",)
    return {
        "rows": [
            {"label": label, "cells": [cell(record["between_sides"][name][key], 2) for key in keys]}
            for name, label in words.BETWEEN.items()
        ]
    }


def shifts(record: dict[str, Any]) -> list[dict[str, Any]]:
    """A table per side: degrees, then millimetres."""
    axes, keys = _axes(record), ("baseline", "change") if record["findings"] else ("baseline",)
    yardsticks = {kind: _yardstick(record, kind) for kind in axes}
    return [
        {
            "label": f"{side.capitalize()} hip bone",
            "groups": [
                {
                    "label": label,
                    "ticks": ticks(axes[kind], yardsticks[kind]),
                    "rows": [
                        {
                            "label": says.ROWS[name].partition(",")[0],
                            "cells": [cell(record["sides"][side][name][key], 2) for key in keys],
                            "bar": _change(record, side, name),
                        }
                        for name in words.WAYS
                        if unit(name) == kind
                    ],
                }
                for kind, label in words.UNITS.items()
            ],
        }
        for side in SIDES
    ]


def loads(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Loads across both joints, on one axis."""
    names = [name for name in says.ROWS if unit(name) == "N"]
    keys = ("baseline", "with_findings") if record["findings"] else ("baseline",)
    looks = dict(zip(keys, ("usual", "change"), strict=False))
    axis = Axis.over(record["sides"][side][name][key] for side in SIDES for name in names for key in keys)

    def row(side: str, name: str) -> dict[str, Any]:
        one = record["sides"][side][name]
        said = ", with the findings ".join(text(one[key]) for key in keys)
        title = fine(f"{side} joint, {says.ROWS[name]}: as usual {said}")
        return {
            "label": says.ROWS[name].removesuffix(", N"),
            "cells": [cell(one[key]) for key in keys],
            "bar": bars(axis, [Bar(one[key], looks[key]) for key in keys], title),
        }

    return [
        {"label": f"{side.capitalize()} joint", "rows": [row(side, name) for name in names]} for side in SIDES
    ]


def pulls(record: dict[str, Any]) -> dict[str, Any]:
    """The balance of the hip bone that changes most, in its turn and in its shift."""
    side, first = parts.most_moved(record)
    names = (first, parts.UP if first == parts.TURN else parts.TURN)
    found = parts.of_change(record, side, names)
    changes = {name: record["modes"]["held"]["sides"][side][name]["change"] for name in names}
    return {
        "side": side,
        "heads": [
            "no. and muscle or cause",
            "pull as usual, N",
            "change of pull, N",
            *(f"part: {says.ROWS[name]}" for name in names),
        ],
        "pictures": [
            {
                "name": words.SHORT[name],
                "ways": words.WAYS[name],
                "whole": cell(changes[name], 2),
                "picture": balance(
                    found,
                    name,
                    changes[name],
                    fine(f"Balance of the {side} hip bone, {says.ROWS[name]}: {text(changes[name], 2)}"),
                    says.part_of(record, side, name),
                ),
            }
            for name in names
        ],
        "rows": [
            {
                "number": number,
                "label": part.label,
                "cells": [
                    "" if part.usual is None else f"{part.usual['median']:.0f}",
                    "" if part.change is None else cell(part.change),
                    *(cell(part.parts[name], 2) for name in names),
                ],
            }
            for number, part in enumerate(found, 1)
        ],
        "foot": {"label": "the whole change", "cells": ["", "", *(cell(changes[name], 2) for name in names)]},
    }


def modes(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Tip and shift of both sides in each way of responding."""
    axes = _axes(record, record["modes"])
    out = []
    for name in (parts.TURN, parts.UP):
        rows = []
        for mode, one in record["modes"].items():
            cells = []
            for side in SIDES if one["sides"] else ():
                change = one["sides"][side][name]["change"]
                title = fine(f"{says.MODES[mode]}, {side}, {says.ROWS[name]}: {text(change, 2)}")
                bar = bars(axes[unit(name)], [Bar(change, "change")], title, _yardstick(record, unit(name)))
                cells.append(cell(change, 2) + bar)
            rows.append({"label": says.MODES[mode], "cells": cells})
        out.append({"label": says.ROWS[name], "rows": rows})
    return out


def reserve(record: dict[str, Any]) -> dict[str, Any]:
    """How many times the load: muscles, and what imaging could see."""
    margin, rows = record["margin"], []
    keys = ("baseline", "with_findings") if record["findings"] else ("baseline",)
    for name, values in (("capacity", margin["capacity"]), ("visible", margin)):
        shown = [Bar(values[key], look) for key, look in zip(keys, ("usual", "change"), strict=False)]
        title = fine(
            f"Times the load, {words.RESERVE[name]}: " + ", then ".join(text(b.value, 2) for b in shown)
        )
        axis = Axis.over([*(bar.value for bar in shown), ONE])
        rows.append(
            {
                "label": words.RESERVE[name],
                "cells": [cell(values[key], 1) for key in keys],
                "bar": bars(axis, shown, title, marked=1.0),
            }
        )
    return {"rows": rows}


def limits(record: dict[str, Any]) -> dict[str, Any]:
    """What gives way first, in how many of the bodies."""
    limited = record["margin"]["limited_by"]
    keys = ("baseline", "with_findings") if record["findings"] else ("baseline",)
    return {
        "rows": [
            {"label": label, "cells": [percent(limited[key][name]) for key in keys]}
            for name, label in words.LIMITS.items()
        ]
    }


def _yardstick(record: dict[str, Any], kind: str) -> Yardstick:
    imaging = record["imaging"]
    return Yardstick(imaging[f"detects_{kind}"], imaging[f"measured_{kind}"])


def _axes(record: dict[str, Any], modes: Iterable[str] = ()) -> dict[str, Axis]:
    """One axis for all shifts of a unit, on both sides, so that bars can be compared."""
    shown = [record["sides"], *(record["modes"][mode]["sides"] for mode in modes)]
    out = {}
    for kind in ("deg", "mm"):
        values = [
            one[name][key]
            for sides in shown
            if sides
            for one in sides.values()
            for name in words.WAYS
            if unit(name) == kind
            for key in ("change", "with_findings")
        ]
        out[kind] = Axis.around(values, record["imaging"][f"measured_{kind}"])
    return out


def _change(record: dict[str, Any], side: str, name: str) -> Markup:
    """The bar of one change, with where the hip bone then stands below it."""
    one = record["sides"][side][name]
    shown = [Bar(one["change"], "change")] if record["findings"] else []
    title = f"{side} {says.ROWS[name]}: "
    title += f"change {text(one['change'], 2)}, then at " if record["findings"] else "at "
    return bars(
        _axes(record)[unit(name)],
        [*shown, Bar(one["with_findings"], "stands")],
        fine(title + text(one["with_findings"], 2)),
        _yardstick(record, unit(name)),
    )
