"""What belongs to the client whose key came with a request; all the rest does not exist."""

from rest_framework.request import Request

from agency.base.errors import NotFound
from clients.auth import client_of
from clients.models import MaintainedModel


def own_model(request: Request, slug: str) -> MaintainedModel:
    """The asking client's model of that name; ``NotFound`` where it has none."""
    client = client_of(request)
    found = MaintainedModel.objects.filter(client=client, slug=slug).first()
    if found is None:
        raise NotFound("no such model")
    found.client = client
    return found
