"""The door: one typed record for each kind of thing a run can tell, and their encoding.

The writer of a record is a stranger's program, so every type and every size is checked on
reading (`wire.py`); behind the door nothing is checked again.
"""
