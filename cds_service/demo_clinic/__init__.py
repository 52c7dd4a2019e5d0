"""A synthetic clinic whose dates follow the day it is built for. No Flask, no HTTP, no clock."""
