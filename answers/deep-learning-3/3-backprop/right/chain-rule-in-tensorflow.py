# TensorFlow's tanh, in single precision: so TensorFlow computes unless it is told otherwise.

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    import tensorflow as tf

    h = tf.tanh(float(w * x + b))
    d = (h - y) * (1 - h**2)
    return d * x, d
