"""Records in the engine: keys, clocks, references, versions."""
