"""One folder a page, named like the page."""
