# tries: to leave a process behind that outlives the program
# must: it ends with the program's time
# ends: limit time
# control: no, it would stay
import multiprocessing, time

multiprocessing.Process(target=time.sleep, args=(3600,)).start()
