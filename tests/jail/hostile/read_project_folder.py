# tries: to list the folder of the project
# must: PermissionError
# ends: raised PermissionError
# control: yes
import gradfn, os

print("HARM", os.listdir(os.path.dirname(os.path.dirname(os.path.dirname(gradfn.__file__)))))
