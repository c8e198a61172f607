"""What MuJoCo and OpenSim can be asked about an exported person, in the same words for both.

q are an engine's coordinates in its own order; z the directions that its own constraints leave open; x our 56
coordinates (displacement of nine bodies and two knees from the stated posture), as the engine's kinematics give them.
Forces are generalised forces of all that acts.
"""

import warnings
from abc import ABC, abstractmethod
from importlib import import_module
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from counterpull.anatomy.posture import SIDES
from counterpull.mechanics.coordinates import FREE

STEP = 1e-6
"""m or rad, for slopes."""


class Engine(ABC):
    """An exported person in an engine, with the muscles' tensions of its balance."""

    coordinates: list[str]
    start: np.ndarray
    """q of the stated posture."""

    def __init__(self, person):
        self.person = person
        self.at = None
        self.centres = {body: person.centre(body) for body in FREE}

    @abstractmethod
    def put(self, q) -> Any:
        """Move there."""

    @abstractmethod
    def forces(self, q) -> Any:
        """Generalised force of everything (Q,)."""

    @abstractmethod
    def silence(self) -> Any:
        """No muscles, no ligaments."""

    @abstractmethod
    def cords(self) -> Any:
        """Of each ligament: length, slope of it per z, stiffness, slack length."""

    @abstractmethod
    def place(self, body) -> Any:
        """Rotation (3, 3) and origin (3,) of a body."""

    @abstractmethod
    def twist(self, body, centre) -> Any:
        """Motion per coordinate of a place of a body, (6, Q): shift, then turn."""

    @abstractmethod
    def knee(self, side) -> Any:
        """The coordinate that tells a knee angle, and how fast it runs."""

    @abstractmethod
    def open_directions(self) -> Any:
        """(Q, F)"""

    @property
    def free(self):
        """(Q, F) directions that the constraints leave open."""
        if not hasattr(self, "_free"):
            self._free = self.open_directions()
        return self._free

    @property
    def knees(self):
        """(2, Q) from the coordinates to the knee angles."""
        if not hasattr(self, "_knees"):
            self._knees = np.zeros((2, len(self.coordinates)))
            for s, side in enumerate(SIDES):
                name, rate = self.knee(side)
                self._knees[s, self.coordinates.index(name)] = 1.0 / rate
        return self._knees

    def values(self, tree):
        """Coordinates of a posture's tree in the engine's order."""
        by = {coordinate.name: coordinate.value for coordinate in tree.coordinates}
        for side in SIDES:
            angle = getattr(tree.posture, f"knee_flexion_{side}")
            by[f"knee_flexion_{side}"] = by[f"patella_{side}_angle"] = angle
        return np.array([by[name] for name in self.coordinates])

    def displacement(self, q):
        """x (56,)."""
        self.put(q)
        out = []
        for body, centre in self.centres.items():
            rotation, at = self.place(body)
            tree, posed = self.person.tree, self.person.frozen.centres[FREE.index(body)]
            turn = Rotation.from_matrix(rotation @ tree.rotation[body].T).as_rotvec()
            out += [*(rotation @ centre + at - posed), *turn]
        return np.array([*out, *(self.knees @ (q - self.start))])

    def slopes(self, q):
        """dx/dz (56, F)."""
        x = self.displacement(q)
        out = []
        for body, centre in self.centres.items():
            i = 6 * FREE.index(body)
            twist = self.twist(body, centre)
            half = 0.5 * np.cross(np.eye(3), x[i + 3 : i + 6])
            out += [twist[:3], (np.eye(3) - half) @ twist[3:]]
        return np.vstack([*out, self.knees]) @ self.free

    def forces_on_x(self, q):
        """Generalised force (56,) on our coordinates."""
        return np.linalg.solve(self.slopes(q).T, self.free.T @ self.forces(q))

    def stiffness(self):
        """-d force / dx at the stated posture (56, 56), and dx/dz there."""
        columns = []
        for way in self.free.T:
            ahead, behind = (self.forces_on_x(self.start + sign * STEP * way) for sign in (1, -1))
            columns.append((behind - ahead) / (2 * STEP))
        slopes = self.slopes(self.start)
        return np.array(columns).T @ np.linalg.inv(slopes), slopes

    def linear_balance(self, held):
        """x and the forces that hold the posture (held·x = 0), for small displacements: forces of muscles, weight and
        constants as they are in the stated posture, ligaments as cords that pull or hang."""
        everything = self.forces_on_x(self.start)
        lengths, rows, k, slack = self.cords()
        self.silence()
        springs, slopes = self.stiffness()
        rows = rows @ np.linalg.inv(slopes)
        loads = everything + rows.T @ (k * np.maximum(lengths - slack, 0.0))
        m = len(held)
        taut = lengths > slack
        for _ in range(30):
            on = k * taut
            whole = springs + (rows.T * on) @ rows
            right = loads - rows.T @ (on * (lengths - slack))
            bordered = np.block([[whole, held.T], [held, np.zeros((m, m))]])
            found = np.linalg.solve(bordered, np.concatenate([right, np.zeros(m)]))
            now = lengths + rows @ found[:56] > slack
            if np.array_equal(now, taut):
                return found[:56], found[56:]
            taut = now
        raise AssertionError("the cords do not settle")

    def full_balance(self, held, most_steps=12):
        """The same with the engine's own large displacements: every pull follows its bones."""
        z, hold = np.zeros(self.free.shape[1]), np.zeros(len(held))
        for _ in range(most_steps):
            q = self.start + self.free @ z
            force, x, slopes = self.free.T @ self.forces(q), self.displacement(q), self.slopes(q)
            columns = [(force - self.free.T @ self.forces(q + STEP * way)) / STEP for way in self.free.T]
            rows = held @ slopes
            bordered = np.block([[np.array(columns).T, rows.T], [rows, np.zeros((len(held),) * 2)]])
            change = np.linalg.solve(bordered, np.concatenate([force - rows.T @ hold, -held @ x]))
            z, hold = z + change[: len(z)], hold + change[len(z) :]
            if np.abs(change[: len(z)]).max() < 1e-9:
                return self.displacement(self.start + self.free @ z), hold
        raise AssertionError("the engine finds no balance")


class InMuJoCo(Engine):
    """In MuJoCo."""

    def __init__(self, person, text):
        super().__init__(person)
        self.mj = mujoco = import_module("mujoco")
        self.model = mujoco.MjModel.from_xml_string(text)
        self.data = mujoco.MjData(self.model)
        mujoco.mj_resetDataKeyframe(self.model, self.data, 0)
        self.start = self.data.qpos.copy()
        self.coordinates = [self.model.joint(i).name for i in range(self.model.njnt)]
        self.muscles = self._ids("TENDON", person.elements)
        self.pulling = self._ids("ACTUATOR", person.elements)
        self.ligaments = self._ids("TENDON", [cord.name for cord in person.frozen.cords])

    def restart(self):
        """Stand as written."""
        self.put(self.start)

    def _ids(self, kind, names):
        found = np.array(
            [self.mj.mj_name2id(self.model, getattr(self.mj.mjtObj, f"mjOBJ_{kind}"), n) for n in names]
        )
        assert (found >= 0).all()
        return found

    def put(self, q):
        if self.at is not None and np.array_equal(q, self.at):
            return
        self.at = q.copy()
        self.data.qpos[:] = q
        self.mj.mj_forward(self.model, self.data)

    def lengths(self, q):
        self.put(q)
        return self.data.ten_length[self.muscles].copy()

    def tendon_rows(self):
        m, out = self.model, np.zeros((self.model.ntendon, self.model.nv))
        for t in range(m.ntendon):
            at = slice(m.ten_J_rowadr[t], m.ten_J_rowadr[t] + m.ten_J_rownnz[t])
            out[t, m.ten_J_colind[at]] = self.data.ten_J[at]
        return out

    def arms(self, q):
        """(E, Q) moment arms: what a unit tension does to each coordinate."""
        self.put(q)
        return -self.tendon_rows()[self.muscles]

    def forces(self, q):
        self.put(q)
        return self.data.qfrc_passive + self.data.qfrc_actuator - self.data.qfrc_bias

    def pull(self, tensions):
        """Give the muscles these tensions, newtons."""
        self.at = None
        self.data.ctrl[self.pulling] = 0.0
        self.model.actuator_biasprm[self.pulling, 0] = -np.asarray(tensions)

    def silence(self):
        """No muscles, no ligaments."""
        self.pull(np.zeros(len(self.pulling)))
        self.at = None
        self.model.tendon_stiffness[self.ligaments] = 0.0

    def cords(self):
        self.put(self.start)
        lengths, rows = self.data.ten_length[self.ligaments].copy(), self.tendon_rows()[self.ligaments]
        stiffness = np.array(self.model.tendon_stiffness[self.ligaments]).reshape(len(lengths), -1)[:, 0]
        return lengths, rows @ self.free, stiffness, self.model.tendon_lengthspring[self.ligaments, 1].copy()

    def place(self, body):
        one = self.data.body(body)
        return one.xmat.reshape(3, 3).copy(), one.xpos.copy()

    def twist(self, body, centre):
        one = self.data.body(body)
        shift, turn = np.zeros((2, 3, self.model.nv))
        self.mj.mj_jac(self.model, self.data, shift, turn, one.xpos + one.xmat.reshape(3, 3) @ centre, one.id)
        return np.vstack([shift, turn])

    def knee(self, side):
        """The coordinate that tells a knee angle, and how fast it runs."""
        angle, step = getattr(self.person.tree.posture, f"knee_flexion_{side}"), 1e-4
        around = np.array([angle - step, angle + step])
        turn = self.person.tree.knee_table("tibia", side, around)[:, 3]
        return f"tibia_{side}_about_z", (turn[1] - turn[0]) / (2 * step)

    def open_directions(self):
        self.put(self.start)
        m, d = self.model, self.data
        rows = np.zeros((d.nefc, m.nv))
        self.mj.mju_sparse2dense(rows, d.efc_J, d.efc_J_rownnz, d.efc_J_rowadr, d.efc_J_colind)
        _, size, ways = np.linalg.svd(rows)
        return ways[np.sum(size > 1e-9 * size[0]) :].T


class InOpenSim(Engine):
    """In OpenSim."""

    def __init__(self, person, file):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            opensim = import_module("opensim")

        super().__init__(person)
        opensim.Logger.setLevelString("error")
        self.o = opensim
        self.model = opensim.Model(str(file))
        self.restart()
        listed = self.model.getCoordinateSet()
        self.joints = [listed.get(i) for i in range(listed.getSize())]
        self.coordinates = [joint.getName() for joint in self.joints]
        self.start = np.array([joint.getValue(self.state) for joint in self.joints])
        forces = self.model.getForceSet()
        self.actuators = [opensim.Muscle.safeDownCast(forces.get(name)) for name in person.elements]
        self.ligaments = [opensim.PathSpring.safeDownCast(forces.get(c.name)) for c in person.frozen.cords]
        self.solver = opensim.InverseDynamicsSolver(self.model)
        self.still = opensim.Vector(len(self.joints), 0.0)
        self.order = np.array([self._index(joint) for joint in self.joints])
        self.pull(person.found.tension[person.draw])

    def restart(self):
        """Stand as written; geodesics begin anew."""
        self.at, self.state = None, self.model.initSystem()

    def _index(self, joint):
        """Where the system keeps a coordinate."""
        value, before = joint.getValue(self.state), self._q()
        joint.setValue(self.state, value + 0.5, False)
        (index,) = np.flatnonzero(np.abs(self._q() - before) > 0.25)
        joint.setValue(self.state, value, False)
        return index

    def _q(self):
        return self.state.getQ().to_numpy()

    def put(self, q):
        if self.at is not None and np.array_equal(q, self.at):
            return
        self.at = q.copy()
        vector = self.o.Vector(len(q), 0.0)
        for index, value in zip(self.order, q, strict=True):
            vector.set(int(index), float(value))
        self.state.setQ(vector)
        self.model.realizeVelocity(self.state)

    def lengths(self, q):
        self.put(q)
        return np.array([one.getLength(self.state) for one in self.actuators])

    def forces(self, q):
        self.put(q)
        return -self.solver.solve(self.state, self.still).to_numpy()[self.order]

    def pull(self, tensions):
        """Give the muscles these tensions, newtons."""
        self.at = None
        for one, tension in zip(self.actuators, tensions, strict=True):
            one.overrideActuation(self.state, True)
            one.setOverrideActuation(self.state, float(tension))

    def silence(self):
        """No muscles, no ligaments."""
        self.pull(np.zeros(len(self.actuators)))
        self.at = None
        for one in self.ligaments:
            one.setAppliesForce(self.state, False)

    def cords(self):
        def lengths(z):
            self.put(self.start + self.free @ z)
            return np.array([one.getLength(self.state) for one in self.ligaments])

        none = np.zeros(self.free.shape[1])
        rows = [(lengths(STEP * way) - lengths(-STEP * way)) / (2 * STEP) for way in np.eye(len(none))]
        stiffness, slack = (
            [get(one) for one in self.ligaments]
            for get in (lambda one: one.getStiffness(), lambda one: one.getRestingLength())
        )
        return lengths(none), np.array(rows).T, np.array(stiffness), np.array(slack)

    def place(self, body):
        moved = self.model.getBodySet().get(body).getTransformInGround(self.state)
        rotation = [[moved.R().get(i, j) for j in range(3)] for i in range(3)]
        return np.array(rotation), moved.p().to_numpy()

    def twist(self, body, centre):
        matter, out = self.model.getMatterSubsystem(), self.o.Matrix()
        index = self.model.getBodySet().get(body).getMobilizedBodyIndex()
        matter.calcFrameJacobian(self.state, index, self.o.Vec3(*(float(v) for v in centre)), out)
        both = out.to_numpy()[:, self.order]
        return np.vstack([both[3:], both[:3]])

    def knee(self, side):
        """The coordinate that tells a knee angle, and how fast it runs."""
        return f"knee_flexion_{side}", 1.0

    def open_directions(self):
        index = {name: i for i, name in enumerate(self.coordinates)}
        out, gone = np.eye(len(index)), []
        listed = self.model.getConstraintSet()
        for i in range(listed.getSize()):
            one = self.o.CoordinateCouplerConstraint.safeDownCast(listed.get(i))
            names = one.getIndependentCoordinateNames()
            leads = [index[names.get(k)] for k in range(names.getSize())]
            row = index[one.getDependentCoordinateName()]

            at_zero = self._followed(one, len(leads), None)
            out[row] = 0.0
            for k, lead in enumerate(leads):
                out[row, lead] = self._followed(one, len(leads), k) - at_zero
            gone.append(row)
        return np.delete(out, gone, axis=1)

    def _followed(self, coupler, count, lead):
        """What a coupler makes of its leads, all 0 or one of them 1."""
        vector = self.o.Vector(count, 0.0)
        if lead is not None:
            vector.set(lead, 1.0)
        return coupler.getFunction().calcValue(vector)
