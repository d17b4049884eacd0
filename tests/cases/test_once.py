"""The same key acts once and gives one answer (issue 2, §5), also when both arrive together."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from cases.models import IdempotencyKey
from cases.services import keeping
from cases.services.keeping import forget_keys
from cases.services.once import content_sha256, once
from gridcity.contracts import Invalid, KeyReused
from tests.photos import picture_bytes, upload

KEY = uuid.UUID(int=7)


@pytest.fixture
def tries(district, at):
    """Calls `once` with an act that counts how often it is done."""

    class Tries:
        done = 0

        def __call__(self, content=b"a", key=KEY, user="acceptor-1", fail=False):
            def act():
                self.done += 1
                if fail:
                    raise Invalid("no")
                return 201, {"number": self.done}

            return once(user_id=district.user(user).pk, key=key, content=content, at=at(), act=act)

    return Tries()


def test_a_repetition_gets_the_same_answer_and_acts_no_more(tries):
    assert tries() == tries() == (201, {"number": 1})
    assert tries.done == 1


def test_other_content_under_the_same_key_is_refused(tries):
    tries()
    with pytest.raises(KeyReused):
        tries(content=b"b")
    assert tries.done == 1


def test_a_refused_request_leaves_the_key_free(tries):
    with pytest.raises(Invalid):
        tries(fail=True)
    assert not IdempotencyKey.objects.exists()
    assert tries(content=b"corrected") == (201, {"number": 2})


def test_keys_belong_to_their_users(tries):
    assert tries() != tries(user="acceptor-2")


def test_without_a_key_it_is_done_each_time(tries):
    assert tries(key=None) != tries(key=None)


def test_the_fingerprint_sees_target_fields_names_and_bytes():
    one, other = picture_bytes(), picture_bytes(shade=10)

    def sha(target="/a", fields=None, files=(("photos", one),)):
        uploads = [(name, upload(content=content)) for name, content in files]
        return content_sha256(target, fields or {"x": "1"}, uploads)

    assert sha() == sha()
    assert len({
        sha(), sha(target="/b"), sha(fields={"x": "2"}), sha(files=(("photos", other),)),
        sha(files=()), sha(files=(("photos", other), ("photos", one))),
    }) == 6  # fmt: skip


def test_two_files_are_not_one_that_holds_the_mark_between_them():
    two = [("photos", upload(content=b"ab")), ("photos", upload(content=b"cd"))]
    one = [("photos", upload(content=b"ab\0photos\0cd"))]
    assert content_sha256("/", {}, two) != content_sha256("/", {}, one)


def test_the_order_of_fields_does_not_matter():
    assert content_sha256("/", {"a": 1, "b": 2}, []) == content_sha256("/", {"b": 2, "a": 1}, [])


def test_a_file_is_left_as_it_was_found():
    file = upload()
    content_sha256("/", {}, [("photos", file)])
    assert file.read() == picture_bytes()


def test_a_key_is_forgotten_thirty_days_after_its_request(tries, at, monkeypatch):
    monkeypatch.setattr(keeping, "BATCH", 2)
    keys = [uuid.UUID(int=number) for number in range(5)]
    for key in keys:
        tries(key=key)
    assert forget_keys(at=at() + timedelta(days=30)) == 0
    IdempotencyKey.objects.filter(key=keys[-1]).update(created_at=at() + timedelta(days=1))
    assert forget_keys(at=at() + timedelta(days=30, seconds=1)) == 4
    assert IdempotencyKey.objects.get().key == keys[-1]
