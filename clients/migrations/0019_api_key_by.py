from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clients", "0005_signals_at")]

    operations = [
        migrations.AddField(
            model_name="apikey",
            name="issued_by",
            field=models.CharField(blank=True, editable=False, max_length=150),
        ),
        migrations.AddField(
            model_name="apikey",
            name="revoked_by",
            field=models.CharField(blank=True, editable=False, max_length=150),
        ),
    ]
