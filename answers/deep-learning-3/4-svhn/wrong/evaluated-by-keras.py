# The training loop is written by hand, but Keras evaluates: compile and evaluate in place of test_step.
# scores: test-training 0

# %% training
def run_training(model, loss_object, optimizer, train_ds, test_ds, epochs):
    history = {"loss": [], "accuracy": [], "test_loss": [], "test_accuracy": []}
    model.compile(loss=loss_object, metrics=["accuracy"])
    for _ in range(epochs):
        train_loss.reset_state()
        train_accuracy.reset_state()
        for images, labels in train_ds:
            train_step(model, images, labels, loss_object, optimizer, train_loss, train_accuracy)
        loss, accuracy = model.evaluate(test_ds, verbose=0)
        history["loss"].append(float(train_loss.result()))
        history["accuracy"].append(float(train_accuracy.result()))
        history["test_loss"].append(loss)
        history["test_accuracy"].append(accuracy)
    return history
