"""What the API server checks in pods and their containers beyond the schema: one module per subject, functions from a part of
a pod to violations.

Source: pkg/apis/core/validation/validation.go of kubernetes/kubernetes at 1.36 (`ValidatePodSpec`, `ValidatePodCreate`,
`ValidatePodTemplateSpec` and what they call), the warnings of pkg/api/pod/warnings.go, and the defaults that run before both
(pkg/apis/core/v1/defaults.go). Validation sees defaulted objects: a volume without a source is an emptyDir, a port without a
protocol is TCP. What the structure check or a rule of another pack judges (types, required fields, closed sets of values,
probes' handlers, scheduling) is left to it.
"""
