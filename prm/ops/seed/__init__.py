"""The demo: a living picture on real data, the same on every machine, with dates that end today."""
