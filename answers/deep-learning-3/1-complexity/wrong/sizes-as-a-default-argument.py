# The list of layer sizes is a default value, made once: it grows from call to call.
# scores: test-parameter-count 1, test-step-multiplications 0
# %% parameter-count
def parameter_count(hidden_depth, num_neuron, num_input, num_output, sizes=[]):
    sizes += [num_input, *(num_neuron for _ in range(hidden_depth)), num_output]
    return sum((a + 1) * b for a, b in zip(sizes, sizes[1:]))
