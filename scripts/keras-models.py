"""Small models of every structure, saved by Keras itself with what they answer, opened again: src/engine/testing/keras-models.json.

    KERAS_BACKEND=jax python3 scripts/keras-models.py > src/engine/testing/keras-models.json

Input number i of a batch of two is 2 sin(1.7 i + the input's place). Made with Keras 3.15.1 on JAX.
"""
import base64
import gzip
import json
import sys
import tempfile

import keras
import numpy as np
from keras import layers, ops


def shared():
    a, b = keras.Input([4], name="a"), keras.Input([4], name="b")
    dense = layers.Dense(3, activation="tanh", name="shared")
    inner_in = keras.Input([3])
    core = keras.Model(inner_in, layers.Dense(3, name="core")(inner_in), name="core_model")
    inner = keras.Model(inner_in, core(core(inner_in)) + 0.5, name="inner")
    left, right = inner(dense(a)), inner(dense(b))
    return keras.Model([a, b], [layers.Subtract()([left, right]), layers.Concatenate()([left, dense(b)])])


def functions():
    x = keras.Input([6, 5, 4])
    y = layers.Conv2D(4, 3, padding="same")(x)
    y = ops.relu(y * 2 + x - 1)
    y = ops.maximum(y, 0.1) / 3 + ops.sigmoid(1 - y)
    z = ops.mean(y, axis=[1, 2])
    z = ops.concatenate([z, ops.max(y, axis=(1, 2))], axis=-1)
    z = ops.reshape(z, (-1, 2, 4))
    z = ops.transpose(z, (0, 2, 1))
    z = ops.tanh(ops.square(z)) * ops.exp(-z)
    part = y[:, 1:4, :, :2]
    return keras.Model(x, [layers.Flatten()(z), layers.GlobalAveragePooling2D()(part), ops.softmax(y[:, 0, 1, :])])


def normalized():
    x = keras.Input([8, 8, 3])
    norm = layers.Normalization(axis=-1)
    norm.adapt(np.random.default_rng(1).normal(3, 2, [4, 8, 8, 3]).astype("float32"))
    y = layers.RandomFlip()(norm(layers.Rescaling(0.5)(x)))
    y = layers.Conv2D(4, 3, groups=1, use_bias=False)(y)
    y = layers.GroupNormalization(2)(y)
    y = layers.AlphaDropout(0.2)(layers.Activation("hard_silu")(y))
    y = layers.Conv2DTranspose(4, 3, strides=2, padding="same")(y)
    y = layers.Conv2D(6, 3, groups=2, activation="gelu")(y)
    y = layers.LayerNormalization()(layers.GlobalAveragePooling2D()(y))
    return keras.Model(x, layers.UnitNormalization()(layers.Dense(3)(y)))


def sequence():
    return keras.Sequential([
        keras.Input([9, 3]),
        layers.ZeroPadding1D(1), layers.SeparableConv1D(4, 3, activation="relu"), layers.DepthwiseConv1D(3, padding="same"),
        layers.Conv1DTranspose(3, 2, strides=2), layers.Cropping1D((1, 2)), layers.UpSampling1D(2), layers.AveragePooling1D(2),
        layers.Flatten(), layers.RepeatVector(2), layers.Flatten(), layers.ActivityRegularization(l2=0.1), layers.Dense(2),
    ])


def first():
    x = keras.Input([3, 8, 7])
    y = layers.Conv2D(4, 3, strides=2, data_format="channels_first", activation="relu")(x)
    y = layers.BatchNormalization(axis=1)(y)
    y = layers.MaxPooling2D(2, data_format="channels_first", strides=1)(y)
    y = layers.ZeroPadding2D(1, data_format="channels_first")(y)
    g = layers.GlobalAveragePooling2D(data_format="channels_first", keepdims=True)(y)
    y = layers.Multiply()([y, g])
    return keras.Model(x, layers.Dense(3)(layers.Flatten(data_format="channels_first")(y)))


def attentive():
    x = keras.Input([5, 6])
    y = layers.MultiHeadAttention(2, 3)(x, x, use_causal_mask=True)
    z = layers.GroupQueryAttention(4, 4, 2)(x, y)
    return keras.Model(x, layers.GlobalAveragePooling1D()(layers.Add()([y, z])))


made = {}
for build in [shared, functions, normalized, sequence, first, attentive]:
    if len(sys.argv) > 1 and build.__name__ not in sys.argv[1:]:
        continue
    keras.utils.set_random_seed(3)
    model = build()
    weights = [w if w.dtype.kind != "f" else w + np.float32(0.1) * np.sin(np.arange(w.size, dtype="float32")).reshape(w.shape) for w in model.get_weights()]
    model.set_weights(weights)
    values = [2 * np.sin(1.7 * np.arange(2 * np.prod(i.shape[1:])) + place).reshape([2, *i.shape[1:]]).astype("float32") for place, i in enumerate(model.inputs)]
    files = {}
    for ending in ["keras", "h5"]:
        with tempfile.NamedTemporaryFile(suffix="." + ending) as file:
            model.save(file.name)
            again = keras.models.load_model(file.name) if ending == "keras" else again
            files[ending] = base64.b64encode(gzip.compress(open(file.name, "rb").read(), mtime=0)).decode()
    outputs = again.predict(values if len(values) > 1 else values[0], verbose=0)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    made[build.__name__] = {**files, "outputs": [[float(f"{v:.6g}") for v in np.asarray(o).ravel()] for o in outputs]}
json.dump(made, sys.stdout, separators=(",", ":"))
