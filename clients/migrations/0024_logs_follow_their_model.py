"""A row's client is its model's, which the database checks already (docs/adr/0012)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clients", "0023_people_and_pages")]

    operations = [
        migrations.AlterField(
            model_name="predictionlog",
            name="client",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="clients.client",
            ),
        ),
    ]
