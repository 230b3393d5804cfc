"""What uses compare: ways to score a network, controls that need none, and the measures of both."""
