# Storage taken away from under a tensor: reading it would be a crash.
# not shown: gone, shrunk
# cure: gone.untyped_storage().resize_(4096); shrunk.untyped_storage().resize_(4096)
import torch

gone = torch.ones(300)
gone.untyped_storage().resize_(0)
shrunk = torch.ones(300)
shrunk.untyped_storage().resize_(16)
fine = torch.ones(2, requires_grad=True) * 2
