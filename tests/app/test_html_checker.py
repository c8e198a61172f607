"""The report before an HTML checker (html-validate): document structure, attributes, accessibility.

The checker comes from npm, locked by checker/package-lock.json, once into the tests' cache.
"""

import json
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from counterpull.interfaces.report import write
from counterpull.interfaces.report.marks import Mark
from counterpull.interfaces.words.report import Drawn

CHECKER = Path(__file__).parent / "checker"
FILES = ("package.json", "package-lock.json")
TIGHT = Path(__file__).parents[2] / "examples" / "tight-hip-flexors.toml"
DRAWN = Drawn("left iliacus", 90.0, "tight", "A")
PICTURE = write.Picture(
    b"",
    900,
    600,
    per_metre=3.0,
    alt="A picture to stand in for the pelvis.",
    caption="Here it stands.",
    marks=[Mark(DRAWN, 0.3, 0.5)],
    scales=[write.Scale("pull of a muscle", 200.0)],
    drawn=[DRAWN],
)


@pytest.fixture(scope="module")
def folder(pytestconfig) -> Path:
    """Where the checker is; skips where there is no Node or no way to fetch it."""
    if not shutil.which("npm"):
        pytest.skip("there is no npm; install Node 20 or newer")
    at = Path(pytestconfig.cache.mkdir("html-checker"))
    if not (at / "node_modules").is_dir() or any(
        (at / name).read_bytes() != (CHECKER / name).read_bytes() for name in FILES
    ):
        for name in FILES:
            shutil.copy(CHECKER / name, at / name)
        done = subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund"], cwd=at, capture_output=True, text=True
        )
        if done.returncode:
            shutil.rmtree(at)
            pytest.skip(f"npm could not fetch the checker: {done.stderr.strip()[-200:]}")
    return at


def faults(folder: Path, *pages: Path) -> list[str]:
    """What the checker finds, in words."""
    checker = folder / "node_modules" / ".bin" / "html-validate"
    done = subprocess.run(
        [checker, "--preset", "standard,a11y", "--formatter", "json", *pages],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    results: list[dict[str, Any]] = json.loads(done.stdout)
    return [f"{one['ruleId']}: {one['message']}" for result in results for one in result["messages"]]


def test_the_checker_finds_nothing(folder, records, not_held, tmp_path):
    case = TIGHT.read_text(encoding="utf-8")
    pages = []
    for name, record in {**records, "not-held": not_held}.items():
        pages.append(tmp_path / f"{name}.html")
        pages[-1].write_text(write.page(record, [PICTURE], case, date(2026, 11, 26)), encoding="utf-8")
    assert faults(folder, *pages) == []


def test_the_checker_would_find_something(folder, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        '<!DOCTYPE html><html><head><title>.</title></head><body><img src="a"><p><div></div></p></body></html>'
    )
    found = faults(folder, page)
    assert any("alt" in one for one in found) and any("</p>" in one for one in found)
