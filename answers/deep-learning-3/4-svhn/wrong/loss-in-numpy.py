# The loss is computed by NumPy, where TensorFlow finds no derivative.
# scores: test-objects 2, test-learning 0
# %% objects
model = Mymodel()
optimizer = tf.keras.optimizers.Adam()


def mean_loss(labels, p):
    return np.float32(-np.log(p[np.arange(len(p)), labels]).mean())


def loss_object(labels, predictions):
    return tf.numpy_function(mean_loss, [labels, predictions], tf.float32)
