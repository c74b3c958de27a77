# The iterator of the training set is made once: from the second epoch on it is empty.
# scores: test-training 0
# %% training
def run_training(model, loss_object, optimizer, train_ds, test_ds, epochs):
    history = {"loss": [], "accuracy": [], "test_loss": [], "test_accuracy": []}
    batches = iter(train_ds)
    for epoch in range(epochs):
        for metric in (train_loss, train_accuracy, test_loss, test_accuracy):
            metric.reset_state()
        for images, labels in batches:
            train_step(model, images, labels, loss_object, optimizer, train_loss, train_accuracy)
        for images, labels in test_ds:
            test_step(model, images, labels, loss_object, test_loss, test_accuracy)
        history["loss"].append(float(train_loss.result()))
        history["accuracy"].append(float(train_accuracy.result()))
        history["test_loss"].append(float(test_loss.result()))
        history["test_accuracy"].append(float(test_accuracy.result()))
    return history
