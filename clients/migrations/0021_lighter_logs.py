"""Production rows are written by the thousand: what the database does for each of them is less."""

import django.db.models.deletion
from django.db import migrations, models

CASCADE = django.db.models.deletion.CASCADE


class Migration(migrations.Migration):
    dependencies = [("clients", "0020_row_level_security")]

    operations = [
        migrations.AlterField(
            model_name="predictionlog",
            name="client",
            field=models.ForeignKey(
                db_index=False, on_delete=CASCADE, related_name="+", to="clients.client"
            ),
        ),
        migrations.AlterField(
            model_name="predictionlog",
            name="model",
            field=models.ForeignKey(
                db_index=False,
                on_delete=CASCADE,
                related_name="logs",
                to="clients.maintainedmodel",
            ),
        ),
        migrations.AlterField(
            model_name="predictionlog",
            name="batch",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="clients.uploadbatch",
            ),
        ),
    ]
