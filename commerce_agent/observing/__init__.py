"""What an operator sees of turns without seeing what was said: spans, counts, and the ids that join them to the log."""
