"""Sphinx configuration. Everything builds offline; a warning is an error (`make docs`)."""

from counterpull import __version__

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
