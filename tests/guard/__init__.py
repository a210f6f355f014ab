"""Messages with and without secrets, made from what codes, cards and plates are, and how the guard fares on them."""
