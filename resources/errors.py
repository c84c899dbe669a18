"""The three kinds of failure, as types. What is retried and what stops is decided by these alone."""


class RealEstateError(Exception):
    """Base of every error this platform raises on purpose; its text is meant for a person."""


class RecordError(RealEstateError):
    """One record is unusable: it goes to property_rejects under `code` and the run goes on."""

    def __init__(self, code: str, field: str | None, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.field = field
        self.reason = reason


class TransientError(RealEstateError):
    """A failure that may pass by itself (time-out, 429, 5xx, serialization): retried with backoff."""


class LockHeldError(TransientError):
    """Another process holds the lock."""


class PermanentError(RealEstateError):
    """A failure that a retry cannot mend: the step stops at once.

    Args:
        message: what is wrong, in one sentence.
        county: slug of the county concerned.
        source: source or provider concerned.
        field: column or setting concerned.
        remedy: what the reader should do next.
    """

    def __init__(
        self,
        message: str,
        *,
        county: str | None = None,
        source: str | None = None,
        field: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.county, self.source, self.field, self.remedy = county, source, field, remedy
        where = ", ".join(
            f"{name} {value}"
            for name, value in (("county", county), ("source", source), ("field", field))
            if value
        )
        text = f"{where}: {message}" if where else message
        super().__init__(f"{text} {remedy}" if remedy else text)
