"""The text of a file for an engine, and what it says about itself."""

from dataclasses import dataclass
from xml.etree import ElementTree as Xml

from counterpull import __version__
from counterpull.interfaces.interop import mjcf, osim
from counterpull.interfaces.interop.courses import wrapped
from counterpull.interfaces.interop.frozen import CAUSES
from counterpull.interfaces.interop.person import GYRATION, Person


@dataclass(frozen=True)
class Written:
    """A file for an engine."""

    text: str
    notes: tuple[str, ...]
    """Sentences: what it holds, and what it cannot."""
    fixed: tuple[str, ...]
    """Elements whose wraps became fixed points of the stated posture."""


def written(person: Person, to: str, wraps: str = "follow") -> Written:
    """The file of a balanced person for "opensim" or "mujoco"; what it says about itself is its first comment.

    `wraps` "fixed" replaces every wrap by points of the stated posture.
    """
    write = {"opensim": osim.document, "mujoco": mjcf.document}[to]
    over = wrapped(person.here.body.topology)
    root, own = write(person, over if wraps == "follow" else set())
    fixed = tuple(name for name in person.elements if name in over and wraps == "fixed")
    notes = (*_said(person, fixed), *own)
    lines = "\n".join(f"  {note}" for note in notes).replace("--", "-")
    root.insert(0, Xml.Comment(f" counterpull {__version__}, {person.here.body.parameters}\n{lines}\n"))
    Xml.indent(root)
    return Written(Xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n", notes, fixed)


def _said(person: Person, fixed: tuple[str, ...]) -> list[str]:
    setting = person.here.setting
    forces = [cause for cause in CAUSES if abs(person.frozen.constants[cause]).max() > 0]
    out = [
        f"One balanced person in the activity {setting.name.replace('_', ' ')}. Frame: x forward, y up, z right.",
        "Stiffness is frozen at the balance: force over displacement of joints, ligaments and supports there.",
        f"Constant forces on the bodies hold what is left: {', '.join(forces)}. Closure is force closure.",
        "Muscle forces that hold the posture do so at the stated activations only; nothing reacts.",
        "L4 to L1 follow L5 and the rib cage as a chain of joints in the stated posture would.",
        f"Inertia is assumed (a radius of gyration of {1e3 * GYRATION:.0f} mm for all), and light bodies have 0.01 g: "
        "good for balance, not for dynamics.",
    ]
    if fixed:
        names = ", ".join(fixed)
        out.append(f"Fixed points of the stated posture replace the wraps of {len(fixed)} elements: {names}.")
    else:
        out.append("All wraps follow the posture; no element is fixed.")
    return out
