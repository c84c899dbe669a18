"""Narrow functions of the owner, beyond one tenant: the feed of events, who is to be told, what is old."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

LOCK = "realestate:event_feed"
# Positions are given in pieces, so that a first feed of a long history is no transaction of an hour.
PIECE = 20_000
# A run's transaction is open for minutes at most: an event is not looked for longer than that. From second to
# second those are looked at that have just happened.
LATE, RECENT = "1 day", "10 minutes"
# What was sent to webhooks, answers to requests that come again, counts of limits, mail that has ended.
DELIVERIES_KEPT, ANSWERS_KEPT, COUNTS_KEPT, MAILS_KEPT = "30 days", "1 day", "1 hour", "30 days"

FUNCTIONS = {
    "work.publish_events(boolean)": f"""
create or replace function work.publish_events(is_recent_alone boolean)
returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    added bigint;
begin
    -- One publisher at a time, to the end of its transaction: before a position that is seen none comes.
    if not pg_try_advisory_xact_lock(hashtextextended('{LOCK}', 0)) then
        return 0;
    end if;
    insert into work.event_feed (event_id, county, event_type, event_time)
    select e.event_id, e.county, e.event_type, e.event_time
    from ops.events e
    where e.event_time >= case when is_recent_alone then now() - interval '{RECENT}'
        else coalesce((select max(f.event_time) from work.event_feed f), '-infinity') - interval '{LATE}' end
      and not exists (select from work.event_feed f where f.event_id = e.event_id)
    order by e.event_time, e.event_id
    limit {PIECE};
    get diagnostics added = row_count;
    return added;
end $$
""",  # noqa: S608 - names of this module
    "work.forget_old()": f"""
create or replace function work.forget_old()
returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    forgotten bigint;
    more bigint;
begin
    delete from work.webhook_deliveries where ended_at < now() - interval '{DELIVERIES_KEPT}';
    get diagnostics forgotten = row_count;
    delete from work.mails where ended_at < now() - interval '{MAILS_KEPT}';
    get diagnostics more = row_count;
    forgotten := forgotten + more;
    delete from work.idempotent_requests where begun_at < now() - interval '{ANSWERS_KEPT}';
    get diagnostics more = row_count;
    forgotten := forgotten + more;
    delete from work.rate_counts where begun_at < now() - interval '{COUNTS_KEPT}';
    get diagnostics more = row_count;
    return forgotten + more;
end $$
""",  # noqa: S608 - names of this module
    "work.latest_event()": """
create or replace function work.latest_event()
returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select coalesce(max(f.position), 0) from work.event_feed f $$
""",
    "work.tenants_to_tell()": """
create or replace function work.tenants_to_tell()
returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
    select distinct w.tenant_id
    from app.webhooks w join app.tenants t using (tenant_id)
    left join work.webhook_places p using (webhook_id)
    where t.state = 'active' and w.is_active
      and coalesce(p.position, 0) < (select coalesce(max(f.position), 0) from work.event_feed f)
    union
    select d.tenant_id from work.webhook_deliveries d join app.webhooks w using (webhook_id)
    where w.is_active and d.state = 'waiting' and d.next_at <= now()
$$
""",
}


def publish(session: Session, *, is_recent_alone: bool = False) -> int:
    """Give new events their positions; how many, 0 where another process does so now.

    Args:
        session: of the service.
        is_recent_alone: look at what happened within RECENT, which costs little; what was written later than
            that after it happened is found by a whole look.
    """
    asked = sa.text("select work.publish_events(:is_recent_alone)")
    return int(session.execute(asked, {"is_recent_alone": is_recent_alone}).scalar_one())


def forget_old(session: Session) -> int:
    """Remove what `work` keeps for a while, of all tenants, once that while is over; how many rows."""
    return int(session.execute(sa.text("select work.forget_old()")).scalar_one())


def latest(session: Session) -> int:
    """The last position that was given; 0 for none."""
    return int(session.execute(sa.text("select work.latest_event()")).scalar_one())


def tenants_to_tell(session: Session) -> list:
    """Tenants with webhooks that have something to be told, or a delivery that is due."""
    return list(session.scalars(sa.text("select * from work.tenants_to_tell()")))
