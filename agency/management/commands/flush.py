"""``flush``: as Django's, on PostgreSQL too, where only their owner may start the numbers anew."""

from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.management.commands import flush

from agency.base.tenancy import migrated, migrating


class Command(flush.Command):
    help = f"{flush.Command.help} The three tiers are put back; nothing else is."

    def handle(self, **options: Any) -> None:
        """Become the tables' owner, as migrations do, and the agency again whatever happens."""
        migrating(sender=self)
        try:
            super().handle(**options)
        finally:
            migrated(sender=self)
        if not apps.get_model(
            "clients", "Tier"
        ).objects.exists():  # it asks first, and may be told no
            import_module("clients.migrations.0002_tiers").add_tiers(apps, None)
