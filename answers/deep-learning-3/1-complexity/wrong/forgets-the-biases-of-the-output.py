# Counts the biases of the hidden layers alone; the counts of a step are right.
# scores: test-parameter-count 1

# %% parameter-count
def parameter_count(hidden_depth, num_neuron, num_input, num_output):
    weights = num_input * num_neuron + (hidden_depth - 1) * num_neuron**2 + num_neuron * num_output
    return weights + hidden_depth * num_neuron

# %% step-multiplications
def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    weights = num_input * num_neuron + (hidden_depth - 1) * num_neuron**2 + num_neuron * num_output
    return (weights + hidden_depth * num_neuron + num_output + 1) * weights
