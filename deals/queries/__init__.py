"""Doors and lists of the deals app, one module per noun."""
