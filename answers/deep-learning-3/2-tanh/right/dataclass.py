# A dataclass with a field for the output.

# %% tanh-class
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tanh:
    output: Any = field(default=None, repr=False)

    def __call__(self, x):
        self.output = np.tanh(x)
        return self.output

    def grad(self):
        return 1 - self.output**2
