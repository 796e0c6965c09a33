"""The process that renders: one for many pages, each page in a child with limits of its own."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from reports import render_server
from reports.pdf import PdfError, Renderer, to_pdf

PAGE = "<html lang='en'><title>t</title><p>hello {}</p></html>"
# So wide a table takes more memory than any report, and no time to speak of.
ENDLESS = "<html lang='en'><title>t</title><table><td colspan='1000000000'>x</table></html>"
LIMITS = {"seconds": 20, "memory": 1024**3}


@pytest.fixture(scope="module")
def renderer():
    own = Renderer()
    yield own
    own.close()


def page(renderer, text="x", **limits):
    return renderer.render(PAGE.format(text).encode(), **{**LIMITS, **limits})


def children_of(pid):
    """The processes that this one has begun and that are still there."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_one_server_renders_page_after_page_in_children_that_are_gone_afterwards(renderer):
    first, again = page(renderer), page(renderer)
    server = renderer.pid
    assert first == again
    assert first[0] == 1 and first[1].startswith(b"%PDF-")
    assert page(renderer, "another")[1] != first[1]
    assert renderer.pid == server
    assert children_of(server) == []


def test_a_page_beyond_its_limits_leaves_the_server_as_it_was(renderer):
    good = page(renderer)
    server = renderer.pid
    pages, why = renderer.render(ENDLESS.encode(), seconds=5, memory=600 * 1024**2)
    assert pages == 0 and why
    assert renderer.pid == server
    assert page(renderer) == good


def test_processor_time_is_a_limit_too(renderer):
    many = "<p>word</p>" * 60_000
    pages, why = page(renderer, many, seconds=1)
    # Whichever comes first: a busy machine gives it less than a second in two.
    assert pages == 0
    assert why in (b"it took more processor time than it may", b"not finished after 2 s")


def test_a_child_that_hangs_is_stopped(monkeypatch):
    monkeypatch.setattr(render_server, "render", lambda html: time.sleep(60))
    began = time.monotonic()
    assert render_server._in_a_child(b"x", 1, 8 * 1024**3) == (0, b"not finished after 2 s")
    assert time.monotonic() - began < 20


def test_a_child_can_write_no_file_and_open_no_connection(monkeypatch, tmp_path):
    def write(html):
        (tmp_path / "out").write_text("secret")

    monkeypatch.setattr(render_server, "render", write)
    pages, why = render_server._in_a_child(b"x", 5, 8 * 1024**3)
    assert pages == 0 and why.startswith(b"OSError")
    assert (tmp_path / "out").read_text() == ""
    with pytest.raises(OSError, match="no network"):
        render_server._no_network()


def test_a_server_that_was_killed_is_replaced_and_nobody_notices(renderer):
    good = page(renderer)
    before = renderer.pid
    os.kill(before, signal.SIGKILL)
    assert page(renderer) == good
    assert renderer.pid != before


def test_a_server_that_cannot_start_is_an_error_and_not_a_wait(monkeypatch, tmp_path):
    broken = tmp_path / "render_server.py"
    broken.write_text("raise SystemExit(1)")
    monkeypatch.setattr("reports.pdf._SERVER", broken)
    own = Renderer()
    with pytest.raises(PdfError, match="the renderer"):
        page(own)
    own.close()


def test_the_server_ends_with_whoever_started_it():
    code = (
        "from reports import pdf; pdf.to_pdf('<html lang=en><title>t</title>x');"
        "print(pdf._renderer.pid, flush=True); import os; os._exit(0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    server = Path("/proc") / done.stdout.strip()
    deadline = time.monotonic() + 30
    while server.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not server.exists()


def test_threads_take_turns(renderer):
    found = {}

    def ask(i):
        found[i] = page(renderer, f"number {i}")

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {i: page(renderer, f"number {i}") for i in range(4)} == found


def test_a_failure_says_why():
    with pytest.raises(PdfError, match="could not be made within 5 s"):
        to_pdf(ENDLESS, seconds=5, memory=600 * 1024**2)
