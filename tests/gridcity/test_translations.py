"""Catalogues by topic: one message has one Chinese text, whichever page shows it."""

from __future__ import annotations

import pytest
from django.core.management.base import CommandError

from gridcity.management.commands.check_translations import translated


def catalogue(base, topic: str, text: str) -> None:
    folder = base / "locale" / topic / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    (folder / "django.po").write_text(f'{head}msgid "due"\nmsgstr "{text}"\n', encoding="utf-8")


def test_a_message_that_two_topics_say_differently_is_refused(tmp_path, settings):
    settings.BASE_DIR = tmp_path
    catalogue(tmp_path, "first", "截止时间")
    catalogue(tmp_path, "second", "截止时间")
    assert translated()["", "due"] == "截止时间"
    catalogue(tmp_path, "third", "到期时间")
    with pytest.raises(CommandError, match="elsewhere"):
        translated()
