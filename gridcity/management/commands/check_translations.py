"""`manage.py check_translations`: every English message has its Chinese one, and none is stale.

Messages are extracted from the code and the templates with xgettext, as `makemessages` does, but
into memory: the catalogues stay untouched.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation.template import templatize

OURS = ("gridcity", "assessment", "dispatch", "cases", "parts", "jobs")
KEYWORDS = (
    "gettext_noop",
    "gettext_lazy",
    "ngettext_lazy:1,2",
    "pgettext:1c,2",
    "npgettext:1c,2,3",
    "pgettext_lazy:1c,2",
    "npgettext_lazy:1c,2,3",
    "__",
)
NO_CONTEXT = ""
Key = tuple[str, str]


class Command(BaseCommand):
    help = "Exit 1 and list the messages that have no Chinese translation."

    def handle(self, *args: Any, **options: Any) -> None:
        known = translated()
        missing = sorted(key for key in extracted() if not known.get(key))
        for context, message in missing:
            self.stdout.write(f"{context + ': ' if context else ''}{message!r}")
        if missing:
            raise CommandError(f"{len(missing)} messages have no Chinese translation")
        self.stdout.write(f"{len(known)} messages are translated")


def translated() -> dict[Key, str]:
    """All entries of our Chinese catalogues.

    Raises CommandError for fuzzy ones, and where two catalogues say one message differently: which
    of them a page shows would be chance.
    """
    import polib

    known: dict[Key, str] = {}
    for path in sorted(Path(settings.BASE_DIR, "locale").rglob("zh_Hans/LC_MESSAGES/django.po")):
        for entry in polib.pofile(str(path)):
            if "fuzzy" in entry.flags:
                raise CommandError(f"{path}: fuzzy: {entry.msgid!r}")
            text = entry.msgstr or "".join(entry.msgstr_plural.values())
            key = entry.msgctxt or NO_CONTEXT, entry.msgid
            if known.setdefault(key, text) != text:
                raise CommandError(f"{path}: {entry.msgid!r} is {known[key]!r} elsewhere")
    return known


def extracted() -> set[Key]:
    """Every message that the code and the templates ask for."""
    import polib

    with tempfile.TemporaryDirectory() as folder:
        sources = list(write_sources(Path(folder)))
        command = [
            "xgettext",
            "--language=Python",
            "--from-code=UTF-8",
            "--output=-",
            "--no-location",
        ]
        command += [f"--keyword={keyword}" for keyword in KEYWORDS]
        done = subprocess.run(
            [*command, "--files-from=-"],
            input="\n".join(sources),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise CommandError(f"xgettext: {done.stderr[-500:]}")
    return {(entry.msgctxt or NO_CONTEXT, entry.msgid) for entry in polib.pofile(done.stdout)}


def write_sources(folder: Path) -> Iterator[str]:
    """The Python files as they are, the templates turned into Python that xgettext reads."""
    for app in OURS:
        for path in Path(settings.BASE_DIR, app).rglob("*.py"):
            if "migrations" not in path.parts:
                yield str(path)
    for number, path in enumerate(Path(settings.BASE_DIR, "templates").rglob("*.html")):
        target = folder / f"{number}.py"
        target.write_text(templatize(path.read_text(encoding="utf-8"), origin=str(path)))
        yield str(target)
