"""Runs the product's real processes for the acceptance tests and plays everything around them."""
