# A pass for each weight and one more, but none for the biases.
# scores: test-step-multiplications 0

# %% step-multiplications
def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    weights = num_input * num_neuron + (hidden_depth - 1) * num_neuron**2 + num_neuron * num_output
    return (weights + 1) * weights
