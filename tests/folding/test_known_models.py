"""Models that people know, run for real: the first view has what their authors would draw."""

from functools import cache
from typing import Any

import pytest

from gradfn.examples import EXAMPLES
from tests.conftest import Served

CODE = {example.slug: example.code for example in EXAMPLES if example.part == "models"}

RNN = """
import torch

torch.manual_seed(0)
W = torch.randn(8, 16, requires_grad=True)
U = torch.randn(16, 16, requires_grad=True)
series, h = torch.randn({steps}, 4, 8), torch.zeros(4, 16)
for t in range({steps}):
    h = torch.tanh(series[t] @ W + h @ U)
loss = h.pow(2).mean()
loss.backward()
"""
FUNCTIONS = """
import torch

torch.manual_seed(0)
weights = [torch.randn(8, 8, requires_grad=True) for _ in range(18)]


def block(x, a, b, c):
    y = torch.relu(x @ a)
    y = torch.relu(y @ b)
    return x + y @ c


x = torch.randn(4, 8)
for nr in range(6):
    x = block(x, *weights[3 * nr : 3 * nr + 3])
loss = x.pow(2).mean()
loss.backward()
"""
LONG = """
import torch
w = y = torch.ones(1, requires_grad=True)
for _ in range(20_000):
    y = (y * w).sin()
"""


@cache
def layout(server: Served, code: str) -> Any:
    answer = server.client.post("/api/v1/graph.layout", json={"code": code})
    assert answer.status_code == 200, answer.text
    return answer.json()


def titles(told: Any) -> list[str]:
    """What stands over the open folds, and first in the closed ones."""
    frames = [frame["title"] for frame in told["frames"] if frame["title"]]
    return frames + [box["rows"][0] for box in told["boxes"] if "fold" in box["kind"]]


@pytest.mark.parametrize("slug", CODE)
def test_a_model_of_the_menu_is_readable_at_first_sight(server: Served, slug: str) -> None:
    told = layout(server, CODE[slug])

    assert told["folded"]
    assert len(told["boxes"]) <= 30
    assert told["height"] <= 2_000
    assert sum(box["count"] for box in told["boxes"]) == told["functions"]


def test_resnet_18_is_four_layers_of_two_blocks(server: Served) -> None:
    found = titles(layout(server, CODE["resnet-18"]))

    assert {"net", "conv1", "bn1", "layer1[0…1] × 2", "layer2", "layer3", "layer4", "fc"} <= {
        *found
    }


def test_resnet_50_repeats_all_but_the_first_block_of_each_layer(server: Served) -> None:
    found = titles(layout(server, CODE["resnet-50"]))

    assert {"[1…2] × 2", "[1…3] × 3", "[1…5] × 5"} <= {*found}


def test_a_gpt_is_one_block_twelve_times(server: Served) -> None:
    told = layout(server, CODE["gpt"])

    assert {"gpt", "blocks[0…11] × 12", "mlp", "token", "ln1", "attn", "head"} <= {*titles(told)}
    assert told["functions"] == 712


def test_a_unet_has_its_bridges(server: Served) -> None:
    told = layout(server, CODE["unet"])
    title = {box["id"]: box["rows"][0] for box in told["boxes"]}
    into_cat = [title[e["tail"]] for e in told["edges"] if title[e["head"]] == "CatBackward0"]

    assert sorted(into_cat) == ["down.0", "down.1", "down.2", "up.0", "up.1", "up.2"]


def test_an_lstm_is_one_cell_fifty_times_with_its_weights_beside_it(server: Served) -> None:
    told = layout(server, CODE["lstm"])
    [cell] = [frame for frame in told["frames"] if frame["title"].startswith("cell × 50")]
    leaves = [box for box in told["boxes"] if box["kind"] == "parameter"]

    assert cell["fold"]["loop"] == "for t in range(50)"
    assert len(leaves) == 4
    assert {box["frame"] for box in leaves} == {cell["id"]}
    assert sum(edge["carried"] for edge in told["edges"]) == 2  # h and c


@pytest.mark.parametrize("steps", [12, 50])
def test_an_rnn_is_named_by_its_loop(server: Served, steps: int) -> None:
    told = layout(server, RNN.format(steps=steps))

    assert f"for t in range({steps}) × {steps}" in titles(told)
    assert {"W", "U"} <= {box["rows"][0] for box in told["boxes"]}


def test_a_function_that_is_called_six_times_is_one_box_with_its_name(server: Served) -> None:
    told = layout(server, FUNCTIONS)

    [block] = [frame for frame in told["frames"] if frame["fold"]["kind"] == "repeat"]
    assert (block["fold"]["name"], block["fold"]["times"]) == ("block", 6)


def test_frozen_layers_are_seen(server: Served) -> None:
    told = layout(server, CODE["lora"])
    frozen = [box["inside"]["frozen"] for box in told["boxes"] if box["fold"]]

    assert frozen == [16 * 32 + 32, 32 * 32 + 32, 32 * 4 + 4]
    assert sum("frozen" in " ".join(box["rows"]) for box in told["boxes"]) == 3


def test_buffers_are_not_frozen_parameters(server: Served) -> None:
    told = layout(server, CODE["resnet-18"])

    assert {box["inside"]["frozen"] for box in told["boxes"] if box["inside"]} == {0}


def test_forty_thousand_functions_are_a_few_boxes(server: Served) -> None:
    told = layout(server, LONG)

    assert told["functions"] == 40_001
    assert len(told["boxes"]) <= 20
    assert {box["functions"] for box in told["boxes"] if box["functions"]} == set()
    assert sum(box["count"] for box in told["boxes"]) == 40_001
