# Builds hidden_depth + 1 hidden layers: a first one, and hidden_depth more.
# scores: test-parameter-count 0, test-step-multiplications 0

# %% parameter-count
def parameter_count(hidden_depth, num_neuron, num_input, num_output):
    count = num_input * num_neuron + num_neuron
    count += hidden_depth * (num_neuron * num_neuron + num_neuron)
    count += num_neuron * num_output + num_output
    return count

# %% step-multiplications
def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    weights = num_input * num_neuron + hidden_depth * num_neuron**2 + num_neuron * num_output
    return (parameter_count(hidden_depth, num_neuron, num_input, num_output) + 1) * weights
