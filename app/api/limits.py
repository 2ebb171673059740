"""What a request may hold so that every database can take it."""

from __future__ import annotations

from datetime import date

from marshmallow import ValidationError, validate

LARGEST = 2**31 - 1  # of an id, and of a place in a list
ID = f"int(max={LARGEST})"  # a path with a larger one is not there
an_id = validate.Range(min=0, max=LARGEST)
a_day = validate.Range(min=date(1970, 1, 1), max=date(2999, 12, 31))  # that has neighbours, in every time zone


def storable(text: str) -> None:
    """Raise ValidationError for what is no text to a database: NUL, or half of a surrogate pair."""
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValidationError("Holds characters that are no text.")
