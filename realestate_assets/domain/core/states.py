"""State codes and the FIPS numbers a county code begins with (US Census Bureau, ANSI/FIPS state codes)."""

_CODES = (
    "AL01 AK02 AZ04 AR05 CA06 CO08 CT09 DE10 DC11 FL12 GA13 HI15 ID16 IL17 IN18 IA19 KS20 KY21 LA22 ME23 "
    "MD24 MA25 MI26 MN27 MS28 MO29 MT30 NE31 NV32 NH33 NJ34 NM35 NY36 NC37 ND38 OH39 OK40 OR41 PA42 RI44 "
    "SC45 SD46 TN47 TX48 UT49 VT50 VA51 WA53 WV54 WI55 WY56 PR72"
)
STATE_FIPS: dict[str, str] = {code[:2]: code[2:] for code in _CODES.split()}

# Where mail goes and no county of ours lies: bases and ships abroad, and the islands.
MILITARY = ("AA", "AE", "AP")
MAIL_STATES = frozenset({*STATE_FIPS, *MILITARY, "AS", "GU", "MP", "VI"})

# First three digits of a ZIP -> state (USPS, Labeling List L002), as ranges; Guam and the Marianas share 969,
# which tells neither.
_ZIP_RANGES = (
    "005-005NY 006-007PR 008-008VI 009-009PR 010-027MA 028-029RI 030-038NH 039-049ME 050-054VT 055-055MA "
    "056-059VT 060-069CT 070-089NJ 090-098AE 100-149NY 150-196PA 197-199DE 200-200DC 201-201VA 202-205DC "
    "206-219MD 220-246VA 247-268WV 270-289NC 290-299SC 300-319GA 320-339FL 340-340AA 341-349FL 350-369AL "
    "370-385TN 386-397MS 398-399GA 400-427KY 430-459OH 460-479IN 480-499MI 500-528IA 530-549WI 550-567MN "
    "570-577SD 580-588ND 590-599MT 600-629IL 630-658MO 660-679KS 680-693NE 700-714LA 716-729AR 730-732OK "
    "733-733TX 734-749OK 750-799TX 800-816CO 820-831WY 832-838ID 840-847UT 850-865AZ 870-884NM 885-885TX "
    "889-898NV 900-961CA 962-966AP 967-968HI 970-979OR 980-994WA 995-999AK"
)
_STATE_OF_PREFIX = {
    f"{prefix:03d}": given[7:]
    for given in _ZIP_RANGES.split()
    for prefix in range(int(given[:3]), int(given[4:7]) + 1)
}


def state_of_zip(code: str | None) -> str | None:
    """State a five-digit ZIP lies in, AA, AE or AP for military mail; None where it tells none."""
    return _STATE_OF_PREFIX.get(code[:3]) if code else None
