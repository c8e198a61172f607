"""Sphinx configuration. Everything builds offline; a warning is an error (`make docs`)."""

import json
from pathlib import Path

from counterpull import __version__
from counterpull.interfaces.cli import validation_page

project = "Counterpull"
author = "The Counterpull authors"
copyright = "2026, The Counterpull authors"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True

html_theme = "furo"
html_title = f"Counterpull {__version__}"
html_show_sphinx = False
html_static_path = ["_static"]
html_css_files = ["gallery.css"]

# The validation is computed by `make validate`, kept as JSON with its date and version, and laid out here.
_HERE = Path(__file__).parent / "reference"
(_HERE / "generated").mkdir(exist_ok=True)
(_HERE / "generated" / "validation.html").write_text(
    validation_page.fragment(
        json.loads((_HERE / "validation.json").read_text(encoding="utf-8")), styled=True
    ),
    encoding="utf-8",
)
