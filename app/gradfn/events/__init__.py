"""What a child and its server exchange: one typed record for each kind of event, and its encoding.

A child runs a stranger's program and may forge its events, so every type and every size is checked
when one is decoded (`wire.py`); after that nothing is checked again, but for indices.
"""
