"""Folds over HTTP: pictures and layouts of a real server, and requests that ask for nonsense."""

from typing import Any

import pytest

from tests.conftest import Served

CODE = """
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(*[part for _ in range(20) for part in (nn.Linear(4, 4), nn.Tanh())])
loss = net(torch.ones(2, 4)).sum()
loss.backward()
"""
SMALL = "import torch\nw = torch.ones(2, requires_grad=True)\nloss = (w * 3).sum()"


def layout(server: Served, code: str = CODE, graph: str | None = None, **options: Any) -> Any:
    body = {"code": code, "graph": graph, "options": options}
    answer = server.client.post("/api/v1/graph.layout", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def problem(server: Served, status: int, **options: Any) -> str:
    body = {"code": CODE, "options": options}
    answer = server.client.post("/api/v1/graph.svg", json=body)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == status
    detail: str = answer.json()["detail"]
    return detail


@pytest.fixture(scope="module")
def first(server: Served) -> Any:
    return layout(server)


def ids(told: Any) -> list[str]:
    return sorted(id for box in told["boxes"] for id in box["functions"])


def test_a_large_graph_is_folded_and_each_function_is_listed_once(
    server: Served, first: Any
) -> None:
    functions = server.run(CODE)["graph"]["functions"]

    assert first["folded"]
    assert [frame["title"] for frame in first["frames"]] == ["", "net[0…38] × 20"]
    assert ids(first) == sorted(function["id"] for function in functions)
    assert first["functions"] == len(functions) == sum(box["count"] for box in first["boxes"])


def test_a_box_says_what_is_in_it(first: Any) -> None:
    box = next(box for box in first["boxes"] if box["kind"] == "fold")

    assert box["inside"]["leaves"] == 40
    assert box["inside"]["elements"] == 20 * (4 * 4 + 4)
    assert box["inside"]["bytes"] == 4 * box["inside"]["elements"]
    assert 0 < box["inside"]["least_grad"] <= box["inside"]["greatest_grad"]
    assert box["rows"][0] == "[0…38]"


def test_boxes_lie_in_their_frames_and_arrows_end_at_their_boxes(first: Any) -> None:
    boxes = {box["id"]: box for box in first["boxes"]}
    frames = {frame["id"]: frame for frame in first["frames"]}
    for box in boxes.values():
        if box["frame"] is None:
            continue
        frame = frames[box["frame"]]
        assert frame["x"] <= box["x"] - box["width"] / 2
        assert box["x"] + box["width"] / 2 <= frame["x"] + frame["width"]
        assert frame["y"] <= box["y"] <= frame["y"] + frame["height"]
    for edge in first["edges"]:
        head = boxes[edge["head"]]
        x, y = edge["tip"]
        assert abs(x - head["x"]) <= head["width"] / 2 + 1
        assert abs(y - head["y"]) <= head["height"] / 2 + 1
        assert len(edge["points"]) % 3 == 1


def test_shapes_stand_on_the_edges(first: Any) -> None:
    assert {edge["label"] for edge in first["edges"]} >= {"(2, 4)"}


def test_a_repeat_goes_back_to_its_beginning_by_a_carried_edge(first: Any) -> None:
    kinds = {box["id"]: box["kind"] for box in first["boxes"]}
    carried = [edge for edge in first["edges"] if edge["carried"]]

    assert [(kinds[edge["tail"]], kinds[edge["head"]]) for edge in carried] == [
        ("operations", "fold")
    ]


def test_a_repeat_opens_into_its_turns_and_a_turn_into_functions(
    server: Served, first: Any
) -> None:
    repeat = first["frames"][1]["fold"]
    root = first["opened"][0]

    turns = layout(server, graph=first["graph"], open=[root, repeat["each"]])
    names = [box["fold"]["name"] for box in turns["boxes"] if box["fold"]]
    assert names == [f"net.{2 * nr}" for nr in range(20)]
    assert ids(turns) == ids(first)

    third = next(box["fold"]["id"] for box in turns["boxes"] if box["rows"][0] == "net.4")
    opened = layout(server, graph=first["graph"], open=[root, repeat["each"], third])
    assert "TanhBackward0" in [box["rows"][0] for box in opened["boxes"]]
    assert {"net.2", "net.6"} <= {box["rows"][0] for box in opened["boxes"]}
    assert ids(opened) == ids(first)


def test_a_graph_that_is_kept_is_not_run_again(server: Served) -> None:
    code = f"import time\nprint(time.time())\n{CODE}"
    graph = layout(server, code)["graph"]

    assert layout(server, code, graph)["graph"] == graph
    other = layout(server, code + "\n", graph)["graph"]
    assert other not in (None, graph)
    assert layout(server, code, "gone")["graph"] not in (None, graph)


def test_ids_are_the_same_after_another_run_and_after_an_edit_somewhere_else(
    server: Served, first: Any
) -> None:
    again = layout(server)
    edited = layout(server, f"# a line more\n{CODE}\nmore = (loss * 2).sin()", open=first["opened"])

    assert again["opened"] == first["opened"]
    assert {f["id"] for f in edited["frames"]} == {f["id"] for f in first["frames"]}
    assert edited["unknown"] == []


def test_a_small_graph_is_drawn_node_for_node_unless_asked_otherwise(server: Served) -> None:
    plain = layout(server, SMALL)
    assert not plain["folded"]
    assert {box["kind"] for box in plain["boxes"]} >= {"function", "accumulate", "leaf"}
    assert layout(server, SMALL, fold=True)["folded"]
    assert layout(server, SMALL, open=[])["folded"]


def test_a_program_without_a_graph_is_folded_into_a_picture_that_says_so(server: Served) -> None:
    told = layout(server, "print(1)", fold=True)

    assert [box["rows"] for box in told["boxes"]] == [["The program made no tensors."]]


def test_a_fold_that_does_not_exist_opens_nothing_and_is_named(server: Served) -> None:
    told = layout(server, open=["x0123456789abcdef", "", "net", "🦆"])

    assert told["unknown"] == ["x0123456789abcdef", "", "net", "🦆"]
    assert len(told["boxes"]) >= 1


def test_ten_thousand_open_folds_are_answered_and_one_more_is_refused(
    server: Served, first: Any
) -> None:
    many = [f"x{nr:016x}" for nr in range(10_000)]
    told = layout(server, graph=first["graph"], open=many)
    assert told["unknown"] == many

    body = {"code": CODE, "options": {"open": [*many, "x"]}}
    answer = server.client.post("/api/v1/graph.layout", json=body)
    assert answer.status_code == 422
    assert "10000" in answer.text


def test_more_boxes_than_asked_for_are_refused_with_the_number(server: Served) -> None:
    assert "limit of 5" in problem(server, 409, depth=9, boxes=5)
    assert "limit of 50" in problem(server, 409, fold=False, boxes=50)


def test_more_than_500_boxes_are_laid_out_only_for_who_asks_for_them(server: Served) -> None:
    code = "import torch\nw = y = torch.ones(1, requires_grad=True)\n" + "".join(
        f"y = y.{('sin', 'cos', 'exp', 'tanh')[nr * nr % 7 % 4]}()\n" for nr in range(600)
    )
    asked = {"code": code, "options": {"fold": False}}
    refused = server.client.post("/api/v1/graph.svg", json=asked)
    assert refused.status_code == 409
    assert "limit of 500" in refused.json()["detail"]

    asked["options"] = {"fold": False, "boxes": 1_000}
    assert server.client.post("/api/v1/graph.svg", json=asked).status_code == 200
    asked["options"] = {"fold": False}
    assert server.client.post("/api/v1/graph.dot", json=asked).text.count("SinBackward0") > 50


def test_what_is_around_a_tensor_and_between_two_is_a_part_of_the_graph(server: Served) -> None:
    functions = {f["id"]: f for f in server.run(CODE)["graph"]["functions"]}
    around = layout(server, around="loss", hops=2, fold=False)
    near = {id for box in around["boxes"] for id in box["functions"]}

    assert [functions[id]["name"] for id in sorted(near)] == [
        "SumBackward0",
        "TanhBackward0",
        "AddmmBackward0",
    ]

    between = layout(server, paths=["net[36].weight", "loss"], fold=False)
    on_it = [functions[id]["name"] for box in between["boxes"] for id in box["functions"]]
    once = ["AccumulateGrad", "SumBackward0", "TBackward0"]
    assert sorted(on_it) == sorted([*once, *["TanhBackward0", "AddmmBackward0"] * 2])


def test_a_name_that_is_not_in_the_graph_is_said_to_be_missing(server: Served) -> None:
    assert "called 'nobody'" in problem(server, 404, around="nobody")
    assert "called '<b>'" in problem(server, 404, paths=["loss", "<b>"])


def test_a_program_that_raised_has_its_error_in_the_folded_picture(server: Served) -> None:
    told = layout(server, f"{CODE}\nloss + torch.ones(3) @ torch.ones(2)")

    [error] = [box for box in told["boxes"] if box["kind"] == "error"]
    assert "RuntimeError" in error["rows"][0]
    assert [edge["tail"] for edge in told["edges"] if edge["head"] == "error"]


@pytest.mark.parametrize("format", ["svg", "png", "dot"])
def test_pictures_take_the_same_options(server: Served, format: str) -> None:
    def size(**options: Any) -> int:
        body = {"code": CODE, "options": options}
        answer = server.client.post(f"/api/v1/graph.{format}", json=body)
        assert answer.status_code == 200, answer.text
        return len(answer.content)

    assert size() < size(depth=3) < size(fold=False)
