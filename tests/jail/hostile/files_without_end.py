# tries: to make files and folders without end, each in the one before
# must: an error
# ends: raised OSError | limit time | limit memory
# control: no, somebody would have to remove them
import os

while True:
    os.mkdir("d")
    os.chdir("d")
    open("f", "w").close()
