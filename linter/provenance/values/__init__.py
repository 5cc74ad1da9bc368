"""From places in a chart's output to the values that decided them."""

from linter.provenance.values.layers import definition
from linter.provenance.values.origins import ChartToTrace, ValueOrigin, WantedPlace
from linter.provenance.values.tracing import MOST_PROBES, trace
from linter.provenance.values.unset import UnsetKey, unset_keys

__all__ = ["MOST_PROBES", "ChartToTrace", "UnsetKey", "ValueOrigin", "WantedPlace", "definition", "trace", "unset_keys"]
