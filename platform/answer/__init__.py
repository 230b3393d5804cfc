"""From finished trials to an answer: the ranking, what it has to beat, and what it looks like."""
