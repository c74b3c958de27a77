# A loop that goes from layer to layer.

# %% parameter-count
def parameter_count(hidden_depth, num_neuron, num_input, num_output):
    count = 0
    inputs = num_input
    for _ in range(hidden_depth):
        count += inputs * num_neuron + num_neuron
        inputs = num_neuron
    count += inputs * num_output + num_output
    return count

# %% step-multiplications
def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    one_pass = 0
    inputs = num_input
    for layer in range(hidden_depth + 1):
        outputs = num_output if layer == hidden_depth else num_neuron
        one_pass += inputs * outputs
        inputs = outputs
    passes = 1
    for _ in range(parameter_count(hidden_depth, num_neuron, num_input, num_output)):
        passes += 1
    return passes * one_pass
