"""The second wall: which rows of these tables a client's requests can see or write at all."""

from django.db import migrations

from agency.base.row_security import Protect

MODEL = ("model_id", "clients_maintainedmodel")
CYCLE = ("cycle_id", "retraining_cycle")


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0020_row_level_security"),
        ("retraining", "0004_daily_profiles"),
    ]

    operations = [
        Protect("retraining_auditsample", parent=MODEL),
        Protect("retraining_auditsamplerow", parent=("sample_id", "retraining_auditsample")),
        Protect("retraining_modelversion", parent=MODEL),
        Protect("retraining_cycle", parent=MODEL),
        Protect("retraining_cycletransition", parent=("job_id", "retraining_cycle")),
        Protect("retraining_comparison", parent=CYCLE),
        Protect("retraining_dailyprofile", client="client_id", model="model_id"),
        Protect("retraining_decision", parent=CYCLE),
        Protect("retraining_diagnosis", parent=CYCLE),
        Protect("retraining_evalrun", parent=("version_id", "retraining_modelversion")),
        Protect("retraining_evalrow", parent=("run_id", "retraining_evalrun")),
        Protect("retraining_mustpass", parent=MODEL),
        Protect("retraining_historicalmustpass", parent=MODEL),
        Protect("retraining_policyoverride", parent=MODEL, grants="SELECT"),
        Protect("retraining_historicalpolicyoverride", parent=MODEL, grants="SELECT"),
        Protect("retraining_proposal", parent=MODEL),
        Protect("retraining_appliedrepair", parent=MODEL),
        Protect("retraining_rollout", parent=MODEL),
    ]
