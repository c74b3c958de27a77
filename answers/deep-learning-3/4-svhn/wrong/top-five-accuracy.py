# The accuracies count an image as right if its digit is among the first five.
# scores: test-metrics 1
# %% metrics
train_loss = tf.keras.metrics.Mean()
train_accuracy = tf.keras.metrics.SparseTopKCategoricalAccuracy()
test_loss = tf.keras.metrics.Mean()
test_accuracy = tf.keras.metrics.SparseTopKCategoricalAccuracy()
