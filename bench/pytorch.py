"""PyTorch's side of `bench train` and `bench infer`: one JSON request a line, one JSON answer a line, the nets of speed-nets.ts."""

import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


class Residual(nn.Module):
    """ResNet8's stack: two convolutions beside the input, or beside a pointwise convolution of it."""

    def __init__(self, before, filters, strides):
        super().__init__()
        self.strides = strides
        self.a = nn.Conv2d(before, filters, 3, strides, 1)
        self.b = nn.Conv2d(filters, filters, 3, 1, 1)
        self.norm_a = nn.BatchNorm2d(filters)
        self.norm_b = nn.BatchNorm2d(filters)
        self.shortcut = nn.Identity() if strides == 1 else nn.Conv2d(before, filters, 1, strides)

    def forward(self, x):
        y = F.relu(self.norm_a(self.a(x)))
        return F.relu(self.norm_b(self.b(y)) + self.shortcut(x))


def depthwise(channels, strides=1):
    return nn.Conv2d(channels, channels, 3, strides, 1, groups=channels, bias=False)


def pointwise(before, filters):
    return nn.Conv2d(before, filters, 1, bias=False)


def separable(before, filters, strides):
    return nn.Sequential(depthwise(before, strides), pointwise(before, filters), nn.BatchNorm2d(filters), nn.ReLU())


class SeparableResidual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(
            depthwise(channels), nn.BatchNorm2d(channels), nn.ReLU(), pointwise(channels, channels), nn.BatchNorm2d(channels)
        )

    def forward(self, x):
        return F.relu(self.body(x) + x)


def lenet300():
    return nn.Sequential(nn.Linear(784, 300), nn.ReLU(), nn.Linear(300, 100), nn.ReLU(), nn.Linear(100, 10)), (784,)


def lenet5():
    layers = [nn.Conv2d(1, 20, 5), nn.MaxPool2d(2), nn.Conv2d(20, 50, 5), nn.MaxPool2d(2), nn.Flatten()]
    return nn.Sequential(*layers, nn.Linear(800, 500), nn.ReLU(), nn.Linear(500, 10)), (1, 28, 28)


def resnet8():
    stem = [nn.Conv2d(3, 16, 3, 1, 1), nn.BatchNorm2d(16), nn.ReLU()]
    stacks = [Residual(16, 16, 1), Residual(16, 32, 2), Residual(32, 64, 2)]
    return nn.Sequential(*stem, *stacks, nn.AvgPool2d(8), nn.Flatten(), nn.Linear(64, 10)), (3, 32, 32)


def depthwise_net():
    stem = [nn.Conv2d(1, 16, 5, 2, 2, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    blocks = [separable(16, 32, 1), separable(32, 64, 2), SeparableResidual(64), SeparableResidual(64)]
    return nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)), (1, 28, 28)


nets = {"lenet-300-100": lenet300, "lenet5": lenet5, "resnet8": resnet8, "depthwise": depthwise_net}
steps = {}


def step_for(job, name, batch):
    if (job, name, batch) in steps:
        return steps[job, name, batch]
    net, shape = nets[name]()
    x = torch.rand(batch, *shape)
    targets = torch.randint(0, 10, (batch,))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.001, eps=1e-7)
    net.train(job == "train")

    def train():
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), targets)
        loss.backward()
        optimizer.step()
        return loss.item()

    def infer():
        with torch.no_grad():
            return net(x)

    steps[job, name, batch] = train if job == "train" else infer
    return steps[job, name, batch]


for line in sys.stdin:
    request = json.loads(line)
    torch.set_num_threads(request["threads"])
    step = step_for(request["job"], request["net"], request["batch"])
    step()
    least = float("inf")
    end = time.perf_counter() + request["milliseconds"] / 1000
    while True:
        start = time.perf_counter()
        step()
        least = min(least, time.perf_counter() - start)
        if time.perf_counter() >= end:
            break
    print(json.dumps(1000 * least), flush=True)
