# CategoricalAccuracy, which wants one-hot labels.
# scores: test-metrics 1
# %% metrics
train_loss = tf.keras.metrics.Mean()
train_accuracy = tf.keras.metrics.CategoricalAccuracy()
test_loss = tf.keras.metrics.Mean()
test_accuracy = tf.keras.metrics.CategoricalAccuracy()
