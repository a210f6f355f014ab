"""One talk on every channel."""
