# tries: to have a script in a figure
# must: no script in the figure, or a figure that no page runs
# ends: finished
# control: no, nothing is stopped, it is quoted
import matplotlib.pyplot as plt

plt.title("</text><script>alert(1)</script>")
plt.text(0, 0, "x", url="javascript:alert(1)")
plt.gca().set_gid('"><script>alert(1)</script>')
plt.show()
