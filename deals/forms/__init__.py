"""Shape and clean input of the deals pages; forms never save."""
