"""What a platform might send on its worst day."""
