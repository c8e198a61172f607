"""`counterpull validate`: the record, the page, and how it refuses."""

import json
import re
from functools import partial
from html.parser import HTMLParser

import numpy as np
import pytest

from counterpull import __version__
from counterpull.evidence import Result, published
from counterpull.evidence.verdict import ours, verdict
from counterpull.interfaces.cli import validate, validation_page
from counterpull.interfaces.cli.validate import as_ours, as_published, summary

ROWS = ["miller_anterior", "pool_sacrum_women", "jacob_kissling_rotation", "hammer_axis_height"]


@pytest.fixture
def typed(command):
    return partial(command, "validate")


@pytest.fixture(scope="module")
def record():
    # As if computed: 40 draws about the published value, or below zero.
    results = []
    for name in ROWS:
        row = published()[name]
        values = np.linspace(0.8, 1.3, 40) * (-1.0 if row.value is None else row.value or 30.0)
        found = ours(row, np.append(values, np.nan))
        results.append(Result(row, found, verdict(row, found)))
    return validate.record(results, draws=41, seed=2026)


def test_the_record_answers_in_its_schema(record):
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert (record["schema"], record["version"]) == ("counterpull.validation/1", __version__)
    assert record["parameters"] and record["convention"] and record["missing"]
    assert [row["id"] for row in record["rows"]] == ROWS
    for row in record["rows"]:
        mine = published()[row["id"]]
        assert (row["published"], row["spread"], row["unit"]) == (mine.value, mine.spread, mine.unit)
        assert set(row["ours"]) == {"median", "low", "high"} and row["fitted"] is mine.fitted
        assert row["citation"] and row["setup"] and row["seen"]
    counted = sum(n for kinds in record["counts"].values() for n in kinds.values())
    assert counted == len(ROWS)
    assert [row["verdict"] for row in record["rows"]] == ["inside", "sign right", "not comparable", "outside"]
    assert [bool(row["why"]) for row in record["rows"]] == [False, False, True, True]
    assert record["rows"][1]["agree"] == 1.0 and record["rows"][0]["held"] == pytest.approx(40 / 41, abs=1e-3)


class Page(HTMLParser):
    """What a page opens, closes, shows and asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.open, self.ids, self.links, self.text, self.labels = [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given[k] for k in ("href", "src") if k in given]
        self.labels += [given["aria-label"]] if "aria-label" in given else []
        if tag not in ("meta", "br", "line", "rect", "circle", "path"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_the_page_holds_everything_and_asks_for_nothing(record):
    text = validation_page.html(record)
    page = Page()
    page.feed(text)
    assert page.open == []
    assert len(set(page.ids)) == len(page.ids)
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    assert "http" not in text and "url(" not in text
    said = " ".join(page.text)
    for row in record["rows"]:
        assert row["id"] in page.ids and row["verdict"] in said and as_ours(row) in said
    assert len(page.labels) == len(ROWS)  # a figure for each row, with its words
    assert summary(record) in said and record["missing"][0]["why"][10:] in said


def test_a_figure_shows_band_and_interval_where_they_are(record):
    row = {
        **record["rows"][0],
        "published": 0.0,
        "spread": 1.0,
        "ours": {"median": 1.0, "low": 0.0, "high": 2.0},
    }
    drawn = validation_page.figure(row)
    numbers = {name: float(x) for name, x in re.findall(r' (x|width|cx)="([\d.]+)"', drawn)}
    left, width, dot = (numbers[name] for name in ("x", "width", "cx"))
    assert dot == pytest.approx(left + 0.75 * width, abs=0.2)  # 1 in -2 to 2


def test_a_row_that_no_draw_holds_is_said(record):
    row = {**record["rows"][0], "ours": {"median": None, "low": None, "high": None}}
    assert as_ours(row) == "no draw holds" and "<circle" not in validation_page.figure(row)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"published": 2.74, "spread": 1.07, "sign": None}, "2.74 ± 1.07"),
        ({"published": 8.5, "spread": None, "sign": 1}, "more than 0 (8.5)"),
        ({"published": None, "spread": None, "sign": -1}, "less than 0"),
    ],
)
def test_published_in_words(row, said):
    assert as_published(row) == said


def test_the_command_prints_json_and_writes_the_page(typed, tmp_path):
    out = tmp_path / "validation.html"
    code, printed, said = typed("pool_sacrum_men", "--draws", "8", "--json", "--out", str(out))
    assert code == 0 and [row["id"] for row in json.loads(printed)["rows"]] == ["pool_sacrum_men"]
    assert str(out) in said and out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("columns", ["80", "140"])
def test_the_table_for_people(record, columns, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", columns)
    validate._show(record)
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= int(columns)
    assert "inside (fitted)" in " ".join(printed.split()) or columns == "80"
    assert ("Miller1987" in printed) is (columns == "140")
    assert "Predicted numbers" in printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tani_woman"], "did you mean tani_women"),
        (["--draws", "1"], "outside 2 to 1024"),
        (["--out", "table.pdf"], "does not end in .html"),
        (["--out", "no/such/folder/t.html"], "there is no folder"),
    ],
)
def test_an_input_at_fault_is_one_sentence(typed, arguments, said):
    code, printed, error = typed(*arguments)
    assert (code, printed) == (2, "") and said in error and "Traceback" not in error


def test_the_rows_can_be_listed(typed):
    code, printed, _ = typed("--list")
    assert code == 0 and [line.split()[0] for line in printed.splitlines()] == list(published())
