"""What a person sees in a terminal, and where everything else is logged."""
