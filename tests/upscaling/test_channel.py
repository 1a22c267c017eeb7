"""Threads that hand things over: in order, a few at a time, and ending together."""

from __future__ import annotations

import threading
import time

import pytest

from srcli.upscaling.channel import Abandoned, Channel, ReadAhead


def in_thread(work):
    """Run in a thread; gives what waits for it and tells the error it ended with."""
    errors = []

    def run():
        try:
            work()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()

    def wait():
        thread.join(10)
        assert not thread.is_alive()
        return errors

    return wait


def send_all(channel, things):
    with channel.sending() as send:
        for thing in things:
            send(thing)


def test_things_arrive_in_order():
    channel = Channel()
    wait = in_thread(lambda: send_all(channel, range(100)))
    assert list(channel.receive()) == list(range(100))
    assert wait() == []


def test_no_more_wait_than_there_is_room_for():
    channel, sent = Channel(room=2), []

    def things():
        for thing in range(10):
            sent.append(thing)
            yield thing

    wait = in_thread(lambda: send_all(channel, things()))
    received = channel.receive()
    assert next(received) == 0
    time.sleep(0.05)
    # One was received, two wait, and the sender stands with the fourth.
    assert len(sent) == 4
    assert list(received) == list(range(1, 10))
    assert wait() == []


def test_a_sender_that_fails_ends_the_receiver():
    channel = Channel()

    def fail():
        with channel.sending() as send:
            send(1)
            raise KeyboardInterrupt

    wait = in_thread(fail)
    with pytest.raises(Abandoned):
        list(channel.receive())
    assert [type(error) for error in wait()] == [KeyboardInterrupt]


def test_a_receiver_that_gives_up_ends_the_sender():
    channel = Channel()
    wait = in_thread(lambda: send_all(channel, range(100)))
    received = channel.receive()
    next(received)
    received.close()
    assert [type(error) for error in wait()] == [Abandoned]


def test_all_may_be_sent_before_anything_is_received():
    channel = Channel(room=None)
    send_all(channel, range(5))
    assert list(channel.receive()) == list(range(5))


def test_reading_ahead_gives_the_things_in_order():
    assert list(ReadAhead(iter(range(20))).items()) == list(range(20))


def test_an_error_in_reading_ahead_is_raised_where_the_things_are_taken():
    def things():
        yield 1
        raise ValueError("damaged")

    with pytest.raises(ValueError, match="damaged"):
        list(ReadAhead(things()).items())


def test_reading_ahead_ends_with_its_reader():
    ahead = ReadAhead(iter(range(1000)))
    items = ahead.items()
    next(items)
    ahead.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "read"]
    ReadAhead(iter(())).close()


def test_stopping_to_send_ends_the_receiver_unless_all_was_sent():
    channel = Channel()
    channel.stop_sending()
    with pytest.raises(Abandoned):
        next(channel.receive())
    channel = Channel()
    send_all(channel, [1])
    channel.stop_sending()
    assert list(channel.receive()) == [1]
