"""HTML to a tagged PDF: the only module that imports WeasyPrint, and only in a process of its own.

The process has limits of time and memory, no network and no files: a page that asks for a billion
columns or for ``file:///etc/passwd`` gets an error and costs seconds, not the worker. The same HTML
gives the same bytes.
"""

import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SECONDS = 60
"""Processor seconds; a report takes two or three."""
BYTES = 2 * 1024**3
"""Address space; a report takes about 400 MB of it, most of it libraries."""
FONTS = Path(__file__).parent / "fonts" / "fonts.conf"
"""The report's own letters, so that it looks the same wherever it is made."""
_PAGES = b"pages "


class PdfError(RuntimeError):
    """The page could not be made into a PDF within the limits; the message says why."""


@dataclass(frozen=True)
class Pdf:
    """The bytes of a PDF and how many pages it has."""

    content: bytes
    pages: int


def to_pdf(html: str, *, seconds: int = SECONDS, memory: int = BYTES) -> Pdf:
    """Render ``html`` (with its own lang and title) as PDF/UA-1 on the pages that its CSS names.

    Raises ``PdfError`` when the limits are hit or WeasyPrint fails.
    """
    # -I: neither the working directory nor the environment may put another module in our way.
    command = [sys.executable, "-I", str(Path(__file__).resolve()), str(seconds), str(memory)]
    try:
        done = subprocess.run(  # noqa: S603  our own interpreter and file
            command,
            input=html.encode("utf-8", "replace"),
            capture_output=True,
            timeout=2 * seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PdfError(f"the PDF was not finished after {2 * seconds} seconds") from error
    header, _, content = done.stdout.partition(b"\n")
    if done.returncode != 0 or not header.startswith(_PAGES):
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        why = lines[-1] if lines else f"stopped by signal {-done.returncode}"
        raise PdfError(f"the PDF could not be made within {seconds} s: {why[:300]}")
    return Pdf(content=content, pages=int(header.removeprefix(_PAGES)))


def _render(html: str) -> tuple[bytes, int]:
    os.environ["FONTCONFIG_FILE"] = str(FONTS)
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    # Pictures are inline; everything else that a text may name is nobody's business.
    fetcher: Any = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    document = HTML(string=html, url_fetcher=fetcher).render(pdf_variant="pdf/ua-1")
    content: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
    return content, len(document.pages)


def main(seconds: int, memory: int) -> None:
    """The child process: HTML on stdin, page count and PDF on stdout."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    content, pages = _render(sys.stdin.buffer.read().decode())
    sys.stdout.buffer.write(_PAGES + str(pages).encode() + b"\n" + content)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
