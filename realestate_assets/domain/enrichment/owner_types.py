"""What kind of owner a name is: person, company, trust, bank, government, or unknown.

By words of the name alone, as county rolls write them: upper case, cut off at 20 to 30 characters,
abbreviated at will. The patterns were drawn from the 256 owners of Cook County's sample roll (1999 to 2026)
that are no persons, and from the parties to its sales. What each list is for stands beside it; the order of
the rules is in `classify_owners`. Words that are surnames too (Banks, Church, Land, Loan, Temple, Ira) decide
only in company.
"""

import numpy as np
import pandas as pd
import pyarrow as pa

from realestate_assets.domain.tables import OWNER_TYPES

PERSON, COMPANY, TRUST, BANK, GOVERNMENT, UNKNOWN = OWNER_TYPES


def _words(*alternatives: str) -> str:
    """A pattern that finds one of the alternatives as whole words."""
    return r"\b(?:" + "|".join(alternatives) + r")\b"


# No name at all: what a roll prints where it has none, or must not tell it.
PLACEHOLDER = (
    r"^(?:TAX ?PAYER(?: OF\b.*)?|(?:CURRENT|PRESENT|UNKNOWN) OWNER\b.*|OWNER(?: OF RECORD)?|OCCUPANT|RESIDENT"
    r"|UNKNOWN|EXEMPT|NONE|N A|NA|NULL|SAME|NOT AVAILABLE|CONFIDENTIAL|WITHHELD|VACANT|NO NAME)$"
)

# The registered form of a company: decides against every weaker word, such as VILLAGE or BANK in its name.
REGISTERED = _words(
    r"\w*LLC", "L L C", "INC", "INCORPORATED", "CORP", "CORPORATION", "LTD", "LIMITED", "LP", "LLP",
    "LLLP", "PLLC", "PLC",
)  # fmt: skip

# Words of a business without its registered form, which rolls often cut off.
BUSINESS = _words(
    "CO", "COMP", "COMPANY", "COMPANIES", "CORPORAT", "CORPOR", "PROPERTIES", "PROPERTY", "PROP",
    "PROPS", "INVESTMENTS?", "INVEST", "INVESTORS?", "INVSTMNTS?", "HOLDINGS?", "REALTY", "RLTY",
    "REAL EST(?:ATE)?", "DEVELOPMENTS?", "DEVELOPERS?", "DEVELOPME", "BUILDERS?", "CONSTRUCTION",
    "ENTERPRISES?", "ENTERPRI", "ENT", "VENTURES?", "JV", "PARTNERS", "PARTNERSHIP", "GROUP", "GRP",
    "MANAGEMENT", "MANAGEM", "MGMT", "CAPITAL", "FUND", "FUNDING", "ASSETS?", "EQUITIES", "HOMES",
    "HOUSING", "HOME BUYERS", r"ACQ\w*", "SHELTER", "JUDICIAL SALES?", "RENTALS?", "RENOVATIONS?",
    "REMODELING", "REHAB", "ASSOCIATES", "ASSOCIATION", "ASSN", "ASSOC?", "FOUNDATION",
    "CHURCH OF", "(?:BAPTIST|METHODIST|LUTHERAN|CATHOLIC|CHRISTIAN|COMMUNITY) CHURCH",
    "MINISTRIES", "MINISTRY", "CONGREGATION", "DIOCESE", "ARCHDIOCESE", "CLUB", "SOCIETY",
    "HOSPITAL", "UNIVERSITY", "COLLEGE", "CHARITY", "SERVICES?", "SOLUTIONS?", "SYSTEMS", "INDUSTRIES",
    "INTERNATIONAL", "INTL", "RAILROAD", "RAILWAY", "OIL", "FUNERAL HOME", "HEALTH CARE", "SHOPPING",
    "FINANCIAL", "FINANCE", "INSURANCE",
)  # fmt: skip

# Public bodies; rolls turn names around (`OAK FOREST CITY OF`, `RICHTON PARK VILLAGE`). A land bank is one.
GOVERNMENT_WORDS = _words(
    "(?:CITY|VILLAGE|VLG|TOWN|TOWNSHIP|COUNTY|STATE|BOROUGH|PARISH|COMMONWEALTH|PEOPLE) OF",
    "(?:SCHOOL|SCHL|PARK|WATER|SANITARY|FIRE|LIBRARY|HOSPITAL|UTILITY|DRAINAGE|IRRIGATION) DIST(?:RICT)?",
    "FIRE PROTECTION DIST(?:RICT)?", "PUBLIC SCHOOLS?", "(?:BOARD|BD) OF ED(?:UC(?:ATION)?)?",
    "FOREST PRESERVE", "(?:LAND|LANK) (?:BANK|BK|BA)", r"(?:BANK|BK) (?:AND|&) DEV\w*", "AUTHORITY",
    "AUTH", "BODY POLITIC", "MUNICIPAL(?:ITY)?", "REDEVELOPMENT AGENCY", "PORT OF", "CIRCUIT COURT",
    "UNITED STATES", "FEDERAL DEPOSIT INS", "US (?:GOVERNMENT|GOVT|DEPT|POSTAL)", "HUD",
    "HOUSING (?:AND|&) URBAN", "(?:SECRETARY|SECY|SEC) OF", "VETERANS? (?:AFFAIRS|ADMIN(?:ISTRATION)?)",
    "(?:DEPARTMENT|DEPT) (?:OF|VETERANS?)", "INTERNAL REVENUE", "TRANSIT COMMISSION",
)  # fmt: skip
# At one end of a name they mean the body itself; a registered company may carry them too.
GOVERNMENT_ENDS = r"(?:\b(?:VILLAGE|TOWNSHIP|COUNTY|MUNICIPALITY)$)|(?:^VILLAGE\b)|(?:^U ?S ?A$)"

# Lenders and servicers. BANKS is a surname; a bank of food or blood is a charity.
BANK_WORDS = _words(
    "BANK", "BANC", "BANCORP", r"BK\d*", "B ?& ?T", "FSB", "SAVINGS", "SAVING", "SVNGS", "CREDIT UNION",
    "FCU",
)  # fmt: skip
LENDER_WORDS = _words(
    "MORTGAGE", "MORTGAG", "MORTG", "MTGE?", "LOANS",
    r"LOAN (?:SERV\w*|SVC\w*|TRUST|MTG)", "HOME LOAN", "LENDING", "FANNIE MAE", "FREDDIE MAC", "FNMA",
    "FHLMC", "FEDERAL (?:NATIONAL|NATL|HOME LOAN)", "WELLS FARGO", "CITIBANK", "CITIMORTGAGE",
    "JP ?MORGAN", "J P MORGAN", "CHASE (?:MANHATTAN|HOME)", "DEUTSCHE", "HSBC", "OCWEN", "PENNYMAC",
    "NATIONSTAR", "US BANCORP", "NATIONAL ASSOC(?:IATION)?", "NATL ASSN", "NATIONAL ASSN",
    "LASALLE NATL",
)  # fmt: skip
NO_LENDER = _words("(?:FOOD|BLOOD|LAND|SEED|MILK) (?:BANK|BK)")
# The lender as trustee of a pool of mortgages: the home is its own, taken back.
MORTGAGE_POOL = _words(
    "SERIES", "CERTIFICATES?", "CERTIFICATEHOLDERS", "PASS THROUGH", "ASSET BACKED", "HOLDERS",
    "MASTER PARTICIPATION", "TRUSTEE FOR", "SUCCESSOR",
)  # fmt: skip

# A trust for somebody: whoever is trustee, a bank included. Custodians of retirement accounts count here.
TRUST_FOR_SOMEBODY = _words(
    "LAND (?:TRUST|TRST|TRU|TR)",
    "(?:LIVING|FAMILY|REVOCABLE|REVOC|REV|IRREVOCABLE|IRREV|TESTAMENTARY|PERSONAL) (?:TRUST|TRST|TR)",
    "LIV(?:ING)? REV TR(?:UST)?", "REV LIV(?:ING)? TR(?:UST)?", "CUST", "CUSTODIAN", r"FBO\w*",
    "IRA$", "(?:ROTH|TRADITIONAL|SEP) IRA", r"IRA \d+",
)  # fmt: skip
TRUST_WORDS = _words(
    "TRUST", "TRST", "TRUSTS", "TR", "TRS", "TRUSTEES?", "TTEES?", "U ?A ?D?", "UTD", "U ?T ?A?", "DTD",
)  # fmt: skip
# An account or trust number at the end: `STANDARD BK TR 18224`, `MB FINANCIAL BK11075`.
ENDS_IN_NUMBER = r"\d{3,}$"
STANDALONE_NUMBER = r"\b\d{3,}\b"


def plain_names(names: pd.Series) -> pd.Series:
    """Names in upper case with single blanks; initials and apostrophes closed up (`L.L.C.` as LLC)."""
    text = names.str.upper().str.replace("&AMP;", "&", regex=False)
    text = text.str.replace(r"['’`]|\b([A-Z])\.(?=[A-Z]\b)", r"\1", regex=True)
    text = text.str.replace(r"[^\w&]+", " ", regex=True)
    return text.str.strip()


def classify_owners(names: pa.Array | pa.ChunkedArray | pd.Series) -> pd.Series:
    """Kind of owner of each name; each distinct name is looked at once.

    What names nothing else is a person, unless it holds a number, as an account does. A registered company
    is one whatever else its name says, but for public bodies that are incorporated and for lenders.

    Args:
        names: names of owners; null is unknown.
    """
    given = names if isinstance(names, pd.Series) else pd.Series(names.to_pylist(), dtype="object")
    codes, distinct = pd.factorize(given)
    kinds = _kinds(plain_names(pd.Series(distinct, dtype="str")))
    return pd.Series(np.array([*kinds, UNKNOWN], dtype=object)[codes], index=given.index)


def _kinds(text: pd.Series) -> np.ndarray:
    def has(pattern: str) -> np.ndarray:
        return text.str.contains(pattern, regex=True).to_numpy(dtype=bool)

    registered = has(REGISTERED)
    lender_word = has(LENDER_WORDS)
    lender = (lender_word | (has(BANK_WORDS) & ~registered)) & ~has(NO_LENDER)
    pool = has(MORTGAGE_POOL)
    numbered = has(ENDS_IN_NUMBER) & ~pool
    for_somebody = has(TRUST_FOR_SOMEBODY) & ~pool
    government = has(GOVERNMENT_WORDS) | (has(GOVERNMENT_ENDS) & ~registered)
    # In this order: the first that holds decides.
    rules = {
        UNKNOWN: has(PLACEHOLDER) | ~has(r"[A-Z]{2}"),
        GOVERNMENT: government & ~has(TRUST_FOR_SOMEBODY),
        TRUST: for_somebody | (lender & numbered),
        BANK: lender,
    }
    trust_word = has(TRUST_WORDS) & ~registered
    company = registered | (has(BUSINESS) & ~has(r"^ESTATE OF\b"))
    conditions = [*rules.values(), trust_word, company, has(STANDALONE_NUMBER)]
    return np.select(conditions, [*rules, TRUST, COMPANY, UNKNOWN], PERSON)
