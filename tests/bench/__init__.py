"""The bench: speed and size, side by side with what one would otherwise use."""
