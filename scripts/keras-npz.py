"""Two models of src/engine/testing/keras-models.json with their weights in model.weights.npz: src/engine/testing/keras-npz.json.

    KERAS_BACKEND=jax python3 scripts/keras-npz.py jax      # Keras itself, its variables around arrays of JAX (3.15.1)
    KERAS_BACKEND=tensorflow python3 scripts/keras-npz.py tensorflow  # the same around variables of TensorFlow (2.21)
    KERAS_BACKEND=numpy python3 scripts/keras-npz.py numpy  # the same around arrays of NumPy (2.4)
    python3 scripts/keras-npz.py keras2                     # arrays alone, as Keras 2.12 to 2.15 calls NumPy (1.24)
    python3 scripts/keras-npz.py 2 5                        # arrays alone in these protocols of pickle, by columns

Each writes its own entries of the file anew. Of Keras 2 what `_save_state`, `_save_container_state` and `NpzIOStore` of
keras/src/saving/saving_lib.py do is written out here: its groups and the order in which it counts them.
"""
import base64
import gzip
import io
import json
import os
import pickle
import re
import sys
import zipfile

import numpy as np

folder = os.path.join(os.path.dirname(__file__), "../src/engine/testing")
models = json.load(open(f"{folder}/keras-models.json"))
target = f"{folder}/keras-npz.json"


def by_keras(archive):
    import keras
    from keras.src.saving import saving_lib

    model = saving_lib.load_model(archive)
    made = io.BytesIO()
    saving_lib._save_model_to_fileobj(model, made, "npz")
    return made.getvalue()


def snake_case(name):
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def contents_of_keras2(archive):
    import h5py

    topology = json.loads(archive.read("config.json"))
    h5 = h5py.File(io.BytesIO(archive.read("model.weights.h5")), "r")
    contents = {"__root__": {}}

    def walk(config, place, group):
        counted, used = {}, {}
        layers = config["config"]["layers"]
        found = []
        for layer in layers:
            name = snake_case(layer["class_name"])
            counted[name] = counted.get(name, -1) + 1
            own = group.get(f"layers/{name}" + (f"_{counted[name]}" if counted[name] else ""))
            found.append((layer, name, own))
        # First each layer under `layer-0` and, where it has weights, under `layer_with_weights-0`.
        for layer, name, own in found:
            filled = own is not None and any(isinstance(item, h5py.Dataset) for item in values(own))
            for time in range(2 if filled else 1):
                used[name] = used.get(name, -1) + 1
                path = f"{place}_layer_checkpoint_dependencies/{name}" + (f"_{used[name]}" if used[name] else "")
                if time == 1:
                    continue
                contents[path] = {key: own["vars"][key][()] for key in own["vars"]} if own is not None and "vars" in own else {}
                if "layers" in layer["config"] and own is not None:
                    walk(layer, path + "/", own)

    def values(group):
        found = []
        group.visititems(lambda _, item: found.append(item))
        return found

    walk(topology, "", h5)
    contents["optimizer"] = {"0": np.array(3, "int64"), "1": np.zeros([4], "float32")}
    return contents


def archived(archive, write):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as z:
        z.writestr("metadata.json", json.dumps({"keras_version": "2.15.0"}))
        z.writestr("config.json", archive.read("config.json"))
        with z.open("model.weights.npz", "w", force_zip64=True) as f:
            write(f, contents_of_keras2(archive))
    return made.getvalue()


def with_protocol(protocol):
    def write(f, contents):
        with zipfile.ZipFile(f, "w") as z:
            for name, variables in contents.items():
                columns = {key: np.asfortranarray(value) for key, value in variables.items()}
                with z.open(name + ".npy", "w") as entry:
                    np.lib.format.write_array_header_1_0(entry, {"descr": "|O", "fortran_order": False, "shape": ()})
                    pickle.dump(np.asanyarray(columns), entry, protocol=protocol)

    return write


entries = json.load(open(target)) if os.path.exists(target) else {}
for way in sys.argv[1:]:
    for name in ["shared", "normalized"]:
        bytes = gzip.decompress(base64.b64decode(models[name]["keras"]))
        if way in ["jax", "numpy", "tensorflow"]:
            made = by_keras(io.BytesIO(bytes))
        else:
            write = (lambda f, contents: np.savez(f, **contents)) if way == "keras2" else with_protocol(int(way))
            made = archived(zipfile.ZipFile(io.BytesIO(bytes)), write)
        entries[f"{name} {way}"] = base64.b64encode(gzip.compress(made, mtime=0)).decode()
json.dump(entries, open(target, "w"), separators=(",", ":"), sort_keys=True)
