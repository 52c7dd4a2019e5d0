"""The wire of CDS Hooks 2.0: requests, discovery, cards. Pure: no HTTP, clock, chance or log."""
