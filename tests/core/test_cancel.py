"""Asking work to end."""

from __future__ import annotations

import threading

import pytest

from srcli.core.cancel import CancelToken
from srcli.core.errors import Cancelled


def test_a_token_lets_work_go_on_until_it_is_cancelled():
    token = CancelToken()
    token.check()
    token.cancel()
    assert token.is_set()
    with pytest.raises(Cancelled) as raised:
        token.check()
    assert raised.value.exit_code == 130


def test_a_token_heeds_those_above_it_and_not_those_below():
    event, run = threading.Event(), CancelToken()
    picture = CancelToken(run, event, None)
    picture.cancel()
    assert not run.is_set()
    other = CancelToken(run, event)
    event.set()
    assert other.is_set()


def test_a_function_is_called_no_more():
    token, told = CancelToken(), []
    tell = token.checking(told.append)
    tell(1)
    token.cancel()
    with pytest.raises(Cancelled):
        tell(2)
    assert told == [1]
