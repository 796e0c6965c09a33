"""Is a label outside the taxonomy only another spelling of one inside?"""

import re
from collections.abc import Collection

# One slip of the pen in a name of this many letters, two in one twice as long. In shorter names one
# letter makes another word (low, slow).
LETTERS = 5


def slip_of(name: str, known: Collection[str]) -> str | None:
    """The known name that ``name`` was meant to be; None for a name of its own.

    Case, spaces, underscores and other signs never make a name. Letters left out, doubled,
    exchanged or mistaken are slips (optimal string alignment, one for every ``LETTERS`` letters
    and two at most); another digit is another name. Of several the first in order.

    >>> slip_of("Card Arival", ["card_arrival", "card_linking"])
    'card_arrival'
    >>> slip_of("tier_2", ["tier_1"]) is None
    True
    """
    folded = {_fold(other): other for other in sorted(known, reverse=True)}
    mine = _fold(name)
    if mine in folded:
        return folded[mine]
    for other in sorted(folded):
        allowed = min(2, min(len(mine), len(other)) // LETTERS)
        if _digits(mine) == _digits(other) and 0 < allowed >= distance(mine, other):
            return folded[other]
    return None


def distance(one: str, other: str) -> int:
    """Letters to insert, drop, change or swap with their neighbour to get from one to the other.

    >>> distance("refund", "refnud"), distance("refund", "refunds")
    (1, 1)
    """
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]


def _fold(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _digits(name: str) -> str:
    return re.sub(r"\D", "", name)
