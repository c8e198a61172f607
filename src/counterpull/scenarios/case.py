"""The case file counterpull.case/1: a person, findings, an activity; TOML, units as text.

Each table is read by who knows it. docs/reference/case-file.md describes every key.
"""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from counterpull.anatomy.reading import read
from counterpull.anatomy.records import Tables
from counterpull.anatomy.scaling import SEXES, WIDTHS, Person
from counterpull.quantities import InputError, nearest, or_list
from counterpull.scenarios.choices import Choices
from counterpull.scenarios.fields import (
    Table,
    one_of,
    only,
    printable,
    quantity,
    shown,
    shown_path,
    table,
    within,
    words,
)
from counterpull.scenarios.findings import Finding, finding
from counterpull.scenarios.moments import activity_id
from counterpull.scenarios.screen import Screen

SCHEMA = "counterpull.case/1"
TABLES = ("schema", "person", "findings", "activity", "screen", "choices")
PERSON = ("sex", "height", "mass", "strength", "widths")
STRENGTH = (0.3, 3.0)
"""Overall strength that can be asked for, as a factor of the usual."""
MOST_FINDINGS = 50
MOST_BYTES = 100_000


@dataclass(frozen=True, kw_only=True)
class Case:
    """A person with findings in an activity: everything that an answer needs."""

    person: Person
    strength: float = 1.0
    """Factor of the greatest force of all muscles; 1 is what is usual for this sex and size."""
    findings: tuple[Finding, ...] = ()
    activity: str = "standing"
    """Id with its side."""
    choices: Choices = field(default_factory=Choices)
    screen: Screen = field(default_factory=Screen)
    text: str = ""
    """The file as it was written."""


def read_case(path_or_text: Path | str) -> Case:
    """Read a case from a file, or from text (a str of more than one line).

    Raises InputError: one sentence without line breaks that says what was asked, what was got and what to try.

    >>> case = read_case('''
    ... schema = "counterpull.case/1"
    ... person = { sex = "female", height = "165 cm" }
    ... findings = [{ kind = "tight", muscle = "right iliopsoas", size = "moderate" }]
    ... ''')
    >>> case.activity, case.findings[0].where
    ('standing', 'right iliopsoas')
    """
    if isinstance(path_or_text, str) and "\n" in path_or_text:
        name, written = "case", path_or_text
    else:
        name, written = shown(Path(path_or_text).name or path_or_text), _text(Path(path_or_text))
    try:
        return _case(_toml(written, name), written, name)
    except RecursionError:
        raise InputError(f"{name}: tables are nested too deeply; a case has at most two levels.") from None
    except InputError as error:
        raise InputError(printable(str(error))) from None


def _case(given: Table, written: str, name: str) -> Case:
    if "schema" not in given:
        raise InputError(f'{name}: it does not say what it is; add the line schema = "{SCHEMA}" on top.')
    if given["schema"] != SCHEMA:
        raise InputError(
            f'{name}: the schema "{shown(given["schema"])}" cannot be read here; write "{SCHEMA}".'
        )
    only(given, TABLES, name)
    if "person" not in given:
        raise InputError(f'{name}: there is no person; add [person] and sex = "female" (or male).')
    tables = read()
    person, strength = _person(table(given["person"], "person", "[person]"), tables)
    moment = table(given.get("activity", {}), "activity", '[activity] and name = "standing"')
    only(moment, ("name",), "activity")
    return Case(
        person=person,
        strength=strength,
        findings=_findings(given.get("findings", []), person.mass, tables),
        activity=activity_id(words(moment.get("name", "standing"), "activity.name", "standing")),
        choices=Choices.of(table(given.get("choices", {}), "choices", "[choices]")),
        screen=Screen.of(table(given.get("screen", {}), "screen", "[screen]")),
        text=written,
    )


def _person(given: Table, tables: Tables) -> tuple[Person, float]:
    """Who it is, and how strong overall."""
    only(given, PERSON, "person")
    if "sex" not in given:
        raise InputError('person: the sex is missing; add sex = "female" (or male).')
    sex = one_of(given["sex"], SEXES, "person.sex")
    widths = table(given.get("widths", {}), "person.widths", "[person.widths]")
    only(widths, WIDTHS, "person.widths")
    size = {key: given[key] for key in ("height", "mass") if key in given}
    strength = 1.0
    if "strength" in given:
        strength = quantity(given["strength"], "fraction", "person.strength", "120 %")
        within(strength, *STRENGTH, "fraction", "person.strength", given["strength"])
    return Person.of(tables, sex, **size, **widths), strength


def _findings(given: object, mass: float, tables: Tables) -> tuple[Finding, ...]:
    if not isinstance(given, list):
        raise InputError("findings: each finding is a table of its own; open it with [[findings]].")
    if len(given) > MOST_FINDINGS:
        raise InputError(
            f"findings: there are {len(given)}; at most {MOST_FINDINGS} can be answered together."
        )
    found: list[Finding] = []
    for number, one in enumerate(given, 1):
        where = f"finding {number}"
        new = finding(table(one, where, "[[findings]]"), where, mass, tables)
        for earlier, old in enumerate(found, 1):
            if (new.kind, new.elements, new.joints) == (old.kind, old.elements, old.joints):
                raise InputError(
                    f'{where}: finding {earlier} already says how {new.kind} "{shown(new.where)}" is; keep one of them.'
                )
        found.append(new)
    return tuple(found)


def _text(path: Path) -> str:
    """The text of a file; anything else that has a name is refused before it is opened."""
    try:
        if path.is_dir():
            raise InputError(f'case: "{shown_path(path)}" is a folder; give the name of a file.')
        if not path.exists():
            near = nearest(path.name, [other.name for other in path.parent.glob("*.toml")])
            more = (
                f"did you mean {or_list(near)}?"
                if near
                else f"counterpull new {shown(path.name)} writes one."
            )
            raise InputError(f'case: there is no file "{shown_path(path)}"; {more}')
        if not path.is_file():
            raise InputError(f'case: "{shown_path(path)}" is no ordinary file; give the name of a case file.')
        if (size := path.stat().st_size) > MOST_BYTES:
            raise InputError(
                f"{shown(path.name)}: it has {size} bytes; a case file has at most {MOST_BYTES}."
            )
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{shown(path.name)}: it is not UTF-8 text; save it as UTF-8.") from None
    except OSError as error:
        raise InputError(f'case: "{shown_path(path)}" cannot be read: {error.strerror or error}.') from None
    except InputError:
        raise
    except ValueError:
        raise InputError(f'case: "{shown_path(path)}" is no file name.') from None


def _toml(written: str, name: str) -> dict[str, Any]:
    """The tables of a TOML text; a slip is answered with its line."""
    if not written.strip():
        raise InputError(f"{name}: the file is empty; counterpull new writes one to start from.")
    try:
        return tomllib.loads(written)
    except ValueError as error:
        said = str(error)
    match = re.search(r" ?\((?:at line (\d+), column \d+|at end of document)\)", said)
    lines = written.splitlines()
    number = int(match[1]) if match and match[1] else len(lines)
    line = lines[number - 1] if number <= len(lines) else ""
    reason = said[: match.start()] if match else said
    raise InputError(f'{name}, line {number}: "{shown(line)}" {_slip(reason, line)}')


def _slip(reason: str, line: str) -> str:
    """What is wrong with a line of TOML, and what to try, up to the end of the sentence."""
    if re.search("[“”„‘’]", line):
        return "has curly quotes; use straight ones."
    if "overwrite" in reason or "twice" in reason or "already" in reason.lower():
        return (
            "says something for the second time; keep one of them, and open each finding with [[findings]]."
        )
    if "Invalid value" in reason:
        return 'has a value that cannot be read; text and numbers with units stand in quotes, as in "165 cm".'
    if "Expected '=' after" in reason:
        return 'has no = between its key and its value; write it as in sex = "female".'
    first = shown(reason)[:1].lower() + shown(reason)[1:]
    return f'cannot be read ({first}); write it as in sex = "female".'
