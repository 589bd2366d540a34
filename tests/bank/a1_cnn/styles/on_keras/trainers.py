# %% a Model subclass with its own train_step, numpy evaluation
import keras, tensorflow as tf, numpy as np
from keras.layers import *
from tensorflow import nn as tnn
def conv_bn_relu(x, channels, stride=1):
    pad = ZeroPadding2D(((1, 1), (1, 1)))
    for f in (pad, Conv2D(channels, 3, stride, use_bias=False), BatchNormalization(momentum=.5), Activation(tf.nn.relu)): x = f(x)
    return x
# %%
class Simple(keras.Model):
    def __init__(self, n, widths=(16, 32, 64)):
        super().__init__()
        self.net = keras.Sequential([l for w in widths for l in (Conv2D(w, 3, padding='same', kernel_initializer='he_normal'), LeakyReLU(negative_slope=.1), MaxPooling2D())] + [GlobalAveragePooling2D()])
        self.n = n
    def build(self, shape):
        self.net.build(shape)
        self.w = self.add_weight(shape=(64, self.n), initializer='glorot_uniform', name='w'); self.b = self.add_weight(shape=(self.n,), initializer='zeros', name='b')
        self.built = True
    def call(self, x, training=None):
        return tf.matmul(self.net(x, training=training), self.w) + self.b
simple_cnn = Simple
# %%
def count_parameters(model):
    fixed = sum(w.shape.num_elements() if hasattr(w.shape, 'num_elements') else int(np.prod(w.shape)) for w in model.non_trainable_weights)
    learn = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    return learn, learn + fixed
# %%
def step(model, opt, x, y):
    with tf.GradientTape() as t:
        l = tnn.sparse_softmax_cross_entropy_with_logits(y, model(x, training=True)); m = tf.math.reduce_mean(l)
    opt.apply_gradients(list(zip(t.gradient(m, model.trainable_variables), model.trainable_variables)))
    return l
def train_epoch(model, batches, optimizer):
    run = tf.function(step)
    return tf.reduce_mean(tf.concat([run(model, optimizer, tf.constant(x), tf.constant(y)) for x, y in batches], 0))
def evaluate(model, batches):
    z = [(model.predict(x, verbose=0), y) for x, y in batches]
    a, b = np.concatenate([p for p, _ in z]), np.concatenate([q for _, q in z])
    return keras.ops.mean(keras.metrics.sparse_categorical_accuracy(b, a))
