"""The life of a run, inside: jail, compile, execute, walk. The only room with torch.

Nobody imports it: `app.run` starts `python -m app.child` by name, and what happens here may be
hostile. The modules are verbs, in the order in which a program meets them: `serve` forks a
child, `warm` prepares it, `jail` shuts it in, `compile` and `execute` run the program with
`record` and `figures` watching, `walk` and `read` tell what it left.
"""
