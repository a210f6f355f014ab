"""Facts: topics, places, the calendar and report forms, with no knowledge of who asks."""
