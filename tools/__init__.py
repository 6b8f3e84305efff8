"""Small programs the Makefile runs over the repository; none of them ships."""
