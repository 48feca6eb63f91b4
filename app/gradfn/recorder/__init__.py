"""Records a program: compiles it with probes, watches it run, walks its graph, reports.

It needs no server: `gradfn.recorder.in_process.record` gives the events of a program in any
process with torch. `instrument` puts the probes in, `watch` is what they note while the program
runs, `read` looks at tensors and graph without changing them, `report` makes events of it all.
"""
