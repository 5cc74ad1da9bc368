"""Which names are time zones."""

import zoneinfo

import pytest

from linter.kubernetes.scalars.time_zones import time_zone_problem, time_zones


def test_the_table_holds_the_database_of_the_machine():
    known = zoneinfo.available_timezones() - {"localtime", "posixrules"}
    if not known:
        pytest.skip("this machine has no time zone database")
    # A newer database may know a few more, an older one fewer.
    assert len(known - time_zones()) <= 3


@pytest.mark.parametrize(
    "name", ["UTC", "Etc/UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "EST5EDT", "Asia/Calcutta"]
)
def test_names_of_the_database_are_accepted(name):
    assert time_zone_problem(name) is None


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("europe/berlin", "Write `Europe/Berlin`: the API server wants exactly this spelling."),
        ("America/New York", "Write `America/New_York`: the API server wants exactly this spelling."),
        ("Europe/Berln", "Write `Europe/Berlin`."),
        ("Berlin", "Write `Europe/Berlin`."),
        ("PST", "Abbreviations are ambiguous: name a place, such as `America/Los_Angeles`."),
        ("UTC+2", "Name a place, or write `Etc/GMT-2`, whose sign is the opposite of what is usual."),
        ("-05:00", "Name a place, or write `Etc/GMT+5`, whose sign is the opposite of what is usual."),
        ("Mars/Olympus", "Write a name of the IANA time zone database, such as `Europe/Berlin`."),
        ("LOCAL", "Name a time zone, such as `Etc/UTC`."),
        ("", "Name a time zone, such as `Etc/UTC`, or remove the field."),
    ],
)
def test_other_names_are_not_and_a_name_is_suggested(name, fix):
    problem = time_zone_problem(name)
    assert problem is not None
    assert problem[1] == fix
