"""The client of these tests: an answer that a killed server cut off is none, and is asked anew."""

from __future__ import annotations

import socket
import threading
import urllib.request

import pytest

from tests.faults.site import sent


def cut_off(status: str) -> str:
    """The address of a server that dies in the middle of one answer."""
    listening = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        with listening, listening.accept()[0] as there:
            there.recv(65536)
            head = f"HTTP/1.1 {status}\r\nContent-Length: 100\r\n\r\n"
            there.sendall(head.encode() + b"half")

    threading.Thread(target=answer, daemon=True).start()
    return f"http://127.0.0.1:{listening.getsockname()[1]}/"


@pytest.mark.parametrize("status", ["200 OK", "409 Conflict"])
def test_an_answer_that_breaks_off_counts_as_no_answer(status):
    with pytest.raises(OSError, match="cut off"):
        sent(urllib.request.Request(cut_off(status)))
