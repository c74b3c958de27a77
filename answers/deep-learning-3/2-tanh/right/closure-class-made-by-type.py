# The class is made by type(); functions bound to names by lambda and setattr.

# %% tanh-class
Tanh = type("Tanh", (), {
    "__call__": lambda self, x: setattr(self, "o", np.tanh(x)) or self.o,
    "grad": lambda self: 1 - self.o ** 2,
})
