"""Schedules of CronJobs, against what robfig/cron v3.0.1 (`ParseStandard`, then `Next`) said about them."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter.kubernetes.scalars.cron import schedule_problem

with open(os.path.join(os.path.dirname(__file__), "data", "cron_schedules.json"), encoding="utf-8") as _file:
    ANSWERS = json.load(_file)


def verdict(schedule):
    problem = schedule_problem(schedule)
    if problem is None:
        return "accepted"
    return "refused" if problem.refused else "never fires"


@pytest.mark.parametrize("answer", ["accepted", "refused", "never fires"])
def test_schedules_are_read_as_the_parser_of_kubernetes_reads_them(answer):
    assert len(ANSWERS[answer]) >= 80
    assert {schedule: verdict(schedule) for schedule in ANSWERS[answer]} == dict.fromkeys(ANSWERS[answer], answer)


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ("", "the schedule is empty"),
        ("* * * *", "the schedule has 4 fields, and five are needed"),
        ("0 0 * * 7", "the day of the week `7` is above 6"),
        ("0 24 * * *", "the hour `24` is above 23"),
        ("0 0 0 * *", "the day of the month `0` begins below 1"),
        ("0 22-3 * * *", "the hour `22-3` begins after its end"),
        ("*/0 * * * *", "the minute `*/0` has the step 0"),
        ("*/x * * * *", "has the step `x`, which is no number"),
        ("1-2-3 * * * *", "has more than one `-`"),
        ("*/2/3 * * * *", "has more than one `/`"),
        ("0 0 * * monday", "no name such as `sun`"),
        ("TZ=UTC 0 0 * * *", "the schedule names a time zone"),
        ("@reboot", "`@reboot` is not a schedule that Kubernetes knows"),
        ("@every 5", "`5` after @every is not a duration"),
        ("0 0 31 4,6 *", "no month of `4,6` has a day `31`"),
        (", * * * *", "the minute `,` names nothing"),
    ],
)
def test_what_is_wrong_is_said(schedule, words):
    problem = schedule_problem(schedule)
    assert problem is not None
    assert words in problem.message


@pytest.mark.parametrize(
    ("schedule", "fix"),
    [
        ("0 0 * * 7", "Sunday is 0: Kubernetes knows no day 7."),
        ("0 22-3 * * *", "Write two ranges: `22-23,0-3`."),
        ("0 0 * * monday", "Write the name with three letters: `mon`."),
        ("0 0 1 january *", "Write the name with three letters: `jan`."),
        ("0 0 L * *", "`L`, `W` and `#` belong to other schedulers; Kubernetes does not know them."),
        ("0 0 12 * * *", "Kubernetes knows no field for seconds or years: remove it."),
        ("CRON_TZ=UTC 0 0 * * *", "Remove it from the schedule, and write the time zone in `timeZone`."),
    ],
)
def test_what_was_meant_is_suggested(schedule, fix):
    assert schedule_problem(schedule).fix == fix


@given(st.text(alphabet="0123456789*?-/, @everydailymonJAN", max_size=40))
def test_any_text_has_an_answer(schedule):
    assert verdict(schedule) in ANSWERS
