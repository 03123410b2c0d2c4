"""Task transfer functions of edges, and what can be detected with them."""
