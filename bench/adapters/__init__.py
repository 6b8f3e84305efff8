"""How fast each adapter takes files in, a named baseline measured in the same run."""
