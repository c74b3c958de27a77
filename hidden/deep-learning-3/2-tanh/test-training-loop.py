import numpy


class Triple:
    """An activation that is no sigmoid, with a large slope; not in a function, so that it can be
    pickled.
    """

    def __call__(self, x):
        self.x = x
        return 3 * x

    def grad(self):
        return numpy.full(self.x.shape, 3.0)


def hidden_tests():  # a function, so that no name of the learner's is touched
    import contextlib
    import copy
    import functools
    import io
    import math

    import backprop_example_code as handout

    one_neuron = 0, 1, 1, 1  # which takes less than half the time of the other networks

    def two_equal_networks(seed, size=(2, 6, 4, 3)):
        """One network for train(), and its copy for the reference."""
        depth, width, inputs, outputs = size
        network = handout.DNN(depth, width, inputs, outputs, handout.Sigmoid, 0.7, seed)
        return network, copy.deepcopy(network)

    def one_example(seed, size=(2, 6, 4, 3)):
        """An x and a y for networks of this size."""
        rng = numpy.random.default_rng(seed)
        return rng.normal(size=size[2]), rng.uniform(-0.9, 0.9, size=size[3])

    def run_of_one_neuron(neuron, x, y, epochs, alpha):
        """Train a single neuron, in single numbers, which takes a tenth of the time."""
        (weight,), (bias,), (x,), (y,) = (
            each.ravel().tolist() for each in (neuron.W, neuron.b, x, y)
        )
        losses = []
        for _ in range(epochs):
            output = 1 / (1 + math.exp(-weight * x - bias))
            losses.append((output - y) ** 2 / 2)
            step = alpha * (output - y) * output * (1 - output)
            weight, bias = weight - step * x, bias - step
        neuron.W[:], neuron.b[:] = weight, bias
        return losses

    def reference_run(network, x, y, epochs=100, alpha=0.01):
        """Train the network as train() must; return the losses."""
        if network.layers[0].W.shape == (1, 1):
            return run_of_one_neuron(network.layers[0], x, y, epochs, alpha)
        loss = handout.MeanSquaredError()
        return [handout.gradient_descent(network, x, y, loss, alpha) for _ in range(epochs)]

    def run_silently(*arguments, **options):
        """What train() returns; what it prints is dropped, for it would hide the report."""
        with contextlib.redirect_stdout(io.StringIO()):
            return train(*arguments, **options)

    def losses_of(what, steps, *arguments, **options):
        """The losses that train() returns, which must be one for each of the steps."""
        result = run_silently(*arguments, **options)
        losses = plain(result, f"{what}: the result of train()")
        expect(
            losses.shape == (steps,),
            f"{what}: expected {steps} losses, that is the shape ({steps},); got the shape "
            f"{losses.shape or 'of one number'}.\n"
            "Look at where the list begins, how often your loop runs, what it adds, and when you "
            "return.",
        )
        return losses

    def equal(a, b):
        return a.shape == numpy.shape(b) and numpy.allclose(a, b, rtol=1e-9, atol=1e-14)

    def all_parameters(network):
        """Every weight and bias, in one array."""
        return numpy.concatenate(
            [p.ravel() for layer in network.layers for p in (layer.W, layer.b)]
        )

    def either_is_right(losses, wanted, learner, reference):
        """Whether the losses or the weights and biases are right.

        Other losses after the right steps are a matter for the part about losses.
        """
        return equal(losses, wanted) or equal(all_parameters(learner), all_parameters(reference))

    # The losses are those of a reference run

    def is_rounded(losses):
        """To some digits after the point, or to single precision."""
        few = (numpy.array_equal(losses, losses.round(digits)) for digits in range(1, 9))
        return any(few) or numpy.array_equal(losses, losses.astype("float32"))

    def apart(wanted, got):
        """Both numbers, with as many digits as it takes to tell them apart."""
        short = f"{wanted:.6g}", f"{got:.6g}"
        return short if len({*short}) == 2 else (repr(float(wanted)), repr(float(got)))

    def check_losses(seed):
        """The list holds the loss before each step, for the epochs and alpha of the signature."""
        learner, reference = two_equal_networks(seed)
        x, y = one_example(seed)
        wanted = reference_run(reference, x, y, epochs=101)  # the last one is after 100 steps
        what = "epochs and alpha left out"
        losses = losses_of(what, 100, learner, x.copy(), y.copy())
        expect(
            not equal(losses, wanted[1:]),
            f"{what}: these are the losses after each step; expected are those before it.\n"
            "Look at what gradient_descent returns.",
        )
        right = equal(losses, wanted[:-1])
        expect(
            right or not is_rounded(losses) or not numpy.allclose(losses, wanted[:-1], atol=0.06),
            f"{what}: the losses seem to be rounded. Keep them as gradient_descent returns them.",
        )
        expected, got = apart(wanted[-2], losses[-1])
        expect(
            right or not equal(losses[:1], wanted[:1]),
            f"{what}: the first loss is right, later ones are not. Last loss: expected "
            f"{expected}, got {got}.\n"
            "Look at your steps: how many an epoch makes, their size, and what they change.",
        )
        expected, got = apart(wanted[0], losses[0])
        expect(
            right,
            f"{what}: the first loss is wrong already: expected {expected}, got {got}.\n"
            "Look at which loss you store and when, and at whether you use network, x and y as "
            "they were passed in.",
        )

    # Epochs and alpha are obeyed

    def check_options(what, seed, *arguments, size=(2, 6, 4, 3), times=1.0, **options):
        """The losses or the weights are those of a run with these options; `times` scales x."""
        learner, reference = two_equal_networks(seed, size)
        x, y = one_example(seed, size)
        x *= times
        wanted = reference_run(reference, x, y, *arguments, **options)
        losses = losses_of(what, len(wanted), learner, x.copy(), y.copy(), *arguments, **options)
        expect(
            either_is_right(losses, wanted, learner, reference),
            f"{what}: neither the losses nor the weights are those of {len(wanted)} steps with "
            "this alpha.\nLook at how many steps an epoch makes, and at what you hand to "
            "gradient_descent.",
        )

    def check_other_activation():
        """Each of four layers is trained by the slope of its own activation."""
        what = "four layers with another activation than Sigmoid, epochs=5, alpha=0.0001"
        learner = handout.DNN(3, 5, 4, 3, activation=Triple, weight_scale=0.3, seed=27)
        reference = copy.deepcopy(learner)
        x, y = one_example(27)
        wanted = reference_run(reference, 2 * x, y, epochs=5, alpha=0.0001)
        losses = losses_of(what, 5, learner, 2 * x, y.copy(), epochs=5, alpha=0.0001)
        expect(
            either_is_right(losses, wanted, learner, reference),
            f"{what}: neither the losses nor the weights are right.\nLook at whether your steps "
            "take the slope of the network's own activation, at whether you change the gradient, "
            "and which layers move.",
        )

    def check_known_example():
        """Where nothing is left to learn, there are as many losses as ever."""
        learner, _ = two_equal_networks(28)
        x, _ = one_example(28)
        what = "an example that the network knows already: loss 0"
        losses_of(what, 5, learner, x, learner(x).copy(), epochs=5, alpha=0.1)

    # Losses below 1e-30, at which code may stop early: that shows in the list, in the weights, or
    # in both, and each of the three parts looks for one of these.

    @functools.cache
    def tiny_run(alpha):
        """30 epochs on numbers so small that every loss is below 1e-30; returns what was run, the
        losses, those of the reference, the first epoch with a wrong one, and whether all losses
        and the weights at the end are right.

        The activation is linear, so that the losses fall or rise as those of large numbers do.
        """
        learner = handout.DNN(1, 5, 4, 3, activation=Triple, weight_scale=0.1, seed=34)
        reference = copy.deepcopy(learner)
        x, y = (1e-20 * values for values in one_example(34))
        wanted = numpy.array(reference_run(reference, x, y, epochs=30, alpha=alpha))
        what = (
            f"epochs=30, alpha={alpha}, the first loss is {wanted[0]:.1g}, the last one "
            f"{wanted[-1]:.1g}"
        )
        losses = losses_of(what, 30, learner, x, y, epochs=30, alpha=alpha)
        close = numpy.isclose(losses, wanted, rtol=1e-6, atol=0)
        # The biases, which begin at 0; beside weights near 0.1, steps so small leave nothing.
        ends, goal = (
            numpy.concatenate([layer.b for layer in each.layers]) for each in (learner, reference)
        )
        weights = numpy.linalg.norm(ends - goal) < 1e-6 * numpy.linalg.norm(goal)
        return what, losses, wanted, int(numpy.argmin(close)), close.all(), weights

    tiny_alphas = 0.02, 0.6  # the losses fall, the losses rise

    def tiny_runs_without_errors():
        """The tiny runs that come to an end; of others the part about epochs and alpha tells."""
        for alpha in tiny_alphas:
            try:
                run = tiny_run(alpha)
            except Exception:
                continue
            yield run

    def check_list_of_tiny_losses():
        """Where the weights are right, the list must be right, too."""
        for what, losses, wanted, epoch, right, weights in tiny_runs_without_errors():
            expect(
                right or not weights,
                f"{what}: all steps were made, but the loss of epoch {epoch + 1} in the list is "
                f"{losses[epoch]:.4g}, expected {wanted[epoch]:.4g}.\n"
                "Look at which number an epoch adds to the list.",
            )

    def check_tiny_steps():
        """Either the losses or the weights must be right, however small or large the loss is."""
        for what, losses, wanted, epoch, right, weights in map(tiny_run, tiny_alphas):
            expect(
                right or weights,
                f"{what}: the loss of epoch {epoch + 1} is {losses[epoch]:.4g}, expected "
                f"{wanted[epoch]:.4g}, and the weights at the end are wrong.\n"
                "Look for a step that your loop leaves out or changes when the loss is small, or "
                "does not fall.",
            )

    def check_weights_after_tiny_losses():
        """Where the losses are right, the weights must be right, too."""
        for what, _, _, _, right, weights in tiny_runs_without_errors():
            expect(
                weights or not right,
                f"{what}: the losses are right, but the weights at the end are not those after "
                "30 steps.\nLook at what train() does after the last step.",
            )

    # The network passed in is trained, and no other

    def check_network():
        """The network passed in is trained; another one, x and y stay as they are."""
        global network  # a name that the notebook uses, too: train() must not take this one
        network, _ = two_equal_networks(31)
        other = all_parameters(network)
        learner, reference = two_equal_networks(32)
        untouched = copy.deepcopy(learner)
        x, y = one_example(32)
        given = x.copy(), y.copy()
        run_silently(learner, *given, epochs=2, alpha=0.05)
        reference_run(reference, x, y, epochs=1, alpha=0.05)
        moved, downhill = (
            all_parameters(each) - all_parameters(untouched) for each in (learner, reference)
        )
        expect(
            moved.any(),
            "The weights of the network passed in are the same as before.\nLook at whether train() "
            "makes a step at all, and on which network.",
        )
        check_every_layer(learner, untouched)
        check_direction(moved, downhill)
        expect(
            numpy.array_equal(all_parameters(network), other),
            "train() changed a network that was not passed in.\n"
            "Look at the name by which train() calls the network.",
        )
        expect(
            numpy.array_equal(x, given[0]) and numpy.array_equal(y, given[1]),
            "train() changed x or y. It must change the network alone.",
        )

    def check_every_layer(learner, untouched):
        """Of each layer, some weight and some bias moved."""
        pairs = zip(learner.layers, untouched.layers, strict=False)
        for number, (layer, start) in enumerate(pairs, start=1):
            for name, now, then in (("weights", layer.W, start.W), ("biases", layer.b, start.b)):
                expect(
                    (now != then).any(),
                    f"Layer {number} of {len(learner.layers)}: the {name} are the same as before "
                    "training. A step moves every weight and bias.\nLook at your update.",
                )

    def check_direction(moved, downhill):
        """All weights and biases together moved in the direction of the reference's first step."""
        expect(
            not moved @ downhill < -0.9 * numpy.linalg.norm(moved) * numpy.linalg.norm(downhill),
            "The weights moved uphill: the loss gets larger.\nLook at the sign in your update.",
        )
        expect(
            moved @ downhill > 0.9 * numpy.linalg.norm(moved) * numpy.linalg.norm(downhill),
            "The weights of the network passed in changed, but not by gradient descent from where "
            "they were.\n"
            "Look at whether train() draws weights anew, or changes them in a way of its own.",
        )

    def check_steps():
        """Where the losses are right, the weights must be those after as many steps."""
        learner, reference = two_equal_networks(33)
        x, y = one_example(33)
        wanted = reference_run(reference, x, y, epochs=3, alpha=0.05)
        result = run_silently(learner, x.copy(), y.copy(), epochs=3, alpha=0.05)
        try:
            right = equal(plain(result, ""), wanted)
        except Exception:
            right = False  # the parts above say so
        expect(
            not right or equal(all_parameters(learner), all_parameters(reference)),
            "epochs=3: the losses are right, but the weights at the end are not those after 3 "
            "steps.\n"
            "Count the steps that your loop makes, and look at what you do after the last one.",
        )

    def run_again(learner, reference, seed):
        """Train both networks on an example; return what train() returned, and the losses in it:
        None where neither these nor the weights are right.
        """
        x, y = one_example(seed)
        wanted = reference_run(reference, x, y, epochs=6, alpha=0.2)
        result = run_silently(learner, x.copy(), y.copy(), epochs=6, alpha=0.2)
        try:
            losses = plain(result, "")
            right = losses.shape == (6,) and either_is_right(losses, wanted, learner, reference)
        except Exception:
            right = False
        return result, losses if right else None

    def check_second_call():
        """A network that is trained once more goes on from where it is, with the new example; and
        the list of the first call stays as it is.
        """
        learner, reference = two_equal_networks(35)
        result, losses = run_again(learner, reference, 35)
        if losses is None:
            return  # a matter for the other parts
        _, later_losses = run_again(learner, reference, 36)
        expect(
            later_losses is not None,
            "train() was called twice with the same network, epochs and alpha, and each time with "
            "another example.\n"
            "The first call is right; of the second neither the losses nor the weights are.\n"
            "Look at what is kept from one call to the next.",
        )
        try:
            unchanged = numpy.array_equal(plain(result, ""), losses)
        except Exception:
            unchanged = False  # it holds something else than numbers now
        expect(
            unchanged,
            "A new call of train() changed the list that an earlier call had returned.\n"
            "Look at where the list is made, and how often.",
        )

    with check.part(2, "the losses are those of a reference run"):
        check_losses(seed=21)
        check_list_of_tiny_losses()
    with check.part(2, "epochs and alpha are obeyed"):
        check_options("epochs=7, alpha=0.3", 22, epochs=7, alpha=0.3)
        check_options(
            "train(network, x, y, 4, 0.1), where epochs is 4 and alpha is 0.1", 23, 4, 0.1
        )
        check_options("epochs=1, alpha left out, x up to 20", 24, times=15, epochs=1)
        check_options("one neuron, alpha=0.05, epochs left out", 25, size=one_neuron, alpha=0.05)
        check_options("epochs=40, alpha=3.0", 26, epochs=40, alpha=3.0)
        # A right loop may be recursive, with two calls an epoch; Python allows 1,000.
        check_options(
            "one neuron, epochs=400, alpha=0.1", 29, size=one_neuron, epochs=400, alpha=0.1
        )
        check_other_activation()
        check_known_example()
        check_tiny_steps()
    with check.part(2, "the network passed in is trained, and no other"):
        check_network()
        check_steps()
        check_weights_after_tiny_losses()
        check_second_call()


hidden_tests()
