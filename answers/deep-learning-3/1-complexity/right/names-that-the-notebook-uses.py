# Variables of the learner have names that the checks use, too: np, x, check, same, network.

# %% parameter-count
np = 5  # meant as "number of parameters"
check = same = expect = None
x = network = w = "mine"


def parameter_count(hidden_depth, num_neuron, num_input, num_output):
    number = num_input * num_neuron + num_neuron
    for size in range(hidden_depth - 1):
        number = number + num_neuron * num_neuron + num_neuron
    number = number + num_neuron * num_output + num_output
    return number

# %% growth-exponent
sizes = weights = hidden_tests = power = times = None
whole_number = growth_exponent = 2
