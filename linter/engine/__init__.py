"""The run: from a repository to a report. `linter.engine.run.lint` is the whole of it."""
