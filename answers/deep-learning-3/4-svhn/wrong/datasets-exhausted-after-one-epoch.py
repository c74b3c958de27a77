# The training set reads from a generator that was made once: its second epoch is empty.
# scores: test-datasets 5, test-learning 0
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    def data_set(x, y):
        pairs = ((image / np.float32(127.5) - 1, label - 1) for image, label in zip(x, y))
        signature = tf.TensorSpec((32, 32, 3), tf.float32), tf.TensorSpec((), tf.uint8)
        return tf.data.Dataset.from_generator(lambda: pairs, output_signature=signature)

    return data_set(x_train, y_train).shuffle(1024).batch(32), data_set(x_test, y_test).batch(32)
