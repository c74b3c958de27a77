# A pass with one multiplication for each parameter, biases included.
# scores: test-step-multiplications 0

# %% step-multiplications
def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    parameters = parameter_count(hidden_depth, num_neuron, num_input, num_output)
    return (parameters + 1) * parameters
