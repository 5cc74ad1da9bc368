"""Which updates the API server refuses, and where we say that they differ."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from immutable_cases import CASES, claim, job_pod, secret, stateful, template, workload

from linter.kubernetes.objects.immutable_fields import has_immutable_fields, immutable_changes


def changes(before: dict, after: dict) -> list:
    return list(immutable_changes(before["kind"], before, after))


class TestWhatCannotChange:
    @pytest.mark.parametrize("case", CASES)
    def test_as_the_api_server(self, case):
        before, after, accepted = CASES[case]
        found = changes(before, after)
        assert (not found) is accepted
        assert accepted or has_immutable_fields(before["kind"])

    @pytest.mark.parametrize("case", CASES)
    def test_an_object_is_equal_to_itself(self, case):
        for form in CASES[case][:2]:
            assert changes(form, copy.deepcopy(form)) == []

    def test_other_kinds_may_change_as_they_like(self):
        assert not has_immutable_fields("Ingress")
        assert list(immutable_changes("Ingress", {"spec": 1}, {"spec": 2})) == []

    def test_of_a_suspended_job_the_template_may_change(self):
        before, after = job_pod(), job_pod(nodeSelector={"a": "b"})
        assert [change.route for change in changes(before, after)] == [("spec", "template", "spec", "nodeSelector")]
        before["spec"]["suspend"] = True
        assert changes(before, after) == []


class TestWhere:
    def test_the_only_part_that_differs_is_named(self):
        before = stateful(volumeClaimTemplates=template("1Gi"))
        [found] = changes(before, stateful(volumeClaimTemplates=template("2Gi")))
        assert found.route == ("spec", "volumeClaimTemplates", 0, "spec", "resources", "requests", "storage")
        assert (found.before, found.after) == ("1Gi", "2Gi")

    def test_several_parts_are_named_together(self):
        [found] = changes(workload("Deployment"), workload("Deployment", selector={"matchLabels": {"app": "b", "tier": "c"}}))
        assert found.route == ("spec", "selector", "matchLabels")

    def test_each_field_is_a_change_of_its_own(self):
        found = changes(claim("2Gi"), claim("1Gi", storageClassName="b"))
        assert [change.route[-1] for change in found] == ["storageClassName", "storage"]

    def test_the_data_of_a_secret_is_never_handed_out(self):
        [found] = changes(secret(immutable=True, stringData={"a": "old"}), secret(immutable=True, stringData={"a": "new"}))
        assert (found.route, found.before, found.after) == (("stringData",), None, None)


ANYTHING = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=2)
                        | st.dictionaries(st.sampled_from(["spec", "data", "template", "csi", "requests", "clusterIP"]), inner, max_size=3),
                        max_leaves=8)  # fmt: skip


@given(st.sampled_from(["Job", "Service", "PersistentVolume", "PersistentVolumeClaim", "Secret", "ConfigMap", "Pod", "StatefulSet"]),
       st.dictionaries(st.sampled_from(["spec", "data", "type", "immutable"]), ANYTHING), st.dictionaries(
           st.sampled_from(["spec", "data", "type", "immutable"]), ANYTHING))  # fmt: skip
def test_anything_can_be_compared(kind, before, after):
    list(immutable_changes(kind, before, after))
    assert list(immutable_changes(kind, before, copy.deepcopy(before))) == []
