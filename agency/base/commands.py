"""What every command shares: one JSON object on stdout, progress on stderr, exit codes 0, 1, 2."""

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser
from django.db.utils import OperationalError, ProgrammingError

from agency.base.clock import rfc3339
from agency.base.errors import DomainError

DONE, ANSWER_IS_NO, BAD_INPUT = 0, 1, 2


@dataclass(frozen=True)
class Outcome:
    """What a command has to say: the JSON, the exit code, and the same in words for a person.

    ``payload`` is one JSON object, printed with ``--json``; a sequence of objects is printed as
    NDJSON with or without it. Without ``text``, a person gets the payload's keys line by line.
    """

    payload: Mapping[str, Any] | Sequence[Mapping[str, Any]]
    exit_code: int = DONE
    text: str = ""


def to_json(payload: Any) -> str:
    """One line of strict JSON; instants as RFC 3339 in UTC. NaN is an error, not a word."""
    return json.dumps(payload, ensure_ascii=False, allow_nan=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "item"):  # a NumPy scalar
        return value.item()
    raise TypeError(f"{type(value).__name__} is no JSON value")


class DomainCommand(BaseCommand):
    """A command that translates its arguments, makes one domain call and prints the outcome.

    A subclass adds its arguments in ``arguments`` and answers in ``run``. A ``DomainError`` becomes
    one line on stderr and exit code 2, and so does an argument that the parser refuses.
    """

    requires_system_checks: tuple[str, ...] = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        if getattr(self, "_called_from_command_line", False):
            # argparse's own adds the usage, which buries the one line that helps.
            parser.error = _refuse(parser)  # type: ignore[method-assign]
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
        self.arguments(parser)

    def arguments(self, parser: CommandParser) -> None:
        """The command's own arguments."""

    def run(self, **options: Any) -> Outcome:
        """Make the domain call; every option of the parser comes as a keyword."""
        raise NotImplementedError(f"{type(self).__module__} has no run()")

    def progress(self, message: str) -> None:
        """Tell the person who waits; on stderr, so that stdout stays the answer."""
        self.stderr.write(message, self.style.NOTICE)
        self.stderr.flush()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            outcome = self.run(**options)
        except DomainError as error:
            self._stop(str(error))
        except (OperationalError, ProgrammingError) as error:
            if "no such table" not in str(error) and "does not exist" not in str(error):
                raise
            self._stop("the database has no tables yet: run manage.py migrate first")
        try:
            self._print(outcome, as_json=bool(options["json"]))
        except BrokenPipeError:
            # Whoever read us (head, say) has enough; nothing is left to say to anybody.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if outcome.exit_code != DONE:
            raise SystemExit(outcome.exit_code)

    def _stop(self, reason: str) -> NoReturn:
        self.stderr.write(" ".join(reason.split()))
        raise SystemExit(BAD_INPUT)

    def _print(self, outcome: Outcome, *, as_json: bool) -> None:
        if not isinstance(outcome.payload, Mapping):
            for row in outcome.payload:
                self.stdout.write(to_json(row))
        elif as_json:
            self.stdout.write(to_json(outcome.payload))
        elif outcome.text:
            self.stdout.write(outcome.text)
        else:
            for key, value in outcome.payload.items():
                self.stdout.write(f"{key}: {value if isinstance(value, str) else to_json(value)}")


def _refuse(parser: ArgumentParser) -> Any:
    def error(message: str) -> NoReturn:
        sys.stderr.write(f"{parser.prog}: {message}\n")
        raise SystemExit(BAD_INPUT)

    return error
