import warnings

import numpy


def hidden_tests():  # a function, so that no name of the learner's is touched
    def derivative(x):
        return 1 / numpy.cosh(x) ** 2

    points = numpy.array([-3.0, -1.7, -0.9, -0.3, 0.0, 0.3, 0.8, 1.1, 2.2, 3.0])
    expected = derivative(points)
    o = numpy.tanh(points)
    known = {
        "1 - x**2, with x the input of the last call": 1 - points**2,
        "1 - tanh(o)**2, with o the output: tanh was taken twice": 1 - numpy.tanh(o) ** 2,
        "o * (1 - o), with o the output: that is the slope of the sigmoid": o * (1 - o),
        "o, the output of __call__": o,
        "1 - o, with o the output": 1 - o,
        "1 + o**2, with o the output": 1 + o**2,
        "the slope with the wrong sign": o**2 - 1,
        "o**2, with o the output": o**2,
        "(1 - o)**2, with o the output": (1 - o) ** 2,
        "the input x itself": points,
        "0 for negative x and 1 for positive x: that is the slope of ReLU": (points > 0) * 1.0,
        "0 everywhere": 0 * points,
        "1 everywhere: that is the slope at x = 0, whatever the x of the last call": 0 * points + 1,
    }

    def slope_after(x):
        """What grad() of a new object returns after a call with x."""
        activation = Tanh()
        activation(x)
        return plain(activation.grad(), "grad()")

    def takes_numbers():
        """Whether a single number works; where none does, the first part says so."""
        try:
            return slope_after(0.5).shape == ()
        except Exception:
            return False

    def check_known_mistakes():
        """The slope is not one that learners often write instead."""
        slope = slope_after(points.copy())
        for name, wrong in known.items():
            expect(
                # Other shapes are told below, but a single number may stand for all.
                slope.shape not in ((), points.shape)
                or not numpy.allclose(slope, wrong, atol=1e-9),
                f"grad() returns {name}.\nCompare grad() with your derivative on paper, and look "
                "at what __call__ remembers.",
            )

    def check_shapes(look):
        """After an array of any shape, the slope has this shape, and the array is as it was."""
        for shape in [(10,), (4,), (2, 5), (5, 1, 2), (1,), (1, 1), (2, 3, 5, 7)]:
            some = numpy.resize(points[-numpy.prod(shape) :], shape)
            given = some.copy()
            same(
                f"grad() after an array of shape {shape}",
                slope_after(given),
                derivative(some),
                atol=1e-12,
                look=look,
            )
            expect(
                numpy.array_equal(given, some),
                "Your class changed the array x that it was given. Compute a new array instead.",
            )

    def check_numbers(look):
        """Numbers of float32 are right, and so are those near 0 and far out, and a whole one."""
        slope = slope_after(points.astype(numpy.float32))
        same("grad() after a float32 array", slope, expected, atol=1e-6, look=look)
        between = numpy.array([-9.0, -6.0, -4.0, -0.25, -0.05, 0.002, 0.05, 0.25, 4.0, 6.0, 9.0])
        wanted = derivative(between)  # before the call, which may change the array
        same(
            "grad() after -9, -6, -4, -0.25, ..., 0.25, 4, 6, 9",
            slope_after(between),
            wanted,
            atol=1e-12,
            look="Look at what your class does with the x at this index.",
        )
        if takes_numbers():
            same(
                "grad() after a call with x = 1, a whole number",
                slope_after(1),
                derivative(1),
                atol=1e-12,
                look="Look at what your class does with whole numbers.",
            )

    def need_the_derivative():
        """Fail if grad() is wrong even for one vector and one call."""
        try:
            right = numpy.allclose(slope_after(points.copy()), expected, atol=1e-6)
        except Exception:
            right = False
        expect(right, "This counts only when the derivative of a vector is right.")

    def check_own_call(first, second):
        """grad() is of the last call of its object, asked once or twice, and changes nothing."""
        first(numpy.array([2.0, 2.0, 2.0]))
        output = first(points.copy())
        kept = plain(output, "the output of __call__")
        second(numpy.array([0.1]))
        look = "Look at what __call__ remembers, and where: in self, and anew at each call."
        same(
            "grad() of an object called twice, after another object was called",
            first.grad(),
            expected,
            atol=1e-6,
            look=look,
        )
        look = "grad() must not change what __call__ remembered or returned."
        same("grad() asked for a second time", first.grad(), expected, atol=1e-6, look=look)
        same("the output of __call__, after grad()", output, kept, look=look)

    def check_new_calls(first):
        """grad() follows each new call, and what it returned before stays as it is."""
        look = "Look at what grad() remembers: it must follow each new call."
        first(numpy.array([-0.8, 0.3]))
        wanted = derivative([-0.8, 0.3])
        same("grad() after one more call", first.grad(), wanted, atol=1e-6, look=look)
        slope = first.grad()
        kept = plain(slope, "grad()")
        first(numpy.array([0.5, -0.2]))
        same(
            "grad() after one more array of the same shape",
            first.grad(),
            derivative([0.5, -0.2]),
            atol=1e-6,
            look=look,
        )
        same(
            "the slope that grad() returned before",
            slope,
            kept,
            look="A new call must not change the array that an earlier call returned.",
        )

    def tolerance(x):
        return 1e-6 if x.dtype == numpy.float32 else 1e-12

    def right_for_others_like(x):
        """Whether a new object is right for other numbers of this shape and type, and leaves them
        as they are; where none is, the parts before say so.
        """
        others = numpy.linspace(0.2, 0.8, x.size).reshape(x.shape).astype(x.dtype)
        given, wanted = others.copy(), derivative(others.astype(float))
        try:
            slope = slope_after(given)
        except Exception:
            return False
        if slope.shape != x.shape or not numpy.array_equal(given, others):
            return False
        return numpy.allclose(slope, wanted, rtol=0, atol=tolerance(x))

    def in_a_row():
        """Arrays for one object, one after the other: each must get its own answer."""
        x = numpy.array([-0.5, 0.25, 0.75, -0.25])
        yield "an array", x
        x *= -0.5
        yield "the same array, changed in place", x
        yield "numbers that differ by 1e-9 of their size", x * (1 + 1e-9)
        yield "the same numbers in another order", x[[0, 2, 1, 3]]
        yield "the same numbers in another shape", x.reshape(4, 1)
        yield "a matrix of float32", x.reshape(2, 2).astype(numpy.float32)
        yield "a matrix of float64", x.reshape(2, 2) / 3

    def check_calls_in_a_row(activation):
        """One object takes array after array, and no slope is that of an earlier one."""
        for what, x in in_a_row():
            if not right_for_others_like(x):
                continue
            wanted = derivative(x)
            activation(x)
            same(
                f"one object called again and again: grad() after {what}",
                activation.grad(),
                wanted,
                atol=tolerance(x),
                look="Look at when your class uses something of an earlier call.",
            )

    def check_objects_in_turn():
        """Of two objects that are called in turn, each knows the slope of its own call."""
        turns = {"an array": points, "a matrix": points.reshape(2, 5)}
        turns = {what: x for what, x in turns.items() if right_for_others_like(x)}
        if takes_numbers():
            turns["a number"] = numpy.float64(0.4)  # type: ignore[assignment]
        for what, x in turns.items():
            first, second = Tanh(), Tanh()
            first(x.copy())
            second(x + 0.5)
            slopes = {"second": (second.grad(), x + 0.5), "first": (first.grad(), x)}
            for which, (slope, own) in slopes.items():
                same(
                    f"two objects called in turn, each with {what}: grad() of the {which} one",
                    slope,
                    derivative(own),
                    atol=1e-6,
                    look="Look at where __call__ keeps what grad() needs, and who else writes "
                    "there.",
                )

    def slopes_of_large_numbers(dtype, look):
        """Compare the slopes at large numbers; return the warnings that came, as text."""
        large = numpy.array([-1000.0, -750.0, 0.5, 750.0, 1000.0], dtype)
        tolerances = numpy.full(5, 1e-12)
        tolerances[2] = 1e-12 if dtype is numpy.float64 else 1e-6
        wanted = [0.0, 0.0, derivative(0.5), 0.0, 0.0]
        what = f"grad() after -1000, -750, 0.5, 750, 1000 in {numpy.dtype(dtype).name}"
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", append=True)  # filters of the learner's go first
            same(what, slope_after(large), wanted, atol=tolerances, look=look)
        found = {str(w.message) for w in caught if issubclass(w.category, RuntimeWarning)}
        return ", ".join(sorted(found))

    with check.part(3, "the derivative of vectors and matrices"):
        check_known_mistakes()
        look = (
            "If a value of __call__ is wrong, mend that first. grad() must work for every shape: "
            "a formula, no differences, nothing rounded."
        )
        check_shapes(look)
        check_numbers(look)
    with check.part(2, "grad() belongs to the last call of its own object"):
        need_the_derivative()
        first, second = Tanh(), Tanh()
        check_own_call(first, second)
        check_new_calls(first)
        check_calls_in_a_row(first)
        check_objects_in_turn()
    look = "Look at what your formula does with large x of both signs."
    with check.part(1, "large numbers: the derivative is 0"):
        need_the_derivative()
        slopes_of_large_numbers(numpy.float64, look)
    with check.part(1, "large numbers: no warning"):
        need_the_derivative()
        text = slopes_of_large_numbers(numpy.float64, look)
        expect(not text, f"Large numbers lead to a warning: {text}.\n{look}")
        look += "\nIn float32, e**89 is too large already."
        text = slopes_of_large_numbers(numpy.float32, look)
        expect(not text, f"Large numbers in float32 lead to a warning: {text}.\n{look}")


hidden_tests()
