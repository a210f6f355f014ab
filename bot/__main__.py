"""`python -m bot` is `toso`."""

from bot.cli import main

main()
