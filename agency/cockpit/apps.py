from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CockpitConfig(AppConfig):
    name = "agency.cockpit"

    def ready(self) -> None:
        from django.apps import apps

        from agency.cockpit.roles import make_roles

        # Once, after the last of our apps: all tables and permissions are there by then.
        post_migrate.connect(
            make_roles, sender=apps.get_app_config("reports"), dispatch_uid="roles"
        )
