"""Words typed by people: trimmed, bounded, free of control characters."""

from __future__ import annotations

import unicodedata

from django.utils.translation import gettext_lazy as _

from gridcity.contracts import Invalid

REASON_LIMIT = 500
TEXT_LIMIT = 2000


def clean_words(value: object, *, field: str, limit: int, required: bool = False) -> str:
    """The text as it may be stored. Raises Invalid naming the field.

    Line breaks and tabs stay; other control characters are refused, because they hide what is
    read and some cannot be stored at all.
    """
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise Invalid(_("Please check the words."), **{field: _("This must be text.")})
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
    if any(unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\t" for char in text):
        raise Invalid(
            _("The text holds control characters."),
            **{field: _("This text holds control characters that cannot be kept.")},
        )
    if len(text) > limit:
        sentence = _("At most %(limit)d characters; these are %(length)d.") % {
            "limit": limit,
            "length": len(text),
        }
        raise Invalid(_("The text is too long."), **{field: sentence})
    if required and not text:
        raise Invalid(_("A reason in words is required."), **{field: _("Please fill this in.")})
    return text
