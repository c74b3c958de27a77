import numpy


def check_loss_object():
    """The loss of three images is the mean of -log p, with p of the right digit."""
    p = numpy.array([[0.2, 0.7, 0.1], [0.5, 0.25, 0.25], [0.05, 0.05, 0.9]], numpy.float32)
    labels, each = numpy.array([1, 2, 2]), -numpy.log([0.7, 0.25, 0.9])
    expect(
        callable(loss_object), f"loss_object: expected a loss, got {type(loss_object).__name__}."
    )
    expect(not isinstance(loss_object, type), "loss_object is a class, not an object.")
    try:
        value = loss_object(labels, p)
    except Exception:
        expect(
            False,
            "loss_object cannot compare labels of shape (3,) with probabilities of shape (3, 3).\n"
            "Look at which loss it is.",
        )
    got = plain(value, "the loss of 3 images")
    expect(
        got.shape == (),
        f"The loss of 3 images: expected one number, their mean, got an array of shape "
        f"{got.shape}.",
    )
    as_logits = numpy.log(numpy.exp(p).sum(axis=1)) - p[numpy.arange(3), labels]
    for wrong, message in (
        (
            as_logits.mean(),
            "it takes the probabilities for logits. Your network returns probabilities already.",
        ),
        (each.sum(), "it is the sum of the losses, not their mean."),
    ):
        expect(
            abs(float(got) - wrong) > 1e-4, f"The loss of 3 images is {float(got):.4f}: {message}"
        )
    look = "Look at which loss it is, and its options."
    same("the loss of 3 images", got, each.mean(), atol=1e-4, look=look)
    check_one_more(labels[:1], p[:1], each)
    check_each_label()


def check_one_more(label, p, each):
    """A loss keeps nothing from one batch to the next; `each` are those of the first batch."""
    second = plain(loss_object(label, p), "the loss of 1 image")
    expect(
        abs(float(second) - numpy.append(each, each[0]).mean()) > 1e-4,
        "loss_object was asked for the loss of 3 images, then of 1 more: expected "
        f"{each[0]:.4f} for that one, got {float(second):.4f}, the mean of all 4.\n"
        "A loss keeps nothing from one batch to the next. Look at what kind of object yours is.",
    )
    look = "Look at what your loss keeps from one batch to the next."
    same("the loss of 1 image, after that of 3 images", second, each[0], atol=1e-4, look=look)


def check_each_label():
    """All labels count alike."""
    tenth = numpy.full((1, 10), 0.08, numpy.float32)
    tenth[0, 3] = 0.28
    for label in range(10):
        same(
            f"the loss of 1 image with the label {label}, by ten probabilities",
            loss_object(numpy.array([label]), tenth),
            -numpy.log(tenth[0, label]),
            atol=1e-4,
            look="Each label counts alike. Look at the options of your loss.",
        )


def check_slope_of_loss():
    """More probability for the right digit must lower the loss, so that a step can learn."""
    p, labels = tf.constant([[0.2, 0.7, 0.1], [0.5, 0.25, 0.25]]), numpy.array([1, 2])
    with tf.GradientTape() as tape:
        tape.watch(p)
        loss = tf.convert_to_tensor(loss_object(labels, p))
    slope = tape.gradient(loss, p)
    expect(
        slope is not None,
        "TensorFlow finds no derivative of the loss by the probabilities: no weight would "
        "learn from it.\nLook at what your loss is made of.",
    )
    slope = tf.convert_to_tensor(slope).numpy()
    expect(
        all(
            row[label] < min(0, *numpy.delete(row, label))
            for row, label in zip(slope, labels, strict=False)
        ),
        "The derivative of the loss by the probability of the right digit must be negative, and "
        "smaller than that of every other digit: it is not.\n"
        "So a step would not make this digit more likely. Look at what your loss is made of.",
    )


def cut(gradient, config):
    """What an Adam with these options takes for the gradient: the exercise leaves them open."""
    if config.get("clipvalue"):
        return numpy.clip(gradient, -config["clipvalue"], config["clipvalue"])
    longest = config.get("clipnorm") or config.get("global_clipnorm") or numpy.inf
    return gradient * min(1, longest / numpy.linalg.norm(gradient))


def configuration():
    """The optimizer's, with which from_config makes an equal one. A learning rate of the learner's
    own class is handed on as it is: its configuration cannot be read everywhere.
    """
    try:
        config = optimizer.get_config()
        type(optimizer).from_config(config)
        return config
    except Exception:
        rate = optimizer._learning_rate
        optimizer._learning_rate = 0.001
        try:
            return {**optimizer.get_config(), "learning_rate": rate}
        finally:
            optimizer._learning_rate = rate


def check_optimizer():
    """Three steps with given gradients, by a copy of the optimizer and by Adam's formula."""
    kind = type(optimizer).__name__
    expect(
        hasattr(optimizer, "get_config") and hasattr(optimizer, "apply_gradients"),
        f"optimizer: expected an optimizer object, got {optimizer!r} of type {kind}.",
    )
    config = configuration()
    # Far from 0, where a decay of the weights shows; double precision, so that a small rate does.
    start = numpy.array([10.0, -10.0])
    copy, variable = type(optimizer).from_config(config), tf.Variable(start)
    m = v = w = numpy.zeros(2)
    rates = []  # a schedule may begin at 0
    b1, b2 = config.get("beta_1", 0.9), config.get("beta_2", 0.999)
    for t, gradient in enumerate(([0.5, -2.0], [-0.25, 1.0], [1.0, 0.1]), start=1):
        rates.append(float(plain(copy.learning_rate, "the learning rate")))
        copy.apply_gradients([(tf.constant(gradient, variable.dtype), variable)])
        gradient = cut(numpy.array(gradient), config)
        m = b1 * m + (1 - b1) * gradient
        v = b2 * v + (1 - b2) * gradient**2
        w = w - rates[-1] * (m / (1 - b1**t)) / (numpy.sqrt(v / (1 - b2**t)) + 1e-7)
    rate = max(rates)
    expect(
        rate > 0 and min(rates) >= 0,
        f"The learning rate is {rate if rate <= 0 else min(rates):.6g}; it must be positive.",
    )
    got = variable.numpy() - start
    expect(
        numpy.allclose(got, w, rtol=0.02, atol=0.02 * rate),
        f"optimizer: its steps are not those of Adam; it is of type {kind}.",
    )


with check.part(1, "the loss"):
    check_loss_object()
    check_slope_of_loss()
with check.part(1, "the optimizer"):
    check_optimizer()
