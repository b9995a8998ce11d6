"""Figures of the report, computed in SQL from frozen segments, and the runs that were built of them."""
