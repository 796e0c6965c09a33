"""Pictures of every page and of a report, from the instance in WHETSTONE_HOME.

Each page at desktop and at phone width: ``NAME.png`` and ``NAME-phone.png`` in docs/images. The people
who look are made for it and removed again; nothing else of the instance is changed.
"""

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
from PIL import Image  # noqa: E402
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright  # noqa: E402

from agency.base import files  # noqa: E402
from agency.management.demo import servers  # noqa: E402
from clients.models import Membership  # noqa: E402
from reports.models import MonthlyReport  # noqa: E402
from retraining.models import Comparison, Cycle, State  # noqa: E402

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
SIZES: dict[str, ViewportSize] = {
    "": {"width": 1280, "height": 900},
    "-phone": {"width": 390, "height": 844},
}
PHOTOGRAPHER, READER = "screenshots", "screenshots-reader"
TALLEST = 2400
"""Pixels of a page that are worth a picture."""


def report_pages(report: MonthlyReport) -> None:
    """Every page of the report as a picture: report.png, report-2.png and so on."""
    with tempfile.TemporaryDirectory() as folder:
        pdf = Path(folder) / "report.pdf"
        pdf.write_bytes(files.fetch(report.pdf_sha256, suffix=".pdf"))
        target = Path(folder) / "page"
        subprocess.run(["pdftoppm", "-r", "80", "-png", str(pdf), str(target)], check=True)
        for number, page in enumerate(sorted(Path(folder).glob("page-*.png")), start=1):
            name = "report.png" if number == 1 else f"report-{number}.png"
            page.replace(IMAGES / name)


def lighter(picture: Path) -> None:
    """256 colours are enough for a page, and a third of the bytes."""
    with Image.open(picture) as whole:
        whole.convert("RGB").quantize(256).save(picture, optimize=True)


def staff_pages(cycle: Cycle) -> dict[str, str]:
    """Name of the picture and address, of the staff's pages."""
    found = {
        "cockpit": "/admin/",
        "cycle": f"/admin/retraining/cycle/{cycle.pk}/change/",
        "side-by-side": f"/admin/retraining/cycle/{cycle.pk}/side-by-side/",
        "client": f"/admin/clients/client/{cycle.model.client_id}/change/",
        "model": f"/admin/clients/maintainedmodel/{cycle.model_id}/change/",
        "reports": "/admin/reports/monthlyreport/",
    }
    queue = Cycle.objects.filter(state__in=(State.CURATING, State.UNDECIDED)).order_by("pk").last()
    if queue is not None:
        found["review"] = f"/admin/retraining/proposal/review/{queue.pk}/"
    return found


def portal_pages(report: MonthlyReport, cycle: Cycle) -> dict[str, str]:
    """The same of the portal, as a client's lead sees it."""
    home = f"/portal/{cycle.model.client.slug}"
    return {
        "portal": f"{home}/",
        "portal-model": f"{home}/models/{cycle.model.slug}/",
        "portal-reports": f"{home}/reports/",
        "portal-report": f"{home}/reports/{report.pk}/",
        "portal-calendar": f"{home}/calendar/",
        "portal-announce": f"{home}/calendar/new/",
        "portal-corrections": f"{home}/corrections/{cycle.model.slug}/",
        "portal-alerts": f"{home}/alerts/",
    }


def photograph(
    browser: Browser, address: str, *, who: str, password: str, pages: dict[str, str]
) -> None:
    """Every page at every size, as one person sees it."""
    for ending, size in SIZES.items():
        context = browser.new_context(viewport=size)
        page = context.new_page()
        page.goto(f"{address}/accounts/login/")
        if who == PHOTOGRAPHER:
            page.screenshot(path=IMAGES / f"login{ending}.png")
        log_in(page, who, password)
        for name, path in pages.items():
            answer = page.goto(f"{address}{path}")
            if answer is None or not answer.ok:
                raise SystemExit(f"{path} did not open")
            tall = int(page.evaluate("document.documentElement.scrollHeight"))
            height = max(size["height"], min(tall, TALLEST))
            page.set_viewport_size({"width": size["width"], "height": height})
            page.screenshot(path=IMAGES / f"{name}{ending}.png")
            page.set_viewport_size(size)
        context.close()


def log_in(page: Page, who: str, password: str) -> None:
    page.fill("input[name=login]", who)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/accounts/login" not in url)


def main() -> None:
    compared = Comparison.objects.order_by("-pk")
    shown = compared.filter(cycle__state=State.LIVE).first() or compared.first()
    if shown is None:
        raise SystemExit("no candidate was compared in this instance")
    cycle = shown.cycle
    report = (
        MonthlyReport.objects.filter(client=cycle.model.client, state="rendered")
        .exclude(read_by="")
        .order_by("-month", "-revision")
        .first()
    )
    first = Cycle.objects.filter(state=State.LIVE, model__client=cycle.model.client)
    went_live = first.order_by("window_end").first() or cycle
    month = (
        MonthlyReport.objects.filter(
            client=cycle.model.client, state="rendered", month__lt=went_live.window_end
        )
        .order_by("-month", "-revision")
        .first()
    )
    if report is None or month is None:
        raise SystemExit("the instance has no report that was read")
    report_pages(month)
    password = secrets.token_urlsafe(16)
    users = get_user_model().objects
    users.filter(username__in=(PHOTOGRAPHER, READER)).delete()
    staff = users.create_superuser(PHOTOGRAPHER, "screenshots@agency.invalid", password)
    reader = users.create_user(READER, "reader@client.invalid", password, first_name="Ada")
    Membership.objects.create(client=cycle.model.client, user=reader, role=Membership.Role.LEAD)
    try:
        with servers.children(Path(os.environ["WHETSTONE_HOME"])) as children:
            address = servers.start_web(children)
            servers.wait_for_web(children, address)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path="/usr/bin/chromium", args=BROWSER
                )
                for who, pages in (
                    (PHOTOGRAPHER, staff_pages(cycle)),
                    (READER, portal_pages(report, cycle)),
                ):
                    photograph(browser, address, who=who, password=password, pages=pages)
                browser.close()
    finally:
        reader.delete()
        staff.delete()
    for picture in IMAGES.glob("*.png"):
        lighter(picture)


if __name__ == "__main__":
    main()
