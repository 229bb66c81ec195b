"""What PyTorch computes for the two small transformers of src/engine/formats/keras/transformers.test.ts: python3 scripts/torch-transformers.py

Element i of stored tensor k is 0.4 sin(1.7 i + k), plus 1 where it scales a normalization. Made with PyTorch 1.13.
"""
import torch
import torch.nn.functional as F

count = 0


def stored(*shape, plus=0.0):
    global count
    count += 1
    size = torch.tensor(shape).prod().item()
    return plus + 0.4 * torch.sin(1.7 * torch.arange(size, dtype=torch.float64) + count - 1).reshape(shape)


def attention(x, heads, key_dim, value_dim, causal):
    width = x.shape[-1]
    q, k, v = [torch.einsum("bti,iho->bhto", x, stored(width, heads, size)) + stored(heads, size)[:, None] for size in (key_dim, key_dim, value_dim)]
    scores = q @ k.transpose(-1, -2) / key_dim ** 0.5
    if causal:
        scores = scores + torch.full(scores.shape[-2:], -float("inf")).triu(1)
    return torch.einsum("bhtv,hvo->bto", scores.softmax(-1) @ v, stored(heads, value_dim, width)) + stored(width)


norm = lambda x, eps: F.layer_norm(x, x.shape[-1:], stored(x.shape[-1], plus=1.0), stored(x.shape[-1]), eps)
dense = lambda x, units: x @ stored(x.shape[-1], units) + stored(units)

x = torch.sin(0.9 * torch.arange(2 * 8 * 8 * 3, dtype=torch.float64)).reshape(2, 8, 8, 3)
kernel, bias = stored(4, 4, 3, 6), stored(6)
y = F.conv2d(x.permute(0, 3, 1, 2), kernel.permute(3, 2, 0, 1), bias, stride=4).permute(0, 2, 3, 1).reshape(2, 4, 6)
y = y + attention(norm(y, 1e-6), 2, 3, 3, False)
y = y + dense(F.gelu(dense(norm(y, 1e-6), 8)), 6)
print("picture", [round(v, 6) for v in dense(y.mean(1), 3).softmax(-1).flatten().tolist()])

count = 0
ids = (3 * torch.arange(10) + 1).remainder(7).reshape(2, 5)
e = stored(7, 6)[ids]
y = norm(e + attention(e, 2, 2, 3, True), 1e-3)
y = y + torch.relu(y @ stored(6, 4) + stored(4)) @ stored(4, 6) + stored(6)
print("text", [round(v, 6) for v in dense(y.mean(1), 3).softmax(-1).flatten().tolist()])
