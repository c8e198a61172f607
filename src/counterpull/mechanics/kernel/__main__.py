"""Compile the kernel, once: python -m counterpull.mechanics.kernel"""

from counterpull.anatomy import load
from counterpull.mechanics import kernel
from counterpull.mechanics.model import situation
from counterpull.mechanics.setting import Setting

if not kernel.ready():
    print("Compiling the balance for this processor (half a minute, once) ...", flush=True)
    kernel.compile(
        situation(load("female"), Setting(name="hanging", gravity=None, fixed=("sacrum",))).model()
    )
