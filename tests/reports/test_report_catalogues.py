"""Languages: every English string has a translation, and the compiled catalogue is the written one."""

import string
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

from reports.wording import languages, wording_for
from reports.wording.catalogue import ENGLISH, plural_keys

SCRIPT = Path(__file__).parents[2] / "script" / "catalogs"
OTHERS = [language for language in languages() if language != "en"]


@pytest.fixture(scope="module")
def catalogs():
    """``script/catalogs`` as a module."""
    loader = SourceFileLoader("catalogs", str(SCRIPT))
    module = module_from_spec(spec_from_loader("catalogs", loader))
    loader.exec_module(module)
    return module


def places(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_german_is_one_of_the_languages():
    assert "de" in OTHERS


@pytest.mark.parametrize("language", OTHERS)
def test_every_string_is_translated_and_both_files_are_up_to_date(catalogs, language):
    catalogue = catalogs.merged(language)
    assert catalogs.untranslated(catalogue) == []
    # Unused entries and changed English would be gone from the merged one.
    assert catalogs.path_of(language).read_bytes() == catalogs.po_of(catalogue)
    assert catalogs.path_of(language, ".mo").read_bytes() == catalogs.mo_of(catalogue)


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_fills_in_what_the_english_does(language):
    strings = wording_for(language).strings
    for key, english in ENGLISH.items():
        allowed = places(english) | ({"Task"} if "task" in places(english) else set())
        assert places(strings[key]) <= allowed, key
        if key.removesuffix(".one") not in plural_keys() and "task" not in allowed:
            assert places(strings[key]) == places(english), key


def test_a_string_without_a_translation_reads_english(catalogs, tmp_path, monkeypatch):
    monkeypatch.setattr(catalogs, "LOCALE", tmp_path)
    begun = catalogs.merged("fr")
    assert len(catalogs.untranslated(begun)) == len(ENGLISH) - len(plural_keys())


def test_a_count_takes_the_form_of_its_language():
    assert (
        wording_for("de").t("service.checks", n=1, promised=2) == "1 Prüfung gemacht, 2 vereinbart"
    )
    assert (
        wording_for("de").t("service.checks", n=3, promised=2)
        == "3 Prüfungen gemacht, 2 vereinbart"
    )
