# The input's weights are forgotten: the "first layer" is taken for the input itself.
# scores: test-parameter-count 0, test-step-multiplications 0

# %% parameter-count
def parameter_count(hidden_depth, num_neuron, num_input, num_output):
    weights = (hidden_depth - 1) * num_neuron * num_neuron + num_neuron * num_output
    return weights + hidden_depth * num_neuron + num_output
