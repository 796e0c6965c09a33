"""``{% cycle_progress cycle %}``: a working cycle's steps, kept up to date; nothing of one that rests."""

from typing import TYPE_CHECKING, Any

from django import template

from agency.base import clock

if TYPE_CHECKING:
    from retraining.models import Cycle

register = template.Library()


@register.inclusion_tag("admin/cycle_progress.html")
def cycle_progress(cycle: "Cycle") -> dict[str, Any]:
    """For pages of a cycle or of its model. One query while it works, none while it rests."""
    # Not at the top: tags are found while the admin itself is being imported.
    from agency.cockpit.progress import cycle_context
    from retraining.models.cycle import WORKING

    return cycle_context(cycle, at=clock.now()) if cycle.state in WORKING else {}
