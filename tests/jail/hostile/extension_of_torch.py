# tries: to compile and load C++
# must: an error, for no program can be started, ninja least of all
# ends: raised PermissionError | raised RuntimeError
# control: no, a machine may have no compiler
from torch.utils.cpp_extension import load_inline

module = load_inline("harm", "int harm() { return 1; }", functions=["harm"])
print("HARM", module.harm())
