"""SMART App Launch: other people's apps on this server."""
