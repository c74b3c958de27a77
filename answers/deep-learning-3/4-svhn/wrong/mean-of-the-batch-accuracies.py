# The metrics are reset for each batch, and the mean of their results is taken: a small last batch counts as much as the others.
# scores: test-training 2
# %% training
def run_training(model, loss_object, optimizer, train_ds, test_ds, epochs):
    history = {"loss": [], "accuracy": [], "test_loss": [], "test_accuracy": []}
    for epoch in range(epochs):
        of_batches = {name: [] for name in history}
        for images, labels in train_ds:
            train_loss.reset_state(), train_accuracy.reset_state()
            train_step(model, images, labels, loss_object, optimizer, train_loss, train_accuracy)
            of_batches["loss"].append(float(train_loss.result()))
            of_batches["accuracy"].append(float(train_accuracy.result()))
        for images, labels in test_ds:
            test_loss.reset_state(), test_accuracy.reset_state()
            test_step(model, images, labels, loss_object, test_loss, test_accuracy)
            of_batches["test_loss"].append(float(test_loss.result()))
            of_batches["test_accuracy"].append(float(test_accuracy.result()))
        for name, values in of_batches.items():
            history[name].append(float(np.mean(values)))
    return history
