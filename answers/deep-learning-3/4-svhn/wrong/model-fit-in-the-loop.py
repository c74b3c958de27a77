# Keras trains: compile and fit in place of the two loops.
# scores: test-training 0
# %% training
def run_training(model, loss_object, optimizer, train_ds, test_ds, epochs):
    model.compile(optimizer=optimizer, loss=loss_object, metrics=["accuracy"])
    h = model.fit(train_ds, validation_data=test_ds, epochs=epochs, verbose=0).history
    return {"loss": h["loss"], "accuracy": h["accuracy"], "test_loss": h["val_loss"], "test_accuracy": h["val_accuracy"]}
