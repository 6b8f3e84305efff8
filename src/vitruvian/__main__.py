"""`python -m vitruvian` is the command `vitruvian`."""

from vitruvian.cli import main

raise SystemExit(main())
