"""One chart per file: ``table(frames, …)`` is what it shows, ``figure(frames, …)`` how."""
