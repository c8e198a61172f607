"""Kept code: a new process loads what an old one made; each shape has its own; torn files are made again."""

import subprocess
import sys

import jax.numpy as jnp
import numpy as np
import pytest

from counterpull import compiled

PROGRAM = """
import numpy as np
from counterpull import compiled
from counterpull.anatomy import load
from counterpull.mechanics import definition, situation
from counterpull.mechanics.asked import usual
from counterpull.scenarios import activity
made = []
make = compiled._made
compiled._made = lambda *a: made.append(1) or make(*a)
model = situation(load("female"), activity("standing").setting).model()
found = definition.balanced(model, usual(model, np.arange(1)), np.arange(1))
print(len(made), float(found.activation.sum()))
"""


def solved(a, n):
    return {"x": jnp.linalg.solve(a, jnp.ones(a.shape[0])) * n}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(compiled.FOLDER, str(tmp_path))
    return tmp_path


def test_a_new_process_loads_what_an_old_one_made(folder):
    def run():
        out = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
        return out.stdout.split()

    (first, one), (second, two) = run(), run()
    assert int(first) > 0 and int(second) == 0
    assert one == two


def test_code_is_kept_for_each_shape_and_static_argument(folder, double):
    fast = compiled.kept(solved, static=(1,))
    for size, factor in ((2, 3), (2, 5), (3, 3)):
        np.testing.assert_allclose(fast(2 * np.eye(size), factor)["x"], factor / 2)
    assert len(list(folder.glob("*.xla"))) == 3


def test_only_the_code_that_was_used_last_is_kept(folder, double, monkeypatch):
    monkeypatch.setattr(compiled, "_MOST_FILES", 2)
    for size in (2, 3, 4):
        compiled.kept(solved, static=(1,))(np.eye(size), 1)
    assert len(list(folder.glob("*.xla"))) == 2


def test_a_function_typed_at_a_prompt_is_only_jitted(folder, double):
    typed: dict = {"compiled": compiled}
    exec(compile("double = compiled.kept(lambda x: 2 * x)", "<prompt>", "exec"), typed)
    assert typed["double"](np.ones(2)).tolist() == [2, 2]
    assert not list(folder.glob("*.xla"))


def test_a_torn_file_is_made_again(folder, double):
    compiled.kept(solved, static=(1,))(np.eye(2), 1)
    (file,) = folder.glob("*.xla")
    file.write_bytes(file.read_bytes()[:100])
    np.testing.assert_allclose(compiled.kept(solved, static=(1,))(np.eye(2), 1)["x"], 1)
    assert len(file.read_bytes()) > 100


def test_what_is_prepared_is_not_compiled_again(folder, double, monkeypatch):
    fast = compiled.kept(solved, static=(1,))
    fast.prepare(np.eye(2), 1)
    monkeypatch.setattr(compiled, "_made", None)
    np.testing.assert_allclose(fast(np.eye(2), 1)["x"], 1)


def test_without_a_folder_it_is_a_plain_function(monkeypatch, double):
    monkeypatch.delenv(compiled.FOLDER, raising=False)
    fast = compiled.kept(solved, static=(1,))
    assert fast.prepare(np.eye(2), 1) is None
    np.testing.assert_allclose(fast(np.eye(2), 4)["x"], 4)
