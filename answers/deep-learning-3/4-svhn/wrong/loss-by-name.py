# The loss is a string, as model.compile would take it.
# scores: test-objects 2, test-learning 0
# %% objects
model = Mymodel()
loss_object = "sparse_categorical_crossentropy"
optimizer = tf.keras.optimizers.Adam()
