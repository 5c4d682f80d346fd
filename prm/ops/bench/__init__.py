"""Measuring the hot paths, each against a floor in the same run."""
