"""HTML to a tagged PDF, rendered in a process of its own that has no network and no files.

The process has limits of time and memory: a page that asks for a billion columns or for
``file:///etc/passwd`` gets an error and costs seconds, not the worker. The same HTML gives the same
bytes. Starting Python and WeasyPrint costs as much as a report, so each worker keeps one server
(``reports.render_server``), started when the first report needs it, which forks a child per report.
"""

import atexit
import contextlib
import os
import select
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from reports.render_server import ASKED, TOLD

SECONDS = 60
"""Processor seconds; a report takes less than one."""
BYTES = 2 * 1024**3
"""Address space; a report takes about 400 MB of it, most of it libraries."""
GRACE = 30.0
"""Seconds that the server may take to start and to stop a child, on a busy machine."""
_SERVER = Path(__file__).resolve().with_name("render_server.py")


class PdfError(RuntimeError):
    """The page could not be made into a PDF within the limits; the message says why."""


@dataclass(frozen=True)
class Pdf:
    """The bytes of a PDF and how many pages it has."""

    content: bytes
    pages: int


class _Died(Exception):
    """The server is gone, or hangs; it may be nobody's fault."""


class Renderer:
    """One server and the lock around it. Made once a process; a fork starts a server of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def render(self, html: bytes, *, seconds: int, memory: int) -> tuple[int, bytes]:
        """Pages and PDF, or 0 and why not. Raises ``PdfError`` where no server can be kept up."""
        with self._lock:
            for attempt in (1, 2):
                try:
                    return self._ask(self._started(), html, seconds, memory)
                except _Died as error:
                    self._stop()
                    if attempt == 2:
                        raise PdfError(f"the renderer {error}") from error
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Stop the server, if this process has one; the next page starts another."""
        with self._lock:
            self._stop()

    @property
    def pid(self) -> int | None:
        """The server's process, where it runs."""
        return self._server.pid if self._server and self._owner == os.getpid() else None

    def _started(self) -> subprocess.Popen[bytes]:
        if self._server is not None and self._owner == os.getpid():
            return self._server
        # -I: neither the working directory nor the environment may put another module in our way.
        self._server = subprocess.Popen(  # noqa: S603  our own interpreter and file
            [sys.executable, "-I", str(_SERVER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
        )
        self._owner = os.getpid()
        return self._server

    def _ask(
        self, server: subprocess.Popen[bytes], html: bytes, seconds: int, memory: int
    ) -> tuple[int, bytes]:
        to, answers = server.stdin, server.stdout
        if to is None or answers is None:
            raise _Died("has no pipes")
        deadline = time.monotonic() + 2 * seconds + GRACE
        _write(to, ASKED.pack(seconds, memory, len(html)) + html, deadline)
        pages, length = TOLD.unpack(_read(answers, TOLD.size, deadline))
        return pages, _read(answers, length, deadline)

    def _stop(self) -> None:
        server, self._server = self._server, None
        if server is None or self._owner != os.getpid():
            return
        with contextlib.suppress(OSError):
            # Its children too: they are of its session.
            os.killpg(server.pid, 9)
        for pipe in (server.stdin, server.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        server.wait()


_renderer = Renderer()
atexit.register(_renderer.close)


def close() -> None:
    """Stop this process's renderer; the next page starts another."""
    _renderer.close()


def to_pdf(html: str, *, seconds: int = SECONDS, memory: int = BYTES) -> Pdf:
    """Render ``html`` (with its own lang and title) as PDF/UA-1 on the pages that its CSS names.

    Raises ``PdfError`` when the limits are hit or WeasyPrint fails.
    """
    asked = html.encode("utf-8", "replace")
    pages, content = _renderer.render(asked, seconds=seconds, memory=memory)
    if not pages:
        why = content.decode("utf-8", "replace")
        raise PdfError(f"the PDF could not be made within {seconds} s: {why}")
    return Pdf(content=content, pages=pages)


def _write(pipe: IO[bytes], content: bytes, deadline: float) -> None:
    """All of it, before the deadline: a server that hangs reads nothing. Raises ``_Died``."""
    os.set_blocking(pipe.fileno(), False)
    left = memoryview(content)
    while left:
        wait = max(0.0, deadline - time.monotonic())
        if not select.select([], [pipe], [], wait)[1]:
            raise _Died("did not listen in time")
        try:
            left = left[os.write(pipe.fileno(), left) :]
        except OSError as error:
            raise _Died("was gone") from error


def _read(pipe: IO[bytes], length: int, deadline: float) -> bytes:
    """Exactly so many bytes, before the deadline. Raises ``_Died``."""
    found = bytearray()
    while len(found) < length:
        wait = max(0.0, deadline - time.monotonic())
        if not select.select([pipe], [], [], wait)[0]:
            raise _Died("did not answer in time")
        part = os.read(pipe.fileno(), min(length - len(found), 1 << 20))
        if not part:
            raise _Died("ended")
        found += part
    return bytes(found)
