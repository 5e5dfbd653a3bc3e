"""Breaks what can break while the product works, and looks from outside whether it kept its word."""
