"""Any graph as a few boxes: folded by module, by function of the program and by repetition.

columns ─► scopes ─► build (tokens ─► repeats ─► groups) ─► tree ─► view ─► boxes and their edges

A fold is a set of functions of the graph, never more than a way to look at them: in every view each
function is in exactly one box. All of it depends on the graph and the program's text alone.
"""
