import numpy


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
    try:
        for name, metric in metrics.items():
            metric.reset_state()
            for start in (0, 20):
                if name.endswith("loss"):
                    metric(float(start))
                else:
                    try:
                        metric(labels[start : start + 20], p[start : start + 20])
                    except Exception:
                        expect(
                            False,
                            f"{name} cannot compare labels with probabilities. Look at which "
                            f"metric it is.",
                        )
            wanted = 10.0 if name.endswith("loss") else (p.argmax(axis=1) == labels).mean()
            same(
                f"{name} after two batches",
                metric.result(),
                wanted,
                atol=1e-5,
                look="Look at which metric it is.",
            )
    finally:
        for metric in metrics.values():
            metric.reset_state()


with check.part(1, "the accuracies, and four metrics that are not the same"):
    check_four_metrics()
