"""Pictures of the admin and of a report's pages, from the instance in WHETSTONE_HOME."""

import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agency.settings")
# Playwright runs an event loop in this thread; the database is used between its calls only.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

import django  # noqa: E402

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402

from agency.base import files  # noqa: E402
from agency.management.demo import servers  # noqa: E402
from reports.models import MonthlyReport  # noqa: E402
from retraining.models import Comparison, Cycle  # noqa: E402

IMAGES = ROOT / "docs" / "images"
BROWSER = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHOTOGRAPHER = "screenshots"


def report_page(number: int, target: Path) -> None:
    """One page of the newest report of a month in which a version went live, as PNG."""
    live = Cycle.objects.filter(state="live").order_by("window_end").first()
    if live is None:
        raise SystemExit("no version went live in this instance")
    report = (
        MonthlyReport.objects.filter(
            client=live.model.client, state="rendered", month__lt=live.window_end
        )
        .order_by("-month", "-revision")
        .first()
    )
    if report is None:
        raise SystemExit("the instance has no rendered report")
    with tempfile.TemporaryDirectory() as folder:
        pdf = Path(folder) / "report.pdf"
        pdf.write_bytes(files.fetch(report.pdf_sha256, suffix=".pdf"))
        pages = ["-f", str(number), "-l", str(number), "-r", "80", "-singlefile", "-png"]
        subprocess.run(["pdftoppm", *pages, str(pdf), str(target.with_suffix(""))], check=True)


def admin_pages(address: str, password: str) -> None:
    """The first page, a cycle and a client, at desktop width."""
    cycle = Comparison.objects.latest("pk").cycle
    pages = {
        "admin": "/admin/",
        "cycle": f"/admin/retraining/cycle/{cycle.pk}/change/",
        "client": f"/admin/clients/client/{cycle.model.client_id}/change/",
        "model": f"/admin/clients/maintainedmodel/{cycle.model_id}/change/",
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=BROWSER)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        log_in(page, address, password)
        for name, path in pages.items():
            answer = page.goto(f"{address}{path}")
            if answer is None or not answer.ok:
                raise SystemExit(f"{path} did not open")
            page.screenshot(path=IMAGES / f"{name}.png")
        browser.close()


def log_in(page: Page, address: str, password: str) -> None:
    page.goto(f"{address}/accounts/login/?next=/admin/")
    page.fill("input[name=login]", PHOTOGRAPHER)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{address}/admin/")


def main() -> None:
    report_page(1, IMAGES / "report.png")
    report_page(2, IMAGES / "report-2.png")
    password = secrets.token_urlsafe(16)
    users = get_user_model().objects
    users.filter(username=PHOTOGRAPHER).delete()
    user = users.create_superuser(PHOTOGRAPHER, "screenshots@agency.invalid", password)
    try:
        with servers.children(Path(os.environ["WHETSTONE_HOME"])) as children:
            address = servers.start_web(children)
            servers.wait_for_web(children, address)
            admin_pages(address, password)
    finally:
        user.delete()


if __name__ == "__main__":
    main()
