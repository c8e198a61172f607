"""The same strings in another engine: our tables' points and wraps, built in OpenSim through its API.

OpenSim winds its cylinders step by step where we use a closed form, so lengths may differ by a few tenths of
a millimetre where a string winds, and not at all where it is straight.
"""

import warnings

import numpy as np
import pytest

from counterpull.anatomy import Posture, reference

ELEMENTS = (
    "iliacus_posterior",
    "psoas_l3_process",
    "adductor_longus",
    "adductor_magnus_distal",
    "pectineus",
    "piriformis",
    "gluteus_medius_posterior",
    "gluteus_minimus_anterior",
    "quadratus_femoris",
    "obturator_internus",
    "obturator_externus_anterior",
)
POSTURES = [(0, 0, 0), (45, 10, -20), (90, -10, 15), (-10, 20, 0), (70, 30, 30), (110, 0, -10)]


@pytest.fixture(scope="module")
def opensim():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import opensim

    opensim.Logger.setLevelString("error")
    return opensim


@pytest.fixture(scope="module")
def theirs(opensim) -> dict[str, np.ndarray]:
    """Lengths and the three hip moment arms, (postures, 4), of every element in OpenSim."""
    body = reference()
    hip = body.landmarks["hip_centre_right"]

    def vec(x):
        return opensim.Vec3(*(float(v) for v in x))

    model = opensim.Model()
    femur = opensim.Body("femur", 1.0, opensim.Vec3(0), opensim.Inertia(1, 1, 1, 0, 0, 0))
    model.addBody(femur)
    transform = opensim.SpatialTransform()
    axes = (opensim.Vec3(0, 0, 1), opensim.Vec3(1, 0, 0), opensim.Vec3(0, 1, 0))
    for i, (name, axis) in enumerate(zip(("flexion", "adduction", "rotation"), axes, strict=True)):
        part = transform.updTransformAxis(i)
        part.setCoordinateNames(opensim.ArrayStr(name, 1))
        part.setAxis(axis)
        part.set_function(opensim.LinearFunction(1.0, 0.0))
    zero = opensim.Vec3(0)
    joint = opensim.CustomJoint("hip", model.getGround(), vec(hip), zero, femur, zero, zero, transform)
    model.addJoint(joint)
    frames = {"femur": (femur, hip)}
    for name in ELEMENTS:
        element = body.tables.elements[name]
        path = opensim.PathActuator()
        path.setName(name)
        for i, point in enumerate(element.path):
            frame, origin = frames.get(point.body, (model.getGround(), np.zeros(3)))
            path.addNewPathPoint(f"{name}{i}", frame, vec(point.at - origin))
        model.addForce(path)
        for i, point in enumerate(element.path):
            if point.wrap:
                wrap = body.tables.wraps[point.wrap]
                frame, origin = frames.get(wrap.body, (model.getGround(), np.zeros(3)))
                cylinder = opensim.WrapCylinder()
                cylinder.setName(f"{name}_wrap")
                cylinder.set_radius(wrap.radius.value)
                cylinder.set_length(1.0)
                cylinder.set_translation(vec(wrap.centre - origin))
                # about x, then y, so that z becomes the cylinder's axis
                x, y, z = wrap.axis
                cylinder.set_xyz_body_rotation(
                    opensim.Vec3(float(np.arctan2(-y, z)), float(np.arcsin(x)), 0.0)
                )
                cylinder.set_quadrant("all")
                frame.addWrapObject(cylinder)
                path.updGeometryPath().addPathWrap(cylinder)
                only = path.updGeometryPath().updWrapSet().get(0)
                only.set_range(0, i + 1)  # the wrap belongs to this segment alone
                only.set_range(1, i + 2)
    state = model.initSystem()
    coordinates = [joint.get_coordinates(i) for i in range(3)]
    out = {name: np.zeros((len(POSTURES), 4)) for name in ELEMENTS}
    for p, (flexion, abduction, rotation) in enumerate(POSTURES):
        for coordinate, angle in zip(coordinates, (flexion, -abduction, rotation), strict=True):
            coordinate.setValue(state, float(np.deg2rad(angle)))
        model.realizePosition(state)
        for name in ELEMENTS:
            path = opensim.PathActuator.safeDownCast(model.getForceSet().get(name))
            out[name][p, 0] = path.getLength(state)
            out[name][p, 1:] = [path.computeMomentArm(state, c) for c in coordinates]
    return out


@pytest.mark.parametrize("name", ELEMENTS)
def test_lengths_and_moment_arms_equal_opensims(name, theirs):
    body = reference()
    column = body.elements.index(f"{name}_right")
    wound = any(point.wrap for point in body.tables.elements[name].path)
    tolerance = 5e-4 if wound else 1e-9
    arm_tolerance = 2e-3 if wound else 1e-6
    for (flexion, abduction, rotation), expected in zip(POSTURES, theirs[name], strict=True):
        posture = Posture(
            hip_flexion_right=np.deg2rad(flexion),
            hip_abduction_right=np.deg2rad(abduction),
            hip_rotation_right=np.deg2rad(rotation),
        )
        arms = body.moment_arms(posture)[column, :3] * (1, -1, 1)
        assert body.lengths(posture)[column] == pytest.approx(expected[0], abs=tolerance)
        np.testing.assert_allclose(arms, expected[1:], atol=arm_tolerance)
