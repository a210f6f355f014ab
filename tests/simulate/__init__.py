"""A week, or a month, of a province: the product's own store and turns, played by people who answer late or never."""
