"""Another learner than the task's default: asked for by name, refused where it can't be had."""

import numpy as np
import pytest

from agency.base import files
from agency.base.errors import BadInput
from clients.models import MaintainedModel
from retraining import artifacts
from retraining.learners import artifact
from retraining.learners.base import InputSpec
from retraining.learners.embeddings import NAME
from retraining.learners.selection import train_candidate
from retraining.learners.sentence_encoder import installed
from retraining.services import onboarding
from tests.retraining import world

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("learner", "reason"),
    [("oracle", "no learner 'oracle'"), ("tabular_blend", "reads tabular inputs, not text")],
)
def test_a_learner_that_does_not_fit_is_refused_and_nothing_is_stored(tiers, learner, reason):
    with pytest.raises(BadInput, match=reason):
        world.onboard(learner=learner)
    assert not MaintainedModel.objects.exists()


@pytest.mark.skipif(installed(), reason="the optional extra 'embeddings' is installed here")
def test_a_learner_of_a_missing_extra_is_refused_by_name(tiers):
    with pytest.raises(BadInput, match="extra 'embeddings', which is not installed"):
        world.onboard(learner=NAME)


def test_a_version_that_this_machine_cannot_run_says_why(tiers):
    version = world.onboard().version
    version.artifact_sha256 = files.store(
        artifact.pack(
            learner=NAME,
            spec=InputSpec("text"),
            categories=("card", "fee"),
            arm="scratch",
            parameters={},
            temperature=1.0,
            encoder={"package": "some-encoder", "version": "1.0", "sha256": "0" * 64},
            network={"weights": [np.zeros((384, 2))], "biases": [np.zeros(2)]},
        ),
        suffix=artifacts.SUFFIX,
    )
    with pytest.raises(artifacts.NotRunnableHere, match=r"v1\.0: .*install"):
        artifacts.load(version)


@pytest.mark.embeddings
@pytest.mark.skipif(not installed(), reason="the optional extra 'embeddings' is not installed")
def test_a_model_can_be_onboarded_on_sentence_vectors(tiers, monkeypatch):
    monkeypatch.setattr(onboarding, "train_candidate", train_candidate)
    done = world.onboard(learner=NAME)
    assert done.version.learner == artifacts.load(done.version).learner == NAME
