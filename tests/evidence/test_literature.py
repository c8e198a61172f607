"""The tables: every row has its papers, its set-up and its code."""

import csv
import importlib
import json
import re
from pathlib import Path

import pytest

from counterpull import __version__
from counterpull.anatomy.reading import PARAMETER_SET
from counterpull.anatomy.rows import TableError
from counterpull.evidence import literature, missing, published, validation
from counterpull.evidence.literature import FOLDER, chosen, sources
from counterpull.evidence.people import MEASURES
from counterpull.quantities import InputError

DOCS = Path(__file__).parents[2] / "docs" / "reference"


def test_every_row_is_computed_and_every_computation_has_a_row():
    for room in validation.ROOMS:
        importlib.import_module(f"counterpull.evidence.{room}")
    assert set(MEASURES) == set(published())


def test_enough_is_predicted_and_little_is_fitted():
    rows = published().values()
    numbers = [row for row in rows if row.kind == "number" and not row.fitted]
    assert len(numbers) >= 10 and sum(row.fitted for row in rows) <= 5
    assert sum(row.seen != "memory" for row in numbers) >= 10  # and most of them were read
    assert all(row.band and row.spread and row.spread > 0 for row in numbers)


def test_every_source_is_used_and_named():
    assert {row.source for row in published().values()} == set(sources())
    assert all(re.search(r"\b(19|20)\d\d\b", line) for line in sources().values())
    assert "{" not in "".join(sources().values())


def test_what_is_missing_says_why():
    assert len(missing()) >= 5
    assert all(len(one.why) > 20 for one in missing())


def test_a_row_that_is_shown_says_why_it_is_not_judged():
    assert [row.id for row in published().values() if row.kind == "shown" and not row.why] == []


def test_an_unknown_row_is_answered_with_the_nearest():
    with pytest.raises(InputError, match="did you mean tani_women"):
        chosen(["tani_woman"])
    with pytest.raises(InputError, match="--list"):
        chosen(["xyzzy"])


@pytest.mark.parametrize(
    ("field", "written", "said"),
    [
        ("source", "Miler1987", "did you mean Miller1987"),
        ("spread", "", "needs a value and a positive spread"),
        ("seen", "dreamt", "use abstract, table"),
        ("fitted", "maybe", "use yes or no"),
        ("setup", "", "is empty"),
    ],
)
def test_a_row_without_its_papers_does_not_load(field, written, said, tmp_path, monkeypatch):
    with (FOLDER / "rows.csv").open(newline="", encoding="utf-8") as stream:
        first = next(csv.DictReader(stream))
    for name in ("sources.bib", "missing.csv"):
        (tmp_path / name).write_text((FOLDER / name).read_text(encoding="utf-8"), encoding="utf-8")
    with (tmp_path / "rows.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, first)
        writer.writeheader()
        writer.writerow({**first, field: written})
    monkeypatch.setattr(literature, "FOLDER", tmp_path)
    with pytest.raises(TableError, match=f"rows.csv, line 2, row miller_anterior: .*{field}.*{said}"):
        literature.published.__wrapped__()


def test_the_record_in_the_docs_is_of_these_rows():
    record = json.loads((DOCS / "validation.json").read_text(encoding="utf-8"))
    again = "compute it again: make validate"
    assert [row["id"] for row in record["rows"]] == list(published()), again
    assert (record["version"], record["parameters"]) == (__version__, PARAMETER_SET), again
    assert record["draws"] == validation.DRAWS, again
    for row in record["rows"]:
        mine = published()[row["id"]]
        assert (row["published"], row["spread"], row["quantity"]) == (
            mine.value,
            mine.spread,
            mine.quantity,
        ), again
        judged = row["verdict"] in ("outside", "sign wrong", "too wide to judge")
        assert not judged or row["why"], f"{row['id']} is {row['verdict']} and nobody says why"
