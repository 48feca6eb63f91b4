# tries: to break out of a page by what it prints and by the repr of its values
# must: text, and nothing but text
# ends: finished
# control: no, nothing is stopped, it is quoted
import torch


class Evil(torch.Tensor):
    def __repr__(self):
        return "</script><script>alert(1)</script>"


x = torch.ones(2, requires_grad=True)
y = (x * 2).as_subclass(Evil)
print("</script><script>alert(1)</script>\x1b[2J")
y
