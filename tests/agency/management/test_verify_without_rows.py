import json

from django.core.management import call_command


def test_an_instance_without_rows_has_nothing_to_fail(db, capsys):
    call_command("verify", "--json")
    answer = json.loads(capsys.readouterr().out)
    assert answer == {"checked": {}, "failed": [], "purged": [], "moved": []}


def test_and_says_so_to_a_person(db, capsys):
    call_command("verify")
    assert capsys.readouterr().out == "checked: nothing, for nothing is stored\n"
