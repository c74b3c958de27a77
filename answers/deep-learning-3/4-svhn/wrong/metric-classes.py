# The parentheses after the metrics are forgotten.
# scores: test-metrics 0
# %% metrics
train_loss = tf.keras.metrics.Mean
train_accuracy = tf.keras.metrics.SparseCategoricalAccuracy
test_loss = tf.keras.metrics.Mean
test_accuracy = tf.keras.metrics.SparseCategoricalAccuracy
