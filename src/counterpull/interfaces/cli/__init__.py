"""The command `counterpull`.

Exit codes: 0 done, 1 ours (a check failed, or a fault of the program), 2 the input is at fault; then one
sentence on stderr says what was asked, what was got and what to try.
"""

import atexit
import gc
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from counterpull import __version__
from counterpull.quantities import InputError

app = typer.Typer(
    help="A sacroiliac-joint and pelvic-girdle muscle model. Education and research, not a diagnosis.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"counterpull {__version__}")
        raise typer.Exit


@app.callback()
def counterpull(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """A sacroiliac-joint and pelvic-girdle muscle model. Education and research, not a diagnosis."""


@app.command()
def audit(
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    tables: Annotated[
        str | None, typer.Option(help="Audit the tables in this folder instead of our own.")
    ] = None,
) -> None:
    """Check the anatomy: sources, symmetry, lengths, moment arms, cross-sections, sides of bones."""
    from counterpull.interfaces.cli.audit import run

    raise typer.Exit(run(as_json=json, folder=tables))


@app.command()
def picture(
    muscles: Annotated[str, typer.Option(help='Which muscles, such as "hip flexors, left piriformis".')],
    out: Annotated[
        str,
        typer.Option(
            help="Write this file: .png (shaded), .svg or .pdf (line drawing), .glb (solid, for the web)."
        ),
    ],
    view: Annotated[
        str,
        typer.Option(
            help='front, back, right, left, top, below, "three quarter", "three quarter back", '
            'inside (half a pelvis) or "inside left".'
        ),
    ] = "front",
    colour: Annotated[
        str, typer.Option(help="group, muscle, pull (N) or capacity (demand over capacity).")
    ] = "group",
    sex: Annotated[str, typer.Option(help="female or male.")] = "female",
    height: Annotated[str | None, typer.Option(help='Stature with its unit, such as "165 cm".')] = None,
    mass: Annotated[str | None, typer.Option(help='Body mass with its unit, such as "64 kg".')] = None,
    posture: Annotated[
        str | None, typer.Option(help='A posture by name, such as "sitting". [default: standing]')
    ] = None,
    activity: Annotated[
        str | None, typer.Option(help="An activity instead of a posture: who pulls in it, for the colours.")
    ] = None,
    labels: Annotated[bool, typer.Option(help="Name the muscles.")] = True,
    theme: Annotated[str, typer.Option(help="light or dark.")] = "light",
) -> None:
    """Draw the pelvis of a person and muscles on it, in a posture, true to scale."""
    from counterpull.interfaces.cli.picture import run

    raise typer.Exit(
        run(
            muscles=muscles,
            view=view,
            out=out,
            colour=colour,
            sex=sex,
            height=height,
            mass=mass,
            posture=posture,
            activity=activity,
            labels=labels,
            theme=theme,
        )
    )


@app.command()
def balance(
    activity: Annotated[
        str, typer.Option(help='An activity by name, such as "sitting" or "single leg standing left".')
    ] = "standing",
    sex: Annotated[str, typer.Option(help="female or male.")] = "female",
    height: Annotated[str | None, typer.Option(help='Stature with its unit, such as "165 cm".')] = None,
    mass: Annotated[str | None, typer.Option(help='Body mass with its unit, such as "64 kg".')] = None,
    draws: Annotated[
        int, typer.Option(help="How many bodies this person may have; 0 or 1: the mean body only.")
    ] = 64,
    json: Annotated[bool, typer.Option("--json", help="Print the sheet as JSON.")] = False,
    arrays: Annotated[
        str | None, typer.Option(help="Write the solved problem of the mean body to this file (.npz).")
    ] = None,
) -> None:
    """Show what holds a person up in an activity: loads, shifts, muscles, margin."""
    from counterpull.interfaces.cli.balance import run

    raise typer.Exit(
        run(
            activity=activity,
            sex=sex,
            height=height,
            mass=mass,
            draws=draws,
            as_json=json,
            arrays=arrays,
        )
    )


@app.command()
def new(
    file: Annotated[str | None, typer.Argument(help="The file to write (.toml).")] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of a case file instead.")
    ] = False,
) -> None:
    """Write a case file to start from: a person, findings, an activity."""
    from counterpull.interfaces.cli.new import run

    raise typer.Exit(run(file=file, schema=schema))


@app.command()
def answer(
    file: Annotated[str, typer.Argument(help="A case file; `counterpull new FILE` writes one.")],
    activity: Annotated[str | None, typer.Option(help="An activity instead of the file's own.")] = None,
    draws: Annotated[int, typer.Option(help="How many bodies this person may have.")] = 256,
    seed: Annotated[int, typer.Option(help="Another number draws other bodies.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    out: Annotated[
        str | None, typer.Option(help="Write the answer as a report to print and take along (.html).")
    ] = None,
) -> None:
    """Answer a case: what the findings do to the sacroiliac joints, what pulls and what pulls back."""
    from counterpull.interfaces.cli.answer import run

    raise typer.Exit(run(file=file, activity=activity, draws=draws, seed=seed, as_json=json, out=out))


@app.command()
def validate(
    rows: Annotated[
        list[str] | None, typer.Argument(help="Rows to compute, by id; all of them if none is named.")
    ] = None,
    draws: Annotated[int, typer.Option(help="How many draws of each body.")] = 64,
    seed: Annotated[int, typer.Option(help="Another number draws other bodies.")] = 2026,
    json: Annotated[bool, typer.Option("--json", help="Print the table as JSON.")] = False,
    out: Annotated[
        str | None, typer.Option(help="Write the table with its figures to this file (.html).")
    ] = None,
    names: Annotated[
        bool, typer.Option("--list", help="Print the ids of the rows and compute nothing.")
    ] = False,
) -> None:
    """Compute published rigs and people again: where the model is right and where it is wrong."""
    from counterpull.interfaces.cli.validate import run

    raise typer.Exit(run(rows=rows or [], draws=draws, seed=seed, as_json=json, out=out, names=names))


@app.command()
def export(
    to: Annotated[str, typer.Option(help="opensim or mujoco.")],
    file: Annotated[str | None, typer.Argument(help="A case file; without one, an average person.")] = None,
    out: Annotated[
        str | None, typer.Option(help="Write this file (.osim or .xml); the activity's name if left out.")
    ] = None,
    activity: Annotated[str | None, typer.Option(help="An activity instead of the file's own.")] = None,
    sex: Annotated[str | None, typer.Option(help="female or male; without a case file.")] = None,
    height: Annotated[str | None, typer.Option(help='Stature with its unit, such as "165 cm".')] = None,
    mass: Annotated[str | None, typer.Option(help='Body mass with its unit, such as "64 kg".')] = None,
    wraps: Annotated[
        str, typer.Option(help="follow, or fixed: points of the posture (for OpenSim before 4.6).")
    ] = "follow",
) -> None:
    """Write one balanced person for OpenSim or MuJoCo, and say what the format cannot hold."""
    from counterpull.interfaces.cli.export import run

    raise typer.Exit(
        run(file=file, to=to, out=out, activity=activity, sex=sex, height=height, mass=mass, wraps=wraps)
    )


def _keep_code() -> None:
    """Let what is compiled be kept on disk, so that only the first run waits for it.

    A person's own setting wins, and a folder that cannot be written is left alone.
    """
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "counterpull" / "code"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    if os.access(folder, os.W_OK):
        os.environ.setdefault("COUNTERPULL_CODE", str(folder))


def main() -> None:
    """Run the command; an input at fault is a sentence and exit code 2, never a traceback."""
    _keep_code()
    # What a command builds mostly lives until it ends: looking for waste is a waste, then too.
    gc.set_threshold(200_000)
    atexit.register(gc.freeze)
    try:
        app(prog_name="counterpull")
    except InputError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        print(f"The file could not be read or written{where}: {error.strerror or error}.", file=sys.stderr)
        sys.exit(2)
