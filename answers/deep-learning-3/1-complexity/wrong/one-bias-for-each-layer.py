# Takes b for one number a layer.
# scores: test-parameter-count 1, test-step-multiplications 0

# %% parameter-count
def parameter_count(hidden_depth, num_neuron, num_input, num_output):
    weights = num_input * num_neuron + (hidden_depth - 1) * num_neuron**2 + num_neuron * num_output
    return weights + hidden_depth + 1

# %% step-multiplications
def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    parameters = parameter_count(hidden_depth, num_neuron, num_input, num_output)
    return (parameters + 1) * (parameters - hidden_depth - 1)
