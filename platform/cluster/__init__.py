"""A Ray cluster that is there already: studies are shipped to it, followed, stopped."""
