# tries: to compute in a pool of processes
# must: an error
# ends: raised PermissionError
# control: yes
import multiprocessing

with multiprocessing.get_context("fork").Pool(2) as pool:
    print("HARM", pool.map(abs, [1, -1]))
