# tries: to draw without end
# must: as many figures as may be, in the time there is
# ends: finished | limit time
# control: no, a limit and not a right
import matplotlib.pyplot as plt

for _ in range(10**6):
    plt.figure()
    plt.show()
    plt.close()
