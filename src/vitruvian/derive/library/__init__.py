"""One folder an extractor: what facts look like in raw data."""
