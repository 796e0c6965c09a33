"""Which parts of a text name or reach a person, and the text without them?

Masked are mail addresses, IBANs (country, length and checksum), card numbers (issuer, length and
Luhn), phone numbers, and names that somebody labelled as names: fields of the row's context, or
"My name is ..." in the text itself. Nothing is guessed: an order number, an amount, a date or a
time stays, since a model learns from them and a masked one is lost for good. A placeholder such as
``[mail]`` keeps what the place meant, and masking twice changes nothing.

Sources: ISO 13616 (IBAN, checksum ISO 7064 mod 97-10), ISO/IEC 7812 (cards, Luhn), ITU E.164
(phone numbers have at most 15 digits). Pure: no Django, nothing read or written.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MAIL, IBAN, CARD, PHONE, NAME = "mail", "iban", "card", "phone", "name"
KINDS = (MAIL, IBAN, CARD, PHONE, NAME)

_MAIL = re.compile(
    r"(?<![\w.+%-])[\w.+%-]{1,64}"
    r"(?:@|\s?[\[(]at[\])]\s?)"
    r"[\w-]{1,63}(?:(?:\.|\s?[\[(]dot[\])]\s?)[\w-]{1,63}){1,6}",
    re.IGNORECASE,
)
_LENGTHS = {
    word[:2]: int(word[2:])
    for word in (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 "
        "EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 "
        "IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 "
        "NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 TL23 TN24 TR26 UA29 "
        "VA22 VG24 XK20"
    ).split()
}
_IBAN = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2})\d{2}(?:[ -]?[A-Za-z0-9]){11,30}")
_CARD = re.compile(r"(?<![\d.,+])(?<!\d[ -])\d(?:[ -]?\d){12,18}(?![ -]?\d)(?![.,]\d)")
_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})$|(?:5[1-5]|2[2-7])\d{14}$|3[47]\d{13}$|3[0689]\d{12}$|35\d{14}$"
    r"|(?:50|5[6-9]|6)\d{11,17}$"
)
# Digits in groups as people write them; whether they are a phone number is asked afterwards.
_DIGITS = re.compile(
    r"(?<![\w+.,/:€£$#-])(?:\+|\((?=\d{1,5}\)))?\d(?:[ ./-]?[()]?[ ./-]?\d){5,16}(?![\w%€£$])(?![.,/:-]\d)"
)
_NANP = re.compile(r"(?:1[ .-])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])[2-9]\d{2}[ .-]\d{4}$")
_MOBILE = re.compile(r"07\d{9}$|01[567]\d{8,9}$|0[67]\d{8}$")
_DATE = re.compile(
    r"\(?(?:(?:19|20)\d{2}([./-])\d{1,2}\1\d{1,2}"
    r"|\d{1,2}([./-])\d{1,2}\2(?:\d{4}|\d{2})|\d{1,2} \d{1,2} (?:19|20)\d{2})(?!\d)"
)
_THOUSANDS = re.compile(r"\+?\d{1,3}(?:[ .]\d{3})+$")
_DECIMAL = re.compile(r"\+?\d{1,3}\.\d+$")
_CALL = re.compile(
    r"(?:phone|tel|telephone|telefon|telefonnummer|mobile|cell|whatsapp|sms|call|call me|text me|"
    r"reach me|ring me|handy|handynummer|rufnummer|nummer lautet|erreichbar|anrufen)\b"
    r"[^\d\n]{0,20}$",
    re.IGNORECASE,
)
_NOT_CALL = re.compile(
    r"(?:order|invoice|ref|reference|ticket|case|transaction|tracking|parcel|shipment|account|policy|"
    r"contract|item|sku|serial|customer|id|bestellung|rechnung|auftrag|vorgang|kunden|konto|sendung)"
    r"(?:s|nummer|nr)?\b[^\d\n]{0,16}$",
    re.IGNORECASE,
)
_WORD = r"[^\W\d_a-z][^\W\d_]*(?:['’-][^\W\d_]+)*"
_SAID = re.compile(
    r"(?:\b(?i:my (?:full )?name(?: is|'s|’s)|mein name ist|ich hei(?:ß|ss)e)"
    r"|(?:^|[.;,(]|\b(?i:full|first|last|customer|my))[ \t]*(?i:name) ?:)"
    rf"[ \t]+(?P<name>{_WORD}(?:[ \t]+{_WORD}){{0,3}})",
    re.MULTILINE,
)
_OWNERS = (
    "customer client user agent person contact patient caller sender recipient employee account_holder "
    "cardholder card_holder policy_holder insured"
).split()
_PARTS = (
    "name names full_name first_name last_name given_name family_name middle_name surname".split()
)
_PASSES = (
    10  # what stood beside something masked may be readable only then: "+44 20 7946 0958 4111 ..."
)
NAME_KEYS = frozenset((*_PARTS, *(f"{owner}_{part}" for owner in _OWNERS for part in _PARTS)))
"""Fields of a row's context whose values are people's names. ``app_name`` is none of them."""


@dataclass(frozen=True)
class Redaction:
    """The text without what reaches a person; ``found`` counts what was masked, by kind."""

    text: str
    found: Mapping[str, int]


def redact_text(
    text: str, *, names: Iterable[str] = (), kinds: Collection[str] = KINDS
) -> Redaction:
    """Mask mail, IBAN, card, phone, and the labelled ``names``; of these only ``kinds``.

    A full name is found however it is written; one part of it (from three letters on) only with a
    capital, so that Will's "will" stays.

    >>> redact_text("Paid 1,250.00 on 2025-03-01, call +44 20 7946 0958 or anna@example.org").text
    'Paid 1,250.00 on 2025-03-01, call [phone] or [mail]'
    >>> redact_text("Card 4111 1111 1111 1111, order 4111 1111 1111 1112").text
    'Card [card], order 4111 1111 1111 1112'
    >>> redact_text("Will you tell anna smith? Anna's parcel", names=["Anna Smith"]).found
    {'name': 2}
    """
    found: Counter[str] = Counter()

    def counted(kind: str) -> str:
        found[kind] += 1
        return f"[{kind}]"

    patterns = _name_patterns(names)
    steps: dict[str, Callable[[str], str]] = {
        MAIL: lambda text: _MAIL.sub(lambda m: counted(MAIL), text),
        IBAN: lambda text: _ibans(text, counted),
        CARD: lambda text: _CARD.sub(lambda m: counted(CARD) if _is_card(m[0]) else m[0], text),
        PHONE: lambda text: _DIGITS.sub(lambda m: counted(PHONE) if _is_phone(m) else m[0], text),
        NAME: lambda text: _names(text, patterns, counted),
    }
    for _ in range(_PASSES):
        before = text
        for kind, step in steps.items():
            if kind in kinds:
                text = step(text)
        if text == before:
            break
    return Redaction(text, dict(found))


def redact_input(
    given: Mapping[str, Any], *, names: Iterable[str] = ()
) -> tuple[dict[str, Any], dict[str, int]]:
    """The input with every string of it masked, and what was masked, by kind."""
    listed = tuple(names)
    found: Counter[str] = Counter()
    clean: dict[str, Any] = {}
    for key, value in given.items():
        if isinstance(value, str):
            done = redact_text(value, names=listed)
            found.update(done.found)
            value = done.text
        clean[key] = value
    return clean, dict(found)


def names_of(context: Mapping[str, Any]) -> tuple[str, ...]:
    """The names that a row's context labels as such: strings or lists under ``NAME_KEYS``.

    >>> names_of({"customer_name": "Anna Smith", "app_name": "Bank", "names": ["Bo", None]})
    ('Anna Smith', 'Bo')
    """
    found: list[str] = []
    for key, value in context.items():
        if str(key).lower().replace("-", "_").replace(" ", "_") in NAME_KEYS:
            values = value if isinstance(value, list | tuple) else [value]
            found += [v for v in values if isinstance(v, str) and v.strip()]
    return tuple(found)


def told(found: Mapping[str, int]) -> str:
    """What was masked, in words for the person who looks at the row; empty where nothing was.

    >>> told({"mail": 1, "phone": 2})
    'Masked: mail, phone (2).'
    """
    parts = [
        kind if found[kind] == 1 else f"{kind} ({found[kind]})" for kind in KINDS if kind in found
    ]
    return f"Masked: {', '.join(parts)}." if parts else ""


def _names(text: str, patterns: Iterable[re.Pattern[str]], counted: Callable[[str], str]) -> str:
    text = _SAID.sub(lambda m: m[0][: m.start("name") - m.start()] + counted(NAME), text)
    for pattern in patterns:
        text = pattern.sub(lambda m: counted(NAME), text)
    return text


def _ibans(text: str, counted: Callable[[str], str]) -> str:
    """Groups and the words after them run together, so the country's length says where it ends."""
    out, position = [], 0
    for start in _IBAN.finditer(text):
        if start.start() < position:
            continue
        wanted = _LENGTHS.get(start[1].upper())
        kept = [(i, c) for i, c in enumerate(start[0], start.start()) if c.isalnum()]
        if wanted is None or len(kept) < wanted:
            continue
        end = kept[wanted - 1][0] + 1
        if end < len(text) and text[end].isalnum():
            continue
        if _mod_97("".join(c for _, c in kept[:wanted]).upper()) == 1:
            out += [text[position : start.start()], counted(IBAN)]
            position = end
    return "".join((*out, text[position:]))


def _mod_97(iban: str) -> int:
    return int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97


def _is_card(written: str) -> bool:
    digits = re.sub(r"\D", "", written)
    if not _ISSUERS.match(digits) or len(set(digits)) == 1:
        return False
    doubled = [int(c) * (1 + i % 2) for i, c in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _is_phone(match: re.Match[str]) -> bool:
    written = match[0]
    digits = re.sub(r"\D", "", written)
    before = match.string[max(0, match.start() - 40) : match.start()]
    if _DATE.match(written) or _DECIMAL.match(written) or len(digits) > 15:
        return False
    called = _CALL.search(before) is not None
    if _NOT_CALL.search(before):
        return False
    if written.startswith("+") or (written.startswith("00") and len(digits) >= 11):
        return len(digits) >= 8 and not (_THOUSANDS.match(written) and len(digits) < 9)
    if called:
        return len(digits) >= 7
    if _NANP.match(written):
        return True
    if written.isdigit():
        return _MOBILE.match(written) is not None
    return digits[0] == "0" and digits[1] != "0" and 9 <= len(digits) <= 12


def _name_patterns(names: Iterable[str]) -> list[re.Pattern[str]]:
    """Whole names first, the longest first, then their parts."""
    whole = {" ".join(name.split()) for name in names if len(name.strip()) > 1}
    parts = {part for name in whole for part in re.split(r"[ ,]+", name) if len(part) > 2} - whole
    found = []
    for name in sorted(whole, key=len, reverse=True):
        body = r"[\s,]+".join(re.escape(part) for part in name.split(" "))
        found.append(re.compile(rf"(?<![\w\[]){body}(?![\w\]])", re.IGNORECASE))
    for part in sorted(parts, key=len, reverse=True):
        capital = part[0].upper() + part[1:]
        body = f"(?:{re.escape(capital)}|{re.escape(part.upper())})"
        found.append(re.compile(rf"(?<![\w\[]){body}(?![\w\]])"))
    return found
