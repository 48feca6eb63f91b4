# tries: to break out of a label by the names of its variables
# must: text, and nothing but text
# ends: finished
# control: no, nothing is stopped, it is quoted
import torch

for name in (
    "</text><script>alert(1)</script>",
    '"];evil [URL="javascript:alert(1)"',
    "<<TABLE><TR><TD HREF='javascript:alert(1)'>x</TD></TR></TABLE>>",
    "back\\",
    "\\N\\G\\E",
    "a\nb\r\u2028\u202e\x00\x1b",
    "]]><!--",
    "&lt;script&gt;",
    "'onload='alert(1)",
    "\ud800",
):
    globals()[name] = torch.ones(1, requires_grad=True) * 2
