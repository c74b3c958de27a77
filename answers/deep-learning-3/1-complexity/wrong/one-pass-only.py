# The multiplications of one pass, as if one pass were a step.
# scores: test-step-multiplications 0

# %% step-multiplications
def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    return num_input * num_neuron + (hidden_depth - 1) * num_neuron**2 + num_neuron * num_output
