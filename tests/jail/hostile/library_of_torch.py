# tries: to have torch load a library from where others may write
# must: OSError
# ends: raised OSError
# control: no, there is no library
import torch

torch.ops.load_library("/tmp/harm.so")
print("HARM")
