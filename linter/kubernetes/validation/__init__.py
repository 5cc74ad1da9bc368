"""What the API server checks beyond the schema in every kind that is not a pod: functions from an object to violations.

Source: the validation packages of kubernetes/kubernetes (pkg/apis/*/validation) at 1.36 and the defaults that run before
them (pkg/apis/*/v1/defaults.go). What the structure check or a rule of another pack judges (types, required fields,
closed sets of values, label selectors) is left to it.
"""
