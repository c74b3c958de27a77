# Two passes for each parameter, as central differences take.
# scores: test-step-multiplications 0

# %% step-multiplications
def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    parameters = parameter_count(hidden_depth, num_neuron, num_input, num_output)
    weights = parameters - hidden_depth * num_neuron - num_output
    return 2 * parameters * weights
