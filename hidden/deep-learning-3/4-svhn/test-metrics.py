import numpy


def told_in_two_batches(name, metric, batches):
    """Make a metric forget, and tell it two batches: the arguments of a call for each."""
    metric.reset_state()
    for batch in batches:
        try:
            metric(*batch)
        except Exception:
            expect(
                name.endswith("loss"),
                f"{name} cannot compare labels with probabilities. Look at which metric it is.",
            )
            raise


def check_four_metrics():
    metrics = {
        "train_loss": train_loss,
        "train_accuracy": train_accuracy,
        "test_loss": test_loss,
        "test_accuracy": test_accuracy,
    }
    expect(
        len({id(metric) for metric in metrics.values()}) == 4,
        "Two of the names stand for the same metric. Make four objects.",
    )
    rng = numpy.random.default_rng(7)
    p = rng.dirichlet(numpy.ones(10), 40).astype(numpy.float32)
    labels = numpy.where(rng.random(40) < 0.4, p.argmax(axis=1), rng.integers(0, 10, 40))
    # Of each kind: two batches, and what must come of them.
    losses = [[0.0], [20.0]], 10.0
    hits = [[labels[:20], p[:20]], [labels[20:], p[20:]]], (p.argmax(axis=1) == labels).mean()
    try:
        for name, metric in metrics.items():
            batches, wanted = losses if name.endswith("loss") else hits
            told_in_two_batches(name, metric, batches)
            look = "Look at which metric it is."
            same(f"{name} after two batches", metric.result(), wanted, atol=1e-5, look=look)
    finally:
        for metric in metrics.values():
            metric.reset_state()


with check.part(1, "the accuracies, and four metrics that are not the same"):
    check_four_metrics()
