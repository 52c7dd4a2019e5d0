"""Drawings as inline SVG: where everything stands in them, and the table of the same numbers."""
