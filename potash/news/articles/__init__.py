"""Files of articles become texts with a title, a publisher and a day."""
