# Counts the parameters, as if moving one of them were one multiplication.
# scores: test-step-multiplications 0

# %% step-multiplications
def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    return parameter_count(hidden_depth, num_neuron, num_input, num_output)
