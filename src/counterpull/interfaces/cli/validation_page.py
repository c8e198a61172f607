"""The validation as a page: every row with its set-up, both numbers, a figure, the verdict and the reason.

`html` is one file that asks for nothing outside itself; `fragment` is its body, for the docs. Colour is never alone:
each verdict has its own mark and its words.
"""

import re
from html import escape
from typing import Any

from counterpull.evidence.literature import SPREADS
from counterpull.interfaces.cli.validate import as_ours, as_published, summary
from counterpull.interfaces.figures import style

_WIDTH, _HEIGHT, _MIDDLE = 220, 34, 17
_EDGE = 10
CLASSES = {
    "inside": "good",
    "sign right": "right",
    "too wide to judge": "open",
    "outside": "off",
    "sign wrong": "wrong",
    "not comparable": "none",
}
ROOMS = {
    "miller": "Cadavers: Miller's rig",
    "odeh": "Cadavers: pure moments and weight",
    "pool": "Cadavers: the pelvic floor",
    "long": "Cadavers: the long dorsal ligament",
    "tani": "Living people: from posture to posture",
    "garras": "Symphysis, hips and the lowest disc",
    "wingerden": "What stiffens the joint",
    "ko": "Which muscles work",
    "pel": "Less shear in the joints (Pel 2008)",
    "soccer": "Strength, and passive hips",
}
"""Headings, before the first row whose id begins so."""


def html(record: dict[str, Any]) -> str:
    """The whole page."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Counterpull {escape(record["version"])}: validation</title>
<style>
{style.css()}
{_PAGE}
{_STYLE}
</style>
</head>
<body>
<main>
<h1>Counterpull: where the model is right and where it is wrong</h1>
{fragment(record)}
</main>
</body>
</html>
"""


def fragment(record: dict[str, Any], styled: bool = False) -> str:
    """The body of the page; `styled` brings its own colours along."""
    parts = [f"<style>\n{style.css()}\n{_STYLE}\n</style>"] if styled else []
    parts += [
        '<div class="validation">',
        f'<p class="lead">{escape(summary(record))}</p>',
        f"<p>Version {escape(record['version'])}, numbers {escape(record['parameters'])}, computed on "
        f"{escape(record['date'])}. Intervals hold 90 % of the draws.</p>",
        _legend(),
        "<table>",
        "<thead><tr><th>what</th><th>published</th><th>ours</th><th>figure</th><th>verdict</th></tr></thead>",
        "<tbody>",
    ]
    for row in record["rows"]:
        stem = row["id"].split("_")[0]
        if stem in ROOMS and _first(record, row):
            parts.append(f'<tr class="room"><th colspan="5">{escape(ROOMS[stem])}</th></tr>')
        parts.append(_line(row))
    parts += ["</tbody></table>", _missing(record), _sources(record), "</div>"]
    return "\n".join(parts)


def _first(record: dict[str, Any], row: dict[str, Any]) -> bool:
    stem = row["id"].split("_")[0]
    return next(r for r in record["rows"] if r["id"].split("_")[0] == stem) is row


def _line(row: dict[str, Any]) -> str:
    read = row["locator"] if row["locator"].startswith(row["seen"]) else f"{row['seen']}; {row['locator']}"
    told = [_link(row), escape(row["population"]), escape(f"read: {read}")]
    notes = [f'<p class="setup">{escape(_sentence(row["setup"]))}</p>']
    notes.append(f'<p class="source">{" · ".join(part for part in told if part)}</p>')
    why = f'<p class="why">{escape(_sentence(row["why"]))}</p>' if row["why"] else ""
    held = f"{100 * row['held']:.0f} % of the draws hold." if row["held"] < 0.995 else ""
    agree = f"{100 * row['agree']:.0f} % of the draws agree." if row["agree"] is not None else ""
    fitted = "fitted" if row["fitted"] else "predicted"
    return (
        f'<tr id="{escape(row["id"])}"><td><strong>{escape(_capital(row["quantity"]))}</strong>{"".join(notes)}</td>'
        f'<td class="n">{escape(as_published(row))} <span>{escape(row["unit"])}</span></td>'
        f'<td class="n">{escape(as_ours(row))} <span>{escape(row["unit"])}</span>'
        f'<p class="setup">{escape(f"{held} {agree}".strip())}</p></td>'
        f"<td>{figure(row)}</td>"
        f'<td><span class="mark {CLASSES[row["verdict"]]}">{escape(row["verdict"])}</span>'
        f'<p class="setup">{fitted}</p>{why}</td></tr>'
    )


def _link(row: dict[str, Any]) -> str:
    """Author and year, leading to the list of sources."""
    short = re.match(r"(.*?\b\d{4})\.", row["citation"])
    return f'<a href="#source-{escape(row["source"])}">{escape(short[1] if short else row["source"])}</a>'


def figure(row: dict[str, Any]) -> str:
    """Published band and our interval on one scale, as inline SVG."""
    low, median, high = (row["ours"][name] for name in ("low", "median", "high"))
    said = f"published {as_published(row)}, ours {as_ours(row)} {row['unit']}: {row['verdict']}"
    parts = [f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(said)}">']
    if median is None:
        return "".join([*parts, "</svg>"])
    value, spread, sign = row["published"], row["spread"], row["sign"]
    band = None if value is None or spread is None else (value - 2 * spread, value + 2 * spread)
    seen = [low, high, median]
    seen += [0.0] if sign or band is None else []
    seen += list(band) if band else [] if value is None or sign else [value]
    # A far tail would press all else together: the line is cut where it leaves the figure.
    reach = (max(seen) - min(seen)) or 1.0
    start, end = min(seen) - 0.05 * reach, max(seen) + 0.05 * reach
    if band:
        width = band[1] - band[0]
        start, end = (
            max(start, min(band[0], median) - 1.5 * width),
            min(end, max(band[1], median) + 1.5 * width),
        )

    def at(x: float) -> float:
        return _EDGE + (min(max(x, start), end) - start) / (end - start) * (_WIDTH - 2 * _EDGE)

    if band:
        parts.append(_box(at(band[0]), at(band[1])))
    elif sign:
        parts.append(_box(at(0.0), _WIDTH - _EDGE) if sign > 0 else _box(_EDGE, at(0.0)))
    line = 0.0 if sign else value
    if line is not None:
        x = at(line)
        parts.append(f'<line class="value" x1="{x:.1f}" x2="{x:.1f}" y1="3" y2="{_HEIGHT - 3}"/>')
    kind = CLASSES[row["verdict"]]
    parts.append(
        f'<line class="ours {kind}" x1="{at(low):.1f}" x2="{at(high):.1f}" y1="{_MIDDLE}" y2="{_MIDDLE}"/>'
        f'<circle class="ours {kind}" cx="{at(median):.1f}" cy="{_MIDDLE}" r="4.5"/>'
    )
    for x, way, beyond in ((at(low), -1, low < start), (at(high), 1, high > end)):
        if beyond:
            parts.append(
                f'<path class="ours {kind}" d="M{x - 5 * way:.1f} {_MIDDLE - 4} L{x:.1f} {_MIDDLE} '
                f'L{x - 5 * way:.1f} {_MIDDLE + 4}"/>'
            )
    return "".join([*parts, "</svg>"])


def _box(left: float, right: float) -> str:
    width = max(right - left, 1)
    return f'<rect class="band" x="{left:.1f}" y="5" width="{width:.1f}" height="{_HEIGHT - 10}" rx="2"/>'


def _legend() -> str:
    words = {
        "inside": "our median lies within the published value ± 2 spreads, our interval is at most 3 times as wide",
        "too wide to judge": "our median lies there, but our interval says too little",
        "outside": "our median does not lie there",
        "sign right": "only a direction was published; ours is the same",
        "sign wrong": "ours is the other one",
        "not comparable": "no spread was published, or it is not quite the same quantity",
    }
    spreads = "; or ".join(SPREADS.values())
    items = "".join(
        f'<li><span class="mark {CLASSES[name]}">{escape(name)}</span> {escape(text)}</li>'
        for name, text in words.items()
    )
    return (
        f'<ul class="legend">{items}</ul><p class="setup">Figures: the grey field is what was published (value ± 2 '
        "spreads, or the side of zero), its line the value or zero; dot and line are our median and interval, an arrow "
        f'means that it goes on.</p><p class="setup">A spread is a {spreads}.</p>'
    )


def _missing(record: dict[str, Any]) -> str:
    items = "".join(
        f"<li><strong>{escape(_capital(m['what']))}.</strong> {escape(_sentence(m['why']))}</li>"
        for m in record["missing"]
    )
    return f'<h2>What is missing</h2><ul class="missing">{items}</ul>'


def _sources(record: dict[str, Any]) -> str:
    cited = {row["source"]: row["citation"] for row in record["rows"]}
    items = "".join(
        f'<li id="source-{escape(key)}">{escape(text)}.</li>'
        for key, text in sorted(cited.items(), key=lambda c: c[1])
    )
    return f'<h2>Sources</h2><ul class="missing">{items}</ul>'


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    """A clause of the table as a sentence."""
    text = _capital(text.strip())
    return text if not text or text[-1] in ".?!" else text + "."


_PAGE = """\
body { margin: 0; background: var(--page); color: var(--ink); font-family: var(--font); line-height: 1.5; }
main { max-width: 76rem; margin: 0 auto; padding: var(--space-block) var(--space-apart) var(--space-page); }
h1 { font-size: var(--text-title); line-height: 1.25; max-width: var(--measure); }
h2 { font-size: var(--text-lead); margin-top: var(--space-section); }"""
_STYLE = """\
.validation p { max-width: var(--measure); }
.validation .lead { font-size: var(--text-lead); }
.validation { container-type: inline-size; }
.validation table { border-collapse: collapse; table-layout: fixed; width: 100%; font-size: 0.9375rem; }
.validation th, .validation td { box-sizing: border-box; text-align: left; vertical-align: top;
  padding: var(--space-tight) var(--space-near); border-bottom: 1px solid var(--rule); }
.validation thead th { color: var(--quiet); font-weight: 600; }
.validation tr.room th { padding-top: var(--space-block); font-size: var(--text-body); color: var(--accent); }
.validation th:nth-child(1) { width: 34%; } .validation th:nth-child(2) { width: 11%; }
.validation th:nth-child(3) { width: 14%; } .validation th:nth-child(4) { width: 16%; }
.validation a { color: var(--accent); }
.validation td.n { font-variant-numeric: tabular-nums; }
.validation td.n span, .validation .setup, .validation .source { color: var(--quiet); }
.validation td p { margin: var(--space-hair) 0 0; font-size: var(--text-small); white-space: normal; }
.validation .why { color: var(--ink); }
.validation .mark { font-weight: 600; }
.validation .mark::before { display: inline-block; width: 1.1em; }
.validation .mark.good::before { content: "●"; color: var(--backward); }
.validation .mark.open::before { content: "◌"; color: var(--quiet); }
.validation .mark.off::before { content: "○"; color: var(--forward); }
.validation .mark.right::before { content: "▲"; color: var(--backward); }
.validation .mark.wrong::before { content: "▽"; color: var(--forward); }
.validation .mark.none::before { content: "–"; color: var(--quiet); }
.validation .legend { padding: 0; list-style: none; }
.validation .missing li { margin-bottom: var(--space-tight); max-width: var(--measure); }
.validation svg { width: 100%; max-width: 220px; height: auto; display: block; }
.validation svg .band { fill: var(--yardstick); }
.validation svg .value { stroke: var(--usual); stroke-width: 1.2; }
.validation svg line.ours, .validation svg path.ours { stroke: var(--backward); stroke-width: 2.2; fill: none; }
.validation svg circle.ours { fill: var(--backward); stroke: var(--backward); stroke-width: 2; }
.validation svg line.off, .validation svg path.off, .validation svg line.wrong, .validation svg path.wrong
  { stroke: var(--forward); }
.validation svg circle.off, .validation svg circle.wrong { fill: var(--page); stroke: var(--forward); }
.validation svg line.none, .validation svg path.none { stroke: var(--quiet); }
.validation svg circle.none, .validation svg circle.open { fill: var(--page); stroke: var(--quiet); }
.validation svg line.open { stroke: var(--quiet); stroke-dasharray: 3 3; }
@container (max-width: 42rem) {
  .validation thead { display: none; }
  .validation :is(table, tbody, tr, td, th) { display: block; border: 0; padding: 0.2rem 0; }
  .validation th:nth-child(n) { width: auto; }
  .validation tr { border-bottom: 1px solid var(--rule); padding: var(--space-near) 0; }
  .validation td.n:nth-child(2)::before { content: "published "; color: var(--quiet); }
  .validation td.n:nth-child(3)::before { content: "ours "; color: var(--quiet); }
}
@media print { .validation tr { break-inside: avoid; } }"""
