# One more pass for each layer, since the handout's loop begins anew for each layer.
# scores: test-step-multiplications 0

# %% step-multiplications
def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    p = parameter_count(hidden_depth, num_neuron, num_input, num_output)
    w = p - hidden_depth * num_neuron - num_output
    return (p + hidden_depth + 1) * w
