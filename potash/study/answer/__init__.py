"""What a desk asks, answered from the results of a study."""
