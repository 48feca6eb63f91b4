"""Records a program: compiles it with probes, watches it run, walks its graph, reports."""
