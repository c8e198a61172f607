"""The examples in the docstrings are true."""

import doctest
import importlib
import pkgutil

import pytest

import counterpull

MODULES = ["counterpull", *(m.name for m in pkgutil.walk_packages(counterpull.__path__, "counterpull."))]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples():
    # Guards against a finder that silently finds nothing.
    finder = doctest.DocTestFinder(exclude_empty=True)
    counts = {
        name: sum(len(t.examples) for t in finder.find(importlib.import_module(name))) for name in MODULES
    }
    assert sum(counts.values()) >= 15
    assert counts["counterpull.quantities.units"] and counts["counterpull.anatomy.names"]
