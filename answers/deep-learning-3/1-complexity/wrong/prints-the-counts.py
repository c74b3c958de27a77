# Prints the right numbers and returns nothing.
# scores: test-parameter-count 0, test-step-multiplications 0

# %% parameter-count
def parameter_count(hidden_depth, num_neuron, num_input, num_output):
    weights = num_input * num_neuron + (hidden_depth - 1) * num_neuron**2 + num_neuron * num_output
    print(weights + hidden_depth * num_neuron + num_output)

# %% step-multiplications
def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    weights = num_input * num_neuron + (hidden_depth - 1) * num_neuron**2 + num_neuron * num_output
    print((weights + hidden_depth * num_neuron + num_output + 1) * weights)
