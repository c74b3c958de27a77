# The loop prints the loss object and trains nothing.
# scores: test-training 0, test-learning 0
# %% training
def run_training(model, loss_object, optimizer, train_ds, test_ds, epochs):
    for epoch in range(epochs):
        for images, labels in train_ds:
            print(loss_object)
