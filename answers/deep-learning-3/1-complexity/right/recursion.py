# A network of depth d is one of depth d - 1 and one hidden layer more.

# %% parameter-count
def parameter_count(hidden_depth, num_neuron, num_input, num_output):
    if hidden_depth == 0:
        return num_input * num_output + num_output
    first = num_input * num_neuron + num_neuron
    return first + parameter_count(hidden_depth - 1, num_neuron, num_neuron, num_output)

# %% step-multiplications
def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    def one_pass(depth, inputs):
        if not depth:
            return inputs * num_output
        return inputs * num_neuron + one_pass(depth - 1, num_neuron)

    parameters = parameter_count(hidden_depth, num_neuron, num_input, num_output)
    return (parameters + 1) * one_pass(hidden_depth, num_input)
