def hidden_tests():  # a function, so that no name of the learner's is touched
    counts = [25, 2, 4642, 9922, 1]
    with check.part(1, "the numerical method, for other numbers of parameters"):
        for n in counts:
            method = "".join(["numer", "ical"])  # a word made anew: == finds it, `is` does not
            number = whole_number(
                f'loss_evaluations("numerical", {n})', loss_evaluations(method, n)
            )
            expect(
                number != 1,
                f'loss_evaluations("numerical", {n}): got 1. Look at how you compare `method`: '
                "`==` compares texts.",
            )
            expect(
                number != n,
                f'loss_evaluations("numerical", {n}): got {number}. Every new loss is compared '
                "with another one. Where does that come from?",
            )
            expect(
                n == 1 or number != 2 * n,  # 2 is right for 1
                f'loss_evaluations("numerical", {n}): got {number}, the number for central '
                "differences. The handout takes forward differences.",
            )
            expect(
                number == n + 1,
                f'loss_evaluations("numerical", {n}): got {number}, which is not the right number. '
                "Count the calls of loss_func in calc_gradient of numerical_example_code.py.",
            )
    with check.part(1, "backprop, for other numbers of parameters"):
        for n in counts:
            number = whole_number(
                f'loss_evaluations("backprop", {n})', loss_evaluations("backprop", n)
            )
            expect(
                number == 1,
                f'loss_evaluations("backprop", {n}): got {number}, which is not the right number. '
                "Count the calls of loss_obj in calc_gradient of backprop_example_code.py. The "
                "way back calls something else.",
            )


hidden_tests()
