"""The admin's sidebar: what staff do first stands first; a person sees what they may see."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

Items = list[tuple[str, str, str]]
GROUPS: list[tuple[str, bool, Items]] = [
    (
        "Clients",
        False,
        [
            ("Clients", "apartment", "clients.client"),
            ("Models", "neurology", "clients.maintainedmodel"),
            ("Reports", "description", "reports.monthlyreport"),
            ("Known events", "event", "clients.knownevent"),
            ("Deliveries", "outgoing_mail", "reports.delivery"),
            ("Contacts", "contacts", "clients.contact"),
            ("API keys", "key", "clients.apikey"),
        ],
    ),
    (
        "The loop",
        False,
        [
            ("Cycles", "cycle", "retraining.cycle"),
            ("Queue", "rule", "retraining.proposal"),
            ("Alerts", "notifications", "clients.alert"),
            ("Versions", "deployed_code", "retraining.modelversion"),
            ("Rollouts", "rocket_launch", "retraining.rollout"),
            ("Decisions", "gavel", "retraining.decision"),
            ("Repairs", "healing", "retraining.appliedrepair"),
        ],
    ),
    (
        "Evidence",
        True,
        [
            ("Diagnoses", "stethoscope", "retraining.diagnosis"),
            ("Comparisons", "balance", "retraining.comparison"),
            ("Eval runs", "speed", "retraining.evalrun"),
            ("Eval rows", "checklist", "retraining.evalrow"),
            ("Cycle steps", "route", "retraining.cycletransition"),
            ("Report steps", "history", "reports.reporttransition"),
            ("Delivery steps", "history", "reports.deliverytransition"),
            ("Notices", "campaign", "clients.notice"),
            ("Notice steps", "history", "clients.noticetransition"),
            ("Review opinions", "how_to_vote", "retraining.reviewopinion"),
        ],
    ),
    (
        "Data",
        True,
        [
            ("Production rows", "table_rows", "clients.predictionlog"),
            ("Uploads", "upload_file", "clients.uploadbatch"),
            ("Quarantine", "block", "clients.quarantinedrow"),
            ("Waiting feedback", "hourglass", "clients.pendingfeedback"),
            ("Outcomes", "flag", "clients.outcome"),
            ("Days", "calendar_month", "clients.logday"),
            ("Daily profiles", "bar_chart", "retraining.dailyprofile"),
            ("Datasets", "dataset", "clients.dataset"),
            ("Dataset versions", "layers", "clients.datasetversion"),
            ("Dataset rows", "list", "clients.datasetrow"),
            ("Audit samples", "casino", "retraining.auditsample"),
            ("Audited rows", "fact_check", "retraining.auditsamplerow"),
        ],
    ),
    (
        "Agency",
        True,
        [
            ("Settings", "tune", "clients.agencysettings"),
            ("Tiers", "sell", "clients.tier"),
            ("Policy overrides", "rule_settings", "retraining.policyoverride"),
            ("Must-pass rows", "verified", "retraining.mustpass"),
            ("Memberships", "badge", "clients.membership"),
            ("Quotas used", "data_usage", "clients.usage"),
            ("Idempotency keys", "repeat", "clients.idempotentrequest"),
            ("Redaction rules", "visibility_off", "clients.redactionrule"),
            ("Erasures", "delete_forever", "clients.erasure"),
            ("Staff time", "schedule", "clients.stafftime"),
            ("Webhooks", "webhook", "clients.webhook"),
            ("Alert subscriptions", "notifications_active", "clients.alertsubscription"),
            ("Users", "person", "auth.user"),
            ("Groups", "group", "auth.group"),
        ],
    ),
]


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of pages that this person may view."""
    first = {"title": "Today", "icon": "today", "link": reverse("admin:index")}
    groups: list[dict[str, Any]] = [{"items": [first]}]
    for title, folds, items in GROUPS:
        shown = [
            {"title": name, "icon": icon, "link": _link(model)}
            for name, icon, model in items
            if _may_view(request, model)
        ]
        if shown:
            groups.append({"title": title, "collapsible": folds, "separator": True, "items": shown})
    return groups


def stylesheet(request: HttpRequest) -> str:
    """The few styles of our own pages."""
    return static("cockpit/cockpit.css")


def _link(model: str) -> str:
    return reverse(f"admin:{model.replace('.', '_')}_changelist")


def _may_view(request: HttpRequest, model: str) -> bool:
    app, name = model.split(".")
    user: Any = request.user
    return user.has_perm(f"{app}.view_{name}") or user.has_perm(f"{app}.change_{name}")
