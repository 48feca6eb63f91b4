"""In which turn of a repeat an operation is, by counting through the operations of the repeat."""

from gradfn.model.folding.parts import Part
from gradfn.model.folding.tree import Fold


def turns(part: Part) -> list[int]:
    """The turn of each operation, where a turn is so many operations one after the other."""
    (fold,) = [part.fold]
    assert fold is not None
    return [nr // fold.unit % fold.times for nr in range(part.count())]


def repeat(start: int, unit: int, times: int) -> Fold:
    return Fold("repeat", "r", start, start + unit * times, unit=unit, times=times)


def test_operations_of_a_repeat_are_in_its_turns_one_after_the_other() -> None:
    part = Part("repeat", "r", "r", 4, 10, 0, repeat(4, 2, 3))

    found = [part.turn_of(at) for each in part.positions() for at in each]

    assert found == turns(part) == [0, 0, 1, 1, 2, 2]


def test_a_repeat_that_is_moved_has_the_same_turns() -> None:
    part = Part("repeat", "r", "r", 4, 10, 0, repeat(4, 2, 3), shift=100)

    found = [part.turn_of(at) for each in part.positions() for at in each]

    assert found == [0, 0, 1, 1, 2, 2]


def test_turns_of_repeats_around_are_not_counted() -> None:
    # From 4 on, five turns of seven operations, each with a repeat of three turns of two in it.
    part = Part("repeat", "r", "r", 5, 11, 0, repeat(5, 2, 3), strides=((4, 7, 5),))

    found = [part.turn_of(at) for each in part.positions() for at in each]

    assert found == [0, 0, 1, 1, 2, 2] * 5
