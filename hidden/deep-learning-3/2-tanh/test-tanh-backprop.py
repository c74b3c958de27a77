def hidden_tests():  # a function, so that no name of the learner's is touched
    import numpy

    import backprop_example_code as handout

    class Exact:
        """NumPy's tanh and its slope."""

        def __call__(self, x):
            self.output = numpy.tanh(x)
            return self.output

        def grad(self):
            return 1 - self.output**2

    def two_networks(depth, seed, rng):
        """A network with Tanh and one with Exact, with the same weights and biases."""
        deep, exact = (
            handout.DNN(depth, 6, 4, 3, activation=activation, weight_scale=0.6, seed=seed)
            for activation in (Tanh, Exact)
        )
        for layer, exact_layer in zip(deep.layers, exact.layers, strict=False):
            layer.b += rng.normal(0, 0.3, layer.b.shape)
            exact_layer.b += layer.b
        return deep, exact

    def calculate_gradients(network, inputs, target, loss):
        """Go forward and back; where shapes do not match, say where to look."""
        try:
            network.calc_gradient(inputs, target, loss)
        except ValueError as stopped:
            expect(
                False,
                f"The way back through the layers stopped: {str(stopped).strip()}.\n"
                "Look at where your class keeps the output: each object must remember that of its "
                "own last call.",
            )

    def check_network_gradients(depth, seed):
        """Every gradient is that of the same network with NumPy's tanh."""
        rng = numpy.random.default_rng(seed)
        inputs, target = rng.normal(size=4), rng.uniform(-0.8, 0.8, size=3)
        loss = handout.MeanSquaredError()
        plain(Tanh()(inputs.copy()), "Tanh()(x)")  # tells a missing return before a layer does
        deep, exact = two_networks(depth, seed, rng)
        before = rng.normal(size=4)  # an earlier call, to which no grad() must belong
        calculate_gradients(deep, before, target, loss)
        calculate_gradients(deep, inputs, target, loss)
        exact.calc_gradient(inputs, target, loss)
        pairs = zip(deep.layers, exact.layers, strict=False)
        for number, (layer, exact_layer) in enumerate(pairs, start=1):
            for name, gradient, expected in (
                ("weights", layer.dW, exact_layer.dW),
                ("biases", layer.db, exact_layer.db),
            ):
                size = numpy.linalg.norm(gradient) + numpy.linalg.norm(expected)
                error = numpy.linalg.norm(gradient - expected) / size
                expect(
                    error < 1e-6,
                    f"Layer {number} of {depth + 1}, {name}: the relative error of the gradient is "
                    f"{error:.0e}, allowed is 1e-6.\nIf a check of Tanh above failed, begin there. "
                    "If not, look at what each object remembers.",
                )

    with check.part(2, "every gradient of a network with two hidden layers"):
        check_network_gradients(depth=2, seed=11)
    with check.part(2, "every gradient of a network with four hidden layers"):
        check_network_gradients(depth=4, seed=12)


hidden_tests()
