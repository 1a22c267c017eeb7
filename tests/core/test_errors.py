"""The tree of errors, as other programs meet it."""

from __future__ import annotations

import copy
import inspect
import pickle

import pytest

import srcli
from srcli.core import errors
from srcli.core.errors import SrcliError


def _kinds(kind):
    return [kind, *(below for each in kind.__subclasses__() for below in _kinds(each))]


def _make(kind):
    """An error of any class, whatever else it wants to know."""
    parameters = inspect.signature(kind).parameters.values()
    return kind(*("train" for each in parameters if each.default is each.empty))


@pytest.mark.parametrize("kind", _kinds(SrcliError), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("through", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_every_error_comes_through_a_pool_of_processes_as_it_was(kind, through):
    error = _make(kind)
    error.hint = "do that"
    error.add_note("seen on the way")
    twin = through(error)
    assert type(twin) is kind
    assert (twin.message, twin.hint, twin.exit_code) == (error.message, error.hint, kind.exit_code)
    assert (str(twin), twin.__notes__) == (str(error), ["seen on the way"])


@pytest.mark.parametrize(
    "name", ["SrcliError", "UsageError", "InputError", "OutputError", "MachineError", "ModelError"]
)
def test_the_kinds_of_errors_are_public(name):
    assert getattr(srcli, name) is getattr(errors, name)
    assert name in srcli.__all__
