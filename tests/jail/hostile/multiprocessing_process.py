# tries: to compute in another process
# must: PermissionError
# ends: raised PermissionError
# control: yes
import multiprocessing

process = multiprocessing.get_context("fork").Process(target=print, args=("HARM",))
process.start()
process.join()
