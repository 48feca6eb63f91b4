# tries: to have a command run by loading a model
# must: nothing runs
# ends: raised UnpicklingError | raised RuntimeError
# control: yes
import io, os, pickle, torch


class Model:
    def __reduce__(self):
        return os.system, ("echo HARM",)


torch.load(io.BytesIO(pickle.dumps(Model())), weights_only=False)
