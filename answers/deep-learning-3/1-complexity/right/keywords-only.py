# The functions call each other with keyword arguments and use unpacked dictionaries.

# %% step-multiplications
def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    size = dict(
        hidden_depth=hidden_depth, num_neuron=num_neuron, num_input=num_input, num_output=num_output
    )
    parameters = parameter_count(**size)
    biases = sum([num_neuron] * hidden_depth, start=num_output)
    return sum(parameters - biases for one_pass in range(parameters + 1))

# %% growth-exponent
growth_exponent = len(["more passes", "longer passes"])
