# tries: to leave its group and session, to be forgotten when it should be ended
# must: PermissionError
# ends: raised PermissionError
# control: no, the leader of a group may not
import os

os.setsid()
print("HARM")
