import itertools

import numpy


def dense_layers_of(model):
    """The variables (kernel, bias) of each Dense layer, in the order in which they act."""
    expect(
        model.weights,
        "The network has no weights. Look at __init__: each layer must be stored in self.",
    )
    kernels = [w for w in model.weights if len(w.shape) == 2]
    biases = [w for w in model.weights if len(w.shape) == 1]
    others = [tuple(w.shape) for w in model.weights if len(w.shape) not in (1, 2)]
    expect(
        not others,
        f"The network has weights of shape {', '.join(map(str, others))}. A Dense layer has no "
        f"such weights: which layer does not belong there?",
    )
    expect(
        len(kernels) == len(biases),
        f"A Dense layer has one matrix of weights and one vector of biases. Found: matrices "
        f"{len(kernels)}, "
        f"vectors {len(biases)}.\nLook at use_bias, and for layers that do not belong there.",
    )
    layers, width = [], 32 * 32 * 3
    while kernels:
        kernel = next((w for w in kernels if w.shape[0] == width), None)
        bias = (
            None
            if kernel is None
            else next((w for w in biases if w.shape[0] == kernel.shape[1]), None)
        )
        expect(
            bias is not None,
            f"No layer takes {width} numbers, and the weights have the shapes "
            f"{', '.join(str(tuple(w.shape)) for w in model.weights)}.\n"
            "Look at Flatten, and at which layer follows which.",
        )
        kernels = [w for w in kernels if w is not kernel]
        biases = [w for w in biases if w is not bias]
        layers.append((kernel, bias))
        width = int(kernel.shape[1])  # type: ignore[union-attr]
    return layers


def softmax_of(x):
    e = numpy.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def relu_of(x):
    return numpy.maximum(x, 0)


def nothing_done_to(x):
    return x


def answer_of(layers, x, activations, output):
    """A forward pass in NumPy; `activations` has one function for each hidden layer."""
    for (kernel, bias), activation in zip(layers[:-1], activations, strict=False):
        x = activation(x @ kernel + bias)
    kernel, bias = layers[-1]
    return output(x @ kernel + bias)


def known_mistakes(layers, images):
    """Pairs (message, the answer that a network with this mistake gives)."""
    x, n = images.reshape(len(images), -1), len(layers) - 1
    relu, none = [relu_of] * n, [nothing_done_to] * n

    def with_output(message, output):
        return message, answer_of(layers, x, relu, output)

    def with_activation(name, function):
        return f"The hidden layers use {name}, not ReLU.", answer_of(
            layers, x, [function] * n, softmax_of
        )

    yield "ReLU is missing in all hidden layers.", answer_of(layers, x, none, softmax_of)
    yield "ReLU and softmax are missing.", answer_of(layers, x, none, nothing_done_to)
    for kept in itertools.product([True, False], repeat=n):
        functions = [relu_of if keep else nothing_done_to for keep in kept]
        missing = ", ".join(str(i) for i, keep in enumerate(kept, start=1) if not keep)
        if missing:
            message = f"ReLU is missing in hidden layer {missing} (counted from the images)."
            for output in (softmax_of, nothing_done_to):
                yield message, answer_of(layers, x, functions, output)
    yield with_activation("tanh", numpy.tanh)
    yield with_activation("the sigmoid", lambda v: 1 / (1 + numpy.exp(-v)))
    yield with_activation("softmax", softmax_of)
    for slope in (0.01, 0.2, 0.3):
        yield with_activation(
            "a leaky ReLU", lambda v, slope=slope: numpy.where(v > 0, v, slope * v)
        )
    yield with_output("Softmax is taken twice.", lambda v: softmax_of(softmax_of(v)))
    yield with_output("The last layer uses ReLU besides softmax.", lambda v: softmax_of(relu_of(v)))
    for scaled in (x / 255, x / 127.5 - 1, x / 127.5, x / 256, (x - 127.5) / 127.5):
        message = (
            "The network changes the pixels before its first layer; that is work for make_datasets."
        )
        yield message, answer_of(layers, scaled, relu, softmax_of)


def check_activations():
    model = Mymodel()
    model(numpy.zeros((2, 32, 32, 3), numpy.float32))
    rng, layers = numpy.random.default_rng(4), []
    images = rng.uniform(-1, 1, (6, 32, 32, 3)) + numpy.linspace(-0.6, 0.6, 6).reshape(6, 1, 1, 1)
    x = images.reshape(6, -1)
    for kernel, bias in dense_layers_of(model):
        rows, columns = kernel.shape
        # The first layer adds up all pixels alike, so that their order plays no part.
        w = rng.normal(size=(1 if rows == x.shape[1] == 3072 else rows, columns)) * numpy.ones(
            (rows, 1)
        )
        w *= 1.5 / (x @ w).std()
        b = rng.normal(scale=0.5, size=columns)
        layers.append((w, b))
        kernel.assign(w.astype(numpy.float32))
        bias.assign(b.astype(numpy.float32))
        x = relu_of(x @ w + b)
    expect(
        len(layers) > 1,
        "Before the last layer there is no Dense layer that could change negative numbers. "
        "Expected: four hidden layers.\n"
        "Look at which layers __init__ makes, and which of them call uses.",
    )
    got = plain(model(images.astype(numpy.float32)), "the answer to 6 images").astype(float)
    relu, flat = [relu_of] * (len(layers) - 1), images.reshape(6, -1)
    right = [answer_of(layers, flat, relu, output) for output in (softmax_of, nothing_done_to)]
    expect(
        got.shape == right[0].shape,
        f"The answer to 6 images has the shape {got.shape}, but the last layer gives "
        f"{right[0].shape}.\n"
        "Look at what call returns.",
    )
    expect(
        not model.losses, "The network adds a loss of its own. Look at the options of your layers."
    )
    check_training(model, images, got)
    # A missing softmax alone is a matter for the first part.
    if any(numpy.allclose(got, answer, atol=2e-3) for answer in right):
        return
    for message, answer in known_mistakes(layers, images):
        expect(
            not numpy.allclose(got, answer, atol=2e-3),
            f"{message}\nLook at the layers and at call.",
        )
    image, digit = numpy.unravel_index(numpy.abs(got - right[0]).argmax(), got.shape)
    expect(
        False,
        "With weights given by the test, the network answers other probabilities than Dense "
        "layers with "
        f"ReLU and one softmax do. The largest difference: expected {right[0][image, digit]:.4f} "
        f"for digit {digit} of image {image + 1}, got {got[image, digit]:.4f}.\n"
        "Look at the activation of each layer, and at what each layer gets in call.",
    )


def check_training(model, images, answer):
    """Dense layers answer the same whenever they are asked."""
    for what, training in (("a second time", False), ("with training=True", True)):
        again = plain(model(images.astype(numpy.float32), training=training), "the answer")
        again = again.astype(float)
        image, digit = numpy.unravel_index(numpy.abs(again - answer).argmax(), answer.shape)
        expect(
            numpy.allclose(again, answer, atol=1e-5),
            f"Asked {what}, the network answers the same 6 images with other probabilities: "
            f"{again[image, digit]:.5f} in place of {answer[image, digit]:.5f} for digit {digit} "
            f"of image {image + 1}.\nLook for a layer that the exercise does not ask for, and that "
            "draws random numbers or acts in training only.",
        )


def check_widths():
    model, other = Mymodel(), Mymodel()
    for each in (model, other):
        each(numpy.zeros((2, 32, 32, 3), numpy.float32))
    widths = [int(kernel.shape[1]) for kernel, _ in dense_layers_of(model)]
    found = f"neurons in each layer: {', '.join(map(str, widths))}"
    expect(
        len(widths) == 5,
        f"Expected five Dense layers, four hidden ones and the last, found {len(widths)} "
        f"({found}).\n"
        "Look at which layers __init__ makes, and which of them call uses.",
    )
    for number, (width, wanted) in enumerate(
        zip(widths[:-1], (32, 64, 128, 256), strict=False), start=1
    ):
        expect(
            width == wanted,
            f"Hidden layer {number} has {width} neurons ({found}).\nCompare with the list in "
            f"the exercise.",
        )
    frozen = len(model.weights) - len(model.trainable_weights)
    expect(
        not frozen,
        f"{frozen} of {len(model.weights)} matrices and vectors of the network are not trained. "
        "Look at the options of your layers.",
    )
    bound = sum(getattr(w, "constraint", None) is not None for w in model.weights)
    expect(
        not bound,
        f"{bound} of {len(model.weights)} matrices and vectors of the network have a constraint, "
        "which changes them after each step. Expected: Dense layers without one.\n"
        "Look at the options of your layers.",
    )
    shared = {id(w) for w in model.weights} & {id(w) for w in other.weights}
    expect(
        not shared,
        "Two objects of your class share their weights. Make the layers in __init__, for each "
        "object anew.",
    )


with check.part(2, "the layers and their widths"):
    check_widths()
with check.part(2, "what the layers do to negative numbers"):
    check_activations()
