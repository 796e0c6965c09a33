import io
import json
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
from django.core.management.base import CommandParser
from django.db.utils import OperationalError

from agency.base.commands import DomainCommand, Outcome
from agency.base.errors import BadInput, Conflict


class Greet(DomainCommand):
    answer: Any = None

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=("lee", "kim"))

    def run(self, **options: Any) -> Outcome:
        self.progress(f"greeting {options['name']}")
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def run(answer, *arguments):
    """Exit code, stdout, stderr of a command that comes to ``answer``, as from a shell."""
    out, err = io.StringIO(), io.StringIO()
    command = Greet(stdout=out, stderr=err)
    command.answer = answer
    command._called_from_command_line = True
    try:
        options = vars(command.create_parser("manage.py", "greet").parse_args(list(arguments)))
        command.execute(**options)
        code = 0
    except SystemExit as stop:
        code = stop.code
    return code, out.getvalue(), err.getvalue()


def test_json_alone_is_on_stdout_and_progress_on_stderr():
    payload = {
        "at": datetime(2025, 3, 1, tzinfo=UTC),
        "day": date(2025, 3, 1),
        "n": np.int64(3),
        "name": "Zoë",
    }
    code, out, err = run(Outcome(payload, text="hello"), "lee", "--json")
    assert code == 0 and err == "greeting lee\n"
    assert out == '{"at": "2025-03-01T00:00:00Z", "day": "2025-03-01", "n": 3, "name": "Zoë"}\n'


def test_a_person_reads_the_text_or_the_keys():
    assert run(Outcome({"n": 3}, text="three rows"), "lee")[1] == "three rows\n"
    assert run(Outcome({"n": 3, "name": "x"}), "lee")[1] == "n: 3\nname: x\n"


def test_a_sequence_is_printed_as_ndjson_either_way():
    rows = [{"id": "a"}, {"id": "b"}]
    for flags in ((), ("--json",)):
        lines = run(Outcome(rows), "lee", *flags)[1].splitlines()
        assert [json.loads(line) for line in lines] == rows


def test_an_answer_of_no_is_printed_all_the_same():
    assert run(Outcome({"failed": 1}, exit_code=1), "lee", "--json")[:2] == (1, '{"failed": 1}\n')


@pytest.mark.parametrize("error", [BadInput("no such\nfile"), Conflict("no such file")])
def test_a_domain_error_is_one_line_and_exit_code_2(error):
    assert run(error, "lee", "--json") == (2, "", "greeting lee\nno such file\n")


def test_an_empty_database_says_what_to_do():
    code, _, err = run(OperationalError("no such table: clients_client"), "lee")
    assert code == 2 and "run manage.py migrate first" in err


def test_other_errors_are_not_hidden():
    with pytest.raises(OperationalError, match="locked"):
        run(OperationalError("database is locked"), "lee")


def test_a_refused_argument_is_one_line_and_exit_code_2(capsys):
    assert run(None, "pat")[0] == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "invalid choice: 'pat'" in error


def test_nan_is_never_printed():
    with pytest.raises(ValueError, match="JSON compliant"):
        run(Outcome({"n": float("nan")}), "lee", "--json")
