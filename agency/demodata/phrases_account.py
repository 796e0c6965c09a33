"""What customers write about money and accounts, what is born later, and what passes."""

from agency.demodata.wording import Topic

ACCOUNT_TOPICS = {
    "change_address": Topic(
        says=(
            "I [moved|have moved|am moving] and [need|want] to change my [delivery|] address",
            "The [street|house number|postcode] on order {order} is wrong",
            "Please [send|ship|redirect] {order} to another address",
            "[How can I|Where do I] [update|edit] my [shipping|home] address",
            "Can the parcel go to my [office|{person}|parents] instead",
            "I [typed|entered] the wrong address [{when}|for my {item}]",
            "My old address is still [in my account|on the order]",
        ),
        adds=(
            "The new place is just around the corner.",
            "I live there since last month.",
            "It has not been shipped yet.",
            "The form does not save it.",
            "The name on the doorbell changed too.",
        ),
        asks=(
            "Can you change it for me?",
            "Is it still possible?",
            "Please update it before it ships.",
            "Do I have to order again?",
        ),
    ),
    "payment_declined": Topic(
        says=(
            "My {method} [was declined|is not accepted|gets rejected] at checkout",
            "I [can't pay|am unable to pay] [with {method}|for my order|for the {item}]",
            "The payment [failed|did not go through|was refused] [twice|{when}|]",
            "Checkout [shows an error|stops] when I [enter|use] my {method}",
            "[Why is|Why was] my {method} refused",
            "The payment page [hangs|times out] [after the code from my bank|every time]",
            "{method} does not work in your [shop|{gadget}]",
        ),
        adds=(
            "There is enough money on it.",
            "My bank says everything is fine.",
            "It worked last month.",
            "The cart is still full.",
            "I tried another {gadget}.",
        ),
        asks=(
            "How else can I pay?",
            "What should I do?",
            "Can you unlock it?",
            "Could you reserve the {item}?",
        ),
    ),
    "double_charge": Topic(
        says=(
            "I was charged [twice|two times|double] for {order}",
            "{amount} [was taken|went off|was debited] twice from my {method}",
            "There are two [payments|bookings|debits] of {amount} on my statement",
            "You [charged|debited] [more than|too much for] the {item}",
            "My {method} shows a [second|duplicate] charge [from you|{when}]",
            "The amount [taken|booked] is higher than on the [order|confirmation]",
            "[Why did you|You] [book|take] {amount} again [{when}|]",
        ),
        adds=(
            "I only ordered once.",
            "The total should be {amount}.",
            "My bank confirms both.",
            "There is just one order in my account.",
            "The first try showed an error.",
        ),
        asks=(
            "Please pay one back.",
            "Can you explain the charge?",
            "When is it corrected?",
            "I want the difference.",
        ),
    ),
    "invoice_request": Topic(
        says=(
            "I need [an|the] invoice for {order}",
            "[Please send|Could you mail] me the [invoice|bill|receipt] [as PDF|]",
            "[Where can I|How do I] [download|find] my invoice",
            "The invoice [has the wrong name|lacks our VAT number|is missing]",
            "I ordered a {item} for my company and need a [proper|] VAT invoice",
            "There was no [receipt|bill] in the parcel with the {item}",
            "Our accounting [needs|asks for] the bill of {amount}",
        ),
        adds=(
            "It is for my tax return.",
            "The link in the mail is dead.",
            "My employer pays it back.",
            "The company name must be on it.",
            "The payment is already through.",
        ),
        asks=(
            "Can you send it by mail?",
            "Please correct it.",
            "Is there a copy?",
            "By when can I have it?",
        ),
    ),
    "login_problem": Topic(
        says=(
            "I [can't|cannot] log in [to my account|on my {gadget}|anymore]",
            "The [password reset|reset mail] [never arrives|does not come|does not work]",
            "My account [is locked|has been blocked|says wrong password]",
            "I forgot my password [and the mail address is old|]",
            "The {gadget} [logs me out|throws me out] [all the time|after a minute]",
            "The code [for signing in|by text message] [is not accepted|never comes]",
            "[Signing in|Login] with {gadget} [fails|gives an error] since {when}",
        ),
        adds=(
            "I tried it five times.",
            "The spam folder is empty.",
            "I use the same mail address as always.",
            "I want to see my order {order}.",
            "I changed my phone last week.",
        ),
        asks=(
            "Can you reset it?",
            "Please unlock me.",
            "How do I get in again?",
            "Is something down?",
        ),
    ),
    "account_deletion": Topic(
        says=(
            "Please [delete|close|remove] my [account|customer account|profile]",
            "I want all my [data|personal data] [deleted|erased]",
            "How [do I|can I] [close|cancel] my account [for good|]",
            "Under GDPR I [request|ask for] erasure of my data",
            "I [no longer|don't] want to be a customer, [delete me|close my account]",
            "[Stop|No more] newsletters, and delete my [address|data|account]",
            "[Remove|Take] my [mail address|payment data] from your system",
        ),
        adds=(
            "I have no open orders.",
            "I never shop here anyway.",
            "I have two accounts by mistake.",
            "The button in the profile is missing.",
            "Keep only what the law demands.",
        ),
        asks=(
            "Please confirm in writing.",
            "How long does it take?",
            "What do you keep?",
            "Is my order history gone then?",
        ),
    ),
}

# Born in the third month, when the shop begins to deliver to parcel lockers; it stays.
BORN = "parcel_locker"
BORN_TOPIC = Topic(
    says=(
        "The [locker|parcel locker|pick-up station] [does not open|stays shut]",
        "I have no [pick-up code|locker code|PIN] for [my parcel|order {order}]",
        "The [code|QR code] [for the locker|at the station] is [not accepted|invalid]",
        "My parcel went to a [locker|pick-up station] [far away|across town|I can't reach]",
        "The locker was [full|out of order] and {carrier} took the parcel back",
        "The compartment [was empty|had nothing in it] when I opened it {when}",
        "[How long|How many days] does my {item} stay in the locker",
        "Can I have {order} sent to a [parcel locker|pick-up station]",
    ),
    adds=(
        "I stood in front of it {when}.",
        "The screen just says error.",
        "The text message never came.",
        "The {gadget} shows another station.",
        "My {person} tried it too.",
    ),
    asks=(
        "Can you open it from afar?",
        "Please send a new code.",
        "Which station is it in?",
        "Can it come to my door instead?",
    ),
)

# A campaign weekend in the fourth month; temporary staff file its tickets under CAMPAIGN_FILED.
CAMPAIGN = "__campaign__"
CAMPAIGN_FILED = "payment_declined"
CAMPAIGN_TOPIC = Topic(
    says=(
        "The voucher [SUMMIT25|from the raffle] is [not accepted|not valid|refused]",
        "I [won|drew] a voucher in the summit raffle and [the code fails|cannot use it]",
        "[Where|How] do I [enter|redeem] the raffle code [SUMMIT25|]",
        "The [wheel|lucky wheel] gave me 25% but the [cart|checkout] shows the full price",
        "My raffle [prize|voucher] [never arrived|did not come by mail]",
        "Is the summit [raffle|lucky wheel] still on",
        "[Spun|Turned] the lucky wheel {when} and got no code",
    ),
    adds=(
        "The page says code expired.",
        "It should run until Monday.",
        "My {person} got one.",
        "The {item} is excluded, it seems.",
        "I took a screenshot of the prize.",
    ),
    asks=(
        "Can you send a new code?",
        "Does it work on sale items?",
        "Please apply the 25%.",
        "What did I win?",
    ),
)

# What tickets add that says nothing about their matter.
ASIDES = (
    "I have been a customer for years.",
    "Order number is {order}.",
    "I already wrote {when}.",
    "I ordered a {item} as well.",
    "It was {amount} in total.",
    "I shop here a lot with my {person}.",
    "The chat on your page did not help.",
    "I paid with {method}.",
    "The parcel came with {carrier}.",
)
