# step: count each pass by loops, no formula. Uses a counter object reset in each call, and a plot.

# %% step-multiplications
class Counter:
    def __init__(self):
        self.n = 0

    def tick(self, k=1):
        self.n += k


def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    counter = Counter()
    sizes = [num_input, *[num_neuron] * hidden_depth, num_output]

    def one_pass():
        for a, b in zip(sizes, sizes[1:]):
            counter.tick(a * b)

    one_pass()
    for a, b in zip(sizes, sizes[1:]):
        for _parameter in range((a + 1) * b):
            one_pass()
    plt.plot([1, 2], [1, 2])
    plt.title("extra")
    plt.close()
    return counter.n
