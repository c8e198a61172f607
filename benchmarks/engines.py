"""Beside other engines: OpenSim's static optimisation against our dual solver on one problem, and what small
displacements leave out.

The problem: an average woman whose right hip flexes from 0 to 30 and left hip extends to 10 degrees while the trunk
bends forward by 10, slowly; pelvis, pelvic joints and all shifts locked. Hips, knees and trunk are balanced against
weight by 274 muscle elements, each with its greatest force times its activation and without passive force, and by a
reserve of 10 Nm on each of the eleven angles; least sum of squared activations. Writes benchmarks/results/engines.json.
"""

import json
import os
import sys
import tempfile
import time
import warnings
from dataclasses import replace
from functools import partial
from pathlib import Path
from xml.etree import ElementTree as Xml

import jax
import jax.numpy as jnp
import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "oracles"))

from in_engines import InMuJoCo  # noqa: E402

from counterpull.anatomy import Posture, load  # noqa: E402
from counterpull.anatomy.posture import COORDINATES, SIDES  # noqa: E402
from counterpull.interfaces.interop.files import written  # noqa: E402
from counterpull.interfaces.interop.mechanism import SPINE, mechanism  # noqa: E402
from counterpull.interfaces.interop.person import ON_SKELETON, person  # noqa: E402
from counterpull.mechanics import situation, solve  # noqa: E402
from counterpull.mechanics.readings import SHIFTS, shift_rows  # noqa: E402
from counterpull.numerics import dual  # noqa: E402
from counterpull.numerics.problem import Outcome, Problem  # noqa: E402
from counterpull.scenarios import activity  # noqa: E402

FRAMES = 11
END = {"hip_flexion_right": 30.0, "hip_flexion_left": -10.0, "lordosis": -10.0}
SECONDS = 1000.0
"""So slow that inertia counts for nothing."""
RESERVE = 10.0
TRUNK = {"lordosis": "thorax_about_z", "trunk_bend": "thorax_about_x", "trunk_rotation": "thorax_about_y"}
FREE = [
    f"{name}_{side}"
    for side in SIDES
    for name in ("hip_flexion", "hip_abduction", "hip_rotation", "knee_flexion")
]
LEAST_MASS = 1.0
"""kg of bodies that carry no mass of ours: with less, Simbody's constraints lose their rank. In both problems."""
BATCH = 4096


def frames(count: int) -> list[Posture]:
    """Postures along the way."""
    return [
        Posture(**{name: float(np.deg2rad(end)) * share for name, end in END.items()})
        for share in np.linspace(0.0, 1.0, count)
    ]


def tree_in(one, posture):
    """The tree of a person in a posture."""
    return mechanism(one.geometry.skeleton, posture, {b: one.tree.link[b].origin for b in ON_SKELETON})


def potential(one, posture) -> float:
    """Energy of the weight, J."""
    tree = tree_in(one, posture)
    out = 0.0
    for body in tree.link:
        mass, centre = one.mass(body)
        mass = max(mass, LEAST_MASS)
        at = tree.rotation[body] @ (centre + tree.link[body].origin) + tree.translation[body]
        out -= mass * float(one.frozen.gravity @ at)
    return out


def our_problem(one, postures) -> Problem:
    """Muscles' moments, reserves and weight in every frame: rows·a = aim."""
    body, draws = one.here.body, one.here.draws
    names = [*FREE, *TRUNK]
    columns = [COORDINATES.index(name) for name in names]
    share = dict(zip(TRUNK, np.asarray(one.geometry.skeleton.rhythm)[-1], strict=True))
    reserves = np.diag([RESERVE * share.get(name, 1.0) for name in names])
    rows, aim, step = [], [], 1e-5
    for posture in postures:
        rows.append(np.hstack([body.moment_arms(posture)[:, columns].T * draws.max_force[0], reserves]))
        aim.append(
            [
                (
                    potential(one, replace(posture, **{name: getattr(posture, name) + step}))
                    - potential(one, replace(posture, **{name: getattr(posture, name) - step}))
                )
                / (2 * step)
                for name in names
            ]
        )
    many, muscles, m = len(rows), len(body.elements), len(names)
    ends = np.concatenate([np.ones(muscles), np.full(m, 1e3)])
    low = np.concatenate([np.zeros(muscles), np.full(m, -1e3)])
    each = partial(np.broadcast_to, shape=(many, muscles + m))
    none = np.zeros((many, m))
    ones = np.ones(muscles + m)
    return Problem(
        each(ones), each(0 * ones), each(low), each(ends), np.array(rows), np.array(aim), none, none > 0
    )


def solved(problem: Problem):
    """Ours, all frames at once."""
    with jax.enable_x64(True):
        found = _batch(jax.tree.map(jnp.asarray, problem))
        return jax.tree.map(np.asarray, found)


_batch = jax.jit(jax.vmap(dual.solve))


def their_model(one) -> str:
    """The exported file without springs, ligaments and constants; what is not free is locked; reserves added."""
    root = Xml.fromstring(written(one, "opensim").text)
    forces = root.find(".//ForceSet/objects")
    assert forces is not None
    for force in [f for f in forces if f.tag != "RigidTendonMuscle"]:
        forces.remove(force)
    for force in forces:
        force.tag = "PathActuator"
        most = force.find("max_isometric_force")
        assert most is not None
        for part in [part for part in force if not part.tag.endswith("GeometryPath")]:
            force.remove(part)
        for tag, value in (("optimal_force", most.text), ("min_control", "0"), ("max_control", "1")):
            Xml.SubElement(force, tag).text = value
    moving = [*FREE, *TRUNK.values()]
    for name in moving:
        reserve = Xml.SubElement(forces, "CoordinateActuator", name=f"reserve_{name}")
        Xml.SubElement(reserve, "coordinate").text = name
        Xml.SubElement(reserve, "optimal_force").text = repr(RESERVE)
        Xml.SubElement(reserve, "min_control").text = "-1000"
        Xml.SubElement(reserve, "max_control").text = "1000"
    for body in root.iter("Body"):
        if float(body.findtext("mass", "0")) < LEAST_MASS:
            for tag, value in (("mass", f"{LEAST_MASS}"), ("inertia", "0.01 0.01 0.01 0 0 0")):
                part = body.find(tag)
                assert part is not None
                part.text = value
    # Nothing shifts here, so that vertebrae follow the rib cage in turns alone.
    constraints = root.find(".//ConstraintSet/objects")
    assert constraints is not None
    for coupler in [c for c in constraints if not c.get("name", "").startswith("patella")]:
        constraints.remove(coupler)
    following = [c.text for c in constraints.iter("dependent_coordinate_name")]
    rhythm = np.asarray(one.geometry.skeleton.rhythm)
    for level, body in enumerate(SPINE[:-1]):
        for i, lead in enumerate(TRUNK.values()):
            name = lead.replace("thorax", body)
            coupler = Xml.SubElement(constraints, "CoordinateCouplerConstraint", name=f"{name}_follows")
            outer = Xml.SubElement(coupler, "coupled_coordinates_function")
            share = float(rhythm[level, i] / rhythm[-1, i])
            Xml.SubElement(Xml.SubElement(outer, "LinearFunction"), "coefficients").text = f"{share!r} 0"
            Xml.SubElement(coupler, "independent_coordinate_names").text = lead
            Xml.SubElement(coupler, "dependent_coordinate_name").text = name
            following.append(name)
    for coordinate in root.iter("Coordinate"):
        if coordinate.get("name") not in (*moving, *following):
            Xml.SubElement(coordinate, "locked").text = "true"
    return Xml.tostring(root, encoding="unicode")


def motion(one, postures, model) -> str:
    """All coordinates over time, as OpenSim reads them."""
    names = [model.getCoordinateSet().get(i).getName() for i in range(model.getNumCoordinates())]
    lines = [
        "coordinates",
        "version=1",
        f"nRows={len(postures)}",
        f"nColumns={len(names) + 1}",
        "inDegrees=no",
    ]
    lines += ["endheader", "\t".join(["time", *names])]
    for at, posture in zip(np.linspace(0.0, SECONDS, len(postures)), postures, strict=True):
        by = {c.name: c.value for c in tree_in(one, posture).coordinates}
        for side in SIDES:
            by[f"knee_flexion_{side}"] = by[f"patella_{side}_angle"] = getattr(
                posture, f"knee_flexion_{side}"
            )
        lines.append("\t".join(repr(float(value)) for value in (at, *(by[name] for name in names))))
    return "\n".join(lines) + "\n"


SETTINGS = {
    "activation_exponent": 2,
    "use_muscle_physiology": False,
    "optimizer_convergence_criterion": 1e-6,
    "optimizer_max_iterations": 1000,
}


def theirs(one, postures) -> tuple[np.ndarray, float]:
    """Activations (frames, muscles) by OpenSim's static optimisation, and its seconds of processor time per frame."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import opensim
    opensim.Logger.setLevelString("error")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model.osim").write_text(their_model(one), encoding="utf-8")
        model = opensim.Model(str(folder / "model.osim"))
        model.initSystem()
        (folder / "motion.sto").write_text(motion(one, postures, model), encoding="utf-8")
        work = opensim.StaticOptimization()
        work.setStartTime(0.0)
        work.setEndTime(SECONDS)
        work.setUseModelForceSet(True)
        work.setActivationExponent(SETTINGS["activation_exponent"])
        work.setUseMusclePhysiology(SETTINGS["use_muscle_physiology"])
        work.setConvergenceCriterion(SETTINGS["optimizer_convergence_criterion"])
        work.setMaxIterations(SETTINGS["optimizer_max_iterations"])
        tool = opensim.AnalyzeTool()
        tool.setName("side")
        tool.setModel(model)
        tool.setModelFilename(str(folder / "model.osim"))
        tool.setCoordinatesFileName(str(folder / "motion.sto"))
        tool.setInitialTime(0.0)
        tool.setFinalTime(SECONDS)
        tool.setResultsDir(str(folder))
        tool.setLowpassCutoffFrequency(-1)
        tool.updAnalysisSet().cloneAndAppend(work)
        tool.printToXML(str(folder / "tool.xml"))
        again = opensim.AnalyzeTool(str(folder / "tool.xml"), True)
        start = time.process_time()
        again.run()
        seconds = time.process_time() - start
        file = folder / "side_StaticOptimization_activation.sto"
        lines = file.read_text(encoding="utf-8").splitlines()
        at = next(i for i, line in enumerate(lines) if line.startswith("endheader"))
        head = lines[at + 1].split("\t")
        table = np.array([[float(v) for v in line.split("\t")] for line in lines[at + 2 :]])
    columns = [next(i for i, h in enumerate(head) if h.rsplit("/", 1)[-1] == e) for e in one.elements]
    return table[:, columns], seconds / len(table)


def side_by_side(one) -> dict:
    """The one problem in both programs."""
    postures = frames(FRAMES)
    problem = our_problem(one, postures)
    ours = solved(problem)
    assert (ours.outcome == Outcome.CONVERGED).all()
    found, seconds = theirs(one, postures)
    several = len(one.elements)
    apart = np.abs(found - ours.value[:, :several])
    many = jax.tree.map(lambda a: np.resize(a, (BATCH, *np.shape(a)[1:])), problem)
    solved(many)
    start = time.process_time()
    solved(many)
    each = (time.process_time() - start) / BATCH
    return {
        "frames": FRAMES,
        "muscles": several,
        "balanced_angles": len(FREE) + len(TRUNK),
        "opensim": {
            "settings": {**SETTINGS, "bounds": [0.0, 1.0], "passive_force": "left out, as it always does"},
            "processor_seconds_per_frame": seconds,
            "largest_activation": float(found.max()),
        },
        "counterpull": {
            "settings": {
                "exponent": 2,
                "bounds": [0.0, 1.0],
                "passive_force": "left out",
                "protection": 0,
                "displacements": "frozen, without stiffness",
                "batch": BATCH,
            },
            "processor_seconds_per_frame": each,
            "largest_activation": float(ours.value[:, :several].max()),
        },
        "largest_activation_difference": float(apart.max()),
        "largest_reserve_Nm": float(RESERVE * np.abs(ours.value[:, several:]).max()),
        "ratio_per_frame": seconds / each,
    }


def full_problem(draws: int = 256) -> dict:
    """Our whole problem (joints, ligaments, supports, passive force) for many bodies of one person."""
    body = load("female")
    model = situation(body, activity("standing").setting, body.draw(draws)).model()
    solve(model)
    start = time.process_time()
    found = solve(model)
    seconds = (time.process_time() - start) / draws
    return {"draws": draws, "processor_seconds_per_equilibrium": seconds, "held": int(found.held.sum())}


def left_out() -> dict:
    """By how much the shifts of both joints change when every pull follows its bones (MuJoCo)."""
    out = {}
    for name in ("standing", "sitting", "single_leg_standing_right", "mid_stance_right", "lifting_10_kg"):
        here = situation(load("female"), activity(name).setting)
        one = person(here, solve(here.model()))
        try:
            x, _ = InMuJoCo(one, written(one, "mujoco").text).full_balance(one.found.model.held)
        except AssertionError:
            out[name] = "the engine finds no balance with frozen muscle forces"
            continue
        rows = shift_rows(here)[0]
        ours, change = (rows @ at for at in (one.found.x[0], x - one.found.x[0]))
        unit = np.array([180 / np.pi] * 3 + [1e3] * 3)
        out[name] = {
            f"{shift}_{'deg' if i < 3 else 'mm'}": {
                "ours": (ours * unit)[:, i].tolist(),
                "more_with_large_displacements": (change * unit)[:, i].tolist(),
            }
            for i, shift in enumerate(SHIFTS)
        }
    return out


def main() -> None:
    here = situation(load("female"), activity("standing").setting)
    one = person(here, solve(here.model()))
    result = {
        "processor": os.cpu_count(),
        "static_optimisation": side_by_side(one),
        "our_full_problem": full_problem(),
        "large_displacements": left_out(),
    }
    file = HERE / "results" / "engines.json"
    file.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))
    print(f"written to benchmarks/results/{file.name}")


if __name__ == "__main__":
    main()
