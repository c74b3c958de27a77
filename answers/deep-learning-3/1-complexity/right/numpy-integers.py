# NumPy does the sums, so the results are np.int64.

# %% parameter-count
import numpy as np


def parameter_count(hidden_depth, num_neuron, num_input, num_output):
    sizes = np.array([num_input, *np.full(hidden_depth, num_neuron), num_output])
    return np.dot(sizes[:-1], sizes[1:]) + np.sum(sizes[1:])

# %% step-multiplications
def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    sizes = np.array([num_input, *np.full(hidden_depth, num_neuron), num_output])
    weights = np.dot(sizes[:-1], sizes[1:])
    return np.prod([weights, weights + sizes[1:].sum() + 1])

# %% growth-exponent
growth_exponent = np.int64(2)
