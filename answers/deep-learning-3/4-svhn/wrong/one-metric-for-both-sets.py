# Training and test share one loss metric and one accuracy metric.
# scores: test-metrics 1
# %% metrics
train_loss = test_loss = tf.keras.metrics.Mean()
train_accuracy = test_accuracy = tf.keras.metrics.SparseCategoricalAccuracy()
