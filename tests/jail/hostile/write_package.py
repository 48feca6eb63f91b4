# tries: to change a module that others import
# must: PermissionError
# ends: raised PermissionError
# control: no, a server started by root has packages of root
import statistics

open(statistics.__file__, "a")
print("HARM")
