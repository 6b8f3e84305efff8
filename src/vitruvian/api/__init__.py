"""The web application and its HTTP interface."""
