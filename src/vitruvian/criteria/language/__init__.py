"""The task as written: YAML -> frozen values, every one checked."""
