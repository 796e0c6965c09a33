"""The catalogues of pages and mails hold what the pages say."""

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "script" / "phrases"


@pytest.fixture(scope="module")
def phrases():
    loader = SourceFileLoader("phrases", str(SCRIPT))
    module = module_from_spec(spec_from_loader("phrases", loader))
    loader.exec_module(module)
    return module


def test_german_has_every_phrase_and_both_files_are_up_to_date(phrases, capsys):
    code = phrases.main(["--check", "de"])
    assert (code, capsys.readouterr().out) == (0, "")


def test_phrases_are_found_in_templates_forms_and_mails(phrases):
    found = {text for text, _ in phrases.strings()}
    for text in (
        "Skip to the content",  # a template's translate
        "Version %(version)s has been in use since %(day)s.",  # its blocktranslate
        ("%(n)s more category", "%(n)s more categories"),  # one that counts
        "First day",  # a form
        "Thank you: the correction is in.",  # a view
        "Your users ask for something the model was never taught.",  # an alert
    ):
        assert text in found


def test_a_phrase_without_a_translation_is_named(phrases, monkeypatch, capsys):
    monkeypatch.setattr(phrases, "strings", lambda: [("A phrase nobody translated", None)])
    assert phrases.main(["--check", "de"]) == 1
    assert "A phrase nobody translated" in capsys.readouterr().out


def test_a_translation_names_what_the_english_names(phrases):
    import re

    catalogue = phrases.merged("de", phrases.catalogs().Timeless)
    for message in catalogue:
        if not message.id:
            continue
        pairs = zip(message.id, message.string, strict=True) if message.pluralizable else [
            (message.id, message.string)
        ]  # fmt: skip
        for english, german in pairs:
            places = [sorted(re.findall(r"%\((\w+)\)s", text)) for text in (english, german)]
            assert places[0] == places[1], english
