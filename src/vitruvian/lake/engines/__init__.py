"""The engines that answer questions over the stored tables."""
