"""Any order, repetition, lateness and split of uploads ends in the same profiles as one pass over the
truth, and what is worked out from profiles is what the rows say."""

import json
from dataclasses import asdict
from datetime import timedelta

import numpy as np
import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.feedback import LateLabel, attach_labels
from clients.ingest import ingest
from clients.queries import find_model
from retraining import profiles
from retraining.causes import history
from retraining.models import DailyProfile
from retraining.profiles.counts import Counts
from retraining.profiles.daily import Basis, answered_rows, count_on
from retraining.queries import month_counts
from retraining.stats.drift import chi_square_test, psi_test
from retraining.stats.intervals import wilson
from tests.factories import MaintainedModelFactory, ModelVersionFactory, RolloutFactory
from tests.retraining.profiles import profile_world as world

pytestmark = pytest.mark.django_db

truths = st.lists(
    st.fixed_dictionaries(
        {
            "hour": st.integers(0, 24 * 33),
            "temp": st.one_of(st.none(), st.sampled_from([3.0, 15.0, 15.5, 1e6])),
            "site": st.one_of(st.none(), st.sampled_from(["north", "south", "west"])),
            "channel": st.one_of(st.none(), st.sampled_from(["web", "app"])),
            "answer": st.sampled_from(["low", "high", "new"]),
            "confidence": st.sampled_from([0.45, 0.8, 1.0]),
            "version": st.sampled_from(["", "v1.0", "v1.1"]),
            "label": st.one_of(
                st.none(),
                st.tuples(
                    st.sampled_from(["low", "high"]),
                    st.sampled_from(["review", "override", "targeted"]),
                ),
            ),
            "thumbs": st.sampled_from([None, "up", "down"]),
        }
    ),
    min_size=1,
    max_size=10,
)
HOW = st.randoms(use_true_random=False)
END = world.FIRST + timedelta(days=34)


def line(number, row, *, labelled=True):
    """The row as an integration sends it."""
    said = dict(zip(("label", "label_source"), row["label"] or (None, None), strict=True))
    return {
        "id": f"r-{number}",
        "timestamp": (world.FIRST + timedelta(hours=row["hour"])).isoformat(),
        "input": {"temp": row["temp"], "site": row["site"] or ("" if row["temp"] else "north")},
        "context": {"channel": row["channel"]} if row["channel"] else {},
        "prediction": row["answer"],
        "confidence": row["confidence"],
        "model_version": row["version"] or None,
        "feedback": {"thumbs": row["thumbs"], **(said if labelled else {})},
    }


def upload(model, lines):
    content = "\n".join(json.dumps(row) for row in lines).encode()
    ingest(model=model, files=[("rows.ndjson", content)], at=world.AT)


def twin(model, version):
    """Another model of the same client with the same bins."""
    other = MaintainedModelFactory(client=model.client, task="tabular", schema=world.SCHEMA)
    same = ModelVersionFactory(model=other, number=0, reference=version.reference)
    RolloutFactory(version=same, started_at=world.FIRST)
    return find_model(other.path)


def bring_up(model):
    days = [d.day for d in profiles.dirty_days(model)]
    profiles.profile_days(model=model, days=days)


@settings(max_examples=12)
@given(truths, HOW)
def test_any_way_of_uploading_ends_in_the_profiles_of_one_pass(truth, how):
    with transaction.atomic():
        model, version = world.live_model()
        once = twin(model, version)
        upload(once, [line(i, row) for i, row in enumerate(truth)])
        bring_up(once)

        late = {i for i, row in enumerate(truth) if row["label"] and how.random() < 0.5}
        sent = [line(i, row, labelled=i not in late) for i, row in enumerate(truth)]
        sent += [how.choice(sent) for _ in range(how.randint(0, 3))]  # some again
        how.shuffle(sent)
        while sent:
            size = how.randint(1, len(sent))
            upload(model, sent[:size])
            sent = sent[size:]
            if how.random() < 0.5:
                bring_up(model)
        labels = [LateLabel(f"r-{i}", *truth[i]["label"]) for i in late]
        how.shuffle(labels)
        for label in labels:
            attach_labels(model=model, labels=[label], at=world.AT)
            if how.random() < 0.3:
                bring_up(model)
        bring_up(model)
        assert world.stored(model) == world.stored(once) != {}
        transaction.set_rollback(True)


def plain(counts):
    """Counts as comparable values."""
    return {**asdict(counts), "bins": {name: v.tolist() for name, v in counts.bins.items()}}


@settings(max_examples=12)
@given(truths, st.integers(0, 24 * 20), st.integers(1, 24 * 20), HOW)
def test_a_window_from_profiles_is_the_window_from_its_rows(truth, begin, length, how):
    with transaction.atomic():
        model, version = world.live_model()
        upload(model, [line(i, row) for i, row in enumerate(truth)])
        start = world.FIRST + timedelta(hours=begin)
        end = start + timedelta(hours=length)
        rows = answered_rows(model, start=start, end=end)
        basis = Basis(version)
        expected = count_on(basis, rows)
        found = profiles.window_counts(model=model, start=start, end=end, basis=basis)
        if len(rows):
            assert plain(found) == plain(expected)
        assert found.rows == len(rows)
        assert found.reviewed == (
            int((rows.reviewed & ~rows.failed).sum()),
            int(rows.reviewed.sum()),
        )
        transaction.set_rollback(True)


def check(faults, excluded):
    findings = {
        "causes": [],
        "excluded_days": excluded,
        "suspect_fields": [],
        "suspect_segments": faults,
    }
    return history.Check(findings, world.FIRST, END, END.date())


@settings(max_examples=12)
@given(truths, st.integers(1, 20), st.integers(1, 10), st.sampled_from(["web", "app"]))
def test_what_a_check_has_set_aside_is_in_neither(truth, first, length, channel):
    with transaction.atomic():
        model, version = world.live_model()
        upload(model, [line(i, row) for i, row in enumerate(truth)])
        fault = {
            "key": "channel",
            "value": channel,
            "cause": "x",
            "acts": True,
            "since": world.march(first).isoformat(),
            "until": (world.march(first) + timedelta(days=length)).isoformat(),
        }
        burst = [world.march(first + 2).isoformat(), world.march(first + 4).isoformat()]
        checks = [check([fault], [burst])]
        rows = answered_rows(model, start=world.FIRST, end=END)
        keep, _ = history.judged(checks, rows)
        basis = Basis(version)
        found = profiles.window_counts(
            model=model, start=world.FIRST, end=END, basis=basis, set_aside=checks
        )
        kept = rows.where(keep)
        assert found.rows == len(kept)
        if len(kept):
            assert plain(found) == plain(count_on(basis, kept))
        transaction.set_rollback(True)


def test_statistics_of_a_month_are_those_of_its_rows():
    model, version = world.live_model()
    rng = np.random.default_rng(0)
    rows = [
        world.log(
            model,
            i,
            hour=i * 743 / 900,
            temp=float(rng.normal(18, 5)),
            site=str(rng.choice(["north", "south", "west"])),
            prediction=str(rng.choice(["low", "high"])),
            label="low" if i % 3 else "",
            source="review" if i % 3 else "",
        )
        for i in range(900)
    ]
    world.store(model, rows)
    start, end = world.FIRST, world.FIRST + timedelta(days=31, hours=-1)  # to summer time
    found = profiles.window_counts(model=model, start=start, end=end, basis=Basis(version))
    whole = profiles.profile(
        reference=version.reference,
        inputs=answered_rows(model, start=start, end=end).inputs,
        answers=np.array([row.prediction for row in rows], dtype=object),
        confidences=np.full(900, 0.8),
        spec=world.SPEC,
    )
    for name, counts in whole.items():
        against = np.array(version.reference[name]["counts"])
        for test in (psi_test, chi_square_test):
            assert test(reference=against, current=found.bins[name]) == test(
                reference=against, current=counts
            )
    n, answers, (right, reviewed) = world.plain_counts(rows)
    assert (found.rows, dict(found.answers.named)) == (n, answers) == (900, answers)
    assert found.reviewed == (right, reviewed) == (right, 600)
    assert wilson(successes=right, n=reviewed) == wilson(
        successes=found.reviewed[0], n=found.reviewed[1]
    )
    month = month_counts(model, start, end)
    assert (month.rows, month.labels, month.bins) == (900, found.labels, {})


def test_counts_survive_storing_and_days_add_up():
    model, _ = world.live_model()
    world.store(model, [world.log(model, i, label="low", source="review") for i in range(60)])
    bring_up(model)
    days = DailyProfile.objects.filter(model=model, segment="").values_list("rows", "counts")
    parts = [Counts.from_json(*day) for day in days]
    assert [
        Counts.from_json(c.rows, json.loads(json.dumps(c.as_json()))).as_json() for c in parts
    ] == [c.as_json() for c in parts]
    total = Counts.total(parts)
    assert total.rows == 60 == total.labels["review"].n == int(total.bins["feature:temp"].sum())
