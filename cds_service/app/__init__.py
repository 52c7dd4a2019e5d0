"""Wiring: settings, clock and plan files become a service. Only here is a clock read."""
