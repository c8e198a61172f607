"""Double precision belongs to the model, whatever the thread or the process has set."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from counterpull.anatomy import Posture
from counterpull.anatomy.paths import lengths, wrenches
from counterpull.quantities import InputError

SEATED = Posture.of(hip_flexion="80 deg", knee_flexion="90 deg")


def test_a_fresh_thread_computes_in_double_precision(woman):
    here = woman.moment_arms(SEATED)
    with ThreadPoolExecutor(1) as pool:
        there = pool.submit(woman.moment_arms, SEATED).result()
    assert here.dtype == there.dtype == np.float64
    assert np.array_equal(here, there)


def test_a_process_that_works_in_single_precision_gets_double(woman):
    code = (
        "import jax, jax.numpy as jnp\n"
        "jax.config.update('jax_enable_x64', False)\n"
        "mine = jnp.ones(3)\n"
        "from counterpull.anatomy import Posture, load\n"
        "seated = Posture.of(hip_flexion='80 deg', knee_flexion='90 deg')\n"
        "print(repr(float(load('female').lengths(seated).sum())), (mine + 1).dtype)\n"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    total, dtype = printed.split()
    assert float(total) == pytest.approx(woman.lengths(SEATED).sum(), rel=1e-14)
    assert dtype == "float32"  # and the process keeps its own setting


@pytest.mark.parametrize("function", [lengths, wrenches])
def test_inner_functions_refuse_single_precision_with_a_sentence(woman, function):
    with jax.enable_x64(False), pytest.raises(InputError, match=r"single precision.*enable_x64"):
        function(woman.topology, woman.geometry, jnp.asarray(SEATED.array()))
