"""What must be right: plain functions of data and of the time they are given."""
