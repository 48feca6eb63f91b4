"""The process that runs one program: fork server, jail, execution, figures, live control.

Nobody imports it: `gradfn.run` starts `python -m gradfn.child`, and what happens here may be
hostile. `fork_server` forks a child that `warm` has prepared, `run_once` takes it from the jail
to its last event.
"""
