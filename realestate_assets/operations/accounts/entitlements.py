"""Which counties a tenant sees."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.app.tenants import CountyEntitlement


def entitled_counties(session: Session) -> frozenset[str]:
    """Slugs of the counties that the transaction's tenant sees now."""
    is_now = sa.or_(CountyEntitlement.until.is_(None), CountyEntitlement.until > sa.func.now())
    return frozenset(session.scalars(sa.select(CountyEntitlement.county).where(is_now)))
