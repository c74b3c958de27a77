# The metrics of the losses add up, and take no mean.
# scores: test-metrics 0
# %% metrics
train_loss = tf.keras.metrics.Sum()
train_accuracy = tf.keras.metrics.SparseCategoricalAccuracy()
test_loss = tf.keras.metrics.Sum()
test_accuracy = tf.keras.metrics.SparseCategoricalAccuracy()
