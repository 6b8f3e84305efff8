"""Every parser by itself under bytes that a coverage-guided fuzzer thinks up."""
