"""What is not ours, damaged or not on the list is refused before anything of it is built."""

import io
import json
import pickle
import zipfile
from fractions import Fraction

import numpy as np
import pytest
import skops.io

from retraining.learners import artifact
from retraining.learners.base import InputSpec
from retraining.learners.errors import BrokenArtifact, UnknownLearner, UntrustedArtifact
from retraining.learners.registry import LEARNERS, default_learner, learner_for, load_model


@pytest.fixture(params=sorted(LEARNERS))
def sample(request, sample_for):
    return sample_for(LEARNERS[request.param].task)


@pytest.fixture
def stored(sample):
    learner = default_learner(sample.spec.task)
    return learner.fit(inputs=sample.inputs, labels=sample.labels, spec=sample.spec, seed=1).dumps()


def rewritten(data: bytes, change) -> bytes:
    """The same file with `change` applied to its schema."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "schema.json":
                schema = json.loads(content)
                change(schema)
                content = json.dumps(schema).encode()
            new.writestr(name, content)
    return out.getvalue()


def test_a_tampered_type_is_refused(stored):
    def turn_into_a_shell_call(schema):
        value = schema["content"]["arm"]
        value.clear()
        value.update(
            __class__="system", __module__="os", __loader__="FunctionNode", content="os.system"
        )

    with pytest.raises(UntrustedArtifact, match="system"):
        load_model(rewritten(stored, turn_into_a_shell_call))


def test_a_type_beyond_the_list_is_refused_and_never_built(monkeypatch):
    def explode(*args, **kwargs):
        raise AssertionError("constructed before it was audited")

    data = skops.io.dumps({"format": artifact.FORMAT, "learner": Fraction(1, 2)})
    monkeypatch.setattr(Fraction, "__new__", explode)
    with pytest.raises(UntrustedArtifact, match="Fraction"):
        load_model(data)


def test_a_pickle_is_not_even_opened(tmp_path):
    trap = tmp_path / "ran"

    class Trap:
        def __reduce__(self):
            return (trap.write_text, ("ran",))

    with pytest.raises(BrokenArtifact):
        load_model(pickle.dumps(Trap()))
    assert not trap.exists()


def test_damaged_bytes_are_refused(stored):
    for data in (b"", b"not a zip", stored[: len(stored) // 2]):
        with pytest.raises(BrokenArtifact):
            load_model(data)


def test_a_flipped_bit_is_refused_or_harmless(stored, sample):
    whole = load_model(stored).predict_proba(sample.inputs)
    for position in range(len(stored) // 9, len(stored), len(stored) // 9):
        broken = bytearray(stored)
        broken[position] ^= 0x10
        try:
            model = load_model(bytes(broken))
        except (BrokenArtifact, UntrustedArtifact):
            continue
        np.testing.assert_array_equal(model.predict_proba(sample.inputs), whole)


def test_missing_parts_and_strange_formats_are_refused():
    spec = InputSpec("text")
    header = {"spec": spec, "categories": ("a", "b"), "arm": "scratch"}
    for name in LEARNERS:
        with pytest.raises(BrokenArtifact, match="missing"):
            load_model(artifact.pack(learner=name, **header))
    with pytest.raises(UnknownLearner, match="oracle"):
        load_model(artifact.pack(learner="oracle", **header))
    with pytest.raises(BrokenArtifact, match="format"):
        load_model(skops.io.dumps({"format": "something/2"}))
    with pytest.raises(BrokenArtifact, match="header"):
        load_model(skops.io.dumps({"format": artifact.FORMAT, "learner": "text_linear"}))


def test_a_learner_reads_only_its_own(stored):
    own = load_model(stored).learner
    for name, learner in LEARNERS.items():
        if name != own:
            with pytest.raises(BrokenArtifact, match=own):
                learner.loads(stored)


def test_learners_are_found_by_name_and_task():
    assert {default_learner("text").task, default_learner("tabular").task} == {"text", "tabular"}
    assert all(learner_for(name).name == name for name in LEARNERS)
    with pytest.raises(UnknownLearner, match="text_linear"):
        learner_for("none")
    with pytest.raises(UnknownLearner):
        default_learner("sound")
