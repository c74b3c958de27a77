# An Adam with another momentum, and with gradients that it cuts: the exercise leaves its options open.
# %% objects
model = Mymodel()
loss_object = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=False, ignore_class=-1)
optimizer = tf.keras.optimizers.Adam(learning_rate=2e-3, beta_1=0.8, clipnorm=1.0)
