def hidden_tests():  # a function, so that no name of the learner's is touched
    def counts(depth, neurons, inputs, outputs):
        weights = inputs * neurons + (depth - 1) * neurons * neurons + neurons * outputs
        return weights, weights + depth * neurons + outputs

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
        return whole_number(f"step_multiplications{size}", step_multiplications(*size))

    with check.part(2, "networks of other sizes, give or take one pass"):
        for size in sizes:
            weights, parameters = counts(*size)
            number = ask(size)
            known = {
                2
                * parameters
                * weights: "the number for central differences, with two new losses for "
                "each parameter. Forward differences need fewer.",
                (parameters + 1)
                * parameters: "a number in which a pass has one multiplication for each "
                "parameter. Which parameters are multiplied by an input?",
                (weights + 1)
                * weights: "a number in which only the weights are moved. A step moves every "
                "parameter.",
                weights
                * weights: "a number in which only the weights are moved. A step moves every "
                "parameter.",
                weights: "the number for one pass. How many passes has a step?",
                parameters: "the number of parameters. How much work is it to move one of them?",
                parameters + 1: "the number of passes. How many multiplications has a pass?",
            }
            expect(
                number not in known, f"step_multiplications{size}: {number} is {known.get(number)}"
            )
            expect(
                number in (parameters * weights, (parameters + 1) * weights),
                f"step_multiplications{size}: got {number}, which is not the right number.\n"
                "Is parameter_count right? If not, mend it first. Then look at the "
                "multiplications of a pass, and at the passes of a step.",
            )
    with check.part(1, "networks of other sizes, every pass counted"):
        for size in sizes:
            weights, parameters = counts(*size)
            number = ask(size)
            expect(
                number != parameters * weights,
                f"step_multiplications{size}: {number} is short of one pass. With which loss "
                f"is each "
                "new loss compared?",
            )
            expect(
                number == (parameters + 1) * weights,
                f"step_multiplications{size}: got {number}, which is not the right number. See "
                f"the part above.",
            )


hidden_tests()
