"""What is typed about people. Forms parse; they decide nothing and write nothing."""
