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
