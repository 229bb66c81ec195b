"""Layers that Keras itself quantized, with what their weights stand for: src/engine/testing/keras-quantized.json.

    KERAS_BACKEND=jax python3 scripts/keras-quantized.py > src/engine/testing/keras-quantized.json

Made with Keras 3.15.1 on JAX, whose own functions unpack and scale the codes.
"""
import base64
import gzip
import json
import sys
import tempfile

import keras
import numpy as np
from keras import layers, ops
from keras.quantizers import Float8QuantizationConfig, Int4QuantizationConfig, Int8QuantizationConfig, unpack_int4
from keras.src.quantizers.quantizers import dequantize_with_sz_map

int4 = lambda block: Int4QuantizationConfig(block_size=block)
dense = lambda: [keras.Input([5]), layers.Dense(3)]
table = lambda: [keras.Input([4], dtype="int32"), layers.Embedding(7, 5)]
einsum = lambda: [keras.Input([4, 6]), layers.EinsumDense("abc,cd->abd", output_shape=[None, 3], bias_axes="d")]
cases = {
    "Dense int8": (dense, Int8QuantizationConfig()),
    "Dense int4": (dense, int4(None)),
    "Dense int4 in one block": (dense, int4(128)),
    "Dense int4 in blocks of 2": (dense, int4(2)),
    "Embedding int4": (table, int4(None)),
    "Embedding int4 in one block": (table, int4(128)),
    "Embedding int4 in blocks of 2": (table, int4(2)),
    "EinsumDense int8": (einsum, Int8QuantizationConfig()),
    "EinsumDense int4": (einsum, int4(None)),
    "EinsumDense int4 in blocks of 4": (einsum, int4(4)),
    "Dense float8": (dense, Float8QuantizationConfig()),
}


def meant(layer, config):
    if isinstance(config, Float8QuantizationConfig):
        return None
    is_table = isinstance(layer, layers.Embedding)
    codes = layer._embeddings if is_table else layer._kernel
    scale = layer.embeddings_scale if is_table else layer.kernel_scale
    if isinstance(config, Int4QuantizationConfig):
        codes = unpack_int4(codes, 5 if is_table else 3, axis=-1)
    if hasattr(layer, "g_idx"):
        zero = layer.embeddings_zero if is_table else layer.kernel_zero
        return dequantize_with_sz_map(codes, scale, zero, layer.g_idx, group_axis=-1 if is_table else 0)
    return ops.divide(ops.cast(codes, "float32"), ops.expand_dims(scale, -1) if is_table else ops.reshape(scale, [3]))


made = {}
for name, (build, config) in cases.items():
    keras.utils.set_random_seed(5)
    model = keras.Sequential(build())
    model.quantize(config=config)
    layer = model.layers[-1]
    values = meant(layer, config)
    with tempfile.NamedTemporaryFile(suffix=".keras") as file:
        model.save(file.name)
        archive = base64.b64encode(gzip.compress(open(file.name, "rb").read(), mtime=0)).decode()
    kernel = None if values is None else [float(f"{value:.7g}") for value in np.ravel(values)]
    made[name] = {"keras": archive, "kernel": kernel}
json.dump(made, sys.stdout, separators=(",", ":"))
