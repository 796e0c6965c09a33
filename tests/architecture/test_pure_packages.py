"""What a reader may rely on in the pure packages: examples that run, reasons for every number."""

import ast
import doctest
import importlib
import inspect
import pkgutil
from dataclasses import fields

import pytest

import retraining.stats
from retraining import policy

MODULES = [
    importlib.import_module(f"retraining.stats.{found.name}")
    for found in pkgutil.iter_modules(retraining.stats.__path__)
]
# Argument checks and error classes: not statistics.
HELPERS = {"retraining.stats.checks", "retraining.stats.errors"}


def public_functions():
    for module in MODULES:
        if module.__name__ in HELPERS:
            continue
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                yield pytest.param(function, id=f"{module.__name__.rpartition('.')[2]}.{name}")


@pytest.mark.parametrize("function", list(public_functions()))
def test_a_statistic_has_an_example_that_runs(function):
    examples = doctest.DocTestParser().get_examples(inspect.getdoc(function) or "")
    assert examples, "its docstring has no example"
    assert not any(doctest.SKIP in example.options for example in examples)


def documented_fields():
    """Names of the thresholds that a string follows, or that the next threshold's string covers."""
    (policy_class,) = (
        node
        for node in ast.parse(inspect.getsource(policy)).body
        if isinstance(node, ast.ClassDef) and node.name == "Policy"
    )
    for node, following in zip(policy_class.body, policy_class.body[1:], strict=False):
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(following, ast.Expr)
            and isinstance(following.value, ast.Constant)
            and isinstance(following.value.value, str)
        ):
            yield node.target.id


def test_every_threshold_has_its_reason():
    documented = set(documented_fields())
    assert documented, "nothing was found: the policy is written in another way"
    assert [field.name for field in fields(policy.Policy) if field.name not in documented] == []
