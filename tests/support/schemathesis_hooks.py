"""What Schemathesis checks besides its own: a body that is what the description says isn't refused for
its form. Rules between members ("a last day or open_ended, not both") are the handler's to say."""

import datetime

import schemathesis
from hypothesis import strategies as st

KINDS_OF_FORM = {
    "missing", "unknown_member", "wrong_type", "too_short", "too_long", "out_of_range", "too_few",
    "too_many", "unknown_value", "control_character", "not_a_day", "not_an_instant"}


# The years that the program takes; of all years that there are, few are.
DAYS = st.dates(datetime.date(1900, 1, 1), datetime.date(2199, 12, 31))
schemathesis.openapi.format("date", DAYS.map(str))
schemathesis.openapi.format("date-time", st.builds(
    lambda day, time, offset: f"{day}T{time:%H:%M:%S}{offset}", DAYS, st.times(),
    st.sampled_from(["Z", "+01:00", "-03:30"])))


def has_fraction(value):
    """Whether a number in it is written with one, as 15.0: a whole number to JSON Schema, and not to the
    server, which takes each value in one writing only."""
    if isinstance(value, dict):
        return any(has_fraction(each) for each in value.values())
    if isinstance(value, list):
        return any(has_fraction(each) for each in value)
    return isinstance(value, float)


@schemathesis.check
def body_is_taken(context, response, case):
    if response.status_code != 422 or case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if has_fraction(case.body):
        return
    codes = {error["code"] for error in response.json().get("errors", [])}
    if codes and codes <= KINDS_OF_FORM:
        raise AssertionError(f"the body is what is described and is refused: {response.text[:500]}")
