"""Codes: generate → parse → generate, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parts import codes
from parts.codes import CodeError, Pattern

OLD, NEW = Pattern(), Pattern(class_minor=3)
patterns = st.sampled_from([OLD, NEW])
serials = st.integers(1, 999_999)


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length, max_size=length)


@given(st.data(), patterns, digits(6), serials)
def test_a_part_code_is_parsed_back_to_what_it_was_built_from(data, pattern, district, serial):
    class_code = data.draw(digits(pattern.class_code))
    code = codes.build_part_code(pattern, district, class_code, serial)
    parsed = codes.parse_part_code(pattern, code)
    assert (parsed.district, parsed.class_code, parsed.serial) == (district, class_code, serial)
    assert codes.build_part_code(pattern, parsed.district, parsed.class_code, parsed.serial) == code


def test_part_codes_have_the_lengths_of_their_schemes():
    assert codes.build_part_code(OLD, "320508", "0101", 1) == "3205080101000001"
    assert len(codes.build_part_code(NEW, "110101", "01001", 1)) == 17
    assert (OLD.part_code, NEW.part_code, NEW.matter_code, OLD.cell_code) == (16, 17, 11, 15)


@given(digits(12), st.integers(1, 999))
def test_a_cell_code_is_parsed_back_to_what_it_was_built_from(community, serial):
    code = codes.build_cell_code(OLD, community, serial)
    parsed = codes.parse_cell_code(OLD, code)
    assert parsed.community == community
    assert parsed.street == community[:9]
    assert parsed.district == community[:6]
    assert parsed.serial == serial


@given(digits(6), digits(5))
def test_a_matter_code_is_parsed_back_to_what_it_was_built_from(district, class_code):
    code = codes.build_matter_code(NEW, district, class_code)
    assert codes.parse_matter_code(NEW, code) == (district, class_code)


@given(digits(6), st.integers(1000, 9999), st.integers(1, 9_999_999))
def test_a_case_number_is_parsed_back_to_what_it_was_built_from(district, year, serial):
    number = codes.build_case_number(district, year, serial)
    assert len(number) == 17
    assert codes.parse_case_number(number) == (district, year, serial)


@pytest.mark.parametrize("serial", [0, -1, 1_000_000])
def test_a_serial_that_does_not_fit_is_refused(serial):
    with pytest.raises(CodeError):
        codes.build_part_code(OLD, "110101", "0101", serial)


def test_a_community_with_more_than_999_cells_is_refused():
    with pytest.raises(CodeError):
        codes.build_cell_code(OLD, "110101001001", 1000)


@pytest.mark.parametrize(
    "code",
    [
        "110101010100000",
        "11010101010000011",
        "110101010100000a",
        "1101010101000000",
        "１１0101010100000",
        "",
        "1101 10101000001",
    ],
)
def test_a_malformed_part_code_is_refused(code):
    with pytest.raises(CodeError) as refused:
        codes.parse_part_code(OLD, code)
    assert refused.value.code == code


@pytest.mark.parametrize("code", ["91110000600037341L", "91350100M000100Y43"])
def test_published_credit_codes_are_right(code):
    assert codes.is_uscc(code)
    assert codes.build_uscc(code[:-1]) == code


uscc_bodies = st.text(codes.USCC_ALPHABET, min_size=17, max_size=17)


@given(uscc_bodies)
def test_a_credit_code_that_was_built_is_right(body):
    assert codes.is_uscc(codes.build_uscc(body))


@given(uscc_bodies, st.integers(0, 17), st.sampled_from(codes.USCC_ALPHABET))
def test_one_wrong_character_of_a_credit_code_is_noticed(body, place, character):
    code = codes.build_uscc(body)
    other = code[:place] + character + code[place + 1 :]
    assert codes.is_uscc(other) == (other == code)


@pytest.mark.parametrize("code", ["", "9111", "91110000600037341I", "91110000600037341l"])
def test_a_malformed_credit_code_is_refused(code):
    assert not codes.is_uscc(code)


def test_minors_of_a_city_lie_where_the_scheme_lets_them():
    rules = [
        {"kind": "any", "major": None, "first": 80, "last": 999},
        {"kind": "part", "major": "21", "first": 1, "last": 99},
    ]
    assert codes.minor_is_local(rules, "event", "06", "999")
    assert not codes.minor_is_local(rules, "event", "06", "079")
    assert codes.minor_is_local(rules, "part", "21", "01")
    assert not codes.minor_is_local(rules, "event", "21", "01")
