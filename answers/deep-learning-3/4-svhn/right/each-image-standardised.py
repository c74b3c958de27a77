# Each image standardised on its own by tf.image, inside Dataset.map; labels cast there.
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    def prepare(image, label):
        return tf.image.per_image_standardization(image), tf.cast(label, tf.int32) - 1

    train = tf.data.Dataset.from_tensor_slices((x_train, y_train)).map(prepare)
    test = tf.data.Dataset.from_tensor_slices((x_test, y_test)).map(prepare)
    return train.shuffle(1024).batch(32), test.batch(32)
