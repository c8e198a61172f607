"""Every group of muscles once, on the bones of an average woman: the pictures of the documentation.

`python -m counterpull.interfaces.figures FOLDER` draws them; with --small as the tests compare them.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from matplotlib.figure import Figure
from PIL import Image

from counterpull.anatomy.body import Body, load
from counterpull.anatomy.names import find
from counterpull.interfaces.figures.plate import page, pixels
from counterpull.interfaces.figures.scene import scene

SMALL, LARGE = 48, 128
"""Dots an inch of the pictures in the tests and in the documentation."""


@dataclass(frozen=True, slots=True)
class Plate:
    """One picture of the gallery."""

    id: str
    title: str
    muscles: str
    view: str
    posture: str = "standing"
    person: tuple[str, str | None, str | None] = ("female", None, None)
    """Sex, stature and mass, as `load` takes them."""
    colour: str = "group"
    scale: float | None = None
    """mm on the page for a metre; as large as fits if None."""


_KNEELING = "iliopsoas, rectus femoris, glutes"
_SMALL, _TALL = ("female", "150 cm", "48 kg"), ("male", "190 cm", "92 kg")
PLATES = (
    Plate("bones_front", "Bones of the pelvis, a woman's", "", "front", scale=350.0),
    Plate("bones_man", "Bones of the pelvis, a man's", "", "front", person=("male", None, None), scale=350.0),
    Plate("bones_inside", "Bones of the pelvis, right half", "", "inside", scale=350.0),
    Plate("hip_flexors", "Hip flexors", "hip flexors", "front"),
    Plate("iliopsoas", "Psoas major and iliacus", "iliopsoas", "three_quarter"),
    Plate("adductors", "Adductors", "hip adductors", "front", colour="muscle"),
    Plate("glutes_back", "Gluteus maximus and medius", "gluteus maximus, gluteus medius", "back"),
    Plate("glutes_side", "Gluteus medius and minimus", "gluteus medius, gluteus minimus", "right"),
    Plate("hamstrings", "Hamstrings", "hamstrings", "back", colour="muscle"),
    Plate("deep_rotators_back", "Deep hip rotators from behind", "deep rotators", "back", colour="muscle"),
    Plate(
        "deep_rotators_inside", "Deep hip rotators from inside", "deep rotators", "inside", colour="muscle"
    ),
    Plate("quadratus_lumborum", "Quadratus lumborum", "quadratus lumborum", "back"),
    Plate("back_extensors", "Back extensors", "erector spinae, multifidus", "back", colour="muscle"),
    Plate("abdominal_wall", "Abdominal wall", "abdominals", "three_quarter", colour="muscle"),
    Plate(
        "latissimus_dorsi", "Latissimus dorsi, gluteus maximus", "latissimus dorsi, gluteus maximus", "back"
    ),
    Plate("pelvic_floor", "Pelvic floor from below", "pelvic floor", "below", colour="muscle"),
    Plate("pelvic_floor_inside", "Pelvic floor, right half", "pelvic floor", "inside", colour="muscle"),
    Plate("quadriceps", "Quadriceps", "quadriceps", "three_quarter", colour="muscle"),
    Plate("all_front", "All muscles of the model", "all", "front"),
    Plate("all_back", "All muscles of the model", "all", "back"),
    Plate("sitting", "Sitting: hip flexors and hamstrings", "hip flexors, hamstrings", "right", "sitting"),
    Plate("half_kneeling", "Half kneeling, right knee down", _KNEELING, "right", "half_kneeling_right"),
    Plate("small_woman", "A woman of 150 cm", "iliopsoas, glutes", "front", person=_SMALL, scale=300.0),
    Plate("tall_man", "A man of 190 cm", "iliopsoas, glutes", "front", person=_TALL, scale=300.0),
)


@cache
def person(sex: str, height: str | None, mass: str | None) -> Body:
    """Whom a plate shows."""
    return load(sex, height, mass)


def figure(plate: Plate, dpi: int) -> Figure:
    """The page of one plate."""
    body = person(*plate.person)
    elements = find(plate.muscles, body.tables) if plate.muscles else ()
    shown = scene(body, elements, body.tables.postures[plate.posture], colour=plate.colour)
    small = dpi <= SMALL  # Text looks different from machine to machine.
    title = "" if small else plate.title
    return page(shown, plate.view, title=title, labels=not small, words=not small, scale=plate.scale, dpi=dpi)


def image(plate: Plate, dpi: int) -> Image.Image:
    """The page of one plate as a picture."""
    return pixels(figure(plate, dpi))


def write(folder: Path, small: bool) -> None:
    """Draw every plate into a folder: as WebP for pages, or small, as PNG, for the tests."""
    folder.mkdir(parents=True, exist_ok=True)
    for plate in PLATES:
        if small:
            image(plate, SMALL).quantize(128).save(folder / f"{plate.id}.png", optimize=True)
        else:
            image(plate, LARGE).save(folder / f"{plate.id}.webp", quality=86, method=6)
