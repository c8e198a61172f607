"""MJCF: one balanced person for MuJoCo.

Springs are fixed tendons (linear in the joints, taken in the stated posture); ligaments and muscles are spatial
tendons. A muscle's actuator pulls with what it has in the posture times the control, and with its passive tension;
the keyframe "balance" holds the posture and the controls.
"""

from xml.etree import ElementTree as Xml

import numpy as np

from counterpull.interfaces.interop.courses import Course
from counterpull.interfaces.interop.mechanism import KNEE_FOLLOWERS, KNEE_RANGE, PARTS, WORLD, Floats
from counterpull.interfaces.interop.person import BETWEEN, GYRATION, Person
from counterpull.mechanics.coordinates import FREE

NEGLIGIBLE = 1e-12
"""Newtons, metres or coefficients that are not written."""
KNEE_ANGLE = "about_z"
"""The shank's joint that the rest of the knee follows."""


def document(person: Person, keep: set[str]) -> tuple[Xml.Element, list[str]]:
    """The file's tree, and sentences on what MJCF cannot hold."""
    root = Xml.Element("mujoco", model=person.name)
    Xml.SubElement(root, "compiler", angle="radian", autolimits="true")
    Xml.SubElement(root, "option", gravity=_text(person.frozen.gravity))
    bodies = {WORLD: Xml.SubElement(root, "worldbody")}
    for link in person.tree.links:
        parent = person.tree.link.get(link.parent)
        at = link.origin - (0.0 if parent is None else parent.origin)
        body = Xml.SubElement(bodies[link.parent], "body", name=link.body, pos=_text(at))
        bodies[link.body] = body
        mass, centre = person.mass(link.body)
        if link.body not in person.frozen.lumps:
            body.set("gravcomp", "1")
        spin = _text(np.full(3, mass * GYRATION**2))
        Xml.SubElement(body, "inertial", pos=_text(centre), mass=_number(mass), diaginertia=spin)
        for joint in link.coordinates:
            kind = "hinge" if joint.turns else "slide"
            Xml.SubElement(body, "joint", name=joint.name, type=kind, axis=_text(joint.axis))
    tendons, actuators = Xml.Element("tendon"), Xml.Element("actuator")
    equality = Xml.Element("equality")
    courses = person.courses(keep)
    for i, course in enumerate(courses):
        _string(course, bodies, tendons)
        _muscle(person, i, actuators)
    _ligaments(person, bodies, tendons)
    _springs(person, tendons)
    _spine(person, tendons, equality)
    error = _knees(person, bodies, equality)
    _constants(person, bodies, actuators)
    root.extend([tendons, equality, actuators])
    keys = Xml.SubElement(root, "keyframe")
    qpos = _text(np.array([c.value for c in person.tree.coordinates]))
    ctrl = np.zeros(len(actuators))
    ctrl[: len(courses)] = person.activation
    Xml.SubElement(keys, "key", name="balance", qpos=qpos, ctrl=_text(ctrl))
    return root, [_knee_sentence(error), *_SENTENCES]


_SENTENCES = [
    "Springs of joints, sheets and supports are linear in the joint coordinates of the stated posture.",
    "Active force is that of the stated posture times the control; force does not follow length or velocity.",
]


def _knee_sentence(error: float) -> str:
    return (
        "The knee's coupled motion is a polynomial of the fourth order, exact in value and slope in the stated "
        f"posture; elsewhere between 0 and 120 deg the shank's origin is up to {1e3 * error:.1f} mm off."
    )


def _site(bodies: dict[str, Xml.Element], name: str, body: str, at: Floats) -> str:
    Xml.SubElement(bodies[body], "site", name=name, pos=_text(at), size="0.002")
    return name


def _string(course: Course, bodies: dict[str, Xml.Element], tendons: Xml.Element) -> None:
    """A muscle's path as a spatial tendon."""
    path = Xml.SubElement(tendons, "spatial", name=course.name, width="0.002")
    for i, node in enumerate(course.nodes):
        Xml.SubElement(path, "site", site=_site(bodies, f"{course.name}_{i}", node.body, node.at))
        wrap = course.wraps.get(i)
        if wrap is None:
            continue
        name = f"{course.name}_wrap_{i}"
        shape = {"type": "sphere", "size": _number(wrap.radius)}
        if not wrap.sphere:
            shape = {"type": "cylinder", "size": _text([wrap.radius, 0.05]), "zaxis": _text(wrap.axis)}
        geom = Xml.SubElement(bodies[wrap.body], "geom", name=name, pos=_text(wrap.centre))
        unfelt = {"contype": "0", "conaffinity": "0", "mass": "0", "group": "3"}
        geom.attrib.update(shape | unfelt)
        over = Xml.SubElement(path, "geom", geom=name)
        if not wrap.sphere:
            beside = wrap.centre + 1.5 * (wrap.beside - wrap.centre)
            over.set("sidesite", _site(bodies, f"{name}_side", wrap.body, beside))


def _muscle(person: Person, i: int, actuators: Xml.Element) -> None:
    name = person.elements[i]
    Xml.SubElement(
        actuators,
        "general",
        name=name,
        tendon=name,
        ctrlrange="0 1",
        gainprm=_number(-person.active[i]),
        biastype="affine",
        biasprm=_text([-person.passive[i], 0, 0]),
    )


def _ligaments(person: Person, bodies: dict[str, Xml.Element], tendons: Xml.Element) -> None:
    for cord in person.frozen.cords:
        stretch = {"stiffness": _number(cord.stiffness), "springlength": _text([0, cord.slack])}
        path = Xml.SubElement(tendons, "spatial", {"name": cord.name, "width": "0.002"} | stretch)
        for end, (body, at) in enumerate(zip(cord.bodies, cord.ends, strict=True)):
            site = _site(bodies, f"{cord.name}_{end}", body, person.tree.posed_local(body, at))
            Xml.SubElement(path, "site", site=site)


def _springs(person: Person, tendons: Xml.Element) -> None:
    names = [c.name for c in person.tree.coordinates]
    q = np.array([c.value for c in person.tree.coordinates])
    for spring in person.frozen.springs:
        rows = person.tree.relative(spring.body, spring.to, spring.at, spring.axes)
        for i, (row, stiffness) in enumerate(zip(rows, spring.stiffness, strict=True)):
            if stiffness == 0.0:
                continue
            name = f"{spring.name}_{('shift', 'turn')[i // 3]}_{i % 3 + 1}"
            rest = {"stiffness": _number(stiffness), "springlength": _text([row @ q] * 2)}
            _fixed(tendons, name, names, row, rest)


def _fixed(tendons: Xml.Element, name: str, joints: list[str], row: Floats, more: dict[str, str]) -> None:
    fixed = Xml.SubElement(tendons, "fixed", {"name": name} | more)
    for joint, coefficient in zip(joints, row, strict=True):
        if abs(coefficient) > NEGLIGIBLE:
            Xml.SubElement(fixed, "joint", joint=joint, coef=_number(coefficient))


def _spine(person: Person, tendons: Xml.Element, equality: Xml.Element) -> None:
    """Lumbar vertebrae follow L5 and the rib cage: six linear constraints each."""
    value = {c.name: c.value for c in person.tree.coordinates}
    top = [f"thorax_{part}" for part in PARTS]
    for body in BETWEEN:
        for part, share in zip(PARTS, person.spine[body], strict=True):
            joint, name = f"{body}_{part}", f"{body}_{part}_follows"
            row = np.concatenate([[1.0], -share])
            _fixed(tendons, name, [joint, *top], row, {})
            rest = value[joint] - share @ [value[one] for one in top]
            Xml.SubElement(equality, "tendon", name=name, tendon1=name, polycoef=_text([rest, 0, 0, 0, 0]))


def _knees(person: Person, bodies: dict[str, Xml.Element], equality: Xml.Element) -> float:
    """Shank and kneecap follow the shank's turn about z; the largest error of the shank's place, m."""
    worst = 0.0
    for s, side in enumerate(("right", "left")):
        angle = np.array([getattr(person.tree.posture, f"knee_flexion_{side}")])
        step = 1e-4
        tables = {
            body: [
                person.tree.knee_table(body, side, at)
                for at in (KNEE_RANGE, angle, angle + step, angle - step)
            ]
            for body in KNEE_FOLLOWERS
        }
        lead = PARTS.index(KNEE_ANGLE)
        x, x0, ahead, behind = (table[:, lead] for table in tables["tibia"])
        rate = float((ahead - behind)[0] / (2 * step))
        stiffness, moment = person.frozen.knees[s]
        joint = bodies[f"tibia_{side}"].find(f"joint[@name='tibia_{side}_{KNEE_ANGLE}']")
        assert joint is not None
        if stiffness > NEGLIGIBLE:
            joint.set("stiffness", _number(stiffness / rate**2))
            joint.set("springref", _number(x0[0] + moment * rate / stiffness))
        for body, (y, y0, up, down) in tables.items():
            for i, part in enumerate(PARTS):
                if body == "tibia" and i == lead:
                    continue
                slope = float((up - down)[0, i] / (2 * step) / rate)
                poly = _quartic(x - x0[0], y[:, i] - y0[0, i], slope)
                if i < 3:
                    worst = max(worst, float(np.abs(poly(x - x0[0]) - y[:, i] + y0[0, i]).max()))
                shifted = poly(np.polynomial.Polynomial([-x0[0], 1.0])) + y0[0, i]
                coefficients = np.zeros(5)
                coefficients[: len(shifted.coef)] = shifted.coef
                names = {"joint1": f"{body}_{side}_{part}", "joint2": f"tibia_{side}_{KNEE_ANGLE}"}
                Xml.SubElement(equality, "joint", names | {"polycoef": _text(coefficients)})
    return worst


def _quartic(x: Floats, y: Floats, slope: float) -> np.polynomial.Polynomial:
    """Through 0 with this slope, and near y elsewhere."""
    basis = np.stack([x**2, x**3, x**4], axis=1)
    rest = np.linalg.lstsq(basis, y - slope * x, rcond=None)[0]
    return np.polynomial.Polynomial([0.0, slope, *rest])


def _constants(person: Person, bodies: dict[str, Xml.Element], actuators: Xml.Element) -> None:
    """Constant forces on the free bodies, along the world's axes."""
    world = _site(bodies, "world", WORLD, np.zeros(3))
    placed: set[str] = set()
    for cause, wrenches in person.frozen.constants.items():
        for body, wrench in zip(FREE, wrenches, strict=True):
            if np.abs(wrench).max() < NEGLIGIBLE:
                continue
            site = f"{body}_centre"
            if site not in placed:
                placed.add(_site(bodies, site, body, person.centre(body)))
            where = {"name": f"{cause}_{body}", "site": site, "refsite": world}
            force = {"gear": _text(wrench), "gainprm": "0", "biastype": "affine", "biasprm": "1 0 0"}
            Xml.SubElement(actuators, "general", where | force)


def _number(value: float) -> str:
    return repr(float(value))


def _text(values: Floats | list) -> str:
    return " ".join(_number(value) for value in np.asarray(values, float))
