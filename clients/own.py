"""What belongs to the client whose key came with a request; all the rest does not exist."""

from rest_framework.request import Request

from agency.base.errors import NotFound
from clients.auth import client_of
from clients.models import MaintainedModel


def own_model(request: Request, slug: str) -> MaintainedModel:
    """The asking client's model of that name; ``NotFound`` where it has none."""
    client = client_of(request)
    try:
        found = MaintainedModel.objects.get(client=client, slug=slug)
    except MaintainedModel.DoesNotExist as error:
        raise NotFound("no such model") from error
    found.client = client
    return found
