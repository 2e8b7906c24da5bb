"""The size and power of the verdict itself: ``python -m tests.evaluation.verdicts``."""
