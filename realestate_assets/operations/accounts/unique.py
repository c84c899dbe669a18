"""Names that are there once: what the database refuses as a second one is told as our own error."""

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from resources.errors import PermanentError


def flush_or(session: Session, error: PermanentError) -> None:
    """Write what is pending; raise the error where a name of it is taken.

    Of the database's own error nothing follows it: it holds what was sent.
    """
    try:
        session.flush()
    except IntegrityError:
        is_taken = True
    else:
        is_taken = False
    if is_taken:
        raise error
