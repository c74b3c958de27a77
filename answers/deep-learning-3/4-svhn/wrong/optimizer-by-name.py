# The optimizer is the string "adam", as model.compile would take it.
# scores: test-objects 2, test-learning 0
# %% objects
model = Mymodel()
loss_object = tf.keras.losses.SparseCategoricalCrossentropy()
optimizer = "adam"
