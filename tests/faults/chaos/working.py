"""People who go on working: each moves any case that it may, and asks again until answered."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

from tests.photos import picture_bytes

PEOPLE = 12
PATIENCE_S = 60.0
COME_AGAIN = frozenset({502, 503, 507})
# Whose turn it mostly is; anybody else tries now and then.
HANDS = {
    "REPORTED": ["acceptor-1", "acceptor-2"],
    "TO_FILE": ["duty-chief-1", "duty-chief-2"],
    "TO_DISPATCH": ["dispatcher-1", "dispatcher-2"],
    "TO_CHECK": ["acceptor-1", "acceptor-2", "department-s201"],
    "TO_CLOSE": ["duty-chief-1", "duty-chief-2"],
}
WITH_PHOTO = {"finish": "after", "check_passed": "after", "check_failed": "near",
              "verify": "near", "supplement": "other"}  # fmt: skip
PLAYED = frozenset(
    {"accept", "file", "dispatch", "finish", "withdraw_finish", "send_check", "check_passed",
     "check_failed", "close", "refuse_close", "send_verify", "verify", "recall_task", "reassign",
     "supplement", "urge", "send_back_to_accept", "send_back_to_file", "amend"}
)  # fmt: skip
SELDOM = frozenset({"supplement", "urge", "amend", "send_back_to_accept", "send_back_to_file",
                    "recall_task", "reassign", "send_verify"})  # fmt: skip
ASKED = ("RETURN", "EXTENSION", "VOID")


@dataclass
class Attempt:
    """One request with its key, what was sent, and the answer that came at last."""

    user: str
    path: str
    said: dict
    photo: bytes | None
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: int = 0
    body: object = None
    number: str = ""
    tries: int = 0

    @property
    def was_accepted(self):
        return 200 <= self.status < 300

    def told(self):
        """Who asked for what, and what he was answered."""
        detail = self.body.get("detail") if isinstance(self.body, dict) else self.body
        return self.user, self.path, self.status, detail


class People:
    """All hands at once; what each attempted is kept for the looking over."""

    def __init__(self, site, numbers, seed):
        self.site, self.numbers = site, list(numbers)
        self.attempts: list[Attempt] = []
        self.ending = threading.Event()
        self.hands = [
            threading.Thread(target=self.work, args=(random.Random(seed * 1000 + number),))
            for number in range(PEOPLE)
        ]

    def start(self):
        for hand in self.hands:
            hand.start()

    def stop(self):
        """No new attempts; those under way are asked again until they are answered."""
        self.ending.set()
        for hand in self.hands:
            hand.join(PATIENCE_S + 30)

    def told(self):
        statuses = Counter(attempt.status for attempt in self.attempts)
        tries = sum(attempt.tries for attempt in self.attempts)
        again = sum(attempt.tries > 1 for attempt in self.attempts)
        answers = ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
        return f"{len(self.attempts)} requests, {tries} sendings ({again} sent again): {answers}"

    def work(self, dice):
        while not self.ending.is_set():
            attempt = self.think(dice)
            if attempt is None:
                time.sleep(0.02)
                continue
            self.attempts.append(attempt)
            self.insist(attempt)
            if attempt.was_accepted and not attempt.number:
                attempt.number = attempt.body["number"]
                self.numbers.append(attempt.number)

    def insist(self, attempt):
        """Send until there is an answer that counts: the same key and content every time."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            attempt.tries += 1
            try:
                attempt.status, attempt.body = send(self.site, attempt)
            except OSError:
                attempt.status = 0
            if attempt.status and attempt.status not in COME_AGAIN:
                return
            time.sleep(0.2)

    # ------------------------------------------------------------ what is tried

    def think(self, dice):
        """One thing that somebody may do now, or None."""
        if dice.random() < 0.03:
            return self.report(dice)
        number = dice.choice(self.numbers)
        try:
            status, case = self.site.ask("GET", f"/api/v1/cases/{number}/", "acceptor-1")
            if status != 200:
                return None
            user = self.hand_for(case, dice)
            status, case = self.site.ask("GET", f"/api/v1/cases/{number}/", user)
        except OSError:
            return None
        return self.choose(case, user, dice) if status == 200 else None

    def hand_for(self, case, dice):
        if dice.random() < 0.1:
            return dice.choice(sorted(self.site.tokens))
        if case["task"]:
            return case["task"]["assignee"]
        if waiting := [one for one in case["requests"] if one["status"] == "open"]:
            role = waiting[0]["steps"][-1]["reviewer_role"]
            return {"dispatcher": "dispatcher-1", "duty_chief": "duty-chief-2"}.get(
                role, f"department-{(case['department'] or {}).get('code', 's201')}-lead"
            )
        if case["status"] in HANDS:
            return dice.choice(HANDS[case["status"]])
        return f"department-{(case['department'] or {}).get('code', 's201')}"

    def choose(self, case, user, dice):
        path = f"/api/v1/cases/{case['number']}/"
        for request in case["requests"]:
            if answers := [row["action"] for row in request["allowed_actions"]]:
                answer = dice.choice(answers)
                name = "approve" if answer == "preapprove" else answer
                said = {"version": case["version"], "reason": "按规定办理"}
                return Attempt(user, f"{path}requests/{request['id']}/{name}/", said, None,
                               number=case["number"])  # fmt: skip
        allowed = {row["action"] for row in case["allowed_actions"]}
        kinds = [kind for kind in ASKED if f"ask_{kind.lower()}" in allowed]
        if kinds and dice.random() < 0.15:
            said = {"version": case["version"], "kind": dice.choice(kinds), "reason": "情况特殊",
                    "reason_code": "not_ours"}  # fmt: skip
            return Attempt(user, f"{path}requests/", said, None, number=case["number"])
        moves = sorted(allowed & PLAYED - SELDOM)
        if not moves or dice.random() < 0.15:
            moves = sorted(allowed & PLAYED)
        if not moves:
            return None
        action = dice.choice(moves)
        photo = picture_bytes(size=(400, 300), shade=dice.randrange(256))
        return Attempt(user, f"{path}{action}/", words_for(action, case, dice),
                       photo if action in WITH_PHOTO else None, number=case["number"])  # fmt: skip

    def report(self, dice):
        from tests.district import point

        lon, lat = point(1, dice.randrange(2), dice.random(), dice.random())
        said = {"kind": "event", "class_code": "0102", "lon": lon, "lat": lat, "accuracy_m": 8,
                "placed_by": "gps", "description": f"堆放垃圾 {dice.random()}"}  # fmt: skip
        photo = picture_bytes(size=(400, 300), shade=dice.randrange(256))
        return Attempt("supervisor-1", "/api/v1/cases/", said, photo)


def words_for(action, case, dice):
    """What is said with an action; fields that it does not know are passed over."""
    has_it = (case["department"] or {}).get("code")
    others = [code for code in ("s201", "d101") if code != has_it]
    said = {"version": case["version"], "reason": "现场情况有变", "waiver": "电话已核实",
            "result": "已处置完毕", "outcome": "confirmed",
            "department": dice.choice(others)}  # fmt: skip
    if action in {"supplement", "amend"}:
        said["description"] = f"补充说明 {dice.random()}"
    if action == "file":
        said["standard"] = case["standards"][0]["id"]
    return said


def send(site, attempt):
    """Status and body of one sending; photos go as multipart, with a new boundary each time."""
    if attempt.photo is None:
        return site.ask("POST", attempt.path, attempt.user, attempt.said, attempt.key)
    role = WITH_PHOTO.get(attempt.path.rstrip("/").rsplit("/", 1)[-1], "near")
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in {**attempt.said, "photo_roles": role}.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n'
    parts += [head.encode(), b"Content-Type: image/jpeg\r\n\r\n", attempt.photo, b"\r\n"]
    parts.append(f"--{boundary}--\r\n".encode())
    return site.ask(
        "POST", attempt.path, attempt.user, b"".join(parts), attempt.key,
        kind=f"multipart/form-data; boundary={boundary}",
    )  # fmt: skip


def as_json(body):
    """An answer in a form that two can be compared by."""
    return json.dumps(body, sort_keys=True)
