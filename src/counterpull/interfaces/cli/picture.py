"""`counterpull picture`: muscles on the bones of one person in one posture, shaded, drawn in lines or solid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from counterpull.anatomy.names import find
from counterpull.anatomy.reading import read
from counterpull.quantities import InputError, nearest, or_list
from counterpull.scenarios.moments import activity_id

if TYPE_CHECKING:
    from counterpull.anatomy.body import Body
    from counterpull.interfaces.figures.plate import Scale
    from counterpull.interfaces.figures.scene import Values
    from counterpull.scenarios import Activity

VIEWS = (
    "front",
    "back",
    "right",
    "left",
    "three_quarter",
    "three_quarter_back",
    "inside",
    "inside_left",
    "top",
    "below",
)
_SYNONYMS = {
    "anterior": "front",
    "posterior": "back",
    "behind": "back",
    "side": "right",
    "lateral": "right",
    "above": "top",
    "bottom": "below",
    "inside_right": "inside",
    "medial": "inside",
    "three_quarters": "three_quarter",
}
COLOURS = ("group", "muscle", "pull", "capacity")
THEMES = ("light", "dark")
FORMATS = (".png", ".svg", ".pdf", ".glb")


def run(
    *,
    muscles: str,
    view: str,
    out: str,
    colour: str,
    sex: str,
    height: str | None,
    mass: str | None,
    posture: str | None,
    activity: str | None,
    labels: bool,
    theme: str,
) -> int:
    """Check everything that was asked before work begins, then draw."""
    tables = read()
    elements = find(muscles, tables)
    view = _key(view)
    view = _one_of("view", _SYNONYMS.get(view, view), VIEWS)
    colour = _one_of(
        "colour", {"color": "group", "demand": "capacity", "effort": "capacity"}.get(colour, colour), COLOURS
    )
    theme = _one_of("theme", theme.lower(), THEMES)
    if posture is not None and activity is not None:
        raise InputError("picture: give a posture or an activity, not both; an activity has its own posture.")
    posture = _one_of("posture", _key(posture or "standing"), tuple(tables.postures))
    if activity is not None or colour in ("pull", "capacity"):
        if activity is None and posture != "standing":
            raise InputError(
                f'picture: to colour by {colour}, name an activity instead of the posture "{posture}".'
            )
        activity = activity_id(activity or "standing")
    path = Path(out)
    if path.suffix.lower() not in FORMATS:
        raise InputError(f'picture: "{out}" does not end in {or_list(FORMATS)}.')
    if not path.parent.is_dir():
        raise InputError(f'picture: there is no folder "{path.parent}"; make it first.')
    from counterpull.anatomy.body import load
    from counterpull.interfaces.figures.scene import scene
    from counterpull.interfaces.figures.style import THEMES as themes

    body = load(sex, height, mass, tables=tables)
    values, scale, angles, where = None, None, tables.postures[posture], posture
    if activity is not None:
        from counterpull.scenarios import activity as named

        moment = named(activity, tables)
        angles, where = moment.setting.posture, moment.label
        if colour in ("pull", "capacity"):
            values, scale = efforts(body, moment, colour, elements)
    shown = scene(
        body,
        elements,
        angles,
        colour="scale" if scale else colour,
        values=values,
        most=scale.most if scale else 1.0,
        theme=themes[theme],
    )
    where = where.replace("_", " ")
    if path.suffix.lower() == ".glb":
        from counterpull.interfaces.figures.views import VIEWS as views
        from counterpull.interfaces.figures.web import glb

        path.write_bytes(glb(shown, views[view].half))
    else:
        from counterpull.interfaces.figures.plate import page, save, shaded

        paint = shaded
        if path.suffix.lower() != ".png":
            from counterpull.interfaces.figures.drawing import traced as paint
        title = f"{muscles[:1].upper()}{muscles[1:]}, {where}"
        save(
            page(shown, view, title=title, labels=labels, scales=[scale] if scale else [], paint=paint), path
        )
    seen = "solid" if path.suffix.lower() == ".glb" else f"{view.replace('_', ' ')} view"
    print(f"{path}: {len(elements)} muscle elements, {seen}, {where}")
    return 0


def efforts(body: Body, activity: Activity, colour: str, elements: tuple[str, ...]) -> tuple[Values, Scale]:
    """Pull (N) or demand over capacity of each muscle of the mean body in an activity, and what the scale says.

    Raises InputError where the mean body cannot hold the posture.
    """
    from counterpull.interfaces.cli.efforts import each
    from counterpull.interfaces.figures.plate import Scale
    from counterpull.interfaces.figures.portrait import rounded_up
    from counterpull.mechanics.equilibrium import solve
    from counterpull.mechanics.model import situation

    here = situation(body, activity.setting, None)
    found = solve(here.model())
    if not found.held.all():
        raise InputError(
            f'picture: the mean body of this person cannot hold "{activity.label}"; colour by group or muscle.'
        )
    which = 1 if colour == "pull" else 0
    values = {key: float(np.median(pair[which])) for key, pair in each(here, found).items()}
    if colour == "capacity":
        return values, Scale("share of what a muscle can do that it does", 1.0, "")
    shown = {(body.tables.elements[e.rsplit("_", 1)[0]].muscle, e.rsplit("_", 1)[1]) for e in elements}
    return values, Scale("pull of a muscle", rounded_up(max(values[key] for key in shown)), " N")


def _key(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _one_of(field: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        near = nearest(value, allowed)
        hint = f"did you mean {or_list(near)}?" if near else f"use {or_list(allowed)}."
        raise InputError(f'picture: there is no {field} "{value}"; {hint}')
    return value
