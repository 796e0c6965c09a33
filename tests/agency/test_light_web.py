"""What a web process loads before anybody asks for it: memory that every worker would hold."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOADED = """
import django, sys
django.setup()
from django.urls import get_resolver
get_resolver().url_patterns
heavy = ("sklearn", "scipy", "skops", "matplotlib", "weasyprint", "cleanlab", "lightgbm", "torch")
print(*(name for name in heavy if name in sys.modules))
from retraining import services
services.predict_file
print("sklearn" in sys.modules)
"""


def test_a_web_process_loads_no_learner_and_no_plotting_until_it_is_asked(tmp_path: Path) -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "agency.settings",
        "WHETSTONE_HOME": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOADED],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == ["", "True"]
