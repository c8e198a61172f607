"""The report in a real browser, without a network: wide, narrow, dark, and on paper.

Needs Chromium: the system's, or one named by CHROMIUM.
"""

import os
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from counterpull.interfaces.figures import style
from counterpull.interfaces.report import write
from counterpull.interfaces.report.marks import Mark
from counterpull.interfaces.words.report import Drawn

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
TIGHT = Path(__file__).parents[2] / "examples" / "tight-hip-flexors.toml"
PAPERS = {"A4": 297 / 210, "Letter": 11 / 8.5}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; apt-get install chromium")


@pytest.fixture(scope="module")
def file(records, tmp_path_factory) -> Path:
    """The report of the example with most to say."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    record = records["tight-hip-flexors-weak-glutes"]
    drawn = [Drawn("right biceps femoris, long head", 49.0, "weak", letter) for letter in "ABCDEFGH"]
    picture = write.Picture(
        PIXEL,
        900,
        700,
        per_metre=3.0,
        alt="A picture to stand in for the pelvis.",
        caption="Here it stands.",
        marks=[Mark(one, i / 8 + 0.05, 0.5) for i, one in enumerate(drawn)],
        scales=[write.Scale("pull of a muscle", 200.0)],
        drawn=drawn,
    )
    page = write.page(record, [picture], TIGHT.read_text(encoding="utf-8"), date(2026, 11, 26))
    path.write_text(page, encoding="utf-8")
    return path


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    quiet = ["--no-sandbox", "--disable-background-networking"]
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=quiet)
        yield chromium
        chromium.close()


def opened(browser: Browser, file: Path, width: int, scheme: Any = "light") -> tuple[Page, list[str]]:
    """The page without a network, and all that it asked for besides itself."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: asked.append(message.text))
    page.goto(file.as_uri())
    return page, [one for one in asked if one != file.as_uri() and not one.startswith("data:")]


@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_asks_for_nothing_and_fits_the_screen(browser, file, width, scheme):
    page, asked = opened(browser, file, width, scheme)
    assert asked == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    outside = page.evaluate(
        "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 0.5)"
        ".map(e => e.tagName + ' ' + e.textContent.slice(0, 40))"
    )
    assert [one for one in outside if not one.startswith(("text", "circle"))] == []
    theme = style.THEMES[scheme]
    colours = page.evaluate(
        "[getComputedStyle(document.querySelector('.sheet')).backgroundColor, getComputedStyle(document.body).color]"
    )
    assert colours == [
        f"rgb({', '.join(str(round(255 * c)) for c in style.rgb(x))})" for x in (theme.page, theme.ink)
    ]
    page.context.close()


@pytest.mark.parametrize(
    ("width", "media", "seen"),
    [(375, "screen", "letters"), (1280, "screen", "names"), (680, "print", "names")],
)
def test_a_picture_has_letters_on_a_telephone_and_names_elsewhere_all_to_be_read(
    browser, file, width, media, seen
):
    page, _ = opened(browser, file, width)
    page.emulate_media(media=media)
    shown = [look for look in ("names", "letters") if page.locator(f".stage .{look}").is_visible()]
    assert shown == [seen] and page.locator(".drawn .letter").first.is_visible() == (seen == "letters")
    boxes = page.evaluate(
        f"[...document.querySelectorAll('.stage .{seen} text')].map(e => e.getBoundingClientRect())"
        ".map(b => [b.left, b.right, b.top, b.bottom])"
    )
    for i, (left, right, top, bottom) in enumerate(boxes):
        assert left >= 0 and right <= width and bottom - top >= 10
        for other in boxes[:i]:
            assert right <= other[0] or other[1] <= left or bottom <= other[2] + 1 or other[3] <= top + 1
    page.context.close()


def test_bars_of_a_table_are_wide_on_a_telephone(browser, file):
    page, _ = opened(browser, file, 375)
    for table in ("shifts", "loads", "reserve"):
        bars = page.locator(f".{table} tbody svg[role=img]").evaluate_all(
            "all => all.map(e => e.clientWidth)"
        )
        assert min(bars) > 300, table
    assert page.locator(".modes svg[role=img]").first.evaluate("e => e.clientWidth") > 120
    page.context.close()


def test_a_picture_stands_on_light_ground_on_a_dark_page(browser, file):
    page, _ = opened(browser, file, 1280, "dark")
    ground, ink = page.evaluate(
        "(e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color])(document.querySelector('.plate'))"
    )
    rgb = [
        f"rgb({', '.join(str(round(255 * c)) for c in style.rgb(x))})"
        for x in (style.LIGHT.panel, style.LIGHT.ink)
    ]
    assert [ground, ink] == rgb
    page.context.close()


@pytest.mark.parametrize("paper", list(PAPERS))
def test_it_prints_light_and_cuts_no_table(browser, file, paper):
    page, _ = opened(browser, file, 800, "dark")
    page.emulate_media(media="print")
    ground = page.evaluate("getComputedStyle(document.querySelector('.sheet')).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    printed = page.pdf(format=paper, print_background=True)
    (wide, high), *_ = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert float(high) / float(wide) == pytest.approx(PAPERS[paper], rel=0.01)
    assert 4 <= len(re.findall(rb"/Type /Page\b", printed)) <= 14
    whole = page.evaluate(
        "[...document.querySelectorAll('table, figure, .card')].map(e => getComputedStyle(e).breakInside)"
    )
    tall = page.evaluate(
        "Math.max(...[...document.querySelectorAll('table, figure, .card')].map(e => e.getBoundingClientRect().height))"
    )
    assert set(whole) == {"avoid"} and tall < 0.9 * 800 * PAPERS[paper]  # each fits on one page
    page.context.close()
