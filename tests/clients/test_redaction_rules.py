"""A client's own rules: what they mask, what they leave, and which of them are refused."""

import pytest

from agency.base.errors import BadInput
from clients.models import RedactionRule
from clients.redaction_rules import redactor_of
from clients.rule_checks import check_rule

TEXT = "I am Anna Smith, anna@example.org, +44 20 7946 0958, policy P-12345"


def masked(client, *rules, given=None, context=None):
    for kind, value in rules:
        RedactionRule.objects.create(client=client, kind=kind, value=value)
    redact = redactor_of(client)
    assert redact is not None
    return redact(given or {"text": TEXT}, context or {})


def test_a_client_without_rules_has_no_redactor(text_model):
    assert redactor_of(text_model.client) is None


def test_another_clients_rules_are_not_ours(text_model, tabular_model):
    RedactionRule.objects.create(client=tabular_model.client, kind="mail")
    assert redactor_of(text_model.client) is None


def test_only_the_kinds_that_a_rule_names_are_masked(text_model):
    given, _ = masked(text_model.client, ("mail", ""))
    assert given["text"] == TEXT.replace("anna@example.org", "[mail]")


def test_a_pattern_masks_what_it_finds_in_input_and_context(text_model):
    rule = ("pattern", r"P-\d{5}")
    given, context = masked(text_model.client, rule, context={"policy": "P-54321", "n": 7})
    assert given["text"].endswith("policy [hidden]")
    assert context == {"policy": "[hidden]", "n": 7}


def test_a_field_is_hidden_whole_and_a_number_in_it_emptied(tabular_model):
    rules = [("field", "input.hour"), ("field", "context.customer")]
    given, context = masked(
        tabular_model.client,
        *rules,
        given={"hour": 7.0, "season": "spring"},
        context={"customer": "C-1", "channel": "web"},
    )
    assert given == {"hour": None, "season": "spring"}
    assert context == {"customer": "[hidden]", "channel": "web"}


def test_a_name_that_the_context_labels_is_masked_in_the_text(text_model):
    given, _ = masked(text_model.client, ("name", ""), context={"customer_name": "Anna Smith"})
    assert "Anna" not in given["text"] and "anna@example.org" in given["text"]


def test_what_comes_out_goes_in_unchanged_the_second_time(text_model):
    rules = [("mail", ""), ("phone", ""), ("pattern", r"P-\d{5}")]
    once = masked(text_model.client, *rules)
    redact = redactor_of(text_model.client)
    assert redact is not None and redact(*once) == once


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("mail", "something"),
        ("field", "text"),
        ("field", "feedback.label"),
        ("field", "input."),
        ("pattern", ""),
        ("pattern", "(unclosed"),
        ("pattern", "a*"),
        ("pattern", "(a+)+b"),
        ("pattern", "x" * 201),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(kind, value):
    with pytest.raises(BadInput):
        check_rule(kind=kind, value=value)
