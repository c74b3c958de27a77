# An Adam of the learner's own class, whose learning rate is a function.
# %% objects
class MyAdam(tf.keras.optimizers.Adam):
    pass


model = Mymodel()
loss_object = tf.keras.losses.SparseCategoricalCrossentropy()
optimizer = MyAdam(lambda: 1e-3)
