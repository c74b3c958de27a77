# The two functions are made in __init__ and share a variable; the class only passes on.

# %% tanh-class
class Tanh:
    def __init__(self):
        memory = {}

        def forward(x):
            memory["o"] = np.tanh(x)
            return memory["o"]

        self._forward = forward
        self.grad = lambda: 1 - memory["o"] ** 2

    def __call__(self, x):
        return self._forward(x)
