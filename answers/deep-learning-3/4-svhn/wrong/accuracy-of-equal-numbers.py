# Accuracy counts equal numbers and cannot compare labels with probabilities.
# scores: test-metrics 1
# %% metrics
train_loss = tf.keras.metrics.Mean()
train_accuracy = tf.keras.metrics.Accuracy()
test_loss = tf.keras.metrics.Mean()
test_accuracy = tf.keras.metrics.Accuracy()
