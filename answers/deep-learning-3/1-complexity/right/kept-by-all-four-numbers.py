# functools.cache keeps counts by all four numbers.
# %% parameter-count
from functools import cache


@cache
def parameter_count(hidden_depth, num_neuron, num_input, num_output):
    sizes = [num_input, *[num_neuron] * hidden_depth, num_output]
    return sum((a + 1) * b for a, b in zip(sizes, sizes[1:]))
# %% step-multiplications
@cache
def step_multiplications(*size):
    hidden_depth, num_neuron, _, num_output = size
    parameters = parameter_count(*size)
    return (parameters + 1) * (parameters - hidden_depth * num_neuron - num_output)
