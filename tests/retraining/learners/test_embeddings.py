"""The optional extra `embeddings`: what it gives where it is installed, what is said where not."""

import argparse
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.learners import play
from retraining.learners import artifact
from retraining.learners.base import InputSpec
from retraining.learners.embeddings import NAME, EmbeddingsLearner
from retraining.learners.errors import MissingExtra, NothingToLearn, WrongCheckpoint, WrongEncoder
from retraining.learners.registry import LEARNERS, learner_for, load_model
from retraining.learners.sentence_encoder import SentenceEncoder, installed

ROOT = Path(__file__).resolve().parents[3]
SUPPORT = ROOT.parent / "shared" / "data" / "banking-support"
SPEC = InputSpec("text")

with_extra = pytest.mark.skipif(
    not installed(), reason="the optional extra 'embeddings' is not installed"
)


def stored_by(encoder):
    """An artifact that names this encoder."""
    return artifact.pack(
        learner=NAME,
        spec=SPEC,
        categories=("card", "fee"),
        arm="scratch",
        parameters={},
        temperature=1.0,
        encoder=encoder.state(),
        network={"weights": [np.zeros((384, 2))], "biases": [np.zeros(2)]},
    )


@pytest.mark.skipif(installed(), reason="the optional extra 'embeddings' is installed here")
def test_without_the_extra_asking_for_it_says_what_is_missing():
    rows = pd.DataFrame({"text": ["lost card", "wrong fee"]})
    assert NAME not in LEARNERS
    with pytest.raises(MissingExtra, match="extra 'embeddings', which is not installed"):
        learner_for(NAME)
    with pytest.raises(MissingExtra, match="extra 'embeddings', which is not installed"):
        load_model(stored_by(SentenceEncoder("some-encoder", "1.0", "0" * 64)))
    with pytest.raises(MissingExtra, match="extra 'embeddings', which is not installed"):
        EmbeddingsLearner().fit(inputs=rows, labels=["card", "fee"], spec=SPEC, seed=0)


def test_texts_without_a_word_teach_nothing(monkeypatch):
    # Nothing of the extra is asked for a text that is absent or blank.
    encoder = SentenceEncoder("some-encoder", "1.0", "0" * 64)
    monkeypatch.setattr("retraining.learners.embeddings.installed_encoder", lambda: encoder)
    rows = pd.DataFrame({"text": [None, "  "]})
    with pytest.raises(NothingToLearn, match="blank"):
        EmbeddingsLearner().fit(inputs=rows, labels=["card", "fee"], spec=SPEC, seed=0)


def test_a_checkpoint_of_the_other_text_learner_is_refused():
    rows = pd.DataFrame({"text": ["lost card", "wrong fee"]})
    given = {"inputs": rows, "labels": ["card", "fee"], "spec": SPEC, "seed": 0}
    model = learner_for("text_linear").fit(**given)
    with pytest.raises(WrongCheckpoint):
        EmbeddingsLearner().continue_from(checkpoint=model, **given)


def test_the_registry_imports_no_encoder():
    # What reads the offline settings is imported after they are made. (skops may import torch.)
    modules = {"sentence_transformers", "transformers", "huggingface_hub"}
    script = f"import sys, retraining.learners.registry; print({modules} & set(sys.modules))"
    said = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "set()"


@pytest.mark.embeddings
@with_extra
def test_a_model_of_sentence_vectors_comes_back_as_it_was_stored():
    rows = pd.DataFrame({"text": ["lost card", "my visa is gone", "wrong fee", "charged twice"]})
    asked = pd.DataFrame({"text": ["I can't find my card", "too much was charged", None, " "]})
    model = learner_for(NAME).fit(
        inputs=rows, labels=["card", "card", "fee", "fee"], spec=SPEC, seed=0
    )
    data = model.tempered(0.6).dumps()
    again = load_model(data)
    np.testing.assert_array_equal(
        again.predict_proba(asked), model.tempered(0.6).predict_proba(asked)
    )
    assert again.predict(asked)[0][:2].tolist() == ["card", "fee"]
    # Neighbours in a batch change no digit of an answer.
    np.testing.assert_array_equal(
        again.predict_proba(asked.iloc[[1]])[0], again.predict_proba(asked)[1]
    )
    assert len(data) < 20_000


@pytest.mark.embeddings
@with_extra
@pytest.mark.parametrize("change", [{"version": "9.9"}, {"sha256": "0" * 64}])
def test_a_model_of_another_encoder_is_refused(change):
    rows = pd.DataFrame({"text": ["lost card", "wrong fee"]})
    model = learner_for(NAME).fit(inputs=rows, labels=["card", "fee"], spec=SPEC, seed=0)
    assert load_model(stored_by(model.encoder)).encoder == model.encoder
    other = SentenceEncoder(**(model.encoder.state() | change))
    with pytest.raises(WrongEncoder, match="installed is"):
        load_model(stored_by(other))


@pytest.mark.embeddings
@pytest.mark.shared
@with_extra
@pytest.mark.skipif(not SUPPORT.is_dir(), reason="needs ../shared/data")
def test_two_cycles_on_the_support_desk_reach_the_goal():
    args = argparse.Namespace(learner=NAME, no_checks=False, everything=False)
    end = play(SUPPORT, seed=1, args=args)[-1]["groups"]
    (strong,) = (found for name, found in end.items() if name.startswith("strong"))
    assert end["group new"][1] >= 0.85
    assert strong[1] - strong[0] >= -0.01
    assert end["all"][1] - end["all"][0] >= 0.08
