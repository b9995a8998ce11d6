"""Starts, tests and stops HAT Clinic on one machine. Standard library only: nothing is installed yet."""
