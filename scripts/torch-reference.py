"""What PyTorch computes for the cases of src/engine/model/ops/cases.ts that Keras was not asked for, from the layers' definitions:

    npx tsx scripts/keras-cases.ts > cases.json
    python3 scripts/torch-reference.py cases.json > src/engine/testing/torch-answers.json

Inputs and weights are the cases' own. Made with PyTorch 1.13.
"""
import json
import sys

import torch
import torch.nn.functional as F


def einsum_dense(config, x, kernel, bias=torch.zeros(())):
    return activated(config, torch.einsum(config["equation"], x, kernel) + bias)


def activated(config, y):
    return {"linear": lambda v: v, "relu": torch.relu, "sigmoid": torch.sigmoid}[config.get("activation", "linear")](y)


def softmax_over(scores, value, causal):
    if causal:
        scores = scores.masked_fill(torch.ones(scores.shape[-2:]).triu(1).bool(), -float("inf"))
    return torch.softmax(scores, -1) @ value


def heads(config, inputs, weights, query_heads, key_heads, key_dim, axes):
    query, value, key = inputs[0], inputs[1], inputs[-1]
    bias = config.get("use_bias", True)
    take = iter(weights)
    parts = [(next(take), next(take) if bias else 0) for _ in range(4)]
    q, k, v = [torch.einsum("b...c,chd->b...hd", x, kernel) + shift for x, (kernel, shift) in zip([query, key, value], parts)]
    k, v = [x.repeat_interleave(query_heads // key_heads, -2) for x in (k, v)]
    apart = [axis for axis in range(1, q.dim() - 2) if axis not in axes]
    order = [0, *apart, q.dim() - 2, *axes, q.dim() - 1]
    flat = lambda x: x.permute(order).flatten(2 + len(apart), -2)
    y = softmax_over(flat(q) @ flat(k).transpose(-1, -2) / key_dim ** 0.5, flat(v), config.get("use_causal_mask"))
    y = y.reshape([*q.permute(order).shape[:-1], v.shape[-1]]).permute([order.index(axis) for axis in range(q.dim())])
    kernel, shift = parts[3]
    return torch.tensordot(y, kernel, 2) + shift


def multi_head(config, *given):
    inputs, weights = given[:-1][0], given[-1]
    rank, axes, n = inputs[0].dim(), config.get("attention_axes"), config["num_heads"]
    result = heads(config, inputs, weights, n, n, config["key_dim"], axes or list(range(1, rank - 1)))
    width = inputs[0].shape[-1]
    if n * config["key_dim"] == width and rank == 3:
        # PyTorch's own layer says the same where it has the sizes.
        flat = lambda i: weights[i].reshape(width, -1).T
        masked = torch.ones(inputs[0].shape[1], inputs[1].shape[1]).triu(1).bool() if config.get("use_causal_mask") else None
        own, _ = F.multi_head_attention_forward(
            *[inputs[i].transpose(0, 1) for i in (0, -1, 1)], width, n, None, torch.cat([weights[i].flatten() for i in (1, 3, 5)]), None, None,
            False, 0.0, weights[6].reshape(-1, width).T, weights[7], training=False, attn_mask=masked, need_weights=False,
            use_separate_proj_weight=True, q_proj_weight=flat(0), k_proj_weight=flat(2), v_proj_weight=flat(4))
        assert torch.allclose(own.transpose(0, 1), result, atol=1e-4), "two ways differ"
    return result


def group_query(config, inputs, weights):
    return heads(config, inputs, weights, config["num_query_heads"], config["num_key_value_heads"], config["head_dim"], [1])


def attention(config, inputs, weights):
    query, value, key = inputs[0], inputs[1], inputs[-1]
    take = iter(weights)
    scale = next(take) if config.get("use_scale") else 1
    if config.get("score_mode") == "concat":
        scores = next(take) * torch.tanh(scale * (query[:, :, None] + key[:, None])).sum(-1)
    else:
        scores = scale * query @ key.transpose(1, 2)
    return softmax_over(scores, value, config.get("use_causal_mask"))


def additive(config, inputs, weights):
    query, value, key = inputs[0], inputs[1], inputs[-1]
    scores = ((weights[0] if weights else 1) * torch.tanh(query[:, :, None] + key[:, None])).sum(-1)
    return softmax_over(scores, value, config.get("use_causal_mask"))


def transposed(config, inputs, weights):
    """The gradient of a convolution with respect to its input, which has the size that Keras tells, padded as TensorFlow pads."""
    x = inputs[0].movedim(-1, 1)
    kernel = weights[0].movedim((-1, -2), (0, 1))
    sizes, pads = [], []
    rank = kernel.dim() - 2
    listed = lambda value: value if isinstance(value, list) else [value] * rank
    strides, more = listed(config.get("strides", 1)), listed(config["output_padding"])
    for axis, (stride, extra) in enumerate(zip(strides, more)):
        count, size = x.shape[axis + 2], kernel.shape[axis + 2]
        same = config.get("padding") == "same"
        length = (count - 1) * stride + size - 2 * (size // 2 if same else 0) + extra
        total = max((count - 1) * stride + size - length, 0)
        sizes.append(length)
        pads = [total // 2, total - total // 2] + pads
    picture = torch.zeros([2, kernel.shape[1], *sizes], dtype=torch.float64, requires_grad=True)
    convolve = F.conv2d if rank == 2 else F.conv1d
    (y,) = torch.autograd.grad(convolve(F.pad(picture, pads), kernel, stride=strides), picture, x)
    return activated(config, y.movedim(1, -1) + weights[1])


def sparsemax(x):
    """The nearest point of the simplex, its threshold found by halving an interval."""
    low, high = x.max(-1, keepdim=True).values - 1, x.max(-1, keepdim=True).values
    for _ in range(60):
        middle = (low + high) / 2
        above = torch.relu(x - middle).sum(-1, keepdim=True) > 1
        low, high = torch.where(above, middle, low), torch.where(above, high, middle)
    return torch.relu(x - low)


def sides(value):
    """What Keras pads or crops, as PyTorch pads: the last axis first."""
    axes = value if isinstance(value, list) else [value] * 3
    return [amount for axis in reversed(axes) for amount in (axis if isinstance(axis, list) else [axis, axis])]


def windows(config, name, default, x):
    listed = lambda value: value if isinstance(value, list) else [value] * 3
    size = listed(config.get(name, default))
    strides = listed(config.get("strides", size if name == "pool_size" else 1))
    holes = listed(config.get("dilation_rate", 1))
    pads = []
    for count, window, stride, step in zip(x.shape[2:], size, strides, holes):
        total = max((-(-count // stride) - 1) * stride + (window - 1) * step + 1 - count, 0) if config.get("padding") == "same" else 0
        pads = [total // 2, total - total // 2] + pads
    return size, strides, holes, pads


def volume(name):
    def layer(config, inputs, weights):
        x = inputs[0].movedim(-1, 1)
        if name == "Conv3D":
            size, strides, holes, pads = windows(config, "kernel_size", None, x)
            y = F.conv3d(F.pad(x, pads), weights[0].permute(4, 3, 0, 1, 2), *weights[1:], stride=strides, dilation=holes)
            return activated(config, y.movedim(1, -1))
        if name.endswith("Pooling3D") and not name.startswith("Global"):
            size, strides, _, pads = windows(config, "pool_size", 2, x)
            cells = lambda v, fill: F.pad(v, pads, value=fill).unfold(2, size[0], strides[0]).unfold(3, size[1], strides[1]).unfold(4, size[2], strides[2]).flatten(-3)
            if name.startswith("Max"):
                return cells(x, -float("inf")).max(-1).values.movedim(1, -1)
            return (cells(x, 0).sum(-1) / cells(torch.ones_like(x), 0).sum(-1)).movedim(1, -1)
        if name.startswith("Global"):
            keep = config.get("keepdims", False)
            return inputs[0].amax((1, 2, 3), keep) if "Max" in name else inputs[0].mean((1, 2, 3), keep)
        if name == "ZeroPadding3D":
            return F.pad(x, sides(config["padding"])).movedim(1, -1)
        if name == "Cropping3D":
            return F.pad(x, [-amount for amount in sides(config["cropping"])]).movedim(1, -1)
        return F.interpolate(x, scale_factor=[float(times) for times in config["size"]], mode="nearest").movedim(1, -1)

    return layer


layers = {
    **{name: volume(name) for name in ["Conv3D", "MaxPooling3D", "AveragePooling3D", "GlobalMaxPooling3D", "GlobalAveragePooling3D", "ZeroPadding3D", "Cropping3D", "UpSampling3D"]},
    "Conv1DTranspose": transposed,
    "Conv2DTranspose": transposed,
    "Activation": lambda config, inputs, weights: sparsemax(inputs[0]),
    "EinsumDense": lambda config, inputs, weights: einsum_dense(config, *inputs, *weights),
    "MultiHeadAttention": multi_head,
    "GroupQueryAttention": group_query,
    "Attention": attention,
    "AdditiveAttention": additive,
}

tensor = lambda values, shape: torch.tensor(values, dtype=torch.float64).reshape(shape)
answers = {}
for case in json.load(open(sys.argv[1])):
    layer = layers.get(case["className"])
    asked = case["config"].get("activation") == "sparsemax" if case["className"] == "Activation" else "output_padding" in case["config"]
    if layer is None or (case["className"] in ["Activation", "Conv1DTranspose", "Conv2DTranspose"] and not asked):
        continue
    inputs = [tensor(values, [2, *shape]) for values, shape in zip(case["values"], case["inputs"])]
    y = layer(case["config"], inputs, [tensor(w["values"], w["shape"]) for w in case["weights"]])
    answers[case["name"]] = {"shape": list(y.shape), "values": [float(f"{v:.6g}") for v in y.flatten()]}
json.dump(answers, sys.stdout, separators=(",", ":"))
