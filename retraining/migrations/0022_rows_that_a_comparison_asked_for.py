from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("retraining", "0021_people_and_pages"),
    ]

    operations = [
        migrations.AlterField(
            model_name="proposal",
            name="kind",
            field=models.CharField(
                choices=[("training", "Training"), ("golden", "Golden"), ("asked", "Asked")],
                default="training",
                max_length=10,
            ),
        ),
    ]
