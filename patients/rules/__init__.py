"""What is decided about people: pure functions, each with its source."""
