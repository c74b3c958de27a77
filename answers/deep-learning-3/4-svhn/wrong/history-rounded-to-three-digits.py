# Keeps three digits of each number.
# scores: test-training 2
# %% training
def run_training(model, loss_object, optimizer, train_ds, test_ds, epochs):
    history = {"loss": [], "accuracy": [], "test_loss": [], "test_accuracy": []}
    for epoch in range(epochs):
        for metric in (train_loss, train_accuracy, test_loss, test_accuracy):
            metric.reset_state()
        for images, labels in train_ds:
            train_step(model, images, labels, loss_object, optimizer, train_loss, train_accuracy)
        for images, labels in test_ds:
            test_step(model, images, labels, loss_object, test_loss, test_accuracy)
        history["loss"].append(round(float(train_loss.result()), 3))
        history["accuracy"].append(round(float(train_accuracy.result()), 3))
        history["test_loss"].append(round(float(test_loss.result()), 3))
        history["test_accuracy"].append(round(float(test_accuracy.result()), 3))
    return history
