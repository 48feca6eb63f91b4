"""Errors that people meet: each is raised by a small program in plain PyTorch, and explained."""

import contextlib
import io

import pytest

from gradfn.explain.document import explained
from gradfn.model.fold import document_of
from gradfn.recorder.in_process import record
from tests.explain.provoked.collection import COLLECTION, HEAD

PROGRAMS = [(id, code) for id, codes in COLLECTION.items() for code in codes]


def raised_by(code: str) -> tuple[str, str]:
    """The class and the text of what the program raises without us."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})
    except SyntaxError as error:
        return type(error).__name__, error.msg or ""
    except Exception as error:
        return type(error).__name__, str(error)
    return "", ""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("id", "code"), PROGRAMS, ids=[code[:60] for _, code in PROGRAMS])
def test_an_error_of_plain_pytorch_is_explained_by_its_cause(id: str, code: str) -> None:
    kind, message = raised_by(HEAD + code + "\n")

    error = explained(document_of(record(HEAD + code + "\n")), HEAD + code + "\n").error

    assert error is not None
    assert error.type == kind
    assert message.startswith(error.message[:100])
    assert (error.explanation.id if error.explanation else "") == id


def test_of_the_errors_of_the_collection_nineteen_of_twenty_are_explained() -> None:
    assert len(PROGRAMS) >= 200
    assert len(set(PROGRAMS)) == len(PROGRAMS)
    assert len(COLLECTION[""]) <= len(PROGRAMS) / 20


WORDS = {
    'int("1.5")': "`int(float(…))`",
    'int(" 1 a ")': "It says ' 1 a '.",
    "{1}.remove(3)": "`.discard(…)`",
    "torch.optim.SGD([torch.ones(1)], 0.1, 0.9, 0.1, nesterov=True)": "dampening of 0",
    "nn.GRU(3, 4)(torch.ones(1, 2, 5, 3))": "`flatten`",
    "F.binary_cross_entropy(torch.rand(2).double(), torch.ones(2))": "target.to(prediction.dtype)",
    "torch.ones(2, 2).scatter(1, torch.tensor([0]), torch.ones(2, 2))": "places along `dim`",
    "torch.from_numpy(np.ones(2, dtype=np.longdouble))": "`longdouble`",
    "torch.linalg.cross(torch.ones(2, 2), torch.ones(2, 2))": "have 2 and 2 elements",
    "nn.LSTMCell(3, 4)(torch.ones(5, 3), torch.zeros(5, 4))": "(batch, features) in an LSTMCell",
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("code", WORDS)
def test_causes_that_share_a_text_are_told_what_is_true_of_each(code: str) -> None:
    error = explained(document_of(record(HEAD + code + "\n")), HEAD + code + "\n").error
    assert error is not None
    assert error.explanation is not None
    assert WORDS[code] in f"{error.explanation.why} {error.explanation.fix}"


@pytest.mark.parametrize(
    "code", ["torch.zeros(None)", "{}.popitem()", "x = nn.Linear(1, 1); x[0] = 1"]
)
def test_of_a_cause_that_no_explanation_is_true_of_nothing_is_told(code: str) -> None:
    error = explained(document_of(record(HEAD + code + "\n")), HEAD + code + "\n").error
    assert error is not None
    assert error.explanation is None
