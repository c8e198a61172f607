"""Counterpull: a sacroiliac-joint and pelvic-girdle muscle model.

Importing the package does nothing but import; the rooms are opened by name::

    from counterpull.anatomy import load
    woman = load(sex="female")
"""

__version__ = "0.3.0"
