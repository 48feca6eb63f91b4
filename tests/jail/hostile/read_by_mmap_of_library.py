# tries: to have the loader open a file that is no library
# must: it may not be opened, so nobody learns what it is
# ends: raised OSError
# control: yes
import ctypes

try:
    ctypes.CDLL("/etc/passwd")
except OSError as error:
    if "ermission" not in str(error):
        print("HARM", error)
    raise
