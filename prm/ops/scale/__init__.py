"""A database as full as a large vendor's, for measuring: made by COPY and by SQL from what was copied, with the guards off."""
