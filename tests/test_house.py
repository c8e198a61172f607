"""The house stands: imports point down, importing is cheap, everything public is described."""

import ast
import importlib
import operator
import os
import pkgutil
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import counterpull

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "counterpull"
FILES = sorted(PACKAGE.rglob("*.py"))
MODULES = ["counterpull", *(m.name for m in pkgutil.walk_packages(counterpull.__path__, "counterpull."))]
# What takes long to import, and what nobody needs who asks for help or looks up a name.
HEAVY = {"jax", "jaxlib", "matplotlib", "pint", "scipy"}


def relative(file: Path) -> str:
    return str(file.relative_to(PACKAGE))


def loaded_by(code: str) -> set[str]:
    """Top-level packages that a fresh interpreter has imported after running `code`."""
    tail = "\nimport sys\nprint('LOADED', *sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code + tail], capture_output=True, text=True, check=True)
    return set(done.stdout.rsplit("LOADED", 1)[1].split())


Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def public(tree: Documented) -> list[Documented]:
    """The module and its public functions and classes, methods included; not what hides inside a function."""
    found: list[Documented] = [tree]
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.name[0] != "_":
            found.extend(public(node) if isinstance(node, ast.ClassDef) else [node])
    return found


def test_imports_point_down():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("file", FILES, ids=relative)
def test_no_bare_import_of_the_package_from_inside(file):
    # `import counterpull` inside the package would hide from the contract which room is used.
    bare = [
        f"line {node.lineno}"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import) and any(alias.name == "counterpull" for alias in node.names)
    ]
    assert not bare


def test_importing_the_package_does_nothing_but_import():
    assert not loaded_by("import counterpull") & (HEAVY | {"numpy", "typer", "rich"})


def test_an_answer_starts_no_jax_where_the_kernel_is_compiled():
    code = (
        "from pathlib import Path\n"
        "from counterpull.interfaces.cli.answer import answered\n"
        "from counterpull.scenarios import read_case\n"
        f"case = read_case({str(ROOT / 'examples' / 'tight-hip-flexors.toml')!r})\n"
        "assert answered(case, 'active_straight_leg_raise_right', 4)['sides']"
    )
    assert "jax" not in loaded_by(code)


def test_looking_up_a_muscle_starts_no_jax():
    code = "from counterpull.anatomy import find; assert find('left piriformis') == ('piriformis_left',)"
    assert "jax" not in loaded_by(code)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["picture", "--help"]], ids=" ".join)
def test_help_imports_nothing_heavy(arguments):
    code = (
        "import sys\n"
        f"sys.argv = ['counterpull', *{arguments!r}]\n"
        "from counterpull.interfaces.cli import main\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code, stop.code\n"
    )
    assert not loaded_by(code) & HEAVY


@pytest.mark.parametrize("file", FILES, ids=relative)
def test_everything_public_has_a_docstring(file):
    bare = [
        getattr(node, "name", "the module")
        for node in public(ast.parse(file.read_text(encoding="utf-8")))
        if not ast.get_docstring(node)
    ]
    assert not bare


@pytest.mark.parametrize("name", MODULES)
def test_every_name_in_all_resolves(name):
    module = importlib.import_module(name)
    promised = getattr(module, "__all__", [])
    assert [n for n in promised if not hasattr(module, n)] == []
    assert len(set(promised)) == len(promised)


def test_an_unknown_name_of_a_lazy_room_is_an_attribute_error():
    anatomy = importlib.import_module("counterpull.anatomy")
    with pytest.raises(AttributeError, match="no attribute 'skelton'"):
        operator.attrgetter("skelton")(anatomy)


def test_the_lock_names_no_host_and_hashes_everything():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "http" not in text
    logical = re.sub(r"\\\n\s*", "", text).splitlines()
    pinned = [line for line in logical if line.strip() and not line.lstrip().startswith("#")]
    assert len(pinned) > 50
    assert [line for line in pinned if not re.match(r"[\w.-]+==\S+.*--hash=sha256:[0-9a-f]{64}", line)] == []


def test_the_lock_holds_every_dependency():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = {
        re.sub(r"[-_.]+", "-", name.lower()) for name in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {re.split(r"[<>=\[ ]", name, maxsplit=1)[0].lower() for name in project["dependencies"]}
    assert wanted - locked == set()


def test_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == counterpull.__version__
