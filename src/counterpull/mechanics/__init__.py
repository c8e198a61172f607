"""Forces in balance: a body in a setting becomes a Model, and a Model is solved to an Equilibrium.

`situation` puts a body in a setting, `solve` balances it, `Rig` is the same for researchers with settings of
their own. `margin.margin` and `contributions.contributions` lie in rooms of that name. Names are imported on
first use, so that importing the room starts nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from counterpull.mechanics.equilibrium import Equilibrium, solve
    from counterpull.mechanics.model import Model, MuscleState, Situation, situation
    from counterpull.mechanics.rig import Rig
    from counterpull.mechanics.setting import Load, Setting, Support

__all__ = [
    "Equilibrium",
    "Load",
    "Model",
    "MuscleState",
    "Rig",
    "Setting",
    "Situation",
    "Support",
    "situation",
    "solve",
]

_HOME = {
    **dict.fromkeys(("Equilibrium", "solve"), "equilibrium"),
    **dict.fromkeys(("Model", "MuscleState", "Situation", "situation"), "model"),
    **dict.fromkeys(("Load", "Setting", "Support"), "setting"),
    "Rig": "rig",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'counterpull.mechanics' has no attribute '{name}'")
    return getattr(import_module(f"counterpull.mechanics.{_HOME[name]}"), name)
