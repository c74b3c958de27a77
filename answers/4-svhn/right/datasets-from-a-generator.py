# Datasets from a Python generator; a list of the four arrays; standardised for each colour; tqdm.
# %% load-data
def load_svhn(directory):
    def one(part):
        d = scipy.io.loadmat(str(directory / f"{part}_32x32.mat"), variable_names=["X", "y"])
        return np.stack([d["X"][:, :, :, i] for i in range(d["X"].shape[-1])]), d["y"].flatten()

    return [*one("train"), *one("test")]
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    mu = x_train.mean(axis=(0, 1, 2), dtype=np.float64)
    sd = x_train.std(axis=(0, 1, 2), dtype=np.float64)

    def to_dataset(x, y):
        def examples():
            for image, label in zip(x, y):
                yield ((image - mu) / sd).astype("float32"), int(label) - 1

        signature = (tf.TensorSpec((32, 32, 3), tf.float32), tf.TensorSpec((), tf.int32))
        return tf.data.Dataset.from_generator(examples, output_signature=signature)

    return to_dataset(x_train, y_train).shuffle(1024).batch(32), to_dataset(x_test, y_test).batch(32)
# %% training
def run_training(model, loss_object, optimizer, train_ds, test_ds, epochs):
    from collections import defaultdict
    from tqdm import trange

    out = defaultdict(list)
    bar = trange(epochs, desc="training")
    for _ in bar:
        [m.reset_state() for m in (train_loss, train_accuracy, test_loss, test_accuracy)]
        for step, (xb, yb) in enumerate(train_ds):
            train_step(model, xb, yb, loss_object, optimizer, train_loss, train_accuracy)
        for step, (xb, yb) in enumerate(test_ds):
            test_step(model, xb, yb, loss_object, test_loss, test_accuracy)
        out["loss"] += [train_loss.result().numpy().item()]
        out["accuracy"] += [train_accuracy.result().numpy().item()]
        out["test_loss"] += [test_loss.result().numpy().item()]
        out["test_accuracy"] += [test_accuracy.result().numpy().item()]
        bar.set_postfix({k: v[-1] for k, v in out.items()})
    return out
