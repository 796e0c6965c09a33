"""What customers of an outdoor shop write about, category by category.

Neighbouring categories share words on purpose (parcel, refund, order, address): a model that
only counts words has to be wrong now and then, as on real tickets.
"""

from agency.demodata.phrases_account import ACCOUNT_TOPICS
from agency.demodata.wording import Topic

_PARCEL = {
    "delivery_late": Topic(
        says=(
            "[My|The] {item} [still hasn't arrived|has not turned up yet|is late]",
            "I [ordered|bought] a {item} {days} ago and [nothing came so far|am still waiting]",
            "Order {order} [should have been here|was due] {when}",
            "[How much longer|How long] will my [parcel|delivery|package] take",
            "Tracking [has not moved|shows no change|says in transit] for {days}",
            "The [promised|estimated] delivery date [has passed|was {when}]",
            "[Where is|What's happening with] my [order|parcel] {order}",
            "{carrier} [keeps pushing back|postponed] the delivery [again|] ",
        ),
        adds=(
            "I need the {item} for a trip [next week|on Saturday].",
            "You said [two to three|3-5] working days.",
            "The status has been 'shipped' since {when}.",
            "I was told it would be quick.",
            "Express shipping was [paid|booked].",
        ),
        asks=(
            "When will it get here?",
            "Can you [check|find out] where it is?",
            "Please tell me a new date.",
            "Any news on this?",
        ),
    ),
    "delivery_missing": Topic(
        says=(
            "[Tracking|The app|{carrier}] says delivered but [I have nothing|there is no parcel]",
            "My parcel was [marked as delivered|handed over] {when}, [not to me|but not here]",
            "The package [was left|was put down] outside and [is gone|has been stolen]",
            "{carrier} claims [a {person}|my {person}|someone] signed for the parcel",
            "Order {order} [got lost|went missing|has vanished] on the way",
            "I [never got|did not receive] the {item} although it shows as delivered",
            "The driver took a photo of [a door that is not mine|somebody else's house]",
            "Only [one of two|two of three] parcels of {order} [came|arrived], the rest is lost",
        ),
        adds=(
            "My {person} was at home all day.",
            "None of the neighbours has it.",
            "I looked everywhere around the house.",
            "The signature is not mine.",
            "{carrier} tells me to ask you.",
        ),
        asks=(
            "Can you [open|start] an investigation?",
            "Please send it again.",
            "Who has my parcel?",
            "What happens now?",
        ),
    ),
    "damaged_item": Topic(
        says=(
            "The {item} [arrived broken|came damaged|was damaged in transit]",
            "There is a [tear|hole|crack|scratch] in the [new|] {item}",
            "The box was [crushed|soaked|torn open] and the {item} is [ruined|bent]",
            "[Unpacked|Opened] the {item} {when} and the zip is [broken|torn off]",
            "A [buckle|strap|pole|seam] of the {item} is [broken|cracked] out of the box",
            "The {item} from order {order} [leaks|is dented|has a stain] straight from the parcel",
            "My new {item} is faulty [on arrival|from day one]",
        ),
        adds=(
            "Photos are attached.",
            "The carton was fine on the outside.",
            "It was never used.",
            "{carrier} must have dropped it.",
            "The packaging was far too thin.",
        ),
        asks=(
            "I'd like a replacement.",
            "Can I get a new one?",
            "Do you need pictures?",
            "What do I do with the broken one?",
        ),
    ),
    "wrong_item": Topic(
        says=(
            "I [got|received] a {colour} {item} instead of the one I [ordered|chose]",
            "You sent [me|] the wrong [article|product|{item}]",
            "The {item} is size {size}, I had [ordered|picked] another",
            "There was [a different product|somebody else's order|the wrong colour] in the box",
            "Order {order} [contains|came with] something I [did not order|never asked for]",
            "[Wrong|Incorrect] [size|colour|model] of {item} delivered",
            "The label says {item} but inside is [something else|another thing]",
        ),
        adds=(
            "The delivery note shows the right one.",
            "I checked my confirmation twice.",
            "The invoice says {colour}.",
            "It looks like a mix-up in the warehouse.",
            "I ordered {size}, not this.",
        ),
        asks=(
            "Please send the right one.",
            "Can you swap it?",
            "How do we sort out the mix-up?",
            "Do I have to send it back first?",
        ),
    ),
}

_ORDER = {
    "return_request": Topic(
        says=(
            "I [want|would like|need] to [return|send back] the {item}",
            "The {item} [does not fit|is too small|is too big], I want to send it back",
            "[How do|How can] I return [something|an item|order {order}]",
            "I need a [return label|returns slip] for {order}",
            "Please [register|accept] a return for the {item}",
            "The {item} is not what I expected, [returning|sending back] it",
            "Can I [still return|bring back] a {item} after {days}",
        ),
        adds=(
            "The tags are still on.",
            "I only tried it on once.",
            "No label was in the box.",
            "It was a gift for my {person}.",
            "I still have the original packaging.",
        ),
        asks=(
            "Where do I send it?",
            "Is the return free?",
            "Please mail me the label.",
            "Who pays for the shipping back?",
        ),
    ),
    "refund_status": Topic(
        says=(
            "I [returned|sent back] the {item} {days} ago and [have no money yet|see no refund]",
            "[Where is|What about] my refund [for {order}|of {amount}|]",
            "The refund of {amount} [has not arrived|is missing|is still pending]",
            "You [confirmed|received] my return {when} but [did not pay back|paid only part]",
            "[How long|When] does a refund [take|come] to {method}",
            "I am still waiting for {amount} [back|to be refunded]",
            "Refund [promised|announced] {when}, nothing on my account",
        ),
        adds=(
            "The parcel reached you according to tracking.",
            "My bank sees nothing.",
            "I paid with {method}.",
            "The mail said five working days.",
            "Shipping costs are missing as well.",
        ),
        asks=(
            "When do I get my money?",
            "Please transfer it.",
            "Can you check the payment?",
            "What is taking so long?",
        ),
    ),
    "cancel_order": Topic(
        says=(
            "[Please cancel|I want to cancel|Cancel] [my order|order {order}]",
            "I [ordered by mistake|clicked twice|changed my mind] and need to [cancel|stop] it",
            "Can I [withdraw from|call off|cancel] the order from {when}",
            "Is it too late to [cancel|stop] the {item}",
            "I don't need the {item} [anymore|any longer], [stop the shipment|do not send it]",
            "The cancel button [does not work|is grey] for {order}",
            "[Take|Remove] the {item} from my order [before it ships|]",
        ),
        adds=(
            "It has not been shipped yet.",
            "I found it cheaper elsewhere.",
            "I placed it {when}.",
            "The delivery takes too long for me.",
            "It was the wrong size anyway.",
        ),
        asks=(
            "Can you confirm?",
            "Please stop it before it leaves.",
            "Do I have to refuse the parcel?",
            "Is there a fee?",
        ),
    ),
    "warranty_claim": Topic(
        says=(
            "The {item} [broke|fell apart|failed] after [six months|a year|one season]",
            "I want to [make a warranty claim|use the guarantee] for my {item}",
            "[Is|Does] the {item} still [under warranty|have a guarantee]",
            "After [8 months|a few trips] the {item} [leaks|does not close|came apart]",
            "Can the {item} be [repaired|fixed|mended] [under guarantee|]",
            "The [coating|sole|zip|seam] of my {item} [wore out|is coming off] [already|]",
            "Bought the {item} last year and it [stopped working|is falling to pieces]",
        ),
        adds=(
            "It was used normally.",
            "I still have the receipt.",
            "The two years are not over.",
            "I looked after it well.",
            "The maker refers me to you.",
        ),
        asks=(
            "Do you repair it?",
            "Is this covered?",
            "Can I get it exchanged?",
            "What do you need from me?",
        ),
    ),
}

TOPICS: dict[str, Topic] = {**_PARCEL, **_ORDER, **ACCOUNT_TOPICS}

# Tickets that say too little: anybody's guess within the group, so nobody is right always.
VAGUE: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        tuple(_PARCEL),
        (
            "There is a problem with [my parcel|the delivery|order {order}]",
            "Something went wrong with my {item}",
            "I am not happy with [what came|the delivery]",
        ),
    ),
    (
        tuple(_ORDER),
        (
            "I don't want the {item} like this",
            "It's about the {item} [from {order}|I bought {when}]",
            "What are my options with the {item}",
        ),
    ),
    (
        ("payment_declined", "double_charge", "invoice_request", "refund_status"),
        (
            "I have a question about the payment [for {order}|of {amount}]",
            "Something is wrong with the {amount} on my {method}",
            "Please look at the money for {order}",
        ),
    ),
    (
        ("login_problem", "account_deletion", "change_address"),
        (
            "I have trouble with my account",
            "Can you change something in my [account|profile]",
            "My details [are wrong|need a fix]",
        ),
    ),
)
