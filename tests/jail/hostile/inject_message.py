# tries: to break out of the picture by the message of an error
# must: text, and nothing but text
# ends: raised <script>alert(1)</script>
# control: no, nothing is stopped, it is quoted
import torch

y = torch.ones(1, requires_grad=True).sum()
raise type("<script>alert(1)</script>", (Exception,), {})(
    "</svg><script>alert(1)</script><img src=x onerror=alert(1)>"
)
