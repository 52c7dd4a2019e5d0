"""The demo's EHR: pages that open charts, send hooks as an EHR would, and draw the answers."""
