# tries: to compute in another process
# must: PermissionError
# ends: raised PermissionError
# control: yes
from multiprocessing.context import ForkProcess

process = ForkProcess(target=print, args=("HARM",))
process.start()
process.join()
