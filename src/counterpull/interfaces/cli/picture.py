"""`counterpull picture`: one figure of named muscles of one person in one posture."""

from pathlib import Path

from counterpull.anatomy.names import find
from counterpull.anatomy.reading import read
from counterpull.quantities import InputError, nearest, or_list

VIEWS = ("front", "back", "right", "left", "top")
_SYNONYMS = {"anterior": "front", "posterior": "back", "side": "right", "lateral": "right", "above": "top"}
FORMATS = (".png", ".svg", ".pdf")


def run(
    *, muscles: str, view: str, out: str, sex: str, height: str | None, mass: str | None, posture: str
) -> int:
    """Check everything that was asked before work begins, then draw."""
    tables = read()
    elements = find(muscles, tables)
    view = _SYNONYMS.get(view.lower(), view.lower())
    _one_of("view", view, VIEWS)
    _one_of("posture", posture, tuple(tables.postures))
    path = Path(out)
    if path.suffix.lower() not in FORMATS:
        raise InputError(f'picture: "{out}" does not end in {or_list(FORMATS)}.')
    if not path.parent.is_dir():
        raise InputError(f'picture: there is no folder "{path.parent}"; make it first.')
    from counterpull.anatomy.body import load
    from counterpull.interfaces.figures.anatomy import draw

    body = load(sex, height, mass, tables=tables)
    title = f"{muscles}, {posture.replace('_', ' ')}"
    figure = draw(body, elements, view=view, posture=tables.postures[posture], title=title)
    figure.savefig(path)
    print(f"{path}: {len(elements)} muscle elements, {view} view, {posture.replace('_', ' ')}")
    return 0


def _one_of(field: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        near = nearest(value, allowed)
        hint = f"did you mean {or_list(near)}?" if near else f"use {or_list(allowed)}."
        raise InputError(f'picture: there is no {field} "{value}"; {hint}')
