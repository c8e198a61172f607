"""Colour, type and spacing, decided once: for pictures, for the report, and for whatever shows a page.

Two themes, LIGHT and DARK. Colours are told apart by people who see fewer of them: the colours of muscle groups keep
their distance, and scales grow evenly darker (lighter on dark), in normal sight and in all three kinds of colour
blindness (tests/interfaces/test_style.py). No red against green, nothing that alarms.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

FONT = ("system-ui", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "DejaVu Sans", "sans-serif")
"""For pages; none is fetched."""
PICTURE_FONT = "DejaVu Sans"
"""For pictures: comes with matplotlib, so that a picture is the same everywhere."""
SIZES = {"small": 0.8125, "body": 1.0, "lead": 1.1875, "title": 1.5, "display": 1.9375}
"""Sizes of type, in rem: each is about 1.25 of the one before."""
PICTURE_SIZES = {"note": 6.5, "label": 7.5, "title": 10.5}
"""Sizes of type in pictures, points in print."""
SPACES = {"hair": 0.25, "tight": 0.5, "near": 0.75, "apart": 1.0, "block": 1.5, "section": 2.5, "page": 4.0}
"""Distances, in rem."""
LINES = {"hair": 0.5, "thin": 0.8, "rule": 1.2}
"""Widths of lines, points."""
MEASURE = "42rem"
"""The longest line of text."""
RADIUS = "0.5rem"


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of a page and of what is drawn on it, as #rrggbb."""

    name: str
    page: str
    panel: str
    """Boxes and the grounds of tables."""
    ink: str
    quiet: str
    """Second to ink: notes, axes."""
    rule: str
    accent: str
    """Links, and the one thing to look at."""
    right: str
    left: str
    """The two sides of the body, wherever they are compared."""
    forward: str
    backward: str
    """What pulls and what pulls back: the ends of a scale of change."""
    found: str
    """Marks what an examination found."""
    usual: str
    """The person as usual, before the findings."""
    yardstick: str
    """Bands of what was measured or can be detected."""
    bone: str
    bone_line: str
    cut: str
    """Where a bone is cut."""
    tendon: str
    scale: tuple[str, ...]
    """From none to most: pulls, loads, demand over capacity."""
    over: str
    """At or beyond the end of a scale."""


LIGHT = Theme(
    name="light",
    page="#ffffff",
    panel="#f6f4ef",
    ink="#1f2328",
    quiet="#5a616a",
    rule="#d9d5cb",
    accent="#1f5a8c",
    right="#1f5a8c",
    left="#a8551c",
    forward="#a8551c",
    backward="#1f5a8c",
    found="#7b2d8b",
    usual="#8a9097",
    yardstick="#e6e9ec",
    bone="#efe6d2",
    bone_line="#6f6552",
    cut="#d8b9a0",
    tendon="#f3efe4",
    scale=("#d8dae3", "#d9a79b", "#cf7a5f", "#ab4a45", "#741f3d", "#3c0f38"),
    over="#1d0820",
)
DARK = Theme(
    name="dark",
    page="#14181c",
    panel="#1d2329",
    ink="#eceff1",
    quiet="#a9b3bc",
    rule="#3a434b",
    accent="#7db8e8",
    right="#7db8e8",
    left="#e8a877",
    forward="#e8a877",
    backward="#7db8e8",
    found="#d79be3",
    usual="#87919a",
    yardstick="#2b343b",
    bone="#d9cfba",
    bone_line="#2a251c",
    cut="#a3826b",
    tendon="#e3ddce",
    scale=("#3a3340", "#653553", "#9c4657", "#cf6d51", "#eaa45c", "#fbe3a1"),
    over="#fff7da",
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK)}

GROUPS = {
    "iliopsoas": ("iliopsoas", "#8d3103"),
    "latissimus_dorsi": ("latissimus dorsi", "#754d65"),
    "quadratus_lumborum": ("quadratus lumborum", "#e254a4"),
    "glutes": ("glutes", "#4e56b5"),
    "hamstrings": ("hamstrings", "#562082"),
    "deep_rotators": ("deep hip rotators", "#1a9077"),
    "pelvic_floor": ("pelvic floor", "#183841"),
    "abdominals": ("abdominal wall", "#7bcaed"),
    "back_extensors": ("back extensors", "#707d04"),
    "hip_flexors": ("other hip flexors", "#ce952d"),
    "hip_adductors": ("adductors", "#ebbd77"),
    "quadriceps": ("quadriceps", "#a98af0"),
    "knee_flexors": ("knee flexors", "#93a1a8"),
}
"""Groups of muscles as pictures colour them: what to call them, and a colour on light ground. A muscle has the
colour of the first group here that it belongs to."""
SERIES = (
    "#4e56b5",
    "#ce952d",
    "#1a9077",
    "#8d3103",
    "#7bcaed",
    "#562082",
    "#ebbd77",
    "#707d04",
    "#e254a4",
    "#754d65",
    "#a98af0",
    "#183841",
)
"""The same colours one by one, for muscles of one picture and for whatever has no group."""


def group_of(groups: Sequence[str]) -> str:
    """The group whose colour a muscle has, of all the groups that it belongs to.

    >>> group_of(("hip_flexors", "hip_adductors"))
    'hip_flexors'
    """
    return next(group for group in GROUPS if group in groups)


def group_colour(group: str, theme: Theme = LIGHT) -> str:
    """The colour of a muscle group; lighter on dark ground, where it would be lost."""
    colour = GROUPS[group][1]
    return mixed(colour, "#ffffff", 0.28) if theme.name == "dark" else colour


def shades(colour: str, n: int) -> list[str]:
    """`n` neighbours of a colour, darker to lighter: muscles of one group.

    >>> shades("#808080", 1)
    ['#808080']
    """
    steps = np.linspace(-0.5, 0.5, n) * min(1.0, 0.28 * (n - 1))
    return [mixed(colour, "#ffffff" if step > 0 else "#000000", 0.9 * abs(step)) for step in steps]


def on_scale(values: NDArray[np.float64], theme: Theme = LIGHT) -> NDArray[np.float64]:
    """Colours (..., 3), 0 to 1, of values from 0 (none) to 1 (most); beyond 1 is `Theme.over`."""
    values = np.asarray(values, dtype=float)
    stops = np.array([rgb(colour) for colour in theme.scale])
    at = np.linspace(0, 1, len(stops))
    colours = np.stack([np.interp(np.clip(values, 0, 1), at, stops[:, k]) for k in range(3)], axis=-1)
    return np.where((values > 1 + 1e-9)[..., None], rgb(theme.over), colours)


def rgb(colour: str) -> NDArray[np.float64]:
    """(3,), 0 to 1, of #rrggbb."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def hexed(colour: NDArray[np.float64]) -> str:
    """The #rrggbb of (3,), 0 to 1."""
    return "#" + "".join(f"{round(255 * float(c)):02x}" for c in np.clip(colour, 0, 1))


def mixed(colour: str, other: str, share: float) -> str:
    """A colour with a share, 0 to 1, of another.

    >>> mixed("#000000", "#ffffff", 0.5)
    '#808080'
    """
    return hexed((1 - share) * rgb(colour) + share * rgb(other))


def css() -> str:
    """All of this as CSS variables: light, dark where the reader's system asks for it, and light in print.

    A page names its theme with `data-theme="dark"` on its root element where a reader chooses by hand. A part of class
    "light" stays light: what is drawn in light colours stands on it.
    """
    fixed = {
        "font": ", ".join(f'"{name}"' if " " in name else name for name in FONT),
        **{f"text-{name}": f"{size}rem" for name, size in SIZES.items()},
        **{f"space-{name}": f"{size}rem" for name, size in SPACES.items()},
        "measure": MEASURE,
        "radius": RADIUS,
    }
    light, dark = (_variables(theme) for theme in (LIGHT, DARK))
    return "\n".join(
        [
            _block(":root", {"color-scheme": "light dark", **_named(fixed)}),
            _block(":root, .light", light),
            "@media screen and (prefers-color-scheme: dark) {",
            _block(":root:not([data-theme=light])", dark),
            "}",
            "@media screen {",
            _block(":root[data-theme=dark]", dark),
            "}",
        ]
    )


def _variables(theme: Theme) -> dict[str, str]:
    colours = {name: value for name, value in asdict(theme).items() if isinstance(value, str)}
    del colours["name"]
    colours |= {f"scale-{i}": colour for i, colour in enumerate(theme.scale)}
    colours |= {f"group-{group}": group_colour(group, theme) for group in GROUPS}
    return _named(colours)


def _named(values: dict[str, str]) -> dict[str, str]:
    return {f"--{name.replace('_', '-')}": value for name, value in values.items()}


def _block(selector: str, lines: dict[str, str]) -> str:
    return f"{selector} {{\n" + "".join(f"  {name}: {value};\n" for name, value in lines.items()) + "}"
