"""Where django-allauth meets our rules: its adapters, its signals, and the gates that stand before every page."""
