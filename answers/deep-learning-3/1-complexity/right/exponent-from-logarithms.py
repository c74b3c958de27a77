# The growth exponent is computed from the two last counts of the table, and rounded.

# %% parameter-count
def parameter_count(hidden_depth, num_neuron, num_input, num_output):
    shapes_of_W = [(num_input, num_neuron)]
    shapes_of_W += [(num_neuron, num_neuron)] * (hidden_depth - 1)
    shapes_of_W.append((num_neuron, num_output))
    total = 0
    for rows, columns in shapes_of_W:
        total += rows * columns  # W
        total += columns  # b
    return total

# %% growth-exponent
import math

at_20, at_40 = (step_multiplications(d, 32, 10, 2) for d in (20, 40))
growth_exponent = round(math.log(at_40 / at_20) / math.log(40 / 20))
