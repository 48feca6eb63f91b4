"""The events of a run: facts, so most are named in the past tense.

Those a child sends are listed in `ChildEvent`, those only the parent adds (it sees the clock and
how a child ended) in `ParentEvent`.
"""

from gradfn.events.graph import GraphWalked as GraphWalked
from gradfn.events.graph import TensorsRead as TensorsRead
from gradfn.events.graph import VariablesBound as VariablesBound
from gradfn.events.live import Answered as Answered
from gradfn.events.live import ControlsFound as ControlsFound
from gradfn.events.live import GraphMoved as GraphMoved
from gradfn.events.live import GraphRead as GraphRead
from gradfn.events.live import Halted as Halted
from gradfn.events.live import Paused as Paused
from gradfn.events.live import Resumed as Resumed
from gradfn.events.live import TrainingRead as TrainingRead
from gradfn.events.live import ViewsFound as ViewsFound
from gradfn.events.recorded import Recorded as Recorded
from gradfn.events.recorded import RecorderFailed as RecorderFailed
from gradfn.events.run import Crashed as Crashed
from gradfn.events.run import Evaluated as Evaluated
from gradfn.events.run import FigureDrawn as FigureDrawn
from gradfn.events.run import FileWritten as FileWritten
from gradfn.events.run import Finished as Finished
from gradfn.events.run import LimitReached as LimitReached
from gradfn.events.run import Printed as Printed
from gradfn.events.run import Raised as Raised
from gradfn.events.run import Substituted as Substituted
from gradfn.events.run import Timed as Timed
from gradfn.events.run import Warned as Warned
from gradfn.events.run import Wrote as Wrote

ChildEvent = (
    Warned
    | Evaluated
    | Raised
    | FigureDrawn
    | FileWritten
    | Substituted
    | GraphWalked
    | TensorsRead
    | VariablesBound
    | Recorded
    | RecorderFailed
    | Finished
    | TrainingRead
    | GraphRead
    | GraphMoved
    | ControlsFound
    | ViewsFound
    | Paused
    | Resumed
    | Halted
    | Answered
)
ParentEvent = Printed | LimitReached | Crashed | Timed | Wrote
Event = ChildEvent | ParentEvent
