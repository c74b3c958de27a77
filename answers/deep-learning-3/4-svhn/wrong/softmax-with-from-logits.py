# Softmax in the network and from_logits=True in the loss: softmax is taken twice.
# scores: test-objects 2
# %% objects
model = Mymodel()
loss_object = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = tf.keras.optimizers.Adam()
