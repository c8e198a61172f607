"""What many rooms need: bodies and answers (built once), broken copies of the tables, double precision."""

import csv
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import settings

from counterpull import compiled
from counterpull.anatomy import Body, Tables, load, read, reference
from counterpull.anatomy.reading import FOLDER
from counterpull.interfaces.words import reply
from counterpull.numerics.problem import Outcome
from counterpull.scenarios import Answer, Case, read_case, run
from counterpull.scenarios.answer import Reaction

# The same examples on every machine and every day; a first call compiles, so no deadline.
settings.register_profile("house", derandomize=True, deadline=None, max_examples=40)
settings.load_profile("house")
MOST_MAPS = 20_000
EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.toml"))
TIGHT = next(path for path in EXAMPLES if path.stem == "tight-hip-flexors")


@pytest.fixture(autouse=True)
def no_kept_code() -> Iterator[None]:
    """A command that a test has run in this process leaves no folder for code behind."""
    before = os.environ.get(compiled.FOLDER)
    yield
    os.environ.pop(compiled.FOLDER, None) if before is None else os.environ.update({compiled.FOLDER: before})


@pytest.fixture(autouse=True, scope="module")
def few_programs() -> Iterator[None]:
    """Every compiled program holds memory maps, of which a process has 65,530: drop them before they run out."""
    yield
    maps = Path("/proc/self/maps")
    if maps.exists() and len(maps.read_bytes().splitlines()) > MOST_MAPS:
        jax.clear_caches()


@pytest.fixture(scope="session")
def tables() -> Tables:
    return read()


@pytest.fixture(scope="session")
def woman(tables: Tables) -> Body:
    return load("female", tables=tables)


@pytest.fixture(scope="session")
def man(tables: Tables) -> Body:
    return load("male", tables=tables)


@pytest.fixture(scope="session")
def model(tables: Tables) -> Body:
    return reference(tables)


Record = dict[str, Any]


@pytest.fixture(scope="session")
def through_json() -> Callable[[Record], Record]:
    """A record as whoever reads its JSON gets it."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return lambda record: json.loads(json.dumps(record), parse_constant=refuse)


@pytest.fixture(scope="session")
def answer(tables: Tables) -> Answer:
    """The first example, of a few draws."""
    case = read_case(TIGHT)
    return run(Body(tables, case.person), case.findings, case.activity, case.choices, draws=8)


@pytest.fixture(scope="session")
def record(answer: Answer, through_json: Callable[[Record], Record]) -> Record:
    """Its record."""
    return through_json(reply.record(answer, read_case(TIGHT)))


@pytest.fixture(scope="session")
def records(tables: Tables, record: Record, through_json: Callable[[Record], Record]) -> dict[str, Record]:
    """Of every example, by the name of its file."""

    def answered(case: Case) -> Record:
        body = Body(tables, case.person)
        found = run(body, case.findings, case.activity, case.choices, strength=case.strength, draws=8)
        return through_json(reply.record(found, case))

    return {path.stem: record if path == TIGHT else answered(read_case(path)) for path in EXAMPLES}


@pytest.fixture(scope="session")
def not_held(answer: Answer, through_json: Callable[[Record], Record]) -> Record:
    """The first example's record, were its findings too much in every draw."""

    def lost(reaction: Reaction) -> Reaction:
        state = reaction.with_findings
        found = state.found
        found = replace(found, outcome=np.full_like(found.outcome, int(Outcome.INFEASIBLE)))
        return replace(reaction, with_findings=replace(state, found=found))

    modes = {mode: lost(reaction) for mode, reaction in answer.modes.items()}
    return through_json(reply.record(replace(answer, modes=modes, margins=None), read_case(TIGHT)))


@pytest.fixture
def double() -> Iterator[None]:
    """Double precision for tests that call JAX functions directly."""
    with jax.enable_x64(True):
        yield


Lines = list[list[str]]


class TableCopy:
    """A copy of the tables to break: `change` rewrites one file, `cell` one cell."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def change(self, file: str, edit: Callable[[Lines], Lines]) -> None:
        """Rewrite one table; `edit` takes all its lines, the header first."""
        path = self.folder / file
        with path.open(newline="", encoding="utf-8") as stream:
            lines = edit(list(csv.reader(stream)))
        with path.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream, lineterminator="\n").writerows(lines)

    def cell(self, file: str, row: str, field: str, written: str) -> None:
        """Write one cell of the row whose first columns are `row`, joined by dots ("piriformis.pcsa")."""

        def edit(lines: Lines) -> Lines:
            column = lines[0].index(field)
            (line,) = (line for line in lines[1:] if _is_row(line, row))
            line[column] = written
            return lines

        self.change(file, edit)


def _is_row(line: list[str], row: str) -> bool:
    return any(".".join(line[:count]) == row for count in (1, 2, 3))


@pytest.fixture
def copy(tmp_path: Path) -> TableCopy:
    """The package's tables, copied to a folder of this test's own."""
    folder = tmp_path / "tables"
    shutil.copytree(FOLDER, folder)
    return TableCopy(folder)
