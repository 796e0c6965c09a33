"""Processes of ours: started, watched, and stopped again by their own ids, whatever happens."""

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from agency.base.errors import DomainError

GRACE_SECONDS = 20.0
"""A worker finishes the task in hand when it is asked to go; after this long it is not asked."""
POLL_SECONDS = 0.15
LOG_LINES = 15


class ProcessError(DomainError):
    """A process did not start, died, or did not do in time what was waited for."""

    code = "process_error"


@dataclass(frozen=True)
class Child:
    """A process that we started, and the file that holds all it says."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def last_words(self) -> str:
        """The end of its log."""
        try:
            lines = self.log.read_text(errors="replace").splitlines()
        except FileNotFoundError:
            return ""
        return "\n".join(lines[-LOG_LINES:])


def listen() -> socket.socket:
    """A listening socket on a free port of the loopback, to hand to a server: no race for the port."""
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    made.listen(64)
    return made


class Children:
    """Our processes; leaving the ``with`` block stops all of them, the last one first."""

    def __init__(self, *, logs: Path, folder: Path, environment: Mapping[str, str]) -> None:
        self.logs = logs
        self.folder = folder
        self.environment = dict(environment)
        self.running: list[Child] = []
        self._held: list[int] = []
        self._stop = threading.Event()

    def __enter__(self) -> "Children":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def hold(self, descriptor: int) -> None:
        """Every process started from now on keeps ``descriptor`` open; closed once all have ended."""
        self._held.append(descriptor)

    def start(self, name: str, arguments: Sequence[str], *, keep: Sequence[int] = ()) -> Child:
        """Start a program; ``keep`` are file descriptors that this one inherits besides."""
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / f"{name}.log"
        with open(log, "wb") as output:
            process = subprocess.Popen(  # noqa: S603  our own interpreter and arguments
                list(arguments),
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(*self._held, *keep),
                # A session of its own: Ctrl-C at the terminal is for us, who then stop them in order.
                start_new_session=True,
            )
        child = Child(name, process, log)
        self.running.append(child)
        return child

    @property
    def stopping(self) -> bool:
        """Have we been told to stop? Threads that wait for a process give up then."""
        return self._stop.is_set()

    def give_up(self) -> None:
        """Tell whoever waits for a process to wait no longer; nothing is ended yet."""
        self._stop.set()

    def died(self) -> list[str]:
        """A sentence for each process that has ended by itself."""
        return [
            f"{child.name} ended with code {child.process.returncode}; {child.log} says:\n"
            f"{child.last_words()}"
            for child in self.running
            if child.process.poll() is not None
        ]

    def check(self) -> None:
        """Raise ``ProcessError`` where a process has died, or where we are stopping."""
        if self.stopping:
            raise ProcessError("stopped")
        if dead := self.died():
            raise ProcessError(dead[0])

    def wait_for(self, holds: Callable[[], bool], *, what: str, seconds: float) -> None:
        """Come back once ``holds()`` is true; ``ProcessError`` after so many seconds, or if one dies."""
        until = time.monotonic() + seconds
        while True:
            self.check()
            if holds():
                return
            if time.monotonic() > until:
                raise ProcessError(f"{what}: not after {seconds:.0f} seconds")
            time.sleep(POLL_SECONDS)

    def stop(self, *, grace: float = GRACE_SECONDS) -> None:
        """Ask every process to end, and end those that do not; nothing of ours is left running."""
        self.give_up()
        for child in reversed(self.running):
            if child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
        until = time.monotonic() + grace
        for child in reversed(self.running):
            try:
                child.process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                # The session that we gave it: its own helpers go with it.
                os.killpg(child.pid, signal.SIGKILL)
                child.process.wait()
        self.running.clear()
        for descriptor in self._held:
            os.close(descriptor)
        self._held.clear()
