# Optimizers with state; their tensors are their own.
import torch

torch.manual_seed(0)
net = torch.nn.Linear(2, 1)
params = list(net.parameters())
momentum = torch.optim.SGD(params, 0.1, momentum=0.9, nesterov=True)
adam = torch.optim.AdamW(params, 0.1, amsgrad=True)
schedule = torch.optim.lr_scheduler.StepLR(adam, 1)
for _ in range(3):
    momentum.zero_grad()
    loss = net(torch.ones(4, 2)).pow(2).mean()
    loss.backward()
    momentum.step()
    adam.step()
    schedule.step()
