"""What the operators' guide says of webhooks is what we do."""

import re
from datetime import UTC, datetime
from pathlib import Path

from agency.base.webhook import signature

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "operators.md"


def test_the_guide_s_receiver_takes_our_calls_and_no_other():
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    names = {}
    exec(code, names)
    header = signature(secret="s3cret", at=datetime(2026, 3, 1, tzinfo=UTC), body=b'{"id": 1}')
    assert names["is_ours"](b'{"id": 1}', header, "s3cret")
    assert not names["is_ours"](b'{"id": 2}', header, "s3cret")
    assert not names["is_ours"](b'{"id": 1}', header, "other")


def test_every_setting_of_the_environment_stands_in_the_guide():
    root = GUIDE.parent.parent
    read = (root / "agency" / "settings.py").read_text()
    asked = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', read))
    told = set(re.findall(r"`([A-Z][A-Z_]+)`", GUIDE.read_text()))
    assert asked - told == set()
