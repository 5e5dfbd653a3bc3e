"""Breaks everything that can break while the product works, and then looks from outside whether it kept its word."""
