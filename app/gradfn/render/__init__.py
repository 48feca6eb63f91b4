"""How a graph looks: to DOT, and from DOT to a picture. Pure but for one call of Graphviz."""
