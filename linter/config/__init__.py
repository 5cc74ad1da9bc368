"""The configuration file `.gitops-lint.yaml`, as values."""

from linter.config.loading import configuration_error, load_config, parse_config
from linter.config.values import Config, IgnoreEntry
from linter.repository import CONFIG_NAME

__all__ = ["CONFIG_NAME", "Config", "IgnoreEntry", "configuration_error", "load_config", "parse_config"]
