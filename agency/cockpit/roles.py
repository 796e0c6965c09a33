"""What each role of ours may do: four groups, made and put right after every migration.

Each role holds what the one before it holds. A superuser stands outside; people, groups and
permissions themselves are changed by superusers alone, or a lead could make themselves one. Who needs
another mix makes a group of their own: these four are set back to the table.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions

READ_ONLY, OPERATOR, APPROVER, LEAD = "read-only", "operator", "approver", "lead"
APPS = ("clients", "retraining", "reports")

# Beside looking at everything: role, app, what may be done to which models.
GRANTS: Mapping[str, Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    READ_ONLY: {},
    # Does the work before a decision: labels rows, mends uploads, repairs feeds, answers alerts.
    OPERATOR: {
        "clients": {
            "add": ("contact", "knownevent", "stafftime"),
            "change": (
                *("alert", "contact", "knownevent", "notice", "quarantinedrow", "stafftime"),
                "uploadbatch",
            ),
        },
        "retraining": {"add": ("proposal",), "change": ("cycle", "proposal")},
        "reports": {"add": ("monthlyreport",)},
    },
    # Decides what reaches the client: a version that goes live, a report that goes out.
    APPROVER: {
        "retraining": {"approve": ("cycle",)},
        "reports": {"send": ("monthlyreport",), "change": ("delivery", "monthlyreport")},
    },
    # Answers for clients and for the agency's own terms: tiers, thresholds, keys, who sees what.
    LEAD: {
        "clients": {
            "add": (
                *("agencysettings", "alertsubscription", "apikey", "client", "membership"),
                *("redactionrule", "tier", "webhook"),
            ),
            "change": (
                *("agencysettings", "alertsubscription", "apikey", "client", "maintainedmodel"),
                *("membership", "redactionrule", "tier", "webhook"),
            ),
            "delete": (
                *("alertsubscription", "contact", "knownevent", "membership", "redactionrule"),
                *("stafftime", "webhook"),
            ),
        },
        "retraining": dict.fromkeys(("add", "change", "delete"), ("mustpass", "policyoverride")),
    },
}
ROLES = tuple(GRANTS)


def permissions_of(role: str) -> frozenset[str]:
    """The permissions of a role as ``app.codename``, with those of the roles below it."""
    models = (model for app in APPS for model in installed.get_app_config(app).get_models())
    found = {
        f"{model._meta.app_label}.view_{model._meta.model_name}"
        for model in models
        if not model.__name__.startswith("Historical")
    }
    found |= {"auth.view_user", "auth.view_group"}
    for name in ROLES[: ROLES.index(role) + 1]:
        for app, grants in GRANTS[name].items():
            found |= {f"{app}.{what}_{model}" for what, names in grants.items() for model in names}
    return frozenset(found)


def role_of(groups: Iterable[str]) -> str:
    """The highest role among the names of a person's groups; empty where they hold none."""
    held = set(groups)
    return next((role for role in reversed(ROLES) if role in held), "")


def make_roles(sender: Any, **kwargs: Any) -> None:
    """Called after every migration: the groups are there, with exactly their permissions."""
    apps = kwargs.get("apps", installed)  # a flush says nothing of apps
    try:
        group, permission = apps.get_model("auth.Group"), apps.get_model("auth.Permission")
    except LookupError:
        return  # a test or a rollback has taken auth's own tables away
    using = kwargs["using"]
    for app in (*APPS, "auth"):
        # Whichever app was migrated last: the permissions of all of them are needed here.
        create_permissions(
            installed.get_app_config(app), verbosity=0, using=using, apps=apps, interactive=False
        )
    rows = permission.objects.using(using).values_list("content_type__app_label", "codename", "pk")
    keys = {f"{app}.{codename}": pk for app, codename, pk in rows}
    for role in ROLES:
        row, _ = group.objects.using(using).get_or_create(name=role)
        row.permissions.set([keys[name] for name in permissions_of(role) if name in keys])
