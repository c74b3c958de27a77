# Counts the entries of all W and forgets those of all b, in both functions.
# scores: test-parameter-count 1, test-step-multiplications 0

# %% parameter-count
def parameter_count(hidden_depth, num_neuron, num_input, num_output):
    return num_input * num_neuron + (hidden_depth - 1) * num_neuron**2 + num_neuron * num_output

# %% step-multiplications
def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    weights = parameter_count(hidden_depth, num_neuron, num_input, num_output)
    return (weights + 1) * weights
