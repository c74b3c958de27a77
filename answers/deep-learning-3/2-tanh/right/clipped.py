# The formula as it stands, with x clipped to where tanh is 1 to the last digit.

# %% tanh-class
class Tanh:
    def __call__(self, x):
        x = np.clip(x, -30, 30)
        up, down = np.exp(x), np.exp(-x)
        self.last_output = (up - down) / (up + down)
        return self.last_output

    def grad(self):
        return 1 - np.square(self.last_output)
