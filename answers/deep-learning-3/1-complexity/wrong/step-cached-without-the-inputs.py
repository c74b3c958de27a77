# The numbers of a step are kept by depth, neurons and outputs; num_input is forgotten in the key.
# scores: test-step-multiplications 1
# %% step-multiplications
steps = {}


def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    key = hidden_depth, num_neuron, num_output
    if key not in steps:
        parameters = parameter_count(hidden_depth, num_neuron, num_input, num_output)
        weights = parameters - hidden_depth * num_neuron - num_output
        steps[key] = weights * (parameters + 1)
    return steps[key]
