# Only the model is filled in; everything that needs the rest gets no points.
# scores: test-epochs 0, test-steps 0, test-load-data 0, test-datasets 0, test-objects 0, test-metrics 0, test-training 0, test-learning 0
# %% epochs
raise NotImplementedError("Replace this line by your code.")
# %% objects
raise NotImplementedError("Replace this line by your code.")
# %% metrics
raise NotImplementedError("Replace this line by your code.")
# %% steps
def train_step(model, images, labels, loss_object, optimizer, train_loss, train_accuracy):
    raise NotImplementedError("Replace this line by your code.")


def test_step(model, images, labels, loss_object, test_loss, test_accuracy):
    raise NotImplementedError("Replace this line by your code.")
# %% load-data
def load_svhn(directory):
    raise NotImplementedError("Replace this line by your code.")
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    raise NotImplementedError("Replace this line by your code.")
# %% training
def run_training(model, loss_object, optimizer, train_ds, test_ds, epochs):
    raise NotImplementedError("Replace this line by your code.")
