"""The three tiers of the trade. Rows from here on: staff edit them in the admin."""

from django.db import migrations

TIERS = [
    {
        "slug": "basic",
        "name": "Basic",
        "price_low": 500,
        "price_high": 1000,
        "check_every_days": 7,
        "retrain_every_days": None,
        "new_category_support": False,
        "ab_testing": False,
        "staff_minutes_budget": 60,
    },
    {
        "slug": "standard",
        "name": "Standard",
        "price_low": 1500,
        "price_high": 3000,
        "check_every_days": 30,
        "retrain_every_days": 30,
        "new_category_support": False,
        "ab_testing": False,
        "staff_minutes_budget": 180,
    },
    {
        "slug": "premium",
        "name": "Premium",
        "price_low": 3000,
        "price_high": 6000,
        "check_every_days": 14,
        "retrain_every_days": 14,
        "new_category_support": True,
        "ab_testing": True,
        "staff_minutes_budget": 480,
    },
]


def add_tiers(apps, schema_editor):
    tier = apps.get_model("clients", "Tier")
    tier.objects.bulk_create([tier(**values) for values in TIERS])


def remove_tiers(apps, schema_editor):
    apps.get_model("clients", "Tier").objects.filter(slug__in=[t["slug"] for t in TIERS]).delete()


class Migration(migrations.Migration):
    dependencies = [("clients", "0001_initial")]
    operations = [migrations.RunPython(add_tiers, remove_tiers)]
