"""`--set` expressions, against what Helm makes of them."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import pytest

from linter.rendering.helm.set_flags import apply_set, apply_set_file


def result(*expressions, base=None, as_string=False):
    values = dict(base or {})
    for expression in expressions:
        apply_set(values, expression, as_string=as_string)
    return values


def test_values_get_their_types():
    written = result("a=1,b=-5,c=01,d=1.5,e=true,f=False,g=null,h=,i=9223372036854775808,j=0")
    assert written == {
        "a": 1, "b": -5, "c": "01", "d": "1.5", "e": True, "f": False, "g": None, "h": "", "i": "9223372036854775808", "j": 0,
    }  # fmt: skip
    assert result("a=1,b=true,c={1,null}", as_string=True) == {"a": "1", "b": "true", "c": ["1", "null"]}


def test_keys_lead_into_mappings_and_lists():
    assert result(r"a.b=1,a.c={x,y},d\.e.f=2,g[1].h=3,i[0][1]=4", r"a.d=1\,2") == {
        "a": {"b": 1, "c": ["x", "y"], "d": "1,2"},
        "d.e": {"f": 2},
        "g": [None, {"h": 3}],
        "i": [[None, 4]],
    }


def test_a_later_expression_changes_what_is_there_and_nothing_else():
    base = {"list": [{"a": 1, "b": 2}, 3], "map": {"x": 1}}
    assert result("list[0].a=9,list[2]=4,map.y=2", base=base) == {"list": [{"a": 9, "b": 2}, 3, 4], "map": {"x": 1, "y": 2}}
    assert base == {"list": [{"a": 1, "b": 2}, 3], "map": {"x": 1}}


def test_the_routes_that_were_written_are_told():
    assert apply_set({}, "a.b=1,c[1].d=x,e={1}") == [("a", "b"), ("c", 1, "d"), ("e",)]
    values: dict[str, object] = {}
    assert apply_set_file(values, "a.b[0]", "x,y=z\n") == [("a", "b", 0)]
    assert values == {"a": {"b": ["x,y=z\n"]}}


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("a", "key `a` has no value"),
        ("a,b=1", "key `a` has no value"),
        ("a={1,2", "must end with `}`"),
        ("a[x]=1", "`x` is not a list index"),
        ("a[-1]=1", "not between 0 and"),
        ("a[70000]=1", "not between 0 and"),
        ("a[0]b=1", "unexpected `b`"),
        ("a=1,a.b=2", "`a` is not a mapping"),
        ("m.x.y=1", "`m.x` is not a mapping"),
        ("m[0]=1", "`m` is not a list"),
        (".".join("a" * 40) + "=1", "more than 30 levels"),
    ],
)
def test_an_expression_that_helm_refuses(expression, words):
    with pytest.raises(ValueError, match="is not a valid --set expression") as caught:
        result(expression, base={"m": {"x": 1}})
    assert words in str(caught.value)


HELM = """
import json, sys
import helm_python
for line in sys.stdin:
    try:
        print(json.dumps(helm_python.parse_set_string(json.loads(line))))
    except helm_python.HelmError:
        print("refused")
"""


def test_helm_reads_random_expressions_alike():
    dice = random.Random(20260701)
    pieces = ["a", "b", "=", "=", ",", ".", "[0]", "[1]", "[", "]", "{", "}", "1", "01", "true", "null", "x y", "\\,", "\\", "é", ""]
    shapes = ["{0}={1}", "{0}.{1}={2}", "{0}[{3}].{1}={2}", "{0}={{{1},{2}}}", "{0}={1},{1}[{3}]={2}", "{0}.{1}={2},{0}.{2}={1}"]
    expressions = ["".join(dice.choices(pieces, k=dice.randint(1, 9))) for _ in range(1500)]
    expressions += [dice.choice(shapes).format(*dice.choices(pieces, k=3), dice.randint(0, 2)) for _ in range(1500)]
    done = subprocess.run(
        [sys.executable, "-c", HELM], input="\n".join(map(json.dumps, expressions)), capture_output=True, text=True, timeout=60, check=True
    )
    answers = done.stdout.splitlines()
    assert len(answers) == len(expressions)
    assert 500 < answers.count("refused") < 2500
    for expression, answer in zip(expressions, answers, strict=True):
        try:
            ours = json.dumps(result(expression), sort_keys=True)
        except ValueError:
            ours = "refused"
        assert ours == (answer if answer == "refused" else json.dumps(json.loads(answer), sort_keys=True)), expression
