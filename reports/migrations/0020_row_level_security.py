"""The second wall: which rows of these tables a client's requests can see at all."""

from django.db import migrations

from agency.base.row_security import Protect


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0020_row_level_security"),
        ("reports", "0001_initial"),
    ]

    # Reports are written by staff and workers only.
    operations = [
        Protect("reports_monthlyreport", client="client_id", grants="SELECT"),
        Protect(
            "reports_reporttransition", parent=("job_id", "reports_monthlyreport"), grants="SELECT"
        ),
    ]
