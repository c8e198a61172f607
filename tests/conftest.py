"""What many rooms need: bodies (built once), broken copies of the tables, double precision."""

import csv
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import jax
import pytest
from hypothesis import settings

from counterpull import compiled
from counterpull.anatomy import Body, Tables, load, read, reference
from counterpull.anatomy.reading import FOLDER

# The same examples on every machine and every day; a first call compiles, so no deadline.
settings.register_profile("house", derandomize=True, deadline=None, max_examples=40)
settings.load_profile("house")
MOST_MAPS = 20_000


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
