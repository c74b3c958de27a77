import warnings

import numpy


def hidden_tests():  # a function, so that no name of the learner's is touched
    points = numpy.array([-3.0, -1.7, -0.9, -0.3, 0.0, 0.3, 0.8, 1.1, 2.2, 3.0])

    def check_shapes(look):
        """An array of any shape leads to one of its shape, and stays as it is."""
        for shape in [(10,), (4,), (2, 5), (5, 1, 2), (1,), (1, 1), (2, 3, 5, 7)]:
            some = numpy.resize(points[-numpy.prod(shape) :], shape)
            given = some.copy()
            output = Tanh()(given)
            expected = numpy.tanh(some)
            same(f"tanh of an array of shape {shape}", output, expected, atol=1e-12, look=look)
            expect(
                numpy.array_equal(given, some),
                "Your __call__ changed the array x that it was given. Compute a new array instead.",
            )

    def check_numbers(look):
        """Numbers of float32 are right, and so are those near 0 and far out."""
        output = Tanh()(points.astype(numpy.float32))
        same("tanh of a float32 array", output, numpy.tanh(points), atol=1e-6, look=look)
        between = numpy.array([-9.0, -6.0, -4.0, -0.25, -0.05, 0.002, 0.05, 0.25, 4.0, 6.0, 9.0])
        expected = numpy.tanh(between)  # before the call, which may change the array
        same(
            "tanh of -9, -6, -4, -0.25, ..., 0.25, 4, 6, 9",
            Tanh()(between),
            expected,
            atol=1e-12,
            look="Look at what __call__ does with the x at this index.",
        )

    def check_large_array():
        """An array of large numbers, which code may cut off, stays as it is, too."""
        given = 100 * points
        Tanh()(given)
        expect(
            numpy.array_equal(given, 100 * points),
            "Your __call__ changed the array x that it was given, where x is large. Compute a new "
            "array instead.",
        )

    def check_earlier_output():
        """What a call returned stays as it is in the next one."""
        activation = Tanh()
        output = activation(points.copy())
        activation(points[::-1].copy())
        same(
            "the output of a call, after one more call",
            output,
            numpy.tanh(points),
            atol=1e-12,
            look="A new call must not change the array that an earlier call returned.",
        )

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

    def check_calls_in_a_row():
        """One object takes array after array, and no answer is that of an earlier one."""
        activation = Tanh()
        for what, x in in_a_row():
            expected = numpy.tanh(x)
            same(
                f"one object called again and again, now with {what}",
                activation(x),
                expected,
                atol=1e-6 if x.dtype == numpy.float32 else 1e-12,
                look="Look at when __call__ uses something of an earlier call.",
            )

    def takes_numbers():
        """Whether a single number works; where none does, the first part says so."""
        try:
            return plain(Tanh()(0.5), "Tanh()(0.5)").shape == ()
        except Exception:
            return False

    def large_numbers(dtype, look):
        """Compare the values at large numbers; return the warnings that came, as text."""
        tolerances = numpy.array([1e-12, 1e-12, 1e-6, 1e-12, 1e-12])
        large = numpy.array([-1000, -750, 0.5, 750, 1000], dtype)
        expected = [-1.0, -1.0, numpy.tanh(0.5), 1.0, 1.0]
        what = f"tanh of -1000, -750, 0.5, 750, 1000 in {numpy.dtype(dtype).name}"
        hint = (
            "These numbers are finite, but not all are right. Look at what __call__ does with the "
            "x at this index."
        )
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", append=True)  # filters of the learner's go first
            output = plain(Tanh()(large.copy()), what)
            is_finite = numpy.isfinite(output).all()
            same(what, output, expected, atol=tolerances, look=hint if is_finite else look)
            for number in (1000.0, -1000) if takes_numbers() else ():
                same(f"Tanh()({number})", Tanh()(number), numpy.sign(number), atol=1e-12, look=look)
        found = {str(w.message) for w in caught if issubclass(w.category, RuntimeWarning)}
        return ", ".join(sorted(found))

    with check.part(2, "vectors, matrices and float32"):
        look = (
            "Look at __call__: it must work for arrays of every shape and for float32, and round "
            "nothing."
        )
        check_shapes(look)
        check_numbers(look)
        check_large_array()
        check_earlier_output()
        check_calls_in_a_row()
    look = (
        "e**1000 is too large for a float. Look at what your formula does with large x of both "
        "signs."
    )
    with check.part(1, "large numbers give -1 and 1"):
        large_numbers(numpy.float64, look)
    with check.part(1, "large numbers lead to no warning, and float32 is right, too"):
        text = large_numbers(numpy.float64, look)
        expect(not text, f"Large numbers lead to a warning: {text}.\n{look}")
        look += "\nIn float32, e**89 is too large already."
        text = large_numbers(numpy.float32, look)
        expect(not text, f"Large numbers in float32 lead to a warning: {text}.\n{look}")


hidden_tests()
