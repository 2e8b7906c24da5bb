"""Run the command line: ``python -m potash.cli``."""

from potash.cli.app import main

main()
