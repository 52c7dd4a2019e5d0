"""How property tests run here: a busy machine must not fail one that is right."""

from hypothesis import settings

settings.register_profile("house", deadline=None)
settings.load_profile("house")
