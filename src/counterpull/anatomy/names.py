"""What people call muscles: lay words, Latin, groups and the ids of OpenSim and MyoSim models, to element ids.

Sides may stand anywhere ("left piriformis", "piriformis_right", "glmax1_r"); without one, both sides are
meant. An unknown name is answered with the nearest ones.
"""

import re
from functools import cache

from counterpull.anatomy.posture import SIDES
from counterpull.anatomy.reading import read
from counterpull.anatomy.records import Tables
from counterpull.quantities import InputError, nearest, or_list

_SIDE_WORDS = {"right": "right", "r": "right", "left": "left", "l": "left", "both": "", "bilateral": ""}
_FILLER = {"muscle", "muscles", "my", "the", "side", "musculus", "m", "tight", "on", "of", "major's"}


def find(names: str, tables: Tables | None = None) -> tuple[str, ...]:
    """Element ids, with side, for one name or several separated by commas; in the tables' order.

    Raises InputError for a name that nobody knows, with the nearest names.

    >>> find("left piriformis")
    ('piriformis_left',)
    >>> find("glmax2_r")
    ('gluteus_maximus_sacral_right',)
    """
    tables = tables or read()
    wanted = {(element, side) for part in separate(names, tables) for element, side in _one(part, tables)}
    return tuple(f"{e}_{side}" for side in SIDES for e in tables.elements if (e, side) in wanted)


def separate(names: str, tables: Tables) -> list[str]:
    """The names of a list, one by one. Raises InputError when there is none.

    >>> separate("left biceps femoris, long head, right and left piriformis", read())
    ['left biceps femoris, long head', 'both piriformis']
    """
    names = re.sub(r"\b(left and right|right and left|l and r|r and l)\b", "both", names, flags=re.IGNORECASE)
    parts = [part.strip() for part in re.split(r"[,;+&]|\band\b", names) if part.strip()]
    if not parts:
        raise InputError('muscles: no name was given; try "hip flexors" or "left piriformis".')
    return _rejoined(parts, _vocabulary(tables))


def groups(tables: Tables | None = None) -> dict[str, tuple[str, ...]]:
    """Every group of muscles and its members' ids.

    >>> "piriformis" in groups()["deep_rotators"]
    True
    """
    out: dict[str, list[str]] = {}
    for muscle in (tables or read()).muscles.values():
        for group in muscle.groups:
            out.setdefault(group, []).append(muscle.id)
    return {group: tuple(members) for group, members in out.items()}


def _one(name: str, tables: Tables) -> set[tuple[str, str]]:
    vocabulary = _vocabulary(tables)
    bare, side = _split_side(name, vocabulary)
    if bare not in vocabulary:
        known = [word.replace("_", " ") for word in vocabulary]
        near = nearest(bare.replace("_", " "), known, most=4)
        hint = (
            f"Did you mean {or_list(near)}?" if near else 'Try "hip flexors", "glutes" or "left piriformis".'
        )
        shown = name if len(name) <= 60 else name[:57] + "..."
        raise InputError(f'muscles: there is no muscle or group called "{shown}". {hint}')
    return {(element, s) for element in vocabulary[bare] for s in ([side] if side else SIDES)}


def _rejoined(parts: list[str], vocabulary: dict[str, tuple[str, ...]]) -> list[str]:
    """Names that hold a comma themselves ("biceps femoris, long head") are put together again."""
    out: list[str] = []
    for part in parts:
        whole = f"{out[-1]}, {part}" if out else part
        if (
            out
            and _split_side(whole, vocabulary)[0] in vocabulary
            and _split_side(part, vocabulary)[0] not in vocabulary
        ):
            out[-1] = whole
        else:
            out.append(part)
    return out


def _key(name: str) -> str:
    """One spelling for all: lower case, words joined by underscores."""
    return re.sub(r"[\s\-_./,()]+", "_", name.strip().lower()).strip("_")


def _split_side(name: str, vocabulary: dict[str, tuple[str, ...]]) -> tuple[str, str]:
    """The name without its side word, and the side ("" for both)."""
    words = _key(name).split("_")
    for whole in ("_".join(words), "_".join(w for w in words if w not in _FILLER)):
        if whole in vocabulary:
            return whole, ""
    for at in (0, len(words) - 1):
        if words[at] in _SIDE_WORDS and len(words) > 1:
            rest = [word for i, word in enumerate(words) if i != at]
            bare = next(
                (
                    b
                    for b in ("_".join(rest), "_".join(w for w in rest if w not in _FILLER))
                    if b in vocabulary
                ),
                "_".join(rest),
            )
            return bare, _SIDE_WORDS[words[at]]
    bare = [word for word in words if word not in _FILLER]
    sides = [word for word in bare if word in ("right", "left")]
    if len(sides) == 1:
        return "_".join(word for word in bare if word not in SIDES), sides[0]
    return "_".join(bare) or "_".join(words), ""


@cache
def _vocabulary(tables: Tables) -> dict[str, tuple[str, ...]]:
    """Every known word and its elements. Later entries yield to earlier ones: ids win over nicknames."""
    words: dict[str, tuple[str, ...]] = {element: (element,) for element in tables.elements}
    members: dict[str, tuple[str, ...]] = {}
    for muscle in tables.muscles:
        members[muscle] = tuple(e.id for e in tables.elements.values() if e.muscle == muscle)
    for group, muscles in groups(tables).items():
        if group not in members:
            members[group] = tuple(e for muscle in muscles for e in members[muscle])
    words.update(members)
    for muscle in tables.muscles.values():
        for label in (muscle.label, muscle.latin, muscle.latin.removeprefix("musculus ")):
            words.setdefault(_key(label), members[muscle.id])
    for element in tables.elements.values():
        words.setdefault(_key(element.label), (element.id,))
    words["all"] = tuple(tables.elements)
    for alias, ids in tables.aliases.items():
        words.setdefault(_key(alias), tuple(dict.fromkeys(e for name in ids for e in words[_key(name)])))
    return words
