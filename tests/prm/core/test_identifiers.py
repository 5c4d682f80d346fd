import re

from prm.core.identifiers import make_ref, make_refs, uuid7


def test_keys_follow_time():
    keys = [uuid7() for _ in range(1000)]
    assert keys == sorted(keys)
    assert len(set(keys)) == 1000
    assert {key.version for key in keys} == {7}


def test_refs_are_short_and_readable():
    assert re.fullmatch(r"D-[0-9A-HJKMNP-TV-Z]{8}", make_ref("D"))


def test_many_refs_differ():
    assert len(set(make_refs("D", 5000))) == 5000
