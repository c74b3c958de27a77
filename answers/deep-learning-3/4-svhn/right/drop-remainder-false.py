# Says that the last batch is kept; the order of the test images is left as it is.
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    def scaled(image, label):
        return tf.cast(image, tf.float32) / 127.5 - 1, tf.cast(label, tf.int64) - 1

    train, test = (
        tf.data.Dataset.from_tensor_slices(arrays).map(scaled)
        for arrays in ((x_train, y_train), (x_test, y_test))
    )
    train = train.cache().shuffle(1024, reshuffle_each_iteration=True)
    return train.batch(32, drop_remainder=False), test.batch(32, drop_remainder=False)
