"""`python -m talka`."""

from talka.app.cli import main

main()
