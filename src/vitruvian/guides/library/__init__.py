"""Guidelines, one folder each: criteria.yaml, combine.toml and a manifest."""
