# The counts come out as floats that are whole numbers.

# %% parameter-count
def parameter_count(hidden_depth, num_neuron, num_input, num_output):
    in_the_middle = (hidden_depth - 1) * (num_neuron**2.0 + num_neuron)
    return num_input * num_neuron + num_neuron + in_the_middle + (num_neuron + 1) * num_output

# %% step-multiplications
def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    parameters = parameter_count(hidden_depth, num_neuron, num_input, num_output)
    weights = parameters - hidden_depth * num_neuron / 1 - num_output
    return parameters * weights + weights

# %% growth-exponent
growth_exponent = 2.0
