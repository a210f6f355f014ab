"""How the guard knows each kind of secret, and what only looks like one."""
