"""An example of a gateway for short messages or chat: one line of JSON a message, in a file.

A city writes a class like this one for what it has, and names it in the settings.
"""

from __future__ import annotations

import json
import os

from django.conf import settings

from cases.channels import Parcel, Undelivered


class FileGateway:
    """Appends each message to `<outlet>.jsonl` in the folder of the settings."""

    def send(self, parcel: Parcel) -> None:
        said = {"id": parcel.id, "to": parcel.address, "text": f"{parcel.subject} {parcel.link}"}
        line = json.dumps(said, ensure_ascii=False) + "\n"
        try:
            settings.GATEWAY_FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
            with (settings.GATEWAY_FOLDER / f"{parcel.outlet}.jsonl").open("a") as out:
                out.write(line)
                out.flush()
                # Only what lies on the disk counts as handed over.
                os.fsync(out.fileno())
        except OSError as problem:
            raise Undelivered(type(problem).__name__) from None

    def close(self) -> None:
        """Nothing is kept open."""
