# Counts a network of one hidden layer, whatever the depth.
# scores: test-parameter-count 0, test-step-multiplications 0

# %% parameter-count
def parameter_count(hidden_depth, num_neuron, num_input, num_output):
    return num_input * num_neuron + num_neuron + num_neuron * num_output + num_output

# %% step-multiplications
def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    weights = num_input * num_neuron + num_neuron * num_output
    return (parameter_count(hidden_depth, num_neuron, num_input, num_output) + 1) * weights
