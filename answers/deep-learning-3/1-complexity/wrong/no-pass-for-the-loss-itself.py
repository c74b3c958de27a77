# Parameters times weights: the loss that all others are compared with is not counted.
# scores: test-step-multiplications 2

# %% step-multiplications
def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    parameters = parameter_count(hidden_depth, num_neuron, num_input, num_output)
    weights = parameters - hidden_depth * num_neuron - num_output
    return parameters * weights
