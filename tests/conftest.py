"""What every test session needs before its first test."""

# Hypothesis's plugin looks for referrers of a random generator when it is first imported, at the
# end if no test did. Frozen objects (the command line freezes what it imported) show none.
import hypothesis  # noqa: F401
