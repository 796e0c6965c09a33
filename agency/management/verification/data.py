"""Datasets and artifacts: stored rows and bytes against the hashes that they are kept under."""

from agency.base import files
from agency.base.errors import Corrupt
from agency.management.verification.found import Purged, Verified
from clients.models import DatasetRow, DatasetVersion, MaintainedModel
from clients.services import verify_dataset_version
from retraining.artifacts import SUFFIX
from retraining.learners.base import Model
from retraining.learners.errors import LearnerError
from retraining.learners.registry import load_model
from retraining.models import ModelVersion


def check_datasets(model: MaintainedModel, found: Verified) -> None:
    """Every version's row digests and its own; erased rows are counted by dataset."""
    versions = DatasetVersion.objects.filter(dataset__model=model).select_related("dataset")
    for version in versions.order_by("dataset__kind", "number"):
        problems = verify_dataset_version(version)
        if version.parent is not None and version.parent.number != version.number - 1:
            problems.append("its parent is not the version before it")
        found.check("dataset_version", str(version), problems)
    erased = DatasetRow.objects.filter(dataset__model=model, input__isnull=True, salt="")
    for dataset in model.datasets.order_by("kind"):
        if gone := erased.filter(dataset=dataset).count():
            found.purged.append(Purged("dataset_row", str(dataset), gone))


def check_artifacts(model: MaintainedModel, found: Verified) -> dict[int, Model]:
    """Every version's stored bytes; the models that could be loaded from them, by version."""
    loaded = {}
    for version in model.versions.order_by("number"):
        problems: list[str] = []
        try:
            loaded[version.pk] = _load(version, problems)
        except (Corrupt, LearnerError) as error:
            problems.append(str(error))
        found.check("artifact", f"{model} {version}", problems)
    return loaded


def _load(version: ModelVersion, problems: list[str]) -> Model:
    # Not from the cache of artifacts.load: the bytes that are stored now are the question.
    content = files.fetch(version.artifact_sha256, suffix=SUFFIX)
    if len(content) != version.artifact_bytes:
        problems.append(f"{len(content)} bytes are stored, {version.artifact_bytes} are recorded")
    model = load_model(content)
    if list(model.categories) != list(version.categories):
        problems.append("the stored model answers other categories than recorded")
    return model
