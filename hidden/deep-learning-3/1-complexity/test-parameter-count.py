def hidden_tests():  # a function, so that no name of the learner's is touched
    sizes = [
        (1, 4, 3, 2),
        (3, 5, 7, 4),
        (5, 32, 10, 2),
        (10, 32, 10, 2),
        (40, 6, 1, 9),
        (3, 2, 4, 1),
    ]
    # For a count that is kept from an earlier call: one number is another one, two are exchanged.
    sizes += [
        (3, 5, 7, 4),
        (6, 5, 7, 4),
        (3, 6, 7, 4),
        (3, 5, 8, 4),
        (3, 5, 7, 2),
        (3, 5, 4, 7),
        (5, 3, 7, 4),
    ]

    def ask(size):
        return whole_number(f"parameter_count{size}", parameter_count(*size))

    def weights(depth, neurons, inputs, outputs):
        return inputs * neurons + (depth - 1) * neurons * neurons + neurons * outputs

    def weights_are_right(size, number):
        """Whether it is the number of weights, with or without some number of biases."""
        depth, neurons, inputs, outputs = size
        biases = depth * neurons + outputs
        return number - weights(*size) in (
            biases,
            0,
            depth,
            depth + 1,
            neurons,
            outputs,
            depth * neurons,
            depth * neurons + inputs,
            biases + inputs,
            biases + neurons,
        )

    with check.part(1, "the weights of networks of other sizes"):
        for size in sizes:
            depth, neurons, _, outputs = size
            number = ask(size)
            expect(
                number != weights(depth + 1, *size[1:]) + (depth + 1) * neurons + outputs,
                f"parameter_count{size} counts one hidden layer too many. hidden_depth is the "
                "number of all hidden layers.",
            )
            expect(
                weights_are_right(size, number),
                f"parameter_count{size}: got {number}, which is not the right number. Draw a "
                "network of this size, and look at the W of each layer: first, middle, last.",
            )
    with check.part(1, "the biases too"):
        for size in sizes:
            depth, neurons, _, outputs = size
            number = ask(size)
            expect(
                weights_are_right(size, number),
                "This counts only when the weights are right. See the part above.",
            )
            expect(
                number != weights(*size),
                f"parameter_count{size} counts the weights, but not all parameters.",
            )
            expect(
                number != weights(*size) + depth + 1,
                f"parameter_count{size} counts one bias for each layer. Look at the shape of b "
                f"again.",
            )
            expect(
                number == weights(*size) + depth * neurons + outputs,
                f"parameter_count{size}: got {number}, which is not the right number. How many "
                "entries has the b of each layer?",
            )


hidden_tests()
