# A list of sizes and one comprehension for each function; no formula is written out.

# %% parameter-count
def layer_sizes(hidden_depth, num_neuron, num_input, num_output):
    return [num_input] + [num_neuron] * hidden_depth + [num_output]


def parameter_count(*size):
    sizes = layer_sizes(*size)
    return sum((a + 1) * b for a, b in zip(sizes, sizes[1:]))

# %% step-multiplications
def step_multiplications(*size):
    sizes = layer_sizes(*size)
    return (1 + parameter_count(*size)) * sum(a * b for a, b in zip(sizes, sizes[1:]))
