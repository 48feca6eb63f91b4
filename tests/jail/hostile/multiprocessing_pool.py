# tries: to compute in a pool of processes
# must: an error
# ends: raised PermissionError
# control: yes
import multiprocessing

from multiprocessing.context import ForkContext
from multiprocessing.pool import Pool

with Pool(2, context=ForkContext()) as pool:
    print("HARM", pool.map(abs, [1, -1]))
