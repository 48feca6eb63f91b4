# tries: to compile and load C++
# must: PermissionError
# ends: raised PermissionError
# control: no, a machine may have no compiler
from torch.utils.cpp_extension import load_inline

module = load_inline("harm", "int harm() { return 1; }", functions=["harm"])
print("HARM", module.harm())
