# tries: to take the memory that is kept back for telling of it
# must: no more than the limit and the reserve of 256 MB
# ends: limit memory | limit time
# control: no, a limit and not a right
import resource

_, hard = resource.getrlimit(resource.RLIMIT_DATA)
resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
kept = [bytearray(2**20) for _ in range(600)]
print("HARM")
