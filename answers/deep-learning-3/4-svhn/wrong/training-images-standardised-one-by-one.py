# Each training image is standardised by itself, the test images are only divided.
# scores: test-datasets 5
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    train = tf.data.Dataset.from_tensor_slices((x_train, y_train - 1))
    test = tf.data.Dataset.from_tensor_slices((x_test / np.float32(127.5) - 1, y_test - 1))

    def standardised(image, label):
        return tf.image.per_image_standardization(image), label

    return train.shuffle(1024).map(standardised).batch(32), test.batch(32)
