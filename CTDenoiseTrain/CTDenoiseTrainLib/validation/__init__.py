"""How good a network is on whole sections that training never saw."""
