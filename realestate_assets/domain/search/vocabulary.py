"""The words of the market and what they mean: kinds of homes, states, features, comparisons, units."""

from functools import cache

from realestate_assets.domain.search.tokens import table

TYPES = table(
    {
        "house | houses | single family | single - family | single family home | single family homes | "
        "single family house | single family houses | detached house": "single_family",
        "condo | condos | condominium | condominiums | apartment | apartments | flat | flats": "condo",
        "townhouse | townhouses | townhome | townhomes | town home | town house | row house | rowhouse": (
            "townhouse"
        ),
        "duplex | duplexes | triplex | triplexes | fourplex | fourplexes | quadplex | "
        "multi family | multi - family | "
        "multifamily | apartment building": "multi_family",
        "mobile home | mobile homes | manufactured home | manufactured homes | trailer": "manufactured",
        "vacant land | raw land | vacant lot | empty lot | building lot": "land",
    }
)
ON_OFFER, CONTRACT, SOLD = "on_offer", "under_contract", "sold"
STATUSES = table(
    {
        "for sale | active | active listing | active listings | on the market | available | "
        "still available | "
        "on offer": ON_OFFER,
        "pending | under contract | in escrow | contingent": CONTRACT,
        "sold": SOLD,
    }
)
# Each with its column, lowest and highest value.
Bounds = tuple[str, float | None, float | None]
FEATURES: dict[tuple[str, ...], Bounds] = table(
    {
        "waterfront | water front | on the water | lakefront | lake front | oceanfront | "
        "ocean front | beachfront | "
        "beach front | riverfront | on the lake | on the beach": ("is_waterfront", 1, None),
        "garage | garages": ("garage_spaces", 1, None),
        "basement | basements": ("basement_sqft", 1, None),
        "renovated | remodeled | remodelled": ("year_renovated", 1, None),
        "hoa | hoas | hoa fee | hoa fees | hoa dues | association fee | association fees | "
        "homeowners association": (
            "hoa_monthly_usd",
            1,
            None,
        ),
        "view | views": ("view_code", 1, None),
        "good view | great view | nice view | beautiful view | amazing view | stunning view | "
        "panoramic view | "
        "good views | great views | nice views | beautiful views | amazing views | stunning views | "
        "panoramic views": ("view_code", 3, None),
        "excellent view | excellent views | spectacular view | spectacular views": ("view_code", 4, None),
        "needs work | need work | needing work | that needs work | fixer | fixers | fixer upper | "
        "fixer uppers | "
        "fixer - upper | handyman special | handyman | needs tlc | tlc | poor condition | bad condition | "
        "in poor condition | needs repair | needs repairs": ("condition_code", None, 2),
        "move in ready | move - in ready | turnkey | turn key | turn - key": ("condition_code", 3, None),
        "good condition | in good condition | great condition | in great condition": (
            "condition_code",
            4,
            None,
        ),
        "very good condition | in very good condition | excellent condition | in excellent condition | "
        "perfect condition": ("condition_code", 5, None),
        "studio | studios": ("bedrooms", 0, 0),
    }
)
# What these say beside the fact is worth to the ranking: the words stay in the text.
KEPT_WORDS = frozenset({"lakefront", "oceanfront", "beachfront", "riverfront"})
WISHES = table(
    {
        "pool | pools | swimming pool | swimming pools": "pool",
        "hot tub | jacuzzi": "hot tub",
        "fireplace | fireplaces": "fireplace",
        "air conditioning | air conditioner | ac | a / c | central air": "air conditioning",
        "dock | docks | boat dock | moorage": "dock",
        "school | schools": "school",
        "stairs | steps": "stairs",
        "corner lot": "corner lot",
        "cul de sac | cul - de - sac": "cul-de-sac",
        "elevator | lift": "elevator",
        "solar | solar panels": "solar",
        "sauna": "sauna",
        "pets | pet friendly | pets allowed": "pets",
        "furnished": "furnished",
        "fenced yard | fence | fenced": "fence",
        "rv parking": "RV parking",
        "gated | gated community": "gated community",
        "carpet | carpets": "carpet",
    }
)
AT_LEAST, MORE, AT_MOST, LESS, ABOUT, EXACT = "at least", "more", "at most", "less", "about", "exact"
COMPARISONS = table(
    {
        "at least | min | minimum | minimum of | min of | no less than | not less than | "
        "no fewer than | not under | "
        "not below | from | starting at | > = | >= | ≥ | since | no smaller than": AT_LEAST,
        "over | above | more than | greater than | bigger than | larger than | > | after | newer than | "
        "upwards of": MORE,
        "at most | max | maximum | maximum of | max of | up to | no more than | not more than | "
        "not over | not above | "
        "<= | ≤ | = < | budget | budget of | my budget is | no bigger than | no larger than | "
        "within": AT_MOST,
        "under | below | less than | fewer than | cheaper than | smaller than | < | before | "
        "older than": LESS,
        "around | about | approximately | approx | ~ | roughly | circa": ABOUT,
        "exactly | precisely | =": EXACT,
    }
)
SUFFIXES = table(
    {
        "+ | or more | or larger | or bigger | or greater | or later | or newer | or above | "
        "or over | or up | "
        "or better | and up | and above | and newer | and later | plus | min | minimum | "
        "at least": AT_LEAST,
        "or less | or fewer | or below | or under | or smaller | or cheaper | or earlier | "
        "or older | and under | "
        "and below | max | maximum | tops | budget": AT_MOST,
    }
)
NUMBER_WORDS = {
    "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0, "eight": 8.0,
    "nine": 9.0, "ten": 10.0, "single": 1.0,
}  # fmt: skip
# Before a unit or a power of ten: "half an acre", "a million".
FRACTIONS = table(
    {
        "half | half a | half an": 0.5,
        "quarter | a quarter | quarter of an | a quarter of an": 0.25,
        "a | an": 1.0,
    }
)
POWERS = {
    "k": 1e3, "thousand": 1e3, "grand": 1e3, "m": 1e6, "mil": 1e6, "mio": 1e6, "mm": 1e6, "million": 1e6,
}  # fmt: skip
SQFT_PER_SQM, SQFT_PER_ACRE, SQFT_PER_HECTARE = 10.763910416709722, 43_560.0, 107_639.10416709722
# A unit: what it measures and how many of that column's units one is.
UNITS = table(
    {
        "sq ft | sq . ft . | sq . ft | sqft | square feet | square foot | square ft | sf | ft2 | "
        "ft 2 | ft²": (
            "area",
            1.0,
        ),
        "sqm | sq m | sq . m | m 2 | m² | square meters | square metres | square meter | square metre": (
            "area",
            SQFT_PER_SQM,
        ),
        "acre | acres | ac": ("land", SQFT_PER_ACRE),
        "hectare | hectares | ha": ("land", SQFT_PER_HECTARE),
        "bed | beds | bedroom | bedrooms | bdrm | bdrms | br | brs | bd | bds": ("bedrooms", 1.0),
        "bath | baths | bathroom | bathrooms | ba | bas": ("bathrooms", 1.0),
        "car | cars": ("cars", 1.0),
        "story | stories | storey | storeys | floor | floors | level | levels": ("stories", 1.0),
        "mile | miles | mi": ("miles", 1.0),
        "km | kilometers | kilometres | kilometer | kilometre": ("miles", 0.621371192237334),
        "day | days": ("days", 1.0),
        "week | weeks": ("days", 7.0),
        "month | months": ("months", 1.0),
        "year | years | yrs": ("years", 1.0),
        "usd | dollars | dollar | bucks": ("price", 1.0),
        "minute | minutes | min drive | feet | foot | ft | meters | metres | hour | hours | "
        "percent | % | kitchens | "
        "kitchen | units | rooms": ("other", 1.0),
    }
)
HEADS = table(
    {
        "price | priced | asking price | asking | cost | costs | costing | price is | "
        "price range": "asking_price_usd",
        "hoa | hoa fee | hoa fees | hoa dues": "hoa_monthly_usd",
        "lot | lot size | lot of | lot size of | land of | acreage": "lot_area_sqft",
        "living area | living space | square footage | size | area": "living_area_sqft",
        "built | year built | built in | built in the | constructed | constructed in | "
        "year built in": "year_built",
        "renovated | remodeled | remodelled | renovated in | remodeled in": "year_renovated",
        "bedrooms | beds": "bedrooms",
        "bathrooms | baths": "bathrooms",
        "score | bird dog score | with a score": "bird_dog_score",
    }
)
NEGATORS = table(
    {
        "no | not | without | w / o | non | non - | except | excluding | other than | "
        "anything but | never | "
        "nothing that | nothing with | nothing | don't want | dont want | do not want | "
        "not a fan of | avoid": True
    }
)
NEAR = table(
    {
        "near | close to | nearby | next to | around | not far from | near to": None,
        "walking distance to | walking distance of | within walking distance of | "
        "in walking distance of": 1.0,
    }
)
MONTHS = {
    name[:length]: number
    for number, name in enumerate(
        (
            "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
            "november", "december",
        ),
        start=1,
    )
    for length in (3, len(name))
}  # fmt: skip
# Words that join others: they go with what was cut beside them.
JOINING = frozenset(
    word
    for phrase in table(
        {
            "a | an | the | in | on | at | with | and | or | of | for | to | from | by | is | are | "
            "be | that": True,
            "which | has | have | having | it | its | any | some | please | i | im | am | we | "
            "looking | want": True,
            "need | needed | ok | okay | ideally | preferably | home | homes | property | properties": True,
            "place | listing | listings | something | anything | also | but | yet | zip | code | per": True,
            "month | what | within": True,
        }
    )
    for word in phrase
)
# They resemble a known word and are meant.
PROPER_WORDS = frozenset(
    word
    for (word,) in table(
        {
            "horse | horses | course | hours | condor | stable | later | garden | water | active | "
            "floors | views": True
        }
    )
)


@cache
def known_words() -> frozenset[str]:
    """The single words that a slip may have been meant as."""
    tables = (TYPES, STATUSES, FEATURES, WISHES, UNITS)
    return frozenset(word for each in tables for phrase in each for word in phrase if word.isalpha())
