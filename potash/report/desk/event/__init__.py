"""The page of one event: what its move consists of, its firms, what else happened, and how far the answer can be trusted."""
