# A Trainer class does the work of run_training; methods; lists by setdefault; the steps as global functions called through functools.partial.
# %% training
from functools import partial


class Trainer:
    """Holds what stays the same during a training."""

    def __init__(self, model, loss_object, optimizer):
        self.metrics = {"loss": train_loss, "accuracy": train_accuracy, "test_loss": test_loss, "test_accuracy": test_accuracy}
        self.train_one = partial(train_step, model, loss_object=loss_object, optimizer=optimizer, train_loss=train_loss, train_accuracy=train_accuracy)
        self.test_one = partial(test_step, model, loss_object=loss_object, test_loss=test_loss, test_accuracy=test_accuracy)
        self.history = {}

    def epoch(self, train_ds, test_ds):
        for metric in self.metrics.values():
            metric.reset_state()
        for images, labels in train_ds:
            self.train_one(images=images, labels=labels)
        for images, labels in test_ds:
            self.test_one(images=images, labels=labels)
        for key, metric in self.metrics.items():
            self.history.setdefault(key, []).append(metric.result().numpy())


def run_training(model, loss_object, optimizer, train_ds, test_ds, epochs):
    trainer = Trainer(model, loss_object, optimizer)
    for _ in range(epochs):
        trainer.epoch(train_ds, test_ds)
    return trainer.history
# %% objects
model, loss_object, optimizer = (
    Mymodel(),
    tf.keras.losses.SparseCategoricalCrossentropy(name="nll"),
    tf.keras.optimizers.Adam(learning_rate=1e-3, beta_1=0.9, beta_2=0.999, epsilon=1e-8, amsgrad=False),
)
# %% load-data
def load_svhn(directory):
    def load_part(part: str) -> tuple[np.ndarray, np.ndarray]:
        with open(directory / (part + "_32x32.mat"), "rb") as f:
            d = scipy.io.loadmat(f)
        X, y = d["X"], d["y"]
        assert X.shape[:3] == (32, 32, 3) and y.min() >= 1 and y.max() <= 10
        return np.rollaxis(X, 3), y.reshape(len(y))

    (a, b), (c, d) = map(load_part, ["train", "test"])
    return a, b, c, d
