"""How a ticket is worded: a small grammar, and what people's keyboards add to it.

A phrase may hold alternatives, ``[a|b|]``, and slots, ``{item}``. Alternatives do not nest.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

ALTERNATIVES = re.compile(r"\[([^\[\]]*)\]")
SLOT = re.compile(r"\{(\w+)\}")

SLOTS: dict[str, tuple[str, ...]] = {
    "item": (
        "rain jacket", "hiking rucksack", "tent", "sleeping bag", "backpack", "headlamp",
        "trekking pole set", "camping stove", "fleece", "thermos", "softshell", "daypack",
        "climbing harness", "sleeping mat", "hip pack", "down vest", "water filter", "bike pannier",
    ),
    "days": ("three days", "four days", "a week", "8 days", "ten days", "two weeks", "over a week"),
    "when": ("yesterday", "on Monday", "last week", "this morning", "on Friday", "two days ago"),
    "amount": ("24.90", "59 euros", "€129", "89.95", "€ 35", "149 euro", "17.50", "64,90"),
    "carrier": ("DHL", "Hermes", "DPD", "the courier", "UPS", "GLS", "the driver"),
    "colour": ("blue", "black", "olive", "red", "grey", "orange"),
    "size": ("S", "M", "L", "XL", "42", "44", "39"),
    "method": ("credit card", "PayPal", "Visa", "Mastercard", "Klarna", "debit card"),
    "person": ("neighbour", "flatmate", "wife", "husband", "colleague", "son"),
    "gadget": ("phone", "laptop", "iPad", "browser", "app"),
}  # fmt: skip

GREETINGS = (
    "Hi,", "Hello,", "Hi there,", "Good morning,", "Hey,", "Dear team,", "Hello Northwind,",
    "Good afternoon,", "Hi again,", "To whom it may concern,",
)  # fmt: skip
CLOSINGS = (
    "Thanks", "Thank you!", "Many thanks in advance.", "Cheers", "Please get back to me soon.",
    "Kind regards", "Looking forward to your answer.", "Best wishes", "Thx", "I am quite annoyed.",
    "Not urgent.", "Please call me back.", "This is the second time I write.",
)  # fmt: skip
SHORTHAND = (
    ("please", "pls"), ("because", "cause"), ("you", "u"), ("thanks", "thx"), ("order", "ordr"),
    ("I have", "ive"), ("do not", "dont"), ("cannot", "cant"), ("received", "recieved"),
)  # fmt: skip


@dataclass(frozen=True)
class Topic:
    """What tickets of one category say: the matter itself, details, and what they ask for."""

    says: tuple[str, ...]
    adds: tuple[str, ...]
    asks: tuple[str, ...]


def pick(options: Sequence[str], rng: np.random.Generator) -> str:
    """One of ``options``, each as likely."""
    return options[int(rng.integers(len(options)))]


def expand(phrase: str, *, slots: Mapping[str, str], rng: np.random.Generator) -> str:
    """``phrase`` with alternatives chosen and slots filled; the first letter upper case."""
    text = ALTERNATIVES.sub(lambda found: pick(found.group(1).split("|"), rng), phrase)
    text = SLOT.sub(lambda found: slots[found.group(1)], text)
    text = " ".join(text.split()).replace(" ,", ",").replace(" .", ".").replace(" ?", "?")
    return text[:1].upper() + text[1:]


def draw_slots(rng: np.random.Generator) -> dict[str, str]:
    """One value for each slot: a ticket speaks of one item throughout."""
    return {name: pick(values, rng) for name, values in SLOTS.items()} | {
        "order": f"{pick(('NW-', '#', 'no. ', ''), rng)}{rng.integers(100000, 999999)}"
    }


def _typo(text: str, rng: np.random.Generator) -> str:
    letters = [i for i in range(1, len(text) - 1) if text[i].isalpha() and text[i + 1].isalpha()]
    if not letters:
        return text
    at = letters[int(rng.integers(len(letters)))]
    kind = int(rng.integers(3))
    if kind == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    return text[:at] + text[at] + text[at:]


def as_typed(text: str, *, channel: str, rng: np.random.Generator) -> str:
    """``text`` as it arrives: shorthand on the phone, greetings by mail, typos everywhere."""
    hasty = {"mobile": 0.45, "web": 0.2, "email": 0.1}[channel]
    polite = {"mobile": 0.2, "web": 0.4, "email": 0.85}[channel]
    if rng.random() < polite:
        text = f"{pick(GREETINGS, rng)} {text}"
    if rng.random() < polite * 0.7:
        text = f"{text} {pick(CLOSINGS, rng)}"
    if rng.random() < hasty:
        for long, short in SHORTHAND:
            if rng.random() < 0.5:
                text = text.replace(long, short)
    for _ in range(int(rng.poisson(len(text) * (0.004 + 0.012 * hasty)))):
        text = _typo(text, rng)
    dice = rng.random()
    if dice < hasty:
        text = text.lower()
    elif dice > 0.985:
        text = text.upper()
    if rng.random() < hasty:
        text = text.rstrip(".!")
    if rng.random() < 0.06:
        text = text.replace("?", "??").replace(". ", "!! ")
    return text
