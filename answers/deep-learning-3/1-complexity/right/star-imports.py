# Imports everything of NumPy and math, which hides sum, pow and others; the exponent is a fit.

# %% parameter-count
from math import *
from numpy import *


def parameter_count(hidden_depth, num_neuron, num_input, num_output):
    sizes = concatenate([[num_input], [num_neuron] * hidden_depth, [num_output]]).astype(int)
    return sum(sizes[:-1] * sizes[1:]) + sum(sizes[1:])

# %% growth-exponent
depths = array([10, 20, 40, 80])
counts = array([step_multiplications(int(depth), 32, 10, 2) for depth in depths], dtype=float)
growth_exponent = round(polyfit(np.log(depths), np.log(counts), 1)[0])
