"""When something counts as found, and after how many steps nothing does: the same for JAX and for the processor."""

# Of `balance`.
MOST_STEPS = 120
FORCE_TOLERANCE = 1e-9
"""Unbalanced force, relative to the largest force, at which the balance counts as found."""
SLOPE_TOLERANCE = 10.0
"""Slope of the dual that may be left, relative to what `dual` calls close."""
STILL = 1e-9
"""Change of the unknowns below which a cautious step no longer moves."""
HALVINGS = 6
SHORTEST = 0.2

# Of `dual`.
DUAL_STEPS = 80
CLOSE = 1e-12
"""Slope of the dual, in scaled units, that counts as none; large multipliers round coarsely, up to COARSEST."""
COARSEST = 1e-9
YIELDING = 1e-3
"""Softness, in scaled units, with which an infeasible element goes on to its least miss."""
SEARCH_STEPS = 24
LEAP = 10.0
LEAST_CURVATURE = 1e-13
"""In scaled units, where all that is relevant stands at its bound. Small, so that the way leads far."""

# Of `conditions`.
SETTLE_STEPS = 60
SETTLED = 1e-10
"""Miss of any condition, in its scale, that counts as none."""
SETTLE_HALVINGS = 12
