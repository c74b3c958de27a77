# Takes the output layer to have one neuron, as in the printed network.
# scores: test-parameter-count 1, test-step-multiplications 1

# %% parameter-count
def parameter_count(hidden_depth, num_neuron, num_input, num_output):
    return num_input * num_neuron + (hidden_depth - 1) * num_neuron**2 + num_neuron + hidden_depth * num_neuron + 1

# %% step-multiplications
def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    p = parameter_count(hidden_depth, num_neuron, num_input, num_output)
    return (p + 1) * (p - hidden_depth * num_neuron - 1)
