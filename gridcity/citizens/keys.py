"""What a citizen has in place of an account: codes that follow from secrets, none of them kept.

The key of a form is drawn at random by its page and known to that browser only. His query code
follows from it and from our secret key, so that a receipt can be shown again when the answer was
lost, and no table holds a code.
"""

from __future__ import annotations

from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

from cases.services.ending import CODE_ALPHABET, CODE_LENGTH

MARK_LENGTH = 24


def code_of_key(key: UUID) -> str:
    """The query code that belongs to a sent form."""
    number = int.from_bytes(_digest("gridcity.query_code", key.hex), "big")
    letters = []
    for _place in range(CODE_LENGTH):
        number, index = divmod(number, len(CODE_ALPHABET))
        letters.append(CODE_ALPHABET[index])
    return "".join(letters)


def mark_of_case(number: str) -> str:
    """By what a page names somebody else's case: nobody learns its number from it (law §9)."""
    return _digest("gridcity.nearby_case", number).hex()[:MARK_LENGTH]


def is_mark_of(mark: str, number: str) -> bool:
    return constant_time_compare(mark, mark_of_case(number))


def _digest(purpose: str, value: str) -> bytes:
    return salted_hmac(purpose, value, algorithm="sha256").digest()
