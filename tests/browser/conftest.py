"""Debian's Chromium against a live server: ``new_page`` opens pages, ``page`` is one at desktop width.

A test marked ``browser`` runs inside script/test, which installs Chromium. The database is the test's
own; in memory it is one connection for all threads, so requests are answered one at a time.
"""

import contextlib
import os
import threading
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import expect, sync_playwright

from tests.browser.helpers import DESKTOP, PHONE

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE = 30_000
"""Milliseconds for what takes a tenth of a second on a machine that does nothing else."""
REPORT = pytest.StashKey()


@pytest.fixture(scope="module")
def chromium():
    """The browser itself; of a module, because while it lives no other event loop may run here."""
    if not CHROMIUM.exists():
        pytest.skip(f"needs {CHROMIUM}: script/bootstrap test installs it")
    # Playwright's own loop runs in this thread, which Django takes for asynchronous code.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def live_server(django_db_setup, live_server):
    """The server, made once the database is there: else it does not know that it is in memory, opens
    connections of its own, and two at once answer "table is locked"."""
    return live_server


@pytest.fixture
def site(live_server, transactional_db, tiers, settings):
    """The address of the service as browsers see it; the three tiers are there."""
    # A code that was right when it was typed is not refused because its half minute has ended since.
    settings.MFA_TOTP_TOLERANCE = 1
    server = live_server.thread.httpd
    if live_server.thread.connections_override and not isinstance(server.application, OneAtATime):
        server.set_app(OneAtATime(server.application))
    # The limits against guessing are counted there; every test begins at none.
    cache.clear()
    return live_server.url


@pytest.fixture
def worker(site, live_server):
    """``with worker:`` do what a worker would, or read rows: no request is answered meanwhile."""
    application = live_server.thread.httpd.application
    return application.lock if isinstance(application, OneAtATime) else contextlib.nullcontext()


class OneAtATime:
    """A WSGI application whose answers are made whole, one after the other."""

    def __init__(self, application):
        self.application = application
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        with self.lock:
            response = self.application(environ, start_response)
            try:
                return list(response)
            finally:
                if hasattr(response, "close"):
                    response.close()


@pytest.fixture
def new_page(chromium, site, request, tmp_path):
    """``new_page(phone=, locale=, javascript=)``: a page with cookies of its own.

    A page that breaks its Content-Security-Policy or throws fails the test; one that was open when a
    test failed is left as a picture.
    """
    pages, complaints = [], []

    def open_page(*, phone=False, locale="en-GB", javascript=True):
        context = chromium.new_context(
            base_url=site,
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            locale=locale,
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda message: _listen(complaints, page, message))
        pages.append(page)
        return page

    yield open_page
    report = request.node.stash.get(REPORT, None)
    if report is not None and report.failed:
        for number, page in enumerate(pages):
            path = tmp_path / f"page-{number}.png"
            page.screenshot(path=path, full_page=True)
            print(f"{page.url} looked like {path}")
    for page in pages:
        page.context.close()
    assert not complaints, complaints


def _listen(complaints, page, message):
    if message.type == "error" and "Content Security Policy" in message.text:
        complaints.append(f"{page.url}: {message.text}")


@pytest.fixture
def page(new_page):
    """A page at desktop width."""
    return new_page()


@pytest.fixture
def phone(new_page):
    """A page as wide as a phone."""
    return new_page(phone=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.stash[REPORT] = report
    return report
