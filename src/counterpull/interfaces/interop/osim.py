"""OpenSim: one balanced person as an .osim file (4.6; the geodesic paths are newer than 4.5).

Springs are BushingForces between frames that coincide in the stated posture, ligaments PathSprings, muscles
RigidTendonMuscles with our own curves, and constant forces PrescribedForces. A path over a wrap is a
Scholz2015GeometryPath, as OpenSim's own wrap cylinders are good to a few tenths of a millimetre only.
"""

from xml.etree import ElementTree as Xml

import numpy as np

from counterpull.interfaces.interop.courses import Course
from counterpull.interfaces.interop.mechanism import (
    AXES,
    KNEE_FOLLOWERS,
    KNEE_RANGE,
    PARTS,
    WORLD,
    Floats,
    Link,
)
from counterpull.interfaces.interop.person import BETWEEN, GYRATION, Person
from counterpull.mechanics import muscle
from counterpull.mechanics.coordinates import FREE

VERSION = "40600"
RATIOS = np.arange(0.3, 2.21, 0.05)
"""Fibre lengths over optimal at which the muscles' curves are written."""
NEGLIGIBLE = 1e-12


def document(person: Person, keep: set[str]) -> tuple[Xml.Element, list[str]]:
    """The file's tree, and sentences on what the format cannot hold."""
    root = Xml.Element("OpenSimDocument", Version=VERSION)
    model = Xml.SubElement(root, "Model", name=person.name)
    _leaf(model, "gravity", _text(person.frozen.gravity))
    sets = {name: _objects(model, name) for name in _SETS}
    for link in person.tree.links:
        _body(person, link, sets["BodySet"])
        _joint(person, link, sets["JointSet"])
    for i, course in enumerate(person.courses(keep)):
        _muscle(person, i, course, sets["ForceSet"], sets["ContactGeometrySet"])
    _ligaments(person, sets["ForceSet"])
    _springs(person, sets["ForceSet"])
    _knees(person, sets["ForceSet"])
    _constants(person, sets["ForceSet"])
    _spine(person, sets["ConstraintSet"])
    return root, list(_SENTENCES)


_SETS = ("BodySet", "JointSet", "ForceSet", "ConstraintSet", "ContactGeometrySet")
_SENTENCES = (
    "Muscles are RigidTendonMuscles with splines through our curves; at rest their velocity counts for nothing.",
    "OpenSim 4.6 forgets the greatest force of such a muscle in static optimisation with muscle physiology: set "
    "use_muscle_physiology to false there, with the force that each muscle has in the posture as its greatest.",
)


def _objects(model: Xml.Element, name: str) -> Xml.Element:
    return Xml.SubElement(Xml.SubElement(model, name, name=name.lower()), "objects")


def _leaf(parent: Xml.Element, tag: str, text: str) -> Xml.Element:
    leaf = Xml.SubElement(parent, tag)
    leaf.text = text
    return leaf


def _path(body: str) -> str:
    return "/ground" if body == WORLD else f"/bodyset/{body}"


def _body(person: Person, link: Link, bodies: Xml.Element) -> None:
    body = Xml.SubElement(bodies, "Body", name=link.body)
    mass, centre = person.mass(link.body)
    _leaf(body, "mass", _number(mass))
    _leaf(body, "mass_center", _text(centre))
    _leaf(body, "inertia", _text([mass * GYRATION**2] * 3 + [0.0] * 3))


def _joint(person: Person, link: Link, joints: Xml.Element) -> None:
    parent = person.tree.link.get(link.parent)
    at = link.origin - (0.0 if parent is None else parent.origin)
    kind = "CustomJoint" if link.coordinates else "WeldJoint"
    joint = Xml.SubElement(joints, kind, name=f"{link.body}_on_{link.parent}")
    _leaf(joint, "socket_parent_frame", f"{link.body}_joint")
    _leaf(joint, "socket_child_frame", _path(link.body))
    frames = Xml.SubElement(joint, "frames")
    _frame(frames, f"{link.body}_joint", link.parent, at, np.eye(3))
    if not link.coordinates:
        return
    moved = Xml.SubElement(joint, "coordinates")
    if link.follows and link.body.startswith("tibia"):
        _coordinate(moved, link.follows, getattr(person.tree.posture, link.follows))
    elif link.follows:
        _coordinate(moved, f"{link.body}_angle", getattr(person.tree.posture, link.follows))
    else:
        for one in link.coordinates:
            _coordinate(moved, one.name, one.value)
    transform = Xml.SubElement(joint, "SpatialTransform")
    table = None
    if link.follows:
        follower, side = link.body.split("_")
        table = person.tree.knee_table(follower, side, KNEE_RANGE)
    for i in (3, 4, 5, 0, 1, 2):
        name = f"rotation{i - 2}" if i > 2 else f"translation{i + 1}"
        axis = Xml.SubElement(transform, "TransformAxis", name=name)
        if table is None:
            one = link.coordinates[i]
            _leaf(axis, "coordinates", one.name)
            _leaf(axis, "axis", _text(one.axis))
            _leaf(Xml.SubElement(axis, "LinearFunction", name="function"), "coefficients", "1 0")
            continue
        name = link.follows if link.body.startswith("tibia") else f"{link.body}_angle"
        _leaf(axis, "coordinates", name)
        _leaf(axis, "axis", _text(AXES[i]))
        _spline(axis, "function", KNEE_RANGE, table[:, i])


def _coordinate(coordinates: Xml.Element, name: str, value: float) -> None:
    one = Xml.SubElement(coordinates, "Coordinate", name=name)
    _leaf(one, "default_value", _number(value))


def _spline(parent: Xml.Element, name: str, x: Floats, y: Floats) -> None:
    spline = Xml.SubElement(parent, "SimmSpline", name=name)
    _leaf(spline, "x", _text(x))
    _leaf(spline, "y", _text(y))


def _frame(frames: Xml.Element, name: str, body: str, at: Floats, axes: Floats) -> None:
    from scipy.spatial.transform import Rotation

    frame = Xml.SubElement(frames, "PhysicalOffsetFrame", name=name)
    _leaf(frame, "socket_parent", _path(body))
    _leaf(frame, "translation", _text(at))
    _leaf(frame, "orientation", _text(Rotation.from_matrix(axes).as_euler("XYZ")))


def _muscle(person: Person, i: int, course: Course, forces: Xml.Element, contacts: Xml.Element) -> None:
    draws, draw, tissue = person.here.draws, person.draw, person.tissue
    pulls = Xml.SubElement(forces, "RigidTendonMuscle", name=course.name)
    if course.wraps:
        _geodesic(course, pulls, contacts)
    else:
        _straight(course.name, [(node.body, node.at) for node in course.nodes], pulls)
    most, optimal, pennation = (
        float(part[draw, i]) for part in (draws.max_force, draws.fibre_length, draws.pennation)
    )
    _leaf(pulls, "max_isometric_force", _number(most))
    _leaf(pulls, "optimal_fiber_length", _number(optimal))
    _leaf(pulls, "tendon_slack_length", _number(draws.slack_length[draw, i]))
    _leaf(pulls, "pennation_angle_at_optimal", _number(pennation))
    _leaf(pulls, "ignore_tendon_compliance", "true")
    _leaf(pulls, "ignore_activation_dynamics", "true")
    one = muscle.Tissue._make(
        [*(part[i] for part in tissue[:-1]), muscle.Curves._make(part[i] for part in tissue.curves)]
    )
    strength = person.active[i] / person.fibre_active[i] / most if person.fibre_active[i] > 0 else 1.0
    _spline(pulls, "active_force_length_curve", RATIOS, strength * muscle.active_force(RATIOS, one.curves))
    along = np.sqrt(np.maximum((RATIOS * optimal) ** 2 - one.thickness**2, 1e-12))
    drawn = muscle.passive_tension(one, along - person.along[i])[0]
    _spline(pulls, "passive_force_length_curve", RATIOS, drawn * RATIOS * optimal / along / most)


def _straight(name: str, points: list[tuple[str, Floats]], parent: Xml.Element) -> None:
    path = Xml.SubElement(parent, "GeometryPath", name="path")
    listed = Xml.SubElement(Xml.SubElement(path, "PathPointSet"), "objects")
    for i, (body, at) in enumerate(points):
        point = Xml.SubElement(listed, "PathPoint", name=f"{name}_{i}")
        _leaf(point, "socket_parent_frame", _path(body))
        _leaf(point, "location", _text(at))


def _geodesic(course: Course, parent: Xml.Element, contacts: Xml.Element) -> None:
    path = Xml.SubElement(parent, "Scholz2015GeometryPath", name="path")
    listed = Xml.SubElement(path, "path_elements")
    for i, node in enumerate(course.nodes):
        outer = Xml.SubElement(listed, "Scholz2015GeometryPathPoint", name=f"{course.name}_{i}")
        point = Xml.SubElement(outer, "PathPoint", name="pathpoint")
        _leaf(point, "socket_parent_frame", _path(node.body))
        _leaf(point, "location", _text(node.at))
        wrap = course.wraps.get(i)
        if wrap is None:
            continue
        name = f"{course.name}_wrap_{i}"
        surface = Xml.SubElement(contacts, "ContactSphere" if wrap.sphere else "ContactCylinder", name=name)
        _leaf(surface, "socket_frame", _path(wrap.body))
        _leaf(surface, "location", _text(wrap.centre))
        turn = _turn_of_z(wrap.axis)
        _leaf(surface, "orientation", _text(turn))
        _leaf(surface, "radius", _number(wrap.radius))
        over = Xml.SubElement(listed, "Scholz2015GeometryPathObstacle", name=name)
        _leaf(over, "socket_contact_geometry", f"/contactgeometryset/{name}")
        _leaf(over, "contact_hint", _text(_matrix(turn).T @ (wrap.beside - wrap.centre)))


def _turn_of_z(axis: Floats) -> Floats:
    """Angles about x and then y that turn z to an axis."""
    x, y, z = axis
    return np.array([np.arctan2(-y, z), np.arcsin(np.clip(x, -1, 1)), 0.0])


def _matrix(turn: Floats) -> Floats:
    from scipy.spatial.transform import Rotation

    return Rotation.from_euler("XYZ", turn).as_matrix()


def _ligaments(person: Person, forces: Xml.Element) -> None:
    for cord in person.frozen.cords:
        pulls = Xml.SubElement(forces, "PathSpring", name=cord.name)
        ends = zip(cord.bodies, cord.ends, strict=True)
        _straight(cord.name, [(body, person.tree.posed_local(body, at)) for body, at in ends], pulls)
        _leaf(pulls, "resting_length", _number(cord.slack))
        _leaf(pulls, "stiffness", _number(cord.stiffness))
        _leaf(pulls, "dissipation", "0")


def _springs(person: Person, forces: Xml.Element) -> None:
    tree = person.tree
    for spring in person.frozen.springs:
        pushes = Xml.SubElement(forces, "BushingForce", name=spring.name)
        names = [f"{spring.name}_{end}" for end in ("to", "body")]
        for i, name in enumerate(names, 1):
            _leaf(pushes, f"socket_frame{i}", name)
        frames = Xml.SubElement(pushes, "frames")
        for name, body in zip(names, (spring.to, spring.body), strict=True):
            _frame(frames, name, body, tree.posed_local(body, spring.at), tree.axes_local(body, spring.axes))
        _leaf(pushes, "rotational_stiffness", _text(spring.stiffness[3:]))
        _leaf(pushes, "translational_stiffness", _text(spring.stiffness[:3]))


def _knees(person: Person, forces: Xml.Element) -> None:
    """The posterior capsule of each knee, a spring of the knee angle."""
    for (stiffness, moment), side in zip(person.frozen.knees, ("right", "left"), strict=True):
        if stiffness <= NEGLIGIBLE:
            continue
        spring = Xml.SubElement(forces, "SpringGeneralizedForce", name=f"knee_stop_{side}")
        _leaf(spring, "coordinate", f"knee_flexion_{side}")
        _leaf(spring, "stiffness", _number(stiffness))
        rest = getattr(person.tree.posture, f"knee_flexion_{side}") + moment / stiffness
        _leaf(spring, "rest_length", _number(rest))


def _constants(person: Person, forces: Xml.Element) -> None:
    for cause, wrenches in person.frozen.constants.items():
        for body, wrench in zip(FREE, wrenches, strict=True):
            if np.abs(wrench).max() < NEGLIGIBLE:
                continue
            force = Xml.SubElement(forces, "PrescribedForce", name=f"{cause}_{body}")
            _leaf(force, "socket_frame", _path(body))
            _leaf(force, "pointIsGlobal", "false")
            _leaf(force, "forceIsGlobal", "true")
            parts = (("force", wrench[:3]), ("point", person.centre(body)), ("torque", wrench[3:]))
            for name, values in parts:
                listed = Xml.SubElement(force, "FunctionSet", name=f"{name}Functions")
                objects = Xml.SubElement(listed, "objects")
                for value in values:
                    _leaf(Xml.SubElement(objects, "Constant"), "value", _number(value))


def _spine(person: Person, constraints: Xml.Element) -> None:
    """Lumbar vertebrae follow L5 and the rib cage; kneecaps follow the knee."""
    value = {c.name: c.value for c in person.tree.coordinates}
    top = [f"thorax_{part}" for part in PARTS]
    for body in BETWEEN:
        for part, share in zip(PARTS, person.spine[body], strict=True):
            rest = value[f"{body}_{part}"] - share @ [value[one] for one in top]
            _coupler(constraints, f"{body}_{part}", top, [*share, rest])
    for side in ("right", "left"):
        follower = KNEE_FOLLOWERS[1]
        _coupler(constraints, f"{follower}_{side}_angle", [f"knee_flexion_{side}"], [1.0, 0.0])


def _coupler(constraints: Xml.Element, follows: str, leads: list[str], coefficients: list[float]) -> None:
    one = Xml.SubElement(constraints, "CoordinateCouplerConstraint", name=f"{follows}_follows")
    outer = Xml.SubElement(one, "coupled_coordinates_function")
    _leaf(Xml.SubElement(outer, "LinearFunction"), "coefficients", _text(coefficients))
    _leaf(one, "independent_coordinate_names", " ".join(leads))
    _leaf(one, "dependent_coordinate_name", follows)


def _number(value: float) -> str:
    return repr(float(value))


def _text(values: Floats | list) -> str:
    return " ".join(_number(value) for value in np.asarray(values, float))
