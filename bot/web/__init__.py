"""The HTTP server: the web chat, health and figures; in the demo also four phones."""
