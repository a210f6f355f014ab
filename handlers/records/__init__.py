"""What is kept beyond a talk, and the questions conversations may ask of the store."""
