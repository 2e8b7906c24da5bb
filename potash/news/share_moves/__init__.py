"""What articles say about the moves of share prices."""
