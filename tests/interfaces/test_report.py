"""The report: one valid page that needs nothing but itself, and says and counts what the record says."""

import copy
import importlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest

from counterpull.interfaces.figures.portrait import Portrait
from counterpull.interfaces.report import bars, pictures, sources, write
from counterpull.interfaces.report.balance import balance
from counterpull.interfaces.words import parts, says
from counterpull.interfaces.words import report as words
from counterpull.interfaces.words.phrases import percent, text, unit
from counterpull.quantities import GRADES
from counterpull.scenarios import read_case

command = importlib.import_module("counterpull.interfaces.cli.answer")
"""The module; the package's own `answer` is the command."""
ROOT = Path(__file__).parents[2]
TIGHT = ROOT / "examples" / "tight-hip-flexors.toml"
MOST_BYTES = 3_000_000
PLAIN = str.maketrans("−“”", '-""')
HEADINGS = ("h1", "h2", "h3")


@pytest.fixture(scope="module")
def bare(record) -> dict[str, Any]:
    """The same person without findings."""
    out = copy.deepcopy(record) | {"findings": [], "contributions": [], "causes": {}, "holding": []}
    for side in out["sides"].values():
        for value in side.values():
            value |= {"with_findings": value["baseline"], "change": {"median": 0, "low": 0, "high": 0}}
    return out


@pytest.fixture(scope="module")
def single(record) -> dict[str, Any]:
    """One body: no quantity has a range."""
    out = copy.deepcopy(record)

    def alone(part: Any) -> None:
        if isinstance(part, dict) and set(part) == {"median", "low", "high"}:
            part.update(low=None, high=None)
        elif isinstance(part, dict | list):
            for value in part.values() if isinstance(part, dict) else part:
                alone(value)

    alone(out)
    return out


@pytest.fixture(scope="module")
def cases(records, bare, single, not_held) -> dict[str, dict[str, Any]]:
    """Every record that a report may have to show."""
    return {**records, "no findings": bare, "one body": single, "not held": not_held}


@pytest.fixture(scope="module")
def pages(cases) -> dict[str, str]:
    case = TIGHT.read_text(encoding="utf-8")
    return {name: write.page(one, case=case, made=date(2026, 11, 26)) for name, one in cases.items()}


def tree(page: str) -> Element:
    """The page as a strict reader of HTML sees it; it stops at the first parse error."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)


def plain(name: Any) -> str:
    return str(name).rsplit("}", 1)[-1]


def every(root: Element, *names: str) -> list[Element]:
    return [one for one in root.iter() if plain(one.tag) in names]


def flat(part: Element) -> str:
    """Its text on one line; of a whole page, the text of its body."""
    part = next(iter(every(part, "body")), part)
    return " ".join("".join(part.itertext()).split()).translate(PLAIN)


# -- a page ----------------------------------------------------------------------------------------------------


def test_the_page_has_no_parse_error_and_no_name_twice(pages):
    for name, page in pages.items():
        ids = [one.get("id") for one in tree(page).iter() if one.get("id")]
        assert len(ids) == len(set(ids)), name
        assert page.startswith("<!DOCTYPE html>") and "Undefined" not in page, name
    with pytest.raises(Exception, match="Unexpected"):
        tree("<!DOCTYPE html><title>.</title><p><em>open</p>")


def test_headings_go_down_one_step_at_a_time(pages):
    for name, page in pages.items():
        levels = [HEADINGS.index(plain(one.tag)) for one in every(tree(page), *HEADINGS)]
        assert levels.count(0) == 1 and levels[0] == 0, name
        assert all(after - before <= 1 for before, after in pairwise(levels)), name


def test_whoever_cannot_see_it_hears_it(pages):
    for page in pages.values():
        root = tree(page)
        assert every(root, "html")[0].get("lang") == "en"
        ids = {one.get("id") for one in root.iter()}
        for section in every(root, "section"):
            assert section.get("aria-labelledby") in ids or section.get("aria-label")
        for svg in every(root, "svg"):
            told = [flat(one) for one in svg if plain(one.tag) == "title"]
            inner = svg.get("overflow") == "visible"
            assert inner or svg.get("aria-hidden") == "true" or (svg.get("role") == "img" and told[0])
        assert all(len(one.get("alt") or "") > 40 for one in every(root, "img"))


def width(row: Element) -> int:
    return sum(int(cell.get("colspan") or 1) for cell in row)


def test_every_row_of_a_table_is_as_wide_as_its_head_and_has_a_name(pages):
    for page in pages.values():
        for table in every(tree(page), "table"):
            head, *body = every(table, "tr")
            assert all(cell.get("scope") == "col" and flat(cell) for cell in head)
            hanging = 0  # rows that a name to their left still spans
            for row in body:
                assert width(row) + bool(hanging) == width(head)
                names = [cell for cell in row if plain(cell.tag) == "th"]
                assert hanging or (len(names) == 1 and names[0].get("scope") in ("row", "rowgroup"))
                hanging = hanging - 1 if hanging else int(names[0].get("rowspan") or 1) - 1


def test_it_asks_for_nothing_outside_itself(pages):
    for page in pages.values():
        root = tree(page)
        for one in root.iter():
            for key in ("src", "srcset", "action", "data", "poster", "background"):
                assert (one.get(key) or "data:").startswith("data:")
            address = one.get("href") or ""
            assert not address or (plain(one.tag) == "a" and address.startswith("https://doi.org/"))
        assert not every(root, "script", "link", "iframe", "object", "embed")
        assert "url(" not in page and "@import" not in page
        (policy,) = [one.get("content") for one in every(root, "meta") if one.get("http-equiv")]
        assert policy and all(
            f"{kind}-src 'none'" in policy for kind in ("script", "connect", "font", "frame")
        )


def test_what_was_written_by_others_is_text(record):
    mean = copy.deepcopy(record)
    mean["findings"][0]["where"] = "<script>alert(1)</script>"
    page = write.page(mean, case="# <img src=x onerror=alert(1)>")
    root = tree(page)
    assert not every(root, "script", "img") and "<script>alert(1)</script>" in flat(root)


# -- what it says ----------------------------------------------------------------------------------------------


def sentences(record: dict[str, Any]) -> Iterator[str]:
    """All that the terminal says of a record in sentences, but for its modes and parts: they are tables here."""
    yield says.person(record)
    yield from says.opening(record)
    yield says.findings(record)
    yield from says.CLOSING
    yield from words.USE
    if record["sides"]:
        yield from (says.within(record), says.margin(record))
        if record["findings"]:
            yield from (says.verdict(record), says.pelvis(record), says.holding(record))
            yield from (says.side(record, side) for side in ("right", "left"))


def test_it_says_what_the_terminal_says(cases, pages):
    for name, record in cases.items():
        told = flat(tree(pages[name]))
        assert [said for said in sentences(record) if " ".join(said.split()) not in told] == [], name
        for finding in record["findings"]:
            assert says.one_finding(finding) in told


def test_the_answer_comes_before_the_details(records, pages):
    order = [
        "In short",
        "Compared:",
        "right hip bone",
        "left hip bone",
        "whether it hurts",
        "The findings, as",
    ]
    order += [
        words.HEADINGS[key] for key in ("pelvis", "sides", "loads", "pulls", "modes", "reserve", "computed")
    ]
    order += [words.HEADINGS[key] for key in ("case", "sources", "use")]
    for name, record in records.items():
        told = flat(tree(pages[name]))
        places = [told.index(words_) for words_ in (says.verdict(record), *order[1:])]
        assert places == sorted(places), name


def test_a_yes_of_the_screen_comes_first(pages):
    told = flat(every(tree(pages["freshly-injured"]), "main")[0])
    assert told.startswith("You answered yes to") and "doctor" in told[:200]
    assert "doctor" not in flat(tree(pages["tight-hip-flexors"]))


def test_a_posture_that_cannot_be_held_has_its_sentence_and_no_numbers(pages):
    root = tree(pages["not held"])
    told = flat(root)
    assert flat(every(root, "main")[0]).startswith("In this model the posture cannot be held")
    heads = {flat(one) for one in every(root, "h2")}
    assert heads == {
        words.HEADINGS[key] for key in ("short", "findings", "computed", "case", "sources", "use")
    }
    assert "None" not in told and "nan" not in told.split()


ALARM = re.compile(
    r"out of place|out of align|dislocat|sublux|damage|torn|danger|fragile|slipped|serious|"
    r"pelvis is out|diagnos|\b(?:cure|heal|fix)\w*|guarantee|\bnan\b|none\b.*\bnone|inf\b",
    re.IGNORECASE,
)


def test_nothing_alarms_diagnoses_or_promises(pages):
    for page in pages.values():
        root = tree(page)
        for quoted in every(root, "div", "pre"):  # titles of papers and the case file are not our words
            if quoted.get("class") == "sources" or plain(quoted.tag) == "pre":
                quoted.clear()
        told = flat(root).replace("not a diagnosis", "").replace("makes no diagnosis", "")
        assert ALARM.findall(told) == []


# -- what it counts --------------------------------------------------------------------------------------------


def rows_of(root: Element, look: str) -> list[list[str]]:
    """The rows of the tables of a class, cell by cell, without their pictures."""
    out = []
    for table in (one for one in every(root, "table") if one.get("class") == look):
        for row in every(table, "tr"):
            for svg in every(row, "svg"):
                svg.clear()
            out.append([flat(cell) for cell in row])
    return out


def test_tables_hold_the_records_numbers(records, pages):
    for name, record in records.items():
        root = tree(pages[name])
        shown = [
            row[:3]
            for look in ("shifts", "loads")
            for row in rows_of(root, look)
            if len(row) == 4 and re.search(r"\d", row[1])
        ]
        shifts = [key for key in says.ROWS if unit(key) != "N"]
        loads = [key for key in says.ROWS if unit(key) == "N"]
        wanted = [
            [
                says.ROWS[key].partition(",")[0],
                text(record["sides"][side][key]["baseline"], digits),
                text(record["sides"][side][key][second], digits),
            ]
            for keys, second, digits in ((shifts, "change", 2), (loads, "with_findings", 0))
            for side in ("right", "left")
            for key in keys
        ]
        assert shown == wanted, name
        modes = record["modes"].values()
        assert [row[1:] for row in rows_of(root, "pelvis")[1:]] == [
            [text(one["pelvis"][key]["change"], 2) for one in modes] for key in words.PELVIS
        ]
        assert [row[1:] for row in rows_of(root, "between")[1:]] == [
            [text(record["between_sides"][key][part], 2) for part in ("baseline", "change")]
            for key in words.BETWEEN
        ]
        shares = record["margin"]["limited_by"]
        assert [row[1:] for row in rows_of(root, "limits")[1:]] == [
            [percent(shares["baseline"][key]), percent(shares["with_findings"][key])] for key in words.LIMITS
        ]


def test_the_parts_are_those_of_the_terminal(records, pages):
    for name, record in records.items():
        side, first = parts.most_moved(record)
        second = parts.UP if first == parts.TURN else parts.TURN
        found = parts.of_change(record, side, (first, second))
        rows = rows_of(tree(pages[name]), "pulls")
        assert [row[0] for row in rows[1:-1]] == [f"{i}{part.label}" for i, part in enumerate(found, 1)]
        assert [row[3:] for row in rows[1:-1]] == [
            [text(part.parts[key], 2) for key in (first, second)] for part in found
        ]
        assert rows[-1][3:] == [text(record["sides"][side][key]["change"], 2) for key in (first, second)]


def test_parts_are_of_the_held_posture_whatever_mode_was_chosen(record):
    chosen = record | {"mode": "before_reaction", "sides": record["modes"]["before_reaction"]["sides"]}
    root = tree(write.page(chosen))
    side, first = parts.most_moved(chosen)
    held = record["modes"]["held"]["sides"][side][first]["change"]
    assert rows_of(root, "pulls")[-1][3] == text(held, 2) and words.HELD in flat(root)
    assert held != chosen["sides"][side][first]["change"] and words.HELD not in write.page(record)


def quantity(low: float, median: float, high: float) -> dict[str, float | None]:
    return {"median": median, "low": low, "high": high}


def places(svg: str, look: str) -> list[tuple[float, float]]:
    """Left end and right end of each rectangle of a class, in per cent."""
    found = re.findall(rf'<rect class="[^"]*\b{look}\b[^"]*" x="([-\d.]+)%" y="[^"]*" width="([\d.]+)%"', svg)
    return [(float(x), float(x) + float(wide)) for x, wide in found]


def test_a_bar_stands_where_its_numbers_are():
    axis = bars.Axis.around([quantity(-1, 0, 1)], least=4 / bars.ROOM)
    svg = str(bars.bars(axis, [bars.Bar(quantity(-1, 0, 1), "change")], "t", bars.Yardstick(0.5, 2)))
    assert axis == bars.Axis(-4, 4)
    assert places(svg, "change") == [(37.5, 62.5)] and 'cx="50%"' in svg
    assert places(svg, "unseen") == [(43.75, 56.25)] and places(svg, "measured") == [(25, 75)]
    far = bars.Axis.around([quantity(-9, 0, 1)], least=4)
    assert far.low < -9 and far.high > 9  # nothing is cut off
    assert bars.Axis.over([quantity(-50, 100, 300)]).low < -50
    assert bars.Axis.over([quantity(50, 100, 300)]).low == 0


def test_the_beam_carries_all_parts_and_balances_about_zero():
    sizes = (0.3, -0.1, 0.05, 0.001)
    row = [parts.Part(label=f"m{i}", parts={parts.UP: quantity(s, s, s)}) for i, s in enumerate(sizes)]
    svg = str(balance(row, parts.UP, quantity(0.1, 0.25, 0.4), "title", "description"))
    forward, backward = places(svg, "block forward"), places(svg, "block backward")
    assert len(forward) == 2 and len(backward) == 1  # what rounds to nothing is left out
    assert forward[0][0] == pytest.approx(50, abs=0.01) and backward[0][1] == pytest.approx(50, abs=0.01)
    per_cent = (forward[-1][1] - 50) / 0.35
    assert 50 - backward[0][0] == pytest.approx(0.1 * per_cent, abs=0.02)
    assert places(svg, "bar change")[0] == pytest.approx((50 + 0.1 * per_cent, 50 + 0.4 * per_cent), abs=0.02)
    assert "<title>title</title>" in svg and "<desc>description</desc>" in svg and "1  m0" in svg


# -- sources ---------------------------------------------------------------------------------------------------


def test_every_source_behind_the_answer_is_there(records, tables):
    known = sources.references()
    assert set(known) >= tables.sources and sources.YARDSTICKS in known
    for record in records.values():
        found = sources.topics(record)
        listed = [one.key for topic in found.values() for one in topic]
        assert len(listed) == len(set(listed)) and sources.OWN not in listed
        assert {"yardsticks", "activity", "joints", "muscles", "size"} <= set(found) <= set(words.TOPICS)
    mmt = sources.topics(records["tight-hip-flexors-weak-glutes"])["findings"]
    assert {"Dvir1997", "Ferber2010"} <= {one.key for one in mmt}
    assert "Dvir1997" not in {one.key for one in sources.topics(records["tight-hip-flexors"])["findings"]}
    counted = sources.grades()
    assert sum(counted.values()) == len(tables.known) and list(counted) == list(words.GRADED) == list(GRADES)


# -- pictures and the command ----------------------------------------------------------------------------------


def posed(asked: list[dict[str, Any]]):
    """Instead of a portrait: what was asked for, and places for all of it but the first muscle seen from behind."""

    def portrait(*_: Any, **wanted: Any) -> Portrait:
        asked.append(wanted)
        seen = [*wanted["pulls"]][wanted["view"] == "back" :]
        places = {key: (0.1 + 0.8 * i / len(seen), 0.5) for i, key in enumerate(seen)}
        return Portrait(b"", 900, 700, 3.0, places, dict.fromkeys(wanted["joints"], (0.5, 0.5)))

    return portrait


def test_the_list_below_the_pictures_has_every_letter(answer, record, monkeypatch):
    monkeypatch.setattr(pictures, "portrait", posed([]))
    shown = pictures.pictures(answer, record)
    root = tree(write.page(record, shown))
    (listed,) = [one for one in every(root, "ul") if one.get("class") == "drawn"]
    assert [flat(row)[0] for row in every(listed, "li")] == [one.letter for one in shown[0].drawn]
    assert [flat(row) for row in every(root, "li") if "pull of a muscle" in flat(row)] == [
        "pull of a muscle: 0 200 N"
    ]


def test_pictures_show_what_was_found_and_what_pulls_most(answer, record, monkeypatch):
    asked: list[dict[str, Any]] = []

    monkeypatch.setattr(pictures, "portrait", posed(asked))
    front, back = pictures.pictures(answer, record)
    assert [one["view"] for one in asked] == ["front", "back"] and (front.width, back.height) == (900, 700)
    found = {one.label: one.found for one in front.drawn if one.found}
    assert found == {"right psoas major": "tight", "right iliacus": "tight"}
    assert 2 < len(asked[0]["pulls"]) <= pictures.MOST
    assert ("psoas_major", "right") in asked[0]["pulls"] and ("iliacus", "right") in asked[0]["pulls"]
    assert "Not seen from here: right iliacus." in back.caption and len(back.marks) == len(back.drawn) - 1
    for row in record["contributions"]:
        if (row["muscle"], row["side"]) in asked[0]["pulls"]:
            pull = asked[0]["pulls"][row["muscle"], row["side"]]
            assert pull == pytest.approx(row["tension_N"]["with_findings"]["median"], rel=1e-5)
    for side in ("right", "left"):
        load = record["sides"][side]["load_N"]["with_findings"]["median"]
        assert asked[0]["joints"][f"sij_{side}"] == pytest.approx(load, rel=1e-5)


def test_a_lax_joint_is_marked_and_not_all_of_many_muscles_are_drawn(answer, record, monkeypatch):
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(pictures, "portrait", posed(asked))
    findings = read_case(ROOT / "examples" / "freshly-injured.toml").findings
    front, back = pictures.pictures(replace(answer, findings=findings), record)
    found = {one.label: one.found for one in front.drawn}
    assert found["right sacroiliac joint"] == "lax" and found["right multifidus"] == "inhibited, weak"
    assert len({one.letter for one in front.drawn}) == len(front.drawn)
    assert len(asked[0]["pulls"]) == pictures.MOST and re.search(r"\d+ more of the muscles", front.caption)
    assert ("more" in back.caption, "right sacroiliac joint" in front.alt) == (False, True)


@pytest.fixture
def typed(command):
    return partial(command, "answer")


def test_the_command_writes_it_and_says_where(typed, tmp_path):
    out = tmp_path / "report.html"
    code, told, err = typed(str(TIGHT), "--draws", "8", "--out", str(out))
    assert code == 0 and err == "" and told.rstrip().endswith(f"Report: {out}")
    page = out.read_text(encoding="utf-8")
    root = tree(page)
    assert len(page.encode()) < MOST_BYTES
    assert "A woman of 168 cm and 63 kg." in flat(root) and 'size = "moderate"' in flat(root)
    front, back = every(root, "img")
    for picture in (front, back):
        address, alt = picture.get("src") or "", picture.get("alt") or ""
        assert address.startswith("data:image/webp;base64,") and int(picture.get("width") or 0) >= 900
        assert re.search(r"right psoas major \d+ N \(tight\)", alt) and "left sacroiliac joint" in alt
    assert "from the front" in (front.get("alt") or "") and "from behind" in (back.get("alt") or "")
    assert "Nothing is exaggerated" in flat(root)


def test_json_stays_json_beside_a_report(typed, tmp_path, record, monkeypatch):
    monkeypatch.setattr(command, "answered", lambda *_: record)
    code, told, err = typed(str(TIGHT), "--json", "--out", str(tmp_path / "r.html"))
    assert code == 0 and json.loads(told) == record and err.startswith("Report: ")


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("report.pdf", "does not end in .html"),
        ("no/where/report.html", "no folder"),
        ("a.html", "is a folder"),
    ],
)
def test_a_place_that_cannot_be_is_told_before_work_begins(typed, tmp_path, monkeypatch, out, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.html").mkdir()
    monkeypatch.setattr(command, "answered", lambda *_: pytest.fail("work began"))
    code, told, err = typed(str(TIGHT), "--out", out)
    assert (code, told) == (2, "") and said in err and err.count("\n") == 1
