# Images and labels are shuffled apart, so each image gets the label of another.
# scores: test-datasets 5, test-learning 0
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    images = tf.data.Dataset.from_tensor_slices(x_train / 127.5 - 1).shuffle(1024)
    labels = tf.data.Dataset.from_tensor_slices(y_train - 1).shuffle(1024)
    test = tf.data.Dataset.from_tensor_slices((x_test / 127.5 - 1, y_test - 1))
    return tf.data.Dataset.zip((images, labels)).batch(32), test.batch(32)
