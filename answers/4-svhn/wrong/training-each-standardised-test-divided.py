# Training images are standardised one by one, test images only divided by 255.
# scores: test-datasets 5
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    def prepare(image, label):
        return tf.image.per_image_standardization(image), tf.cast(label, tf.int32) - 1

    train = tf.data.Dataset.from_tensor_slices((x_train, y_train)).map(prepare)
    test = tf.data.Dataset.from_tensor_slices((x_test / np.float32(255), y_test.astype("int32") - 1))
    return train.shuffle(1024).batch(32), test.batch(32)
