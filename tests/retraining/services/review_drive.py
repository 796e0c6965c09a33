"""Six people empty one review queue at once, on a database of their own; printed as JSON."""

import json
import threading

import django

ROWS = 60
PEOPLE = 6


def empty_queue(cycle, by, seen):
    """Claim and accept until nothing is left, as a page of this person would."""
    from django.db import connection

    from agency.base import clock
    from retraining import services

    try:
        while turn := services.next_row(cycle=cycle, by=by, at=clock.now()):
            services.give_opinion(
                proposal=turn.proposal, by=by, action="accept", since=turn.since, at=clock.now()
            )
            seen.append(turn.proposal.pk)
    except Exception as error:
        seen.append(repr(error))
    finally:
        connection.close()


def main():
    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.db.models import Count

    from clients.models import StaffTime
    from retraining import services
    from retraining.models import Proposal, ReviewOpinion
    from tests.factories import CycleFactory, ProposalFactory

    call_command("migrate", verbosity=0, skip_checks=True)
    cycle = CycleFactory(state="curating")
    for _ in range(ROWS):
        ProposalFactory(cycle=cycle)
    shared = services.share(cycle=cycle)
    seen = {f"person-{n}": [] for n in range(PEOPLE)}
    people = [
        threading.Thread(target=empty_queue, args=(cycle, by, rows)) for by, rows in seen.items()
    ]
    for person in people:
        person.start()
    for person in people:
        person.join()
    decided = Proposal.objects.filter(cycle=cycle, state="accepted")
    said = Proposal.objects.annotate(n=Count("opinions"))
    answer = {
        "vendor": connection.vendor,
        "troubles": [row for rows in seen.values() for row in rows if isinstance(row, str)],
        "turns": sum(len(rows) for rows in seen.values()),
        "shared": shared,
        "decided": decided.count(),
        "opinions": ReviewOpinion.objects.count(),
        "twice": said.filter(n=2).count(),
        "more": said.filter(n__gt=2).count(),
        "still_claimed": Proposal.objects.exclude(claimed_by="").count(),
        "lines_of_time": StaffTime.objects.count(),
        "who_worked": sum(1 for rows in seen.values() if rows),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
