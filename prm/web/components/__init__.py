"""HTML of the shared components that are too hot for a template include: one function each, called by the `prm` tags."""
