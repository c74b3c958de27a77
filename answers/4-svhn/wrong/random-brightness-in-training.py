# The training images get a random brightness and contrast in each epoch, the test images do not.
# scores: test-datasets 5
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    def augment(image, label):
        image = tf.image.random_brightness(image, 0.2)
        return tf.image.random_contrast(image, 0.8, 1.2), label

    train = tf.data.Dataset.from_tensor_slices((x_train / np.float32(127.5) - 1, y_train - 1)).map(augment)
    test = tf.data.Dataset.from_tensor_slices((x_test / np.float32(127.5) - 1, y_test - 1))
    return train.shuffle(1024).batch(32), test.batch(32)
