"""All patients of a clinic through the same assessment that hooks use, and what is kept of it."""
