"""The log of a live run, read between one publication and the next."""

from gradfn.run.live.event_log import START, EventLog


def test_a_published_state_is_read_until_the_next_one_is_published() -> None:
    log = EventLog(1)
    log.append("state", b"1", "state")
    log.publish()
    log.append("state", b"2", "state")
    assert b"data: 1" in log.since(START)
    log.append("state", b"3", "state")
    log.publish()

    assert log.since(START) == b"id: 1-3\nevent: state\ndata: 3\n\n"
