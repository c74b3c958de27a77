import itertools

import numpy


def dense_layers_of(model):
    """The variables (kernel, bias) of each Dense layer, in the order in which they act."""
    expect(
        model.weights,
        "The network has no weights. Look at __init__: each layer must be stored in self.",
    )
    kernels, biases = ([w for w in model.weights if len(w.shape) == n] for n in (2, 1))
    others = [tuple(w.shape) for w in model.weights if len(w.shape) not in (1, 2)]
    expect(
        not others,
        f"The network has weights of shape {', '.join(map(str, others))}. A Dense layer has no "
        f"such weights: which layer does not belong there?",
    )
    expect(
        len(kernels) == len(biases),
        "A Dense layer has one matrix of weights and one vector of biases. Found: matrices "
        f"{len(kernels)}, vectors {len(biases)}.\n"
        "Look at use_bias, and for layers that do not belong there.",
    )
    layers, width = [], 32 * 32 * 3
    while kernels:
        kernel = next((w for w in kernels if w.shape[0] == width), None)
        columns = -1 if kernel is None else int(kernel.shape[1])
        bias = next((w for w in biases if w.shape[0] == columns), None)
        expect(
            bias is not None,
            f"No layer takes {width} numbers, and the weights have the shapes "
            f"{', '.join(str(tuple(w.shape)) for w in model.weights)}.\n"
            "Look at Flatten, and at which layer follows which.",
        )
        kernels = [w for w in kernels if w is not kernel]
        biases = [w for w in biases if w is not bias]
        layers.append((kernel, bias))
        width = columns
    return layers


def softmax_of(x):
    e = numpy.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def relu_of(x):
    return numpy.maximum(x, 0)


def nothing_done_to(x):
    return x


def with_new_weights(model):
    """Give the model weights of the test's own.

    Returns them in NumPy, as pairs (kernel, bias), and six images: with these, the sums of each
    layer are of a like size, and of both signs.
    """
    rng, layers = numpy.random.default_rng(4), []
    images = rng.uniform(-1, 1, (6, 32, 32, 3)) + numpy.linspace(-0.6, 0.6, 6).reshape(6, 1, 1, 1)
    x = images.reshape(6, -1)
    for kernel, bias in dense_layers_of(model):
        rows, columns = kernel.shape
        # The first layer adds up all pixels alike, so that their order plays no part.
        different = 1 if rows == x.shape[1] == 3072 else rows
        w = rng.normal(size=(different, columns)) * numpy.ones((rows, 1))
        w *= 1.5 / (x @ w).std()
        b = rng.normal(scale=0.5, size=columns)
        layers.append((w, b))
        kernel.assign(w.astype(numpy.float32))
        bias.assign(b.astype(numpy.float32))
        x = relu_of(x @ w + b)
    return layers, images


def answer_of(layers, x, functions):
    """A forward pass in NumPy, with one function for each layer."""
    for (kernel, bias), function in zip(layers, functions, strict=True):
        x = function(x @ kernel + bias)
    return x


def known_mistakes(layers, x):
    """Pairs (message, the answer that a network with this mistake gives)."""
    n = len(layers) - 1

    def answer(hidden, output=softmax_of, x=x):
        return answer_of(layers, x, [*hidden, output])

    relu, none = [relu_of] * n, [nothing_done_to] * n
    yield "ReLU is missing in all hidden layers.", answer(none)
    yield "ReLU and softmax are missing.", answer(none, nothing_done_to)
    for kept in itertools.product([True, False], repeat=n):
        functions = [relu_of if keep else nothing_done_to for keep in kept]
        missing = ", ".join(str(i) for i, keep in enumerate(kept, start=1) if not keep)
        if missing:
            message = f"ReLU is missing in hidden layer {missing} (counted from the images)."
            for output in (softmax_of, nothing_done_to):
                yield message, answer(functions, output)
    for name, function in (
        ("tanh", numpy.tanh),
        ("the sigmoid", lambda v: 1 / (1 + numpy.exp(-v))),
        ("softmax", softmax_of),
        ("a leaky ReLU", lambda v: numpy.maximum(v, 0.01 * v)),
        ("a leaky ReLU", lambda v: numpy.maximum(v, 0.2 * v)),
        ("a leaky ReLU", lambda v: numpy.maximum(v, 0.3 * v)),
    ):
        yield f"The hidden layers use {name}, not ReLU.", answer([function] * n)
    for message, output in (
        ("Softmax is taken twice.", lambda v: softmax_of(softmax_of(v))),
        ("The last layer uses ReLU besides softmax.", lambda v: softmax_of(relu_of(v))),
    ):
        yield message, answer(relu, output)
    for scaled in (x / 255, x / 127.5 - 1, x / 127.5, x / 256, (x - 127.5) / 127.5):
        message = (
            "The network changes the pixels before its first layer; that is work for make_datasets."
        )
        yield message, answer(relu, x=scaled)


def farthest(one, other):
    """Where two answers differ most: the number of the image, and the digit."""
    return numpy.unravel_index(numpy.abs(one - other).argmax(), one.shape)


def check_activations():
    """With weights that the test knows, the answers are those of layers written in NumPy."""
    model = Mymodel()
    model(numpy.zeros((2, 32, 32, 3), numpy.float32))
    layers, images = with_new_weights(model)
    expect(
        len(layers) > 1,
        "Before the last layer there is no Dense layer that could change negative numbers. "
        "Expected: four hidden layers.\n"
        "Look at which layers __init__ makes, and which of them call uses.",
    )
    got = plain(model(images.astype(numpy.float32)), "the answer to 6 images").astype(float)
    flat, relu = images.reshape(6, -1), [relu_of] * (len(layers) - 1)
    right = [answer_of(layers, flat, [*relu, last]) for last in (softmax_of, nothing_done_to)]
    expect(
        got.shape == right[0].shape,
        f"The answer to 6 images has the shape {got.shape}, but the last layer gives "
        f"{right[0].shape}.\nLook at what call returns.",
    )
    expect(
        not model.losses, "The network adds a loss of its own. Look at the options of your layers."
    )
    check_training(model, images, got)
    # A missing softmax alone is a matter for the first part.
    if any(numpy.allclose(got, answer, atol=2e-3) for answer in right):
        return
    for message, answer in known_mistakes(layers, flat):
        expect(
            not numpy.allclose(got, answer, atol=2e-3),
            f"{message}\nLook at the layers and at call.",
        )
    image, digit = farthest(got, right[0])
    expect(
        False,
        "With weights given by the test, the network answers other probabilities than Dense "
        f"layers with ReLU and one softmax do. The largest difference: expected "
        f"{right[0][image, digit]:.4f} for digit {digit} of image {image + 1}, got "
        f"{got[image, digit]:.4f}.\n"
        "Look at the activation of each layer, and at what each layer gets in call.",
    )


def check_training(model, images, answer):
    """Dense layers answer the same whenever they are asked."""
    for what, training in (("a second time", False), ("with training=True", True)):
        again = model(images.astype(numpy.float32), training=training)
        again = plain(again, "the answer").astype(float)
        image, digit = farthest(answer, again)
        expect(
            numpy.allclose(again, answer, atol=1e-5),
            f"Asked {what}, the network answers the same 6 images with other probabilities: "
            f"{again[image, digit]:.5f} in place of {answer[image, digit]:.5f} for digit {digit} "
            f"of image {image + 1}.\nLook for a layer that the exercise does not ask for, and that "
            "draws random numbers or acts in training only.",
        )


def check_widths():
    """Five layers, of the widths that the exercise asks for, in each object anew."""
    model, other = Mymodel(), Mymodel()
    for each in (model, other):
        each(numpy.zeros((2, 32, 32, 3), numpy.float32))
    widths = [int(kernel.shape[1]) for kernel, _ in dense_layers_of(model)]
    found = f"neurons in each layer: {', '.join(map(str, widths))}"
    expect(
        len(widths) == 5,
        f"Expected five Dense layers, four hidden ones and the last, found {len(widths)} "
        f"({found}).\nLook at which layers __init__ makes, and which of them call uses.",
    )
    pairs = zip(widths[:-1], (32, 64, 128, 256), strict=True)
    for number, (width, wanted) in enumerate(pairs, start=1):
        expect(
            width == wanted,
            f"Hidden layer {number} has {width} neurons ({found}).\n"
            "Compare with the list in the exercise.",
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
    expect(
        not {id(w) for w in model.weights} & {id(w) for w in other.weights},
        "Two objects of your class share their weights. Make the layers in __init__, for each "
        "object anew.",
    )


with check.part(2, "the layers and their widths"):
    check_widths()
with check.part(2, "what the layers do to negative numbers"):
    check_activations()
