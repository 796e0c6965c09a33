"""``demo``: an agency with three clients, half a year of cycles by real processes, their PDFs."""

import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings

from agency.base.commands import ANSWER_IS_NO, BAD_INPUT, DONE, DomainCommand, Outcome
from agency.management.demo import servers
from agency.management.demo.run import DEFAULT_SEED, run
from agency.management.processes import ProcessError


class Command(DomainCommand):
    help = "Run web, workers and beat, and walk three demo clients through the months before today."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--months", type=int, default=6, help="full months before today (6)")
        parser.add_argument(
            "--seed", type=int, default=DEFAULT_SEED, help=f"of the demo's data ({DEFAULT_SEED})"
        )
        parser.add_argument(
            "--exit", action="store_true", help="stop all processes when the job is done"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """The processes live from before the answer is printed until after the last Ctrl-C."""
        self._tell = threading.Lock()
        # SIGTERM ends us as Ctrl-C does: with our processes stopped.
        before = signal.signal(signal.SIGTERM, _leave)
        try:
            with servers.children(Path(settings.HOME)) as self.children:
                code = self._answer(*args, **options)
                if code != BAD_INPUT and not options["exit"]:
                    self._serve()
        except KeyboardInterrupt:
            self.progress("stopped")
            raise SystemExit(ANSWER_IS_NO) from None
        finally:
            signal.signal(signal.SIGTERM, before)
        if code != DONE:
            raise SystemExit(code)

    def _answer(self, *args: Any, **options: Any) -> Any:
        """Run the demo and print what came of it; the exit code."""
        try:
            super().handle(*args, **options)
        except SystemExit as stop:
            return stop.code
        return DONE

    def run(self, **options: Any) -> Outcome:
        done = run(
            children=self.children,
            months=options["months"],
            seed=options["seed"],
            say=self.progress,
        )
        code = ANSWER_IS_NO if done.failed else DONE
        return Outcome(done.as_json(), exit_code=code, text=done.in_words())

    def progress(self, message: str) -> None:
        """One line at a time, whichever client it is about."""
        with self._tell:
            super().progress(message)

    def _serve(self) -> None:
        """Until Ctrl-C, or until a process dies."""
        self.progress("serving; Ctrl-C stops")
        try:
            self.children.wait_for(lambda: False, what="the end", seconds=float("inf"))
        except KeyboardInterrupt:
            self.progress("stopping")
        except ProcessError as error:
            self.progress(str(error))
            raise SystemExit(ANSWER_IS_NO) from error


def _leave(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
