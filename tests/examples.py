"""How many examples a property test of some cost makes: fewer where the profile of the run asks for fewer."""

from hypothesis import settings


def examples(count: int) -> settings:
    """A decorator: `count` examples, or the number of the profile that is loaded if that is less."""
    return settings(max_examples=min(count, settings().max_examples))
