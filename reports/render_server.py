"""Turns HTML into tagged PDFs, in a process of its own: the only file that imports WeasyPrint.

``reports.pdf`` starts it with ``python -I`` and talks to it over its standard input and output. It
loads WeasyPrint and the fonts once and renders nothing itself: each page gets a child of its own,
forked from here, with limits of processor time, wall time and memory. A child that hangs or dies
takes nobody with it. Nothing of the project can be imported here.

A request is ``seconds``, ``memory`` and length as three big-endian numbers of 64 bits, then the HTML.
An answer is the number of pages (0: it failed) and length, then the PDF, or why not in a sentence.
"""

import contextlib
import gc
import os
import resource
import select
import signal
import socket
import struct
import sys
import tempfile
import time
from typing import Any, BinaryIO, NoReturn

ASKED = struct.Struct(">QQQ")
TOLD = struct.Struct(">QQ")
VARIANT = "pdf/ua-1"
LIGHT = 0.34
"""A last page that is filled less than this is worth a tighter try."""
FONTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fonts", "fonts.conf")
"""The report's own letters, so that it looks the same wherever it is made."""
WARM = (
    "<html lang='en'><title>t</title><style>html{font-family:Inter}b{font-weight:600}</style>"
    "<p>a<b>b</b><i>c</i></p>"
)


def render(html: str) -> tuple[bytes, int]:
    """The PDF and how many pages it has."""
    document = lay_out(html)
    content: bytes = document.write_pdf(pdf_variant=VARIANT)
    return content, len(document.pages)


def lay_out(html: str) -> Any:
    """The pages; a second, tighter try is taken where the last one would be nearly empty."""
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    # Pictures are inline; everything else that a text may name is nobody's business.
    fetcher: Any = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    document = HTML(string=html, url_fetcher=fetcher).render(pdf_variant=VARIANT)
    if len(document.pages) > 2 and _filled(document.pages[-1]) < LIGHT:
        # The style sheet knows what to tighten; where that gains no page, it stays as it was.
        snug = html.replace("<body", "<body data-snug", 1)
        tighter = HTML(string=snug, url_fetcher=fetcher).render(pdf_variant=VARIANT)
        document = min(document, tighter, key=lambda each: len(each.pages))
    return document


def _filled(page: Any) -> float:
    """How much of the page's height its text reaches down to, from 0 to 1."""
    box = page._page_box
    body = box.children[0].children[0]
    return float((body.position_y + body.margin_height()) / box.margin_height())


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests, one after the other, until whoever asks closes the other end."""
    render(WARM)
    # Found out by writing a file, which a child may not.
    tempfile.gettempdir()
    # A second wall: a child has no use for a connection.
    socket.socket = _no_network  # type: ignore[assignment, misc]
    gc.freeze()
    while len(head := requests.read(ASKED.size)) == ASKED.size:
        seconds, memory, length = ASKED.unpack(head)
        html = requests.read(length)
        pages, content = _in_a_child(html, seconds, memory)
        answers.write(TOLD.pack(pages, len(content)) + content)
        answers.flush()


def _in_a_child(html: bytes, seconds: int, memory: int) -> tuple[int, bytes]:
    """Pages and PDF; 0 pages and the reason where the child failed, hung or was stopped."""
    mine, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(mine)
        _render_and_exit(html, seconds, memory, theirs)
    os.close(theirs)
    deadline = time.monotonic() + 2 * seconds
    parts = []
    try:
        while select.select([mine], [], [], max(0.0, deadline - time.monotonic()))[0]:
            if not (part := os.read(mine, 1 << 20)):
                break
            parts.append(part)
        else:
            os.kill(child, signal.SIGKILL)
    finally:
        os.close(mine)
        _, status = os.waitpid(child, 0)
    told = b"".join(parts)
    if os.WIFSIGNALED(status):
        late = time.monotonic() >= deadline
        why = f"not finished after {2 * seconds} s" if late else _signal_of(status)
        return 0, why.encode()
    pages, content = struct.unpack(">Q", told[:8])[0] if len(told) >= 8 else 0, told[8:]
    return (pages, content) if pages or content else (0, b"it ended without a word")


def _render_and_exit(html: bytes, seconds: int, memory: int, out: int) -> NoReturn:
    """In the child: render, say it, and leave without any of the parent's last acts."""
    code = 1
    try:
        for limit, value in (
            (resource.RLIMIT_CPU, (seconds, seconds + 1)),
            (resource.RLIMIT_AS, (memory, memory)),
            (resource.RLIMIT_FSIZE, (0, 0)),
            (resource.RLIMIT_CORE, (0, 0)),
        ):
            resource.setrlimit(limit, value)
        with os.fdopen(out, "wb") as pipe:
            try:
                content, pages = render(html.decode())
                pipe.write(struct.pack(">Q", pages) + content)
                code = 0
            except BaseException as error:
                said = f"{type(error).__name__}: {error}"[:300]
                pipe.write(struct.pack(">Q", 0) + said.encode("utf-8", "replace"))
    except BaseException:
        code = 2
    finally:
        os._exit(code)


def _signal_of(status: int) -> str:
    number = os.WTERMSIG(status)
    if number == signal.SIGXCPU:
        return "it took more processor time than it may"
    return f"stopped by signal {number}"


def _no_network(*_: object, **__: object) -> NoReturn:
    raise OSError("a page has no network")


def main() -> None:
    """Answers go where standard output went; whatever else is printed goes to standard error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["FONTCONFIG_FILE"] = FONTS
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with contextlib.suppress(BrokenPipeError):
        try:
            serve(sys.stdin.buffer, answers)
        except Exception as error:
            # Whoever asks is told why, and finds the next server as it starts it.
            why = f"the renderer cannot work: {error}".encode()
            answers.write(TOLD.pack(0, len(why)) + why)
            answers.flush()
            raise


if __name__ == "__main__":
    main()
