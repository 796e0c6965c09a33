"""The docstrings are the documentation, so their examples must run."""

import doctest
import importlib
import pkgutil

import pytest

from retraining import stats

MODULES = sorted(module.name for module in pkgutil.iter_modules(stats.__path__))
WITHOUT_EXAMPLES = {"checks", "errors"}


@pytest.mark.parametrize("name", MODULES)
def test_every_example_in_a_docstring_runs(name):
    result = doctest.testmod(importlib.import_module(f"retraining.stats.{name}"))
    assert result.failed == 0
    assert (result.attempted > 0) is (name not in WITHOUT_EXAMPLES)


def test_every_public_function_has_an_example_and_a_source():
    for name in set(MODULES) - WITHOUT_EXAMPLES:
        module = importlib.import_module(f"retraining.stats.{name}")
        for attribute, thing in vars(module).items():
            own = getattr(thing, "__module__", None) == module.__name__
            if own and not attribute.startswith("_") and not isinstance(thing, type):
                text = getattr(thing, "__doc__", None) or ""
                if callable(thing) and attribute != "Windows":
                    assert ">>>" in text, f"{name}.{attribute} shows no example"
