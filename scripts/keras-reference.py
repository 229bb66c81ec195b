"""What Keras itself computes for the cases of src/engine/model/ops/cases.ts, with its own layers:

    npx tsx scripts/keras-cases.ts > cases.json
    KERAS_BACKEND=jax python3 scripts/keras-reference.py cases.json > src/engine/testing/keras-answers.json

Inputs and weights are the cases' own. Made with Keras 3.15.1 on JAX.
"""
import json
import sys

import keras
import numpy as np


def answer(case):
    config = dict(case["config"])
    called = {"use_causal_mask": True} if config.pop("use_causal_mask", False) else {}
    layer = keras.saving.deserialize_keras_object({"class_name": case["className"], "module": "keras.layers", "config": config})
    inputs = [keras.Input(shape) for shape in case["inputs"]]
    apart = case["className"] in ["MultiHeadAttention", "GroupQueryAttention"]
    output = layer(*inputs, **called) if apart or len(inputs) == 1 else layer(inputs, **called)
    weights = [np.array(w["values"], "float32").reshape(w["shape"]) for w in case["weights"]]
    if case["className"] == "Normalization" and weights:
        weights.append(np.array(0, "uint64" if layer.weights[-1].dtype == "uint64" else "int32"))
    layer.set_weights(weights)
    if case["className"] == "Normalization":
        layer.finalize_state()
    values = [np.array(v, "float32").reshape([2, *shape]) for v, shape in zip(case["values"], case["inputs"])]
    result = keras.Model(inputs, output).predict(values if len(values) > 1 else values[0], verbose=0)
    return {"shape": list(result.shape), "values": [float(f"{v:.6g}") for v in result.ravel()]}


answers = {}
for case in json.load(open(sys.argv[1])):
    try:
        answers[case["name"]] = answer(case)
    except Exception as error:
        print(case["name"], type(error).__name__, str(error)[:300].replace("\n", " "), file=sys.stderr)
json.dump(answers, sys.stdout, separators=(",", ":"))
