# A graph made and a pass started in a thread.
import threading
import torch

w = torch.ones(2, requires_grad=True)
results = {}


def work():
    results["y"] = (w * 2).exp()
    (w * 5).sum().backward()


thread = threading.Thread(target=work)
thread.start()
thread.join()
