import numpy


def hidden_tests():  # a function, so that no name of the learner's is touched
    points = numpy.array(
        [
            [0.7, -0.4, 1.5, -0.8],
            [-1.2, 0.3, 0.6, 0.9],
            [0.2, 0.1, -2.5, 0.4],
            [-0.5, -0.6, -1.1, -0.2],
            [1.4, 0.0, 0.3, 1.0],
            [0.3, 0.8, 0.0, -0.5],
            [1.6, 0.5, 2.2, -0.6],
            [-1.5, -0.6, 2.0, 0.7],  # far out, where tanh is flat
            [3.5, 0.5, 2.0, 0.4],
            [0.0, 0.4, 1.3, -0.7],
            [0.6, 0.2, -0.9, 0.0],
            [1.0, 2.0, -1.0, 2.5],  # b and y beyond 1, as in whole_numbers(), but floats
            # For a pair that is kept from an earlier call: one number is another one, two are
            # exchanged.
            [0.8, -0.4, 1.5, -0.8],
            [0.7, -0.5, 1.5, -0.8],
            [0.7, -0.4, 1.6, -0.8],
            [0.7, -0.4, 1.5, -0.7],
            [1.5, -0.4, 0.7, -0.8],
            [0.7, -0.4 + 1e-9, 1.5, -0.8],
        ]
    )
    w, b, x, y = points.T
    z = w * x + b
    h, s = numpy.tanh(z), 1 / (1 + numpy.exp(-z))
    # The product of the first two factors, dL/dz, and what learners often have in its place.
    right = (h - y) / numpy.cosh(z) ** 2
    known = {
        "has the wrong sign. Look at the derivative of the loss": -right,
        "is twice too large. Look at the 1/2 in the loss": 2 * right,
        "is half of what it should be. Look at the derivative of the square": right / 2,
        "lacks the factor that comes from tanh": h - y,
        "lacks the factor that comes from the loss": 1 / numpy.cosh(z) ** 2,
        "has the slope of the sigmoid in it, not that of tanh": (h - y) * h * (1 - h),
        "takes the slope of tanh from z; look at how 2-tanh did it": (h - y) * (1 - z**2),
        "does not depend on the target y": h * (1 - h**2),
        "belongs to a neuron with a sigmoid; ours has tanh": (s - y) * s * (1 - s),
        "takes tanh once too often: h is tanh(z) already": (h - y) * (1 - numpy.tanh(h) ** 2),
    }

    def pair_at(point):
        """The result at one point, which calls before it and after it must not change."""
        values, what = [float(v) for v in point], "the result of chain_rule_gradient"
        earlier = chain_rule_gradient(*values)
        kept = plain(earlier, what)
        chain_rule_gradient(1.0, 0.5, -0.5, 0.25)
        expect(
            numpy.array_equal(plain(earlier, what), kept, equal_nan=True),
            "A new call changed the pair that an earlier call returned. Make a new pair in each "
            "call.",
        )
        pair = plain(chain_rule_gradient(*values), what)
        expect(
            pair.shape == (2,),
            f"Expected a pair of two numbers, got {pair.shape or 'one number'}.",
        )
        expect(
            numpy.array_equal(pair, kept, equal_nan=True),
            "Two calls with the same numbers give different results. Look at what your code keeps "
            "between calls.",
        )
        return pair

    def gradients(index):
        """The first or the second number of the result, at all points."""
        pairs = numpy.array([pair_at(point) for point in points])
        expect(
            not numpy.allclose(pairs, numpy.transpose([right, right * x]), atol=1e-9),
            "The two numbers are in the wrong order. Look at the return.",
        )
        return pairs[:, index]

    def compare(name, got, factor, other):
        """What came is right * factor; `other` is the last factor of the other gradient."""
        for mistake, wrong in known.items():
            expect(not numpy.allclose(got, wrong * factor, atol=1e-9), f"{name} {mistake}.")
        expect(
            not any(numpy.allclose(got, right * wrong, atol=1e-9) for wrong in (other, w)),
            f"{name} is wrong in its last factor: how does z change with {name[-1]}?",
        )
        # TensorFlow computes in single precision, unless it is told otherwise.
        is_single = numpy.array_equal(got, got.astype("float32"))
        rtol, atol = (2e-5, 2e-6) if is_single else (1e-12, 1e-14)
        close = numpy.isclose(got, right * factor, rtol=rtol, atol=atol)
        expect(
            close.all() or not numpy.allclose(got, right * factor, rtol=1e-4, atol=1e-4),
            f"{name} is nearly right, but not exact. Write formulas, do not measure the slope with "
            "a small step, and round nothing.",
        )
        first = int(numpy.argmin(close))  # that is wrong, if one is
        expect(
            close.all(),
            f"{name} at w, b, x, y = {points[first].tolist()}: expected about "
            f"{(right * factor)[first]:.6f}, got {got[first]:.6f}.\n"
            "Look at the three factors of the chain rule.",
        )

    def whole_numbers(name, index):
        """The result for whole numbers is right, too."""
        h = numpy.tanh(1)
        expected = ((h - 2) / numpy.cosh(1) ** 2 * numpy.array([-1, 1]))[index]
        pair = plain(chain_rule_gradient(1, 2, -1, 2), "the result of chain_rule_gradient")
        is_single = numpy.array_equal(pair, pair.astype("float32"))
        same(
            f"{name} at w, b, x, y = 1, 2, -1, 2, all whole numbers",
            pair[index],
            expected,
            rtol=1e-5 if is_single else 1e-9,
            look="Look at what your code does with whole numbers.",
        )

    ones = numpy.ones(len(points))
    with check.part(2, "dL/dw at other points"):
        compare("dL/dw", gradients(0), factor=x, other=ones)
        whole_numbers("dL/dw", 0)
    with check.part(1, "dL/db at other points"):
        compare("dL/db", gradients(1), factor=ones, other=x)
        whole_numbers("dL/db", 1)


hidden_tests()
