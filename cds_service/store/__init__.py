"""What the service keeps: tokens seen, cards issued, feedback. Tables of SQLAlchemy, in SQLite.

Who is meant is kept as keyed hashes only. A store that fails raises StoreError; whoever asks
decides what that means for the answer.
"""
