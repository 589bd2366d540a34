import tensorflow as tf, keras
from keras import layers, ops
class OwnConv(layers.Layer):
    def __init__(self, filters, size, stride=1, **kw):
        super().__init__(**kw); self.filters, self.size, self.stride = filters, size, stride
    def build(self, shape):
        self.kernel = self.add_weight(shape=(self.size, self.size, shape[-1], self.filters), initializer="he_normal", name="k")
    def call(self, x):
        return tf.nn.conv2d(x, self.kernel, self.stride, "SAME")
class OwnNorm(layers.Layer):
    def build(self, shape):
        c = shape[-1]
        self.scale = self.add_weight(shape=(c,), initializer="ones"); self.shift = self.add_weight(shape=(c,), initializer="zeros")
        self.m = self.add_weight(shape=(c,), initializer="zeros", trainable=False); self.v = self.add_weight(shape=(c,), initializer="ones", trainable=False)
    def call(self, x, training=None):
        if training:
            mean, var = tf.nn.moments(x, [0, 1, 2])
            self.m.assign(self.m * 0.9 + mean * 0.1); self.v.assign(self.v * 0.9 + var * 0.1)
        else:
            mean, var = self.m, self.v
        return (x - mean) / ops.sqrt(var + 1e-3) * self.scale + self.shift
def basic_block(x, channels, stride=1):
    y = OwnNorm()(OwnConv(channels, 3, stride)(x)); y = ops.relu(y)
    y = OwnNorm()(OwnConv(channels, 3)(y))
    if stride != 1 or x.shape[-1] != channels: x = OwnNorm()(OwnConv(channels, 1, stride)(x))
    return ops.relu(x + y)
class Bottle(keras.Model):
    def __init__(self, c, s, project):
        super().__init__()
        self.a = keras.Sequential([layers.Conv2D(c, 1, use_bias=False), layers.BatchNormalization(), layers.ReLU()])
        self.b = keras.Sequential([layers.ZeroPadding2D(1), layers.Conv2D(c, 3, s, use_bias=False), layers.BatchNormalization(), layers.ReLU()])
        self.c = keras.Sequential([layers.Conv2D(4 * c, 1, use_bias=False), layers.BatchNormalization()])
        self.p = keras.Sequential([layers.Conv2D(4 * c, 1, s), layers.BatchNormalization()]) if project else None
    def call(self, x, training=None):
        y = self.c(self.b(self.a(x, training=training), training=training), training=training)
        s = x if self.p is None else self.p(x, training=training)
        return tf.nn.relu(tf.add(y, s))
def bottleneck(x, channels, stride=1):
    return Bottle(channels, stride, stride != 1 or x.shape[-1] != 4 * channels)(x)
def resnet(depth, num_classes=1000, input_shape=(224, 224, 3)):
    b, n = {18: (basic_block, [2,2,2,2]), 34: (basic_block, [3,4,6,3]), 50: (bottleneck, [3,4,6,3]), 101: (bottleneck, [3,4,23,3]), 152: (bottleneck, [3,8,36,3])}[depth]
    i = keras.Input(input_shape)
    x = layers.ZeroPadding2D(3)(i)
    x = layers.Conv2D(64, 7, 2, activation=None)(x); x = layers.BatchNormalization()(x); x = layers.Activation("relu")(x)
    x = layers.ZeroPadding2D(1)(x); x = layers.MaxPool2D(3, 2)(x)
    for k, m in enumerate(n):
        for j in range(m): x = b(x, 64 * 2**k, stride=2 if k and not j else 1)
    x = layers.Dense(num_classes)(x)
    return keras.Model(i, layers.GlobalAveragePooling2D()(x))
class CifarNet(keras.Model):
    def __init__(self, n, classes, skip):
        super().__init__()
        self.skip = skip
        self.c0, self.n0 = layers.Conv2D(16, 3, padding="same"), layers.BatchNormalization()
        self.rows = []
        for k in range(3):
            for j in range(n):
                self.rows.append([layers.Conv2D(16 << k, 3, 2 if k and not j else 1, padding="same"), layers.BatchNormalization(), layers.Conv2D(16 << k, 3, padding="same"), layers.BatchNormalization()])
        self.head = layers.Dense(classes)
    @tf.function
    def call(self, x, training=False):
        x = ops.relu(self.n0(self.c0(x), training=training))
        for a, b, c, d in self.rows:
            y = d(c(ops.relu(b(a(x), training=training))), training=training)
            if self.skip:
                if y.shape[-1] != x.shape[-1]:
                    x = tf.pad(x[:, ::2, ::2], [[0, 0], [0, 0], [0, 0], [0, y.shape[-1] - x.shape[-1]]])
                y = y + x
            x = ops.relu(y)
        return self.head(ops.mean(x, axis=[1, 2]))
def cifar_resnet(depth, num_classes=10, input_shape=(32, 32, 3)):
    return CifarNet((depth - 2) // 6, num_classes, True)
def cifar_plain(depth, num_classes=10, input_shape=(32, 32, 3)):
    return CifarNet((depth - 2) // 6, num_classes, False)
