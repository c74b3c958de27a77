# A dataclass with properties; the functions only build it; cached.

# %% parameter-count
from dataclasses import dataclass
from functools import cached_property, lru_cache


@dataclass(frozen=True, order=True)
class Spec:
    hidden_depth: int
    num_neuron: int
    num_input: int
    num_output: int

    def layers(self):
        yield self.num_input, self.num_neuron
        for _ in range(1, self.hidden_depth):
            yield self.num_neuron, self.num_neuron
        yield self.num_neuron, self.num_output

    @cached_property
    def weights(self):
        return sum(i * o for i, o in self.layers())

    @property
    def biases(self):
        return sum(o for _, o in self.layers())


@lru_cache(maxsize=None)
def parameter_count(*args):
    net = Spec(*args)
    print("counting", net)
    return net.weights + net.biases

# %% step-multiplications
step_multiplications = lambda *size: (parameter_count(*size) + 1) * Spec(*size).weights

# %% growth-exponent
growth_exponent: int = len({"number of passes", "length of a pass"})
